import { t } from '../words/t.ts';
import { addErrorWords, type RecordCode } from './errors.ts';
import { AGAIN, type ErrorWords } from './storageErrors.ts';

const WORDS: Record<RecordCode, ErrorWords> = {
  offline: {
    title: t('Offline'),
    means: t('There is no network. You see what is stored here.'),
    act: t('Syncing goes on when the network is back.'),
  },
  'server-refused': {
    title: t('The server refused'),
    means: t('The server did not allow what the sync asked for. You see what is stored here.'),
    act: t('Sign in again. If it comes back, give IT the code below.'),
  },
  'server-error': {
    title: t('The server has a problem'),
    means: t('The server answered with an error. You see what is stored here.'),
    act: t('Wardlight tries again by itself; you can also sync now.'),
  },
  'server-answer-invalid': {
    title: t("The server's answer can't be used"),
    means: t('What the server sent is not valid FHIR, so nothing of it was stored.'),
    act: AGAIN,
  },
  'server-reset': {
    title: t('The server’s records have gone back in time'),
    means: t(
      'The server no longer knows versions that it gave out before, as after a restore from a backup. To overwrite nothing, Wardlight neither fetches nor sends until IT has looked. What is stored here stays readable, and your unsent work is kept.',
    ),
    act: t('Tell IT now, and give them the code. Until then what you write reaches nobody: document as in a downtime.'),
  },
  'panel-missing': {
    title: t('The server does not know who your patients are'),
    means: t(
      'Your organisation has set a list of them, and the server does not have it any longer. Nothing was removed.',
    ),
    act: t('Your patients stay here as they were, and are not updated. Tell IT, and give them the code.'),
  },
  'sign-in-needed': {
    title: t('Sign-in needed'),
    means: t('Your sign-in has ended. You see what is stored here.'),
    act: t('Sign in again to sync.'),
  },
  'too-many-filters': {
    title: t('There are too many saved filters'),
    means: t('Nothing was saved.'),
    act: t('Remove one that you no longer use, then save again.'),
  },
  'not-found': {
    title: t('Not on this workstation'),
    means: t('This record is not stored here, or it was removed from the server.'),
    act: t('Go back to the list, sync, and open it again.'),
  },
  'fields-not-sealed': {
    title: t("A part of this can't be encrypted yet"),
    means: t(
      'Your organisation wants a part of this record to be encrypted before it is kept, and this workstation does not have the keys for it. Nothing was saved.',
    ),
    act: t('Connect and sync, then try again. If it comes back, give IT the code below.'),
  },
  'update-not-offered': {
    title: t('There is no new version any more'),
    means: t('It was taken back, or is installed already.'),
    act: t('Nothing has to be done.'),
  },
  'update-held': {
    title: t('Not now'),
    means: t('Something would be interrupted: a draft, a file on its way, or a sync.'),
    act: t('Finish it, then try again.'),
  },
  'update-too-late': {
    title: t('It can’t be put off any longer'),
    means: t('Your organisation has set how long a new version may wait.'),
    act: t('Close Wardlight when you can: it is installed then.'),
  },
  'update-failed': {
    title: t('The new version could not be installed'),
    means: t('Wardlight goes on as it is. The reason stands in the settings of your organisation.'),
    act: AGAIN,
  },
  'own-alarm': {
    title: t('This alarm is about you'),
    means: t('Nobody judges what is about herself. Nothing was changed, and the try is recorded.'),
    act: t('Ask another privacy officer to look at it.'),
  },
  invalid: {
    title: t('This would not be a valid record'),
    means: t('The server could not take it as it is. Nothing was saved; what you typed or chose is still here.'),
    act: t('Look at the parts that are named below. If they look right to you, give IT the code and these lines.'),
  },
  'not-amendable': {
    title: t("This note can't be amended here"),
    means: t('It is not a plain text, only a part of it was fetched, or it is no longer current. Nothing was changed.'),
    act: t('Write a new note that refers to it, or amend it in the EHR.'),
  },
  'not-correctable': {
    title: t("This value can't be corrected here"),
    means: t('It has no number, only a part of it was fetched, or it is the laboratory’s. Nothing was changed.'),
    act: t('Record a new value, or correct it in the EHR.'),
  },
  'out-of-range': {
    title: t('That value is not plausible'),
    means: t('It is outside of what can be measured of a patient. Nothing was saved.'),
    act: t('Check the number, its decimal point and its unit.'),
  },
  stale: {
    title: t('The record has changed since you opened it'),
    means: t('A newer version came while you were writing. Nothing was saved; your text is still here.'),
    act: t('Read the newer version, then save again.'),
  },
  'being-sent': {
    title: t('The change is being sent'),
    means: t('It has left this workstation, and the answer is not known yet.'),
    act: t('Wait until the sync has ended, then look again.'),
  },
  'not-reset': {
    title: t('There is nothing to accept'),
    means: t('The server does not count as reset any longer.'),
    act: t('Sync now.'),
  },
  'host-differs': {
    title: t('That is not the server’s name'),
    means: t('Nothing was changed, and sync stays stopped.'),
    act: t('Type the name as it is shown.'),
  },
  'conflict-changed': {
    title: t('The server’s version has changed again'),
    means: t('What you decided was about an earlier version. Nothing was changed; what is shown now is the newest.'),
    act: t('Look at the record again, then decide.'),
  },
  'not-mergeable': {
    title: t("These versions can't be merged"),
    means: t('One of them is a deletion, or a part on which they differ is not decided. Nothing was changed.'),
    act: t('Choose a side for every part, or keep one version as a whole.'),
  },
  'patient-merged': {
    title: t('This record was replaced by another one'),
    means: t('The patient’s two records were merged. What is written here would not be seen. Nothing was saved.'),
    act: t('Open the record that the banner names, and write there.'),
  },
};

addErrorWords(WORDS);

import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import { t } from '../words/t.ts';

/** An error in words for a clinician. */
export interface ErrorWords {
  /** What happened, in a few words. */
  readonly title: string;
  /** What it means for the person and the records. */
  readonly means: string;
  /** What to do now. */
  readonly act: string;
}

const SAFE = t('Nothing was deleted: your unsent work and records are still on this workstation, encrypted.');
const TELL_IT = t('Give IT the code below. Use another workstation until this one is repaired.');

const REBUILD = t(
  'Unlock again: Wardlight keeps what is left of them aside and fetches them from the server. If this comes back, give IT the code below.',
);

/** What ends most advice for which there is no better. */
export const AGAIN = t('Try again. If it comes back, give IT the code below.');

/** Words for a keyring that gives no secret. */
export const keyringWords: Record<KeyringError, ErrorWords> = {
  'keyring-absent': {
    title: t('No keyring on this workstation'),
    means: t('Wardlight keeps part of its key in the keyring of the operating system, and none is running. {SAFE}', {
      SAFE,
    }),
    act: t('Ask IT to install or start a Secret Service, such as gnome-keyring, then retry.'),
  },
  'keyring-locked': {
    title: t('The keyring is locked'),
    means: t('Wardlight needs the keyring of the operating system to be unlocked. {SAFE}', { SAFE }),
    act: t(
      'Unlock the login keyring (on GNOME: "Passwords and Keys", or sign out of the desktop and in again), then retry.',
    ),
  },
  'keyring-denied': {
    title: t('The keyring refused Wardlight'),
    means: t('The operating system did not let Wardlight read its entry. {SAFE}', { SAFE }),
    act: t('Retry and allow the access when you are asked. If you are not asked, call IT.'),
  },
  'keyring-timeout': {
    title: t('The keyring does not answer'),
    means: t("The operating system's keyring took too long. {SAFE}", { SAFE }),
    act: t('Look for a keyring window behind this one, answer it, then retry.'),
  },
  'keyring-failed': {
    title: t('The keyring failed'),
    means: t("The operating system's keyring answered with an error. {SAFE}", { SAFE }),
    act: t('Sign out of the desktop and in again, then retry. If it comes back, give IT the code below.'),
  },
  'keyring-entry-missing': {
    title: t("Wardlight's keyring entry is missing"),
    means: t('The keyring works, but the entry that opens this profile is not in it. {SAFE}', { SAFE }),
    act: t(
      'Make sure that you are signed in to this workstation as yourself, then retry. Otherwise call IT: unsent work can be recovered.',
    ),
  },
  'keyring-entry-wrong': {
    title: t("Wardlight's keyring entry does not fit"),
    means: t('The entry in the keyring belongs to another profile or was changed. {SAFE}', { SAFE }),
    act: t(
      'Make sure that you are signed in to this workstation as yourself, then retry. Otherwise call IT: unsent work can be recovered.',
    ),
  },
};

/** Words for files that can't be opened or written. */
export const storeWords: Record<StoreError, ErrorWords> = {
  'profile-damaged': {
    title: t('The profile is damaged'),
    means: t(
      "There is a profile on this workstation, and the file that describes it can't be read. Nothing was deleted, and no new profile is made in its place.",
    ),
    act: TELL_IT,
  },
  'slots-damaged': {
    title: t('The key file is damaged'),
    means: t("The file that holds your profile's wrapped keys can't be read. Nothing was deleted."),
    act: TELL_IT,
  },
  'slots-newer': {
    title: t('The profile is newer than this program'),
    means: t('Your profile was last opened by a newer version of Wardlight. Nothing was changed.'),
    act: t('Ask IT to update Wardlight on this workstation.'),
  },
  'cache-damaged': {
    title: t('The record store is damaged'),
    means: t(
      "The encrypted records on this workstation can't be read. The EHR still has its copy, and your unsent work is kept.",
    ),
    act: REBUILD,
  },
  'cache-key-wrong': {
    title: t('The key does not fit the record store'),
    means: t('Your passphrase was right, but the record store was made with another key. Nothing was deleted.'),
    act: TELL_IT,
  },
  'cache-newer-schema': {
    title: t('The record store is newer than this program'),
    means: t('The records were last opened by a newer version of Wardlight. Nothing was changed.'),
    act: t('Ask IT to update Wardlight on this workstation.'),
  },
  'cache-missing': {
    title: t('The record store is missing'),
    means: t(
      'Your profile exists, but its encrypted records are not where they were. The EHR still has its copy, and your unsent work is kept.',
    ),
    act: REBUILD,
  },
  'outbox-damaged': {
    title: t('The store of unsent work is damaged'),
    means: t("What you wrote and was not sent yet can't be read just now. Nothing was deleted."),
    act: TELL_IT,
  },
  'outbox-key-wrong': {
    title: t('The key does not fit the store of unsent work'),
    means: t('Your passphrase was right, but unsent work was kept under another key. Nothing was deleted.'),
    act: TELL_IT,
  },
  'outbox-newer-schema': {
    title: t('The store of unsent work is newer than this program'),
    means: t('Unsent work was last opened by a newer version of Wardlight. Nothing was changed.'),
    act: t('Ask IT to update Wardlight on this workstation.'),
  },
  'outbox-missing': {
    title: t('The store of unsent work is missing'),
    means: t(
      'The encrypted file with what was not sent yet is not where it was. No empty one was put in its place, so that nothing of it is given up unnoticed.',
    ),
    act: TELL_IT,
  },
  'upgrade-failed': {
    title: t('This version of Wardlight can’t open your records'),
    means: t('It could not take them over from the version before. They are as that version left them. {SAFE}', {
      SAFE,
    }),
    act: t('Ask IT to put the version before back, and give them the code below.'),
  },
  'disk-full': {
    title: t('The disk is full'),
    means: t('Wardlight has no room to store records. What was stored before is unchanged.'),
    act: t('Free some space or call IT, then try again.'),
  },
  'disk-read-only': {
    title: t("The disk can't be written"),
    means: t('Wardlight may not write to its folder. What was stored before is unchanged.'),
    act: t('Call IT, and give them the code below.'),
  },
  'store-failed': {
    title: t('The record store failed'),
    means: t("The encrypted records can't be opened or written just now. Nothing was deleted."),
    act: AGAIN,
  },
};

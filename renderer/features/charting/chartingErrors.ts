import '../downtime/numberErrors.ts';
import { addErrorWords, type ChartingCode } from '../../app/errors.ts';
import type { ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';

const words: Record<ChartingCode, ErrorWords> = {
  'not-changeable': {
    title: t('This record can’t be changed so'),
    means: t(
      'It has ended, it is marked as an error, it is signed, or only a part of it was fetched. Nothing was changed.',
    ),
    act: t('Sync and look at it again. If it has to be changed, record a new one or change it in the EHR.'),
  },
  'not-parked': {
    title: t('This is not rejected any more'),
    means: t('It was sent, withdrawn or corrected meanwhile. Nothing of what you typed was saved.'),
    act: t('Look at the record as it is now. What you typed is still here.'),
  },
  'not-sent': {
    title: t('This was not sent yet'),
    means: t('The server has never had it, so there is nothing to be marked as an error. Nothing was changed.'),
    act: t('Withdraw it instead: nobody else has seen it.'),
  },
  'allergies-recorded': {
    title: t('Allergies are recorded'),
    means: t('There is at least one active allergy, which you may or may not be permitted to see. Nothing was saved.'),
    act: t('If an allergy turned out to be none, refute it with the reason first.'),
  },
  'allergies-unknown': {
    title: t('Nobody can say that here yet'),
    means: t('Not all allergies of this patient are on this workstation. Nothing was saved.'),
    act: t('Sync, then try again.'),
  },
};

addErrorWords(words);

import { addErrorWords, type DowntimeCode } from '../../app/errors.ts';
import { AGAIN, type ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';
import './numberErrors.ts';

const KEPT = t('An earlier one stays as it is.');

const words: Record<DowntimeCode, ErrorWords> = {
  'binder-off': {
    title: t('Downtime sheets are switched off'),
    means: t('Your organisation’s policy lets none be made on this workstation.'),
    act: t('Use the paper of your ward’s downtime procedure, and ask IT.'),
  },
  'binder-busy': {
    title: t('Another one is being made'),
    means: t('One is made at a time.'),
    act: t('Wait until it is done, or stop it, then try again.'),
  },
  'binder-empty': {
    title: t('There is nobody to print'),
    means: t('The list shows no patient. {KEPT}', { KEPT }),
    act: t('Clear the search above the list, or sync first.'),
  },
  'binder-layout': {
    title: t('The pages could not be laid out'),
    means: t('Not all of it would have fitted, so nothing was made rather than something with a part missing. {KEPT}', {
      KEPT,
    }),
    act: t('Try again. If it comes back, print patients one by one, and give IT the code below.'),
  },
  'binder-cancelled': {
    title: t('Making was stopped'),
    means: t('You stopped it before it was done. {KEPT}', { KEPT }),
    act: t('Begin again when you are ready.'),
  },
  'binder-outdated': {
    title: t('This one may not be opened any more'),
    means: t('It holds a patient whose records you may not print any longer.'),
    act: t('Make a new one: it holds only whom you may print.'),
  },
  'binder-damaged': {
    title: t('This one can’t be opened'),
    means: t('Its file was changed or cut off, so nothing of it is shown.'),
    act: t('Make a new one from what is stored here; that takes no network.'),
  },
  'label-layout': {
    title: t('It does not fit onto the paper'),
    means: t('Nothing was printed rather than something with a part missing.'),
    act: t('Write the number by hand, and tell IT: labels may be too small.'),
  },
  'binder-not-open': { title: t('It was closed'), means: t('Nothing was printed or saved.'), act: AGAIN },
};

addErrorWords(words);

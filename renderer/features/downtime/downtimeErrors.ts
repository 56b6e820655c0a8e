import { addErrorWords, type DowntimeCode } from '../../app/errors.ts';
import { AGAIN, type ErrorWords } from '../../app/storageErrors.ts';

const KEPT = 'An earlier one stays as it is.';

const words: Record<DowntimeCode, ErrorWords> = {
  'binder-off': {
    title: 'Downtime sheets are switched off',
    means: 'Your organisation’s policy lets none be made on this workstation.',
    act: 'Use the paper of your ward’s downtime procedure, and ask IT.',
  },
  'binder-busy': {
    title: 'Another one is being made',
    means: 'One is made at a time.',
    act: 'Wait until it is done, or stop it, then try again.',
  },
  'binder-empty': {
    title: 'There is nobody to print',
    means: `The list shows no patient. ${KEPT}`,
    act: 'Clear the search above the list, or sync first.',
  },
  'binder-layout': {
    title: 'The pages could not be laid out',
    means: `Not all of it would have fitted, so nothing was made rather than something with a part missing. ${KEPT}`,
    act: 'Try again. If it comes back, print patients one by one, and give IT the code below.',
  },
  'binder-cancelled': {
    title: 'Making was stopped',
    means: `You stopped it before it was done. ${KEPT}`,
    act: 'Begin again when you are ready.',
  },
  'binder-outdated': {
    title: 'This one may not be opened any more',
    means: 'It holds a patient whose records you may not print any longer.',
    act: 'Make a new one: it holds only whom you may print.',
  },
  'binder-damaged': {
    title: 'This one can’t be opened',
    means: 'Its file was changed or cut off, so nothing of it is shown.',
    act: 'Make a new one from what is stored here; that takes no network.',
  },
  'binder-not-open': { title: 'It was closed', means: 'Nothing was printed or saved.', act: AGAIN },
};

addErrorWords(words);

import { addErrorWords, type NumberCode } from '../../app/errors.ts';
import type { ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';

const NOTHING = t('Nothing was saved.');

const words: Record<NumberCode, ErrorWords> = {
  'not-in-downtime': {
    title: t('The server can be reached'),
    means: t('Visits and specimens are registered in the EHR as long as it is there. {NOTHING}', { NOTHING }),
    act: t('Register it in the EHR. If the EHR is down though the network is not, tell IT.'),
  },
  'numbers-off': {
    title: t('No numbers are reserved for this workstation'),
    means: t('Your organisation’s policy gives this workstation no numbers of this kind. {NOTHING}', { NOTHING }),
    act: t('Use the paper of your ward’s downtime procedure, or another workstation, and tell IT.'),
  },
  'numbers-unknown': {
    title: t('Which numbers were given can’t be told'),
    means: t('To give no number twice, this workstation gives none. {NOTHING}', { NOTHING }),
    act: t('Use another workstation, or the numbers of a sheet that is printed already, and give IT the code.'),
  },
  'pool-empty': {
    title: t('All numbers of this workstation are used'),
    means: t('Each is given once, and there are no more. {NOTHING}', { NOTHING }),
    act: t('Use another workstation, or the numbers of a sheet that is printed already, and tell IT.'),
  },
  'number-wrong': {
    title: t('This is not one of the reserved numbers'),
    means: t('It is too long or too short, or one of its digits is not right. {NOTHING}', { NOTHING }),
    act: t('Compare it with the paper, digit by digit.'),
  },
  'number-not-reserved': {
    title: t('This number was never printed for paper'),
    means: t('It belongs to this workstation, and was given to no sheet and no record. {NOTHING}', { NOTHING }),
    act: t('Compare it with the paper, digit by digit.'),
  },
  'number-used': {
    title: t('This number is used already'),
    means: t('There is a record with this number, or it was given to one. {NOTHING}', { NOTHING }),
    act: t('Compare it with the paper. If two papers have the same number, give one of them another number.'),
  },
};

addErrorWords(words);

import { t } from '../../words/t.ts';

/** Asked for in more than one form. */
export const SEVERITIES = [
  ['', t('Not recorded')],
  ['mild', t('Mild')],
  ['moderate', t('Moderate')],
  ['severe', t('Severe')],
] as const;

/** Longest texts: the contract's `NAME_MAX`, `COMMENT_MAX` and the others; its file would bring the schemas into the page. */
export const LONGEST = {
  name: 500,
  comment: 4_000,
  reason: 1_000,
  short: 60,
  date: 30,
  number: 20,
  section: 20_000,
} as const;

export const DATE_HINT = t('As exactly as it is known: 12-Mar-2021, Mar-2021 or 2021');

import type { BundlePart } from '../../../preload/contract/support.ts';
import { addErrorWords, type SupportCode } from '../../app/errors.ts';
import type { ErrorWords } from '../../app/storageErrors.ts';
import { t } from '../../words/t.ts';

const errors: Record<SupportCode, ErrorWords> = {
  'bundle-gone': {
    title: t('The support bundle was put together anew'),
    means: t('What you have read is not what would be saved now. Nothing was saved.'),
    act: t('Close this, and open it again.'),
  },
};
addErrorWords(errors);

/** What each part of a bundle is, and what is in it. */
export const PARTS: Readonly<Record<BundlePart, { readonly title: string; readonly holds: string }>> = {
  health: {
    title: t('State of Wardlight'),
    holds: t('What works and what doesn’t, sizes, ages, and how many changes wait to be sent.'),
  },
  system: { title: t('This computer'), holds: t('Versions, processors and memory.') },
  policy: {
    title: t('Settings of your organisation'),
    holds: t('Numbers and switches. Of addresses, names and keys only whether they are set.'),
  },
  problems: { title: t('Errors'), holds: t('Their codes, how often, when first and when last.') },
  calls: { title: t('What was asked for'), holds: t('How often each part was used, and how long it took.') },
  crashes: { title: t('Crashes'), holds: t('Which part of the program, when, and how it ended.') },
  log: { title: t('Log of the program'), holds: t('The newest lines that the program wrote about itself.') },
};

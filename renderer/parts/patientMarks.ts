import type { PatientMark } from '../../preload/contract/patients.ts';
import { t } from '../words/t.ts';

interface MarkWords {
  /** In the list, where room is short. */
  readonly brief: string;
  readonly words: string;
  readonly tone: 'danger' | 'warn';
}

/** What must be known of a record before anything else, in words: a colour alone says nothing. */
export const MARK_WORDS: Readonly<Record<PatientMark, MarkWords>> = {
  merged: { brief: t('Merged'), words: t('Merged: this record was replaced by another one'), tone: 'danger' },
  test: { brief: t('Test'), words: t('Test patient: not a real person'), tone: 'danger' },
  'very-restricted': { brief: t('Very confidential'), words: t('Very confidential record (V)'), tone: 'warn' },
  restricted: { brief: t('Confidential'), words: t('Confidential record (R)'), tone: 'warn' },
  'label-unknown': {
    brief: t('Confidential?'),
    words: t('Confidentiality label not known: treat as very confidential'),
    tone: 'warn',
  },
};

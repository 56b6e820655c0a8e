import type { PatientRow } from '../../preload/contract/patients.ts';
import { t } from '../words/t.ts';
import { parseFhirDate } from './dates.ts';

/** Letters of other scripts that look like Latin ones within one word. */
const LATIN = /\p{Script=Latin}/u;
const LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;
/** What stands for something that can't be seen (main/cache/plain-text.ts). */
const HIDDEN = /\uFFFD/u;

/** What in a patient's identity can't be true, or may deceive, in sentences; none where all is well. */
export function identityDoubts({ name, birthDate, deceased, mrn }: PatientRow, now: Date): readonly string[] {
  const words = `${name.family} ${name.given}`;
  const death = typeof deceased === 'string' ? deceased : null;
  const doubts = [
    words.trim() === '' ? t('Name not recorded: identify the patient by other means.') : null,
    words.split(/[\s-]+/).some((word) => LATIN.test(word) && LOOKALIKE.test(word))
      ? t('The name mixes letters of several alphabets that look alike.')
      : null,
    HIDDEN.test(words) || HIDDEN.test(mrn ?? '') ? t('Name or identifier holds characters that can’t be shown.') : null,
    birthDate !== null && isAfter(birthDate, now.toISOString()) ? t('The date of birth lies in the future.') : null,
    death !== null && isAfter(death, now.toISOString()) ? t('The date of death lies in the future.') : null,
    death !== null && birthDate !== null && isAfter(birthDate, death)
      ? t('The death is dated before the birth.')
      : null,
  ];
  return doubts.filter((doubt) => doubt !== null);
}

/** True where the first date is after the second as far as both are precise. */
function isAfter(first: string, second: string): boolean {
  const [one, other] = [parseFhirDate(first), parseFhirDate(second)];
  if (!one || !other) return false;
  const parts = ['year', 'month', 'day'] as const;
  for (const part of parts) {
    const [a, b] = [one[part], other[part]];
    if (a === null || b === null || a < b) return false;
    if (a > b) return true;
  }
  return false;
}

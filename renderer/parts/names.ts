import type { PatientRow } from '../../preload/contract/patients.ts';
import { t } from '../words/t.ts';
import { formatAge } from './age.ts';
import { formatDate } from './dates.ts';
import { inItsOrder } from './ltr.ts';

type PersonName = PatientRow['name'];

/** `FAMILY, Given` (NHS CUI); what is missing is left out, and said if nothing is left. */
export function formatName({ family, given }: PersonName): string {
  const parts = [family.trim().toUpperCase(), given.trim()].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(', ') : t('Name not recorded');
}

/** As `formatName`, with the title behind: `FAMILY, Given (Mrs)`. */
export function formatNameWithPrefix(name: PersonName): string {
  const prefix = name.prefix.trim();
  return prefix === '' ? formatName(name) : `${formatName(name)} (${prefix})`;
}

type Life = Pick<PatientRow, 'birthDate' | 'deceased'>;

/** `12-Mar-1961 (65y)`. The dead have no age today, so theirs is left to `formatDeath`. */
export function formatBirth({ birthDate, deceased }: Life, now: Date): string {
  if (birthDate === null) return t('not recorded');
  const age = deceased === false ? formatAge(birthDate, now) : null;
  return age === null ? formatDate(birthDate) : `${formatDate(birthDate)} (${inItsOrder(age)})`;
}

/** `Died 03-Feb-2024 (62y)`, `Deceased` where no date was recorded, null for the living. */
export function formatDeath({ birthDate, deceased }: Life): string | null {
  if (deceased === false) return null;
  if (deceased === true) return t('Deceased');
  const death = new Date(deceased.length === 10 ? `${deceased}T12:00:00` : deceased);
  const age = birthDate === null || Number.isNaN(death.getTime()) ? null : formatAge(birthDate, death);
  // A year alone says when someone died, but not at what age.
  return age === null || deceased.length < 10
    ? t('Died {date}', { date: formatDate(deceased) })
    : t('Died {date} ({age})', { date: formatDate(deceased), age: inItsOrder(age) });
}

const SEX_WORDS = { male: t('Male'), female: t('Female'), other: t('Other'), unknown: t('Not known') } as const;

export function formatSex(sex: PatientRow['sex']): string {
  return SEX_WORDS[sex];
}

import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { formatBirth } from '../../parts/names.ts';
import { t } from '../../words/t.ts';

type Patient = ChartSummary['patient'];

/** Displays of HL7 v2 table 0203 that are longer than the identifier. */
const SHORT_LABELS: ReadonlyMap<string, string> = new Map([
  ['Medical record number', 'MRN'],
  ['Medical Record Number', 'MRN'],
  ['National unique individual identifier', t('national ID')],
  ['Social Security Number', 'SSN'],
  ["Driver's license number", t('driving licence')],
  ["Driver's License", t('driving licence')],
  ['Passport number', t('passport')],
  ['Passport Number', t('passport')],
]);

/** As short as it is commonly called. */
export function shortLabel(label: string): string {
  return SHORT_LABELS.get(label) ?? label;
}

/** A patient's identifiers, the medical record number first. */
export function identifiersOf({ mrn, identifiers }: Patient): readonly { label: string; value: string }[] {
  const own = identifiers.find(({ value }) => value === mrn);
  const others = identifiers.filter((one) => one !== own);
  return mrn === null ? others : [{ label: own?.label ?? 'MRN', value: mrn }, ...others];
}

/** By what a patient is told from others of the same name, where the banner is covered. */
export function identityLine(patient: Patient, now: Date): string {
  const [first] = identifiersOf(patient);
  const identifier = first ? [`${shortLabel(first.label)} ${first.value}`] : [];
  return [t('born {birth}', { birth: formatBirth(patient, now) }), ...identifier].join(' · ');
}

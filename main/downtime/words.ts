import type { AllergyStatement, Flag, ObservationItem, SectionState, Withheld } from '../../preload/contract/chart.ts';
import type { PersonName } from '../../preload/contract/names.ts';
import type { PatientMark, PatientRow } from '../../preload/contract/patients.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const CALENDAR = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/;
const two = (number: number) => String(number).padStart(2, '0');

/** `12-Mar-1961`, as precise as it was recorded, with the local time where there is one (NHS CUI); else as it came. */
export function dateWords(text: string | null): string {
  if (text === null) return 'no date';
  const [, year, month, day] = CALENDAR.exec(text) ?? [];
  if (year !== undefined) return [day, month && (MONTHS[Number(month) - 1] ?? month), year].filter(Boolean).join('-');
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : momentWords(moment);
}

export function momentWords(moment: Date): string {
  const date = `${two(moment.getDate())}-${MONTHS[moment.getMonth()]}-${moment.getFullYear()}`;
  return `${date} ${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** `FAMILY, Given (Mrs)`. */
export function nameWords({ family, given, prefix }: PersonName): string {
  const name = [family.trim().toUpperCase(), given.trim()].filter((part) => part !== '').join(', ');
  return `${name === '' ? 'Name not recorded' : name}${prefix.trim() === '' ? '' : ` (${prefix.trim()})`}`;
}

/** As much of a text as fits on the top of a page; that there is more is seen. */
export function shortened(text: string, max: number): string {
  const letters = Array.from(text);
  return letters.length <= max ? text : `${letters.slice(0, max).join('')}… (in full on the first page)`;
}

export const bornWords = ({ birthDate }: Pick<PatientRow, 'birthDate'>) =>
  `Born ${birthDate === null ? 'not recorded' : dateWords(birthDate)}`;
export const mrnWords = ({ mrn }: Pick<PatientRow, 'mrn'>) => `MRN ${mrn ?? 'not recorded'}`;

const SEXES = { male: 'Male', female: 'Female', other: 'Other', unknown: 'Sex not known' } as const;
export const sexWords = ({ sex }: Pick<PatientRow, 'sex'>) => SEXES[sex];

/** What must be known of a record before anything else of it, on each of its pages. */
export const MARK_WORDS: Readonly<Record<PatientMark, string>> = {
  merged: 'MERGED: this record was replaced by another one',
  test: 'TEST PATIENT: not a real person',
  'very-restricted': 'VERY CONFIDENTIAL RECORD (V)',
  restricted: 'CONFIDENTIAL RECORD (R)',
  'label-unknown': 'CONFIDENTIALITY NOT KNOWN: treat as very confidential',
};

/** What may be said where no allergy is listed (design rule 7): an absence only from a coded statement. */
export const ALLERGY_WORDS: Readonly<Record<Exclude<AllergyStatement, 'recorded'>, string>> = {
  'none-known': 'No known allergies (recorded)',
  'no-known-drug-allergy': 'No known drug allergies (recorded); other allergies not stated',
  'none-recorded': 'NONE RECORDED – ask the patient',
  'not-fetched': 'NOT AVAILABLE OFFLINE – ask the patient',
  'not-permitted': 'NOT PERMITTED to view – ask the patient',
  restricted: 'Allergy records are WITHHELD from paper – open them in Wardlight, or ask the patient',
  'partly-not-permitted': 'There are allergy records that may not be viewed – ask the patient',
};

/** What an empty section says. */
const EMPTY: Readonly<Record<SectionState, string>> = {
  complete: 'None recorded',
  partial: 'None in the part that was fetched',
  'not-fetched': 'NOT AVAILABLE OFFLINE',
  'not-permitted': 'NOT PERMITTED to view',
};

interface Known {
  readonly state: SectionState;
  readonly asOf: string | null;
  readonly deletionsUnknown: boolean;
  readonly withheld: Withheld;
}

export function emptyWords({ state, withheld }: Known): string {
  const isCertain = state === 'complete' && (withheld.denied || withheld.restricted !== null);
  return isCertain ? 'None that may be printed' : EMPTY[state];
}

/** How old and how whole a section is; `isSafe` where nothing has to be warned of. */
export function knownWords({ state, asOf, deletionsUnknown, withheld }: Known): { text: string; isSafe: boolean } {
  const at = asOf === null ? 'at a time that is not known' : `as at ${dateWords(asOf)}`;
  const warnings = [
    state === 'partial' ? `INCOMPLETE: only a part was fetched, ${at}.` : null,
    state === 'not-fetched' ? 'NOT AVAILABLE OFFLINE: never fetched to this workstation.' : null,
    state === 'not-permitted' ? 'NOT PERMITTED to view.' : null,
    withheld.restricted !== null || withheld.denied ? 'Records are WITHHELD from this sheet by access policy.' : null,
    deletionsUnknown ? 'May list what was deleted on the server.' : null,
  ].filter((one) => one !== null);
  return {
    text: [state === 'complete' ? `Complete ${at}.` : null, ...warnings].filter(Boolean).join(' '),
    isSafe: warnings.length === 0,
  };
}

const FLAGS: Readonly<Record<Flag, string>> = {
  normal: '',
  low: 'LOW',
  high: 'HIGH',
  'critical-low': 'CRITICAL LOW',
  'critical-high': 'CRITICAL HIGH',
  abnormal: 'ABNORMAL',
};
export const flagWords = (flag: Flag | null) => (flag === null ? '' : FLAGS[flag]);

/** A value with its unit, its flag and what is to be known of it. */
export function valueWords({ value, unit, flag, status, unsent }: ObservationItem): string {
  const parts = [
    `${value}${unit === null ? '' : ` ${unit}`}`,
    flagWords(flag),
    ['final', 'amended', 'corrected'].includes(status) ? '' : `(${status.replaceAll('-', ' ')})`,
    status === 'amended' || status === 'corrected' ? '(corrected)' : '',
    unsent === null ? '' : '– NOT YET SENT',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

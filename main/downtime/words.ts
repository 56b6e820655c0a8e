import type { AllergyStatement, Flag, ObservationItem, SectionState, Withheld } from '../../preload/contract/chart.ts';
import type { Language } from '../../preload/contract/languages.ts';
import type { PersonName } from '../../preload/contract/names.ts';
import type { PatientMark, PatientRow } from '../../preload/contract/patients.ts';
import { codeIn, type Say, sayIn } from './say.ts';

const CALENDAR = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/;
const two = (number: number) => String(number).padStart(2, '0');

interface Known {
  readonly state: SectionState;
  readonly asOf: string | null;
  readonly deletionsUnknown: boolean;
  readonly withheld: Withheld;
}

/** Everything that a sheet says by itself, in one language; what records say is handed through. */
export type Words = ReturnType<typeof wordsIn>;

export function wordsIn(language: Language) {
  const t = sayIn(language);
  const code = codeIn(language);
  return { language, t, code, ...dates(t), ...people(t), ...sections(t), ...values(t, code) };
}

function dates(t: Say) {
  const months = [
    t('Jan'),
    t('Feb'),
    t('Mar'),
    t('Apr'),
    t('May'),
    t('Jun'),
    t('Jul'),
    t('Aug'),
    t('Sep'),
    t('Oct'),
    t('Nov'),
    t('Dec'),
  ];
  const moment = (at: Date) =>
    `${two(at.getDate())}-${months[at.getMonth()]}-${at.getFullYear()} ${two(at.getHours())}:${two(at.getMinutes())}`;
  return {
    moment,
    /** `12-Mar-1961`, as precise as it was recorded, with the local time where there is one (NHS CUI); else as it came. */
    date(text: string | null): string {
      if (text === null) return t('no date');
      const [, year, month, day] = CALENDAR.exec(text) ?? [];
      if (year !== undefined)
        return [day, month && (months[Number(month) - 1] ?? month), year].filter(Boolean).join('-');
      const at = new Date(text);
      return Number.isNaN(at.getTime()) ? text : moment(at);
    },
  };
}

function people(t: Say) {
  const { date } = dates(t);
  const sexes = { male: t('Male'), female: t('Female'), other: t('Other'), unknown: t('Sex not known') } as const;
  /** What must be known of a record before anything else of it, on each of its pages. */
  const marks: Readonly<Record<PatientMark, string>> = {
    merged: t('MERGED: this record was replaced by another one'),
    test: t('TEST PATIENT: not a real person'),
    'very-restricted': t('VERY CONFIDENTIAL RECORD (V)'),
    restricted: t('CONFIDENTIAL RECORD (R)'),
    'label-unknown': t('CONFIDENTIALITY NOT KNOWN: treat as very confidential'),
  };
  return {
    marks,
    /** `FAMILY, Given (Mrs)`. */
    name({ family, given, prefix }: PersonName): string {
      const name = [family.trim().toUpperCase(), given.trim()].filter((part) => part !== '').join(', ');
      return `${name === '' ? t('Name not recorded') : name}${prefix.trim() === '' ? '' : ` (${prefix.trim()})`}`;
    },
    born: ({ birthDate }: Pick<PatientRow, 'birthDate'>) =>
      birthDate === null ? t('Born not recorded') : t('Born {date}', { date: date(birthDate) }),
    mrn: ({ mrn }: Pick<PatientRow, 'mrn'>) => (mrn === null ? t('MRN not recorded') : t('MRN {mrn}', { mrn })),
    sex: ({ sex }: Pick<PatientRow, 'sex'>) => sexes[sex],
    /** As much of a text as fits on the top of a page; that there is more is seen. */
    shortened(text: string, max: number): string {
      const letters = Array.from(text);
      return letters.length <= max
        ? text
        : t('{text}… (in full on the first page)', { text: letters.slice(0, max).join('') });
    },
  };
}

function sections(t: Say) {
  const { date } = dates(t);
  /** What may be said where no allergy is listed (design rule 7): an absence only from a coded statement. */
  const allergies: Readonly<Record<Exclude<AllergyStatement, 'recorded'>, string>> = {
    'none-known': t('No known allergies (recorded)'),
    'no-known-drug-allergy': t('No known drug allergies (recorded); other allergies not stated'),
    'none-recorded': t('NONE RECORDED – ask the patient'),
    'not-fetched': t('NOT AVAILABLE OFFLINE – ask the patient'),
    'not-permitted': t('NOT PERMITTED to view – ask the patient'),
    restricted: t('Allergy records are WITHHELD from paper – open them in Wardlight, or ask the patient'),
    'partly-not-permitted': t('There are allergy records that may not be viewed – ask the patient'),
  };
  const empty: Readonly<Record<SectionState, string>> = {
    complete: t('None recorded'),
    partial: t('None in the part that was fetched'),
    'not-fetched': t('NOT AVAILABLE OFFLINE'),
    'not-permitted': t('NOT PERMITTED to view'),
    'not-kept': t('NOT KEPT on this workstation, by your organisation’s policy'),
  };
  const isWithheld = ({ withheld }: Pick<Known, 'withheld'>) => withheld.denied || withheld.restricted !== null;
  return {
    allergies,
    /** True where nothing is there for certain. */
    isNone: (part: Known) => part.state === 'complete' && !isWithheld(part),
    /** What an empty section says. */
    empty: (part: Known) =>
      part.state === 'complete' && isWithheld(part) ? t('None that may be printed') : empty[part.state],
    /** How old and how whole a section is; `isSafe` where nothing has to be warned of. */
    known({ state, asOf, deletionsUnknown, withheld }: Known): { text: string; isSafe: boolean } {
      const at = asOf === null ? t('at a time that is not known') : t('as at {date}', { date: date(asOf) });
      const warnings = [
        state === 'partial' ? t('INCOMPLETE: only a part was fetched, {at}.', { at }) : null,
        state === 'not-fetched' ? t('NOT AVAILABLE OFFLINE: never fetched to this workstation.') : null,
        state === 'not-permitted' ? t('NOT PERMITTED to view.') : null,
        isWithheld({ withheld }) ? t('Records are WITHHELD from this sheet by access policy.') : null,
        deletionsUnknown ? t('May list what was deleted on the server.') : null,
      ].filter((one) => one !== null);
      return {
        text: [state === 'complete' ? t('Complete {at}.', { at }) : null, ...warnings].filter(Boolean).join(' '),
        isSafe: warnings.length === 0,
      };
    },
  };
}

function values(t: Say, code: (code: string) => string) {
  const flags: Readonly<Record<Flag, string>> = {
    normal: '',
    low: t('LOW'),
    high: t('HIGH'),
    'critical-low': t('CRITICAL LOW'),
    'critical-high': t('CRITICAL HIGH'),
    abnormal: t('ABNORMAL'),
  };
  const flagged = (flag: Flag | null) => (flag === null ? '' : flags[flag]);
  return {
    flag: flagged,
    /** A value with its unit, its flag and what is to be known of it. */
    value({ value, unit, flag, status, unsent }: ObservationItem): string {
      const parts = [
        `${value}${unit === null ? '' : ` ${unit}`}`,
        flagged(flag),
        ['final', 'amended', 'corrected'].includes(status) ? '' : `(${code(status)})`,
        status === 'amended' || status === 'corrected' ? t('(corrected)') : '',
        unsent === null ? '' : t('– NOT YET SENT'),
      ];
      return parts.filter((part) => part !== '').join(' ');
    },
  };
}

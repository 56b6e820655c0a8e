import type { PatientRow } from '../../preload/contract/patients.ts';
import { type Block, linesOf, rowsOf, type SheetOfBlocks } from './blocks.ts';
import type { Words } from './words.ts';

export interface CoverFacts {
  readonly words: Words;
  readonly query: string;
  readonly host: string;
  readonly now: number;
  readonly asOf: string | null;
  readonly complete: boolean;
  /** Patients of the list whose sheets may not be printed. */
  readonly withheld: number;
  /** Patients of the list that one binder doesn't hold. */
  readonly beyond: number;
}

/** The first sheet of a ward's binder: who is in it, where, and on which page. */
export function coverBlocks(rows: readonly PatientRow[], facts: CoverFacts): SheetOfBlocks {
  const { words, query, host, now, asOf, complete, withheld, beyond } = facts;
  const { t } = words;
  const patients = (count: number) => (count === 1 ? t('1 patient') : t('{count} patients', { count }));
  const warnings = [
    complete ? null : t('THE LIST IS NOT COMPLETE: it was not fetched to its end.'),
    withheld > 0
      ? t('{patients} of the list withheld by access policy: not in this binder.', { patients: patients(withheld) })
      : null,
    beyond > 0
      ? t('{patients} more match than one binder holds: make another one with a narrower list.', {
          patients: patients(beyond),
        })
      : null,
  ].filter((one) => one !== null);
  const at = asOf === null ? t('a time that is not known') : words.date(asOf);
  return {
    head: {
      name: t('Downtime binder – cover sheet'),
      facts: [
        patients(rows.length),
        query === '' ? t('All my patients') : t('List filtered by “{query}”', { query }),
        words.moment(new Date(now)),
      ],
      allergies: null,
      line: t('Known as at {at} from server {host}.', { at, host }),
      alert: null,
    },
    blocks: [
      ...warnings.flatMap((words) => linesOf(words, 'alert')),
      { kind: 'title', text: t('Patients in this binder') },
      { kind: 'columns', table: 'patients', cells: [t('Location'), t('Patient'), t('Born'), t('MRN'), t('Page')] },
      ...rows.flatMap((row, index) =>
        rowsOf(
          'patients',
          [
            { text: row.location ?? t('No location coded') },
            { text: [words.name(row.name), ...row.marks.map((mark) => words.marks[mark])].join(' · '), tone: 'strong' },
            { text: words.born(row) },
            { text: words.mrn(row) },
            { text: '' },
          ],
          { pageOf: index + 1 },
        ),
      ),
      ...(rows.length === 0 ? linesOf(t('No patients.'), 'strong') : []),
      { kind: 'title', text: t('Notes of the downtime') },
      ...Array.from(
        { length: 6 },
        (): Block => ({ kind: 'blank', labels: [t('Time'), t('What happened'), t('Initials')] }),
      ),
    ],
  };
}

/** What is said on the pages of patients who could be taken for another one of the list; null for the others. */
export function nameAlertOf({ t }: Words, row: PatientRow, rows: readonly PatientRow[]): string | null {
  const key = (one: PatientRow) => one.name.family.trim().toLocaleLowerCase();
  const isShared = key(row) !== '' && rows.some((other) => other.id !== row.id && key(other) === key(row));
  if (isShared) return t('NAME ALERT: others in this binder have the same family name');
  return row.similar ? t('NAME ALERT: another patient on the list has a similar name') : null;
}

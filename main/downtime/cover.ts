import type { PatientRow } from '../../preload/contract/patients.ts';
import { type Block, linesOf, rowsOf, type SheetOfBlocks } from './blocks.ts';
import { bornWords, dateWords, MARK_WORDS, momentWords, mrnWords, nameWords } from './words.ts';

export interface CoverFacts {
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
  const { query, host, now, asOf, complete, withheld, beyond } = facts;
  const warnings = [
    complete ? null : 'THE LIST IS NOT COMPLETE: it was not fetched to its end.',
    withheld > 0 ? `${patients(withheld)} of the list withheld by access policy: not in this binder.` : null,
    beyond > 0 ? `${patients(beyond)} more match than one binder holds: make another one with a narrower list.` : null,
  ].filter((one) => one !== null);
  const at = asOf === null ? 'a time that is not known' : dateWords(asOf);
  return {
    head: {
      name: 'Downtime binder – cover sheet',
      facts: [
        patients(rows.length),
        query === '' ? 'All my patients' : `List filtered by “${query}”`,
        momentWords(new Date(now)),
      ],
      allergies: null,
      line: `Known as at ${at} from server ${host}.`,
      alert: null,
    },
    blocks: [
      ...warnings.flatMap((words) => linesOf(words, 'alert')),
      { kind: 'title', text: 'Patients in this binder' },
      { kind: 'columns', table: 'patients', cells: ['Location', 'Patient', 'Born', 'MRN', 'Page'] },
      ...rows.flatMap((row, index) =>
        rowsOf(
          'patients',
          [
            { text: row.location ?? 'No location coded' },
            { text: [nameWords(row.name), ...row.marks.map((mark) => MARK_WORDS[mark])].join(' · '), tone: 'strong' },
            { text: bornWords(row) },
            { text: mrnWords(row) },
            { text: '' },
          ],
          { pageOf: index + 1 },
        ),
      ),
      ...(rows.length === 0 ? linesOf('No patients.', 'strong') : []),
      { kind: 'title', text: 'Notes of the downtime' },
      ...Array.from({ length: 6 }, (): Block => ({ kind: 'blank', labels: ['Time', 'What happened', 'Initials'] })),
    ],
  };
}

const patients = (count: number) => `${count} ${count === 1 ? 'patient' : 'patients'}`;

/** What is said on the pages of patients who could be taken for another one of the list; null for the others. */
export function nameAlertOf(row: PatientRow, rows: readonly PatientRow[]): string | null {
  const key = (one: PatientRow) => one.name.family.trim().toLocaleLowerCase();
  const isShared = key(row) !== '' && rows.some((other) => other.id !== row.id && key(other) === key(row));
  if (isShared) return 'NAME ALERT: others in this binder have the same family name';
  return row.similar ? 'NAME ALERT: another patient on the list has a similar name' : null;
}

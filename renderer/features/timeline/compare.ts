import type { RecordField, RecordView } from '../../../preload/contract/timeline.ts';
import { elementWords } from '../../parts/elementNames.ts';
import { saidWords } from '../../parts/said.ts';

/** An element of two versions in words; null where one has nothing. */
export interface ComparedField {
  readonly path: string;
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
}

type Compared = Pick<RecordView, 'type' | 'fields'>;

/** Elements of two versions, in the order of the newer one, those that are gone last. */
export function comparedFields(before: Compared, after: Compared): ComparedField[] {
  const { type } = after;
  const older = new Map(before.fields.map((field) => [field.path, field]));
  const newer = new Set(after.fields.map(({ path }) => path));
  const text = (field: RecordField | undefined) => (field ? saidWords(type, field.said) : null);
  const compared = (path: string, was: RecordField | undefined, is: RecordField | undefined): ComparedField => ({
    path,
    label: elementWords(type, path),
    before: text(was),
    after: text(is),
  });
  return [
    ...after.fields.map((field) => compared(field.path, older.get(field.path), field)),
    ...before.fields.filter(({ path }) => !newer.has(path)).map((field) => compared(field.path, field, undefined)),
  ];
}

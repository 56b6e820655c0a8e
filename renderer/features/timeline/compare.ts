import type { RecordField } from '../../../preload/contract/timeline.ts';

/** An element of two versions; null where one has nothing. */
export interface ComparedField {
  readonly path: string;
  readonly label: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Elements of two versions, in the order of the newer one, those that are gone last. */
export function comparedFields(before: readonly RecordField[], after: readonly RecordField[]): ComparedField[] {
  const older = new Map(before.map((field) => [field.path, field]));
  const newer = new Set(after.map(({ path }) => path));
  return [
    ...after.map(({ path, label, text }) => ({ path, label, before: older.get(path)?.text ?? null, after: text })),
    ...before
      .filter(({ path }) => !newer.has(path))
      .map(({ path, label, text }) => ({ path, label, before: text, after: null })),
  ];
}

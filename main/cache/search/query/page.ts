import { SearchError } from './request.ts';
import type { Key } from './sort.ts';

/** Where the next page of a search begins. It says nothing of a patient but the keys of the last record. */
export type PageMark =
  | { readonly kind: 'walk'; readonly leader: number; readonly walk: string; readonly keys: readonly Key[] }
  | { readonly kind: 'sorted'; readonly keys: readonly Key[]; readonly patient: number; readonly rid: number };

/** A mark as the caller keeps it. */
export function writeMark(mark: PageMark): string {
  const parts =
    mark.kind === 'walk' ? ['w', mark.leader, mark.walk, ...mark.keys] : ['s', mark.patient, mark.rid, ...mark.keys];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads a mark; whatever isn't one is refused. */
export function readMark(text: string): PageMark {
  const parts = parsed(text);
  const [kind, first, second, ...keys] = parts;
  if (kind === 'w' && typeof first === 'number' && typeof second === 'string') {
    return { kind: 'walk', leader: first, walk: second, keys };
  }
  if (kind === 's' && typeof first === 'number' && typeof second === 'number') {
    return { kind: 'sorted', patient: first, rid: second, keys };
  }
  throw new SearchError('bad-page', 'page');
}

/**
 * The place of the walk at which a mark goes on: where that one is gone, with the last record that it met, the first that
 * comes after it. A mark of another kind of walks is refused: what these have met can't be told.
 */
export function walkAt(ids: readonly string[], marked: string): number {
  const same = ids.indexOf(marked);
  if (same >= 0) return same;
  const place = placeOf(marked);
  const next = ids.findIndex((id) => isAfter(placeOf(id), place));
  return next < 0 ? ids.length : next;
}

function placeOf(id: string): number[] {
  if (!/^\d+(\.\d+)*$/.test(id)) throw new SearchError('bad-page', 'page');
  return id.split('.').map(Number);
}

function isAfter(place: readonly number[], other: readonly number[]): boolean {
  const at = place.findIndex((number, index) => number !== other[index]);
  return at >= 0 && (place[at] ?? 0) > (other[at] ?? 0);
}

function parsed(text: string): Key[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(parts) && parts.every(isKey)) return parts;
  } catch {
    // Told below: whatever is wrong with it, it is no mark.
  }
  throw new SearchError('bad-page', 'page');
}

function isKey(value: unknown): value is Key {
  return value === null || typeof value === 'string' || typeof value === 'number';
}

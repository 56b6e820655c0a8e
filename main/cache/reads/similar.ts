import { fold } from '../fold.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';

/** Of a state of the panel: what each of its patients could be taken for another one by, and who shares it. */
interface Names {
  readonly state: string;
  readonly keys: ReadonlyMap<number, readonly string[]>;
  readonly sharing: ReadonlyMap<string, readonly number[]>;
}

/** Looked for at each key that is typed, and the same until something is written. */
const newest = new WeakMap<ReadDb, Names>();

/**
 * Whether a patient could be taken for another one of the list: same family name and same first letter of the given
 * name, or born on the same day with the same initials (Jon Andersson, John Anderson).
 */
export function similarTo(db: ReadDb, isListed: (pid: number) => boolean): (pid: number) => boolean {
  const { keys, sharing } = namesOf(db);
  return (pid) =>
    (keys.get(pid) ?? []).some((key) => sharing.get(key)?.some((other) => other !== pid && isListed(other)));
}

function namesOf(db: ReadDb): Names {
  const state = stateOf(db);
  const known = newest.get(db);
  if (known?.state === state) return known;
  const rows = sql(db, 'SELECT pid, family, given, birth_date FROM patient WHERE panel = 1 AND known = 1').raw().all();
  const keys = new Map<number, readonly string[]>();
  const sharing = new Map<string, number[]>();
  for (const [pid, family, given, birthDate] of rows as [number, string, string, string | null][]) {
    const own = keysOf(family, given, birthDate);
    keys.set(pid, own);
    for (const key of own) {
      const others = sharing.get(key);
      if (others) others.push(pid);
      else sharing.set(key, [pid]);
    }
  }
  const names = { state, keys, sharing };
  newest.set(db, names);
  return names;
}

/** Another one after each write, by another connection or by this one. */
function stateOf(db: ReadDb): string {
  const version = db.pragma('data_version', { simple: true });
  return `${version} ${sql(db, 'SELECT total_changes()').pluck().get()}`;
}

/** Letters alone, without case and accents: `O'Brién` and `OBRIEN` are one name to a tired reader. */
const lettersOf = (name: string) => fold(name).replace(/[^\p{L}]/gu, '');

function keysOf(familyName: string, givenName: string, birthDate: string | null): string[] {
  const [family, given] = [lettersOf(familyName), lettersOf(givenName)];
  if (family === '') return [];
  const [initial = ''] = given;
  const byName = `${family} ${initial}`;
  // A year alone is shared by too many to mean anything.
  return birthDate?.length === 10 ? [byName, `${family.slice(0, 1)} ${initial} ${birthDate}`] : [byName];
}

import { startOf } from '../dates.ts';
import { fold, searchWords } from '../fold.ts';
import { idKey } from '../id-key.ts';
import { bound, codings, field, items, parseReference, text } from '../json.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { CURRENT } from './buckets.ts';
import type { Names } from './names.ts';
import { wordKind, writeWords } from './words.ts';

const LEVELS_MAX = 4;
/** Physical types above a ward: the clinician knows in which hospital she is. */
const aboveWard = new Set(['si', 'bu', 'lvl', 'jdn', 'area', 'rd']);

/**
 * Works out anew where patients lie, from their encounters in progress. The list is shown to whoever may see the patient
 * at all, so that an encounter with a security label tells nothing there.
 */
export function updateLocations(db: WriteDb, names: Names, patients: Iterable<number>): void {
  const encounterType = names.term('Encounter');
  for (const patient of patients) {
    const location = currentLocation(db, patient, encounterType);
    const changed = sql(
      db,
      `UPDATE patient SET location = @location, location_key = @key
       WHERE pid = @patient AND location IS NOT @location`,
    ).run({ location, key: location && fold(location), patient }).changes;
    if (changed > 0) writeWords(db, patient, wordKind.location, searchWords(location ? [location] : []));
  }
}

/** Patients who have an encounter in progress: those whom a change of any Location may concern. */
export function patientsInHouse(db: ReadDb, names: Names): number[] {
  const rows = sql(
    db,
    `SELECT DISTINCT p.pid FROM patient p JOIN entry e ON e.patient = p.pid AND e.type = ? AND e.bucket = ${CURRENT}`,
  ).all(names.term('Encounter')) as { pid: number }[];
  return rows.map(({ pid }) => pid);
}

function currentLocation(db: ReadDb, patient: number, encounterType: number): string | null {
  const rows = sql(
    db,
    `SELECT r.body FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.bucket = ${CURRENT} AND e.label = 0
     ORDER BY e.code, e.recency, r.id LIMIT 5`,
  ).all(patient, encounterType) as { body: string }[];
  for (const { body } of rows) {
    const location = encounterLocation(db, JSON.parse(body));
    if (location) return location;
  }
  return null;
}

/** Ward and bed of an encounter, or null: the newest of its locations that is active. */
export function encounterLocation(db: ReadDb, encounter: unknown): string | null {
  const active = items(encounter, 'location')
    .filter(
      (stay) => ['active', undefined].includes(text(stay, 'status')) && field(stay, 'period', 'end') === undefined,
    )
    .map((stay) => ({
      stay,
      since: startOf(field(stay, 'period', 'start')) ?? 0,
      depth: chainOf(db, field(stay, 'location', 'reference')).length,
    }));
  // Ward and bed often begin together; the bed, further down the chain of places, tells more.
  active.sort((a, b) => b.since - a.since || b.depth - a.depth);
  for (const { stay } of active) {
    const place = placeOf(db, field(stay, 'location'));
    if (place) return place;
  }
  return null;
}

function placeOf(db: ReadDb, reference: unknown): string | undefined {
  const display = text(reference, 'display');
  const chain = chainOf(db, field(reference, 'reference'));
  const own = display ?? chain[0];
  if (own === undefined) return undefined;
  const above = chain.slice(1).filter((name) => !own.includes(name));
  return bound([...above.reverse(), own].join(', '), 500);
}

/** Names of a cached Location and of what it is part of, up to the ward. */
function chainOf(db: ReadDb, reference: unknown): string[] {
  const names: string[] = [];
  let next = parseReference(reference);
  for (let level = 0; level < LEVELS_MAX && next?.type === 'Location'; level += 1) {
    const location = cachedResource(db, 'Location', next.id);
    if (location === undefined) break;
    const above = codings(field(location, 'physicalType')).some(({ code }) => aboveWard.has(code));
    if (level > 0 && above) break;
    const name = text(location, 'name') ?? text(location, 'description');
    if (name) names.push(name);
    next = parseReference(field(location, 'partOf', 'reference'));
  }
  return names;
}

/** A cached resource parsed, or undefined. */
export function cachedResource(db: ReadDb, type: string, id: string): unknown {
  const row = sql(
    db,
    'SELECT body FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?',
  ).get(type, idKey(id), id) as { body: string } | undefined;
  return row && JSON.parse(row.body);
}

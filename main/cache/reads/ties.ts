import { startOf } from '../dates.ts';
import { fold } from '../fold.ts';
import { CURRENT, PAST } from '../ingest/buckets.ts';
import { cachedResource } from '../ingest/location.ts';
import { field, items, parseReference, text } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { Ties } from '../operations.ts';
import { textKey } from '../search/values.ts';
import { sql } from '../statements.ts';
import { createMemory } from './remembered.ts';

/** Of a patient who isn't known. */
export const noTies: Ties = { discharged: null, sameFamilyName: false, ownRecord: false, colleague: false };

const remember = createMemory<Ties>();

/** What ties a patient and the clinician; worked out anew only when something was written. */
export function tiesOf(db: ReadDb, { pid, id }: { pid: number; id: string }, practitioner: string): Ties {
  return remember(db, `${practitioner} ${id}`, () => {
    const patient = personOf(cachedResource(db, 'Patient', id));
    const own = ownPerson(db, practitioner);
    return {
      discharged: dischargedAt(db, pid),
      sameFamilyName: own !== null && patient.families.some((family) => own.families.includes(family)),
      ownRecord: own !== null && isSame(patient, own),
      colleague: practitionersLike(db, patient).some(
        ({ id, person }) => `Practitioner/${id}` !== practitioner && isSame(patient, person),
      ),
    };
  });
}

/** What tells one person from another, folded. */
interface Person {
  readonly families: readonly string[];
  /** `family given` of each name, by the first given name. */
  readonly names: readonly string[];
  /** A whole date, or null. */
  readonly born: string | null;
  /** `system|value`. */
  readonly identifiers: readonly string[];
}

const PARTS_MAX = 20;

function personOf(resource: unknown): Person {
  const names = items(resource, 'name').slice(0, PARTS_MAX);
  const parts = names.map((name) => ({
    family: fold(text(name, 'family') ?? '').trim(),
    given: fold(String(items(name, 'given')[0] ?? '')).trim(),
  }));
  const born = text(resource, 'birthDate') ?? '';
  return {
    families: parts.map(({ family }) => family).filter((family) => family !== ''),
    names: parts
      .filter(({ family, given }) => family !== '' && given !== '')
      .map((one) => `${one.family} ${one.given}`),
    born: /^\d{4}-\d{2}-\d{2}$/.test(born) ? born : null,
    identifiers: items(resource, 'identifier')
      .slice(0, PARTS_MAX)
      .flatMap((one) => {
        const [system, value] = [text(one, 'system'), text(one, 'value')];
        return system === undefined || value === undefined ? [] : [`${system}|${value}`];
      }),
  };
}

function isSame(one: Person, other: Person): boolean {
  if (one.identifiers.some((identifier) => other.identifiers.includes(identifier))) return true;
  return one.born !== null && one.born === other.born && one.names.some((name) => other.names.includes(name));
}

function ownPerson(db: ReadDb, practitioner: string): Person | null {
  const { type, id } = parseReference(practitioner) ?? {};
  const own = type === undefined || id === undefined ? undefined : cachedResource(db, type, id);
  return own === undefined ? null : personOf(own);
}

const CANDIDATES_MAX = 50;

/** Practitioners who have an identifier or a family name of a patient, by the search index. */
function practitionersLike(db: ReadDb, { identifiers, families }: Person): { id: string; person: Person }[] {
  const values = identifiers.map((one) => one.slice(one.indexOf('|') + 1));
  const rows = sql(
    db,
    `SELECT id, body FROM resource WHERE rid IN (
       SELECT s.rid FROM json_each(?) wish JOIN search_identifier s ON s.value = wish.value
         AND s.param = (SELECT param FROM search_parameter WHERE name = 'Practitioner.identifier')
       UNION
       SELECT s.rid FROM json_each(?) wish JOIN search_string s ON s.value = wish.value
         AND s.param = (SELECT param FROM search_parameter WHERE name = 'Practitioner.family')
     ) LIMIT ${CANDIDATES_MAX}`,
  ).all(JSON.stringify(values), JSON.stringify(families.map(textKey))) as { id: string; body: string }[];
  return rows.map(({ id, body }) => ({ id, person: personOf(JSON.parse(body)) }));
}

const STAYS_MAX = 5;

/** When the last of the newest encounters has ended; null while one is in progress. */
function dischargedAt(db: ReadDb, pid: number): string | null {
  const rows = sql(
    db,
    `SELECT e.bucket, r.body FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = (SELECT tid FROM term WHERE text = 'Encounter')
       AND e.bucket IN (${CURRENT}, ${PAST})
     ORDER BY e.bucket, e.recency LIMIT ${STAYS_MAX}`,
  ).all(pid) as { bucket: number; body: string }[];
  if (rows[0]?.bucket === CURRENT) return null;
  const ends = rows.flatMap(({ body }) => startOf(field(JSON.parse(body), 'period', 'end')) ?? []);
  return ends.length === 0 ? null : new Date(Math.max(...ends)).toISOString();
}

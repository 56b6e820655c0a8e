import type { ReadDb } from '../open.ts';
import { containedParameter, refersToMedicines } from '../search/extract.ts';
import { foldedWords, isAt } from '../search/query/snippet.ts';
import { sql } from '../statements.ts';
import type { Term } from './terms.ts';

/*
 * What records are of stands in codes and their texts, which repeat: the search index holds each once. Looking through
 * those finds the records of a name without a text of its own for each of them.
 */

/** Parameters of the search index that say what a record is of, or what it found. */
const NAMING = [
  ...['AllergyIntolerance.code', 'AllergyIntolerance.manifestation', 'Appointment.reason-code'],
  ...['Appointment.service-type', 'CarePlan.activity-code', 'CarePlan.category', 'CareTeam.category'],
  ...['Composition.type', 'Condition.body-site', 'Condition.code', 'DiagnosticReport.code'],
  ...['DiagnosticReport.conclusion', 'DocumentReference.category', 'DocumentReference.type', 'Encounter.reason-code'],
  ...['Encounter.type', 'FamilyMemberHistory.code', 'Goal.category', 'Immunization.vaccine-code'],
  ...['MedicationAdministration.code', 'MedicationDispense.code', 'MedicationRequest.code'],
  ...['MedicationStatement.code', 'Observation.code', 'Observation.component-code', 'Observation.value-concept'],
  ...['Procedure.code', 'ServiceRequest.code', 'Task.code'],
  ...[...refersToMedicines].map(containedParameter),
];

/** References to a Medication, whose name is the record's. */
const MEDICATIONS = [...refersToMedicines].map((type) => `${type}.medication`);

const CONCEPTS_MAX = 500;

/** Records by what they name; `cut`: there may be others. */
export interface Named {
  readonly rids: ReadonlySet<number>;
  readonly cut: boolean;
}

/**
 * Records whose names have all the terms: of one patient in any of a record's names together, of all in one of them.
 * `isShown`: whether a Medication, by its number, may be seen.
 */
export function recordsNamed(
  db: ReadDb,
  terms: readonly Term[],
  { pid, limit, isShown }: { pid: number | null; limit: number; isShown: (rid: number) => boolean },
): Named {
  const concepts = terms.map((term) => conceptsNamed(db, term));
  const look = (kids: readonly number[]) => recordsOf(db, kids.slice(0, CONCEPTS_MAX), { pid, limit, isShown });
  const sets = pid === null ? [look(common(concepts))] : concepts.map(look);
  return {
    rids: new Set(common(sets.map(({ rids }) => rids))),
    cut: sets.some(({ cut }) => cut) || concepts.some(({ length }) => length > CONCEPTS_MAX),
  };
}

function common(lists: readonly (readonly number[])[]): number[] {
  const [first = [], ...rest] = lists;
  const others = rest.map((list) => new Set(list));
  return first.filter((one) => others.every((list) => list.has(one)));
}

/** Concepts of the dictionary in which a term stands. */
function conceptsNamed(db: ReadDb, term: Term): number[] {
  const longest = term.words.reduce((one, other) => (other.length > one.length ? other : one));
  const rows = sql(db, 'SELECT text, kid FROM search_concept_text WHERE instr(text, ?) > 0').all(longest);
  const found = new Set<number>();
  for (const { text, kid } of rows as { text: string; kid: number }[]) if (holds(text, term)) found.add(kid);
  return [...found];
}

function holds(text: string, term: Term): boolean {
  const words = foldedWords(text).map((folded) => ({ folded }));
  return words.some((_, at) => isAt(term, words.slice(at, at + term.words.length)));
}

interface Look {
  readonly pid: number | null;
  readonly limit: number;
  readonly isShown: (rid: number) => boolean;
}

function recordsOf(db: ReadDb, kids: readonly number[], look: Look): { rids: number[]; cut: boolean } {
  if (kids.length === 0) return { rids: [], cut: false };
  const { pid, limit } = look;
  const own = sql(
    db,
    `SELECT rid FROM search_token WHERE param IN (${PARAMETERS}) AND kid IN (SELECT value FROM json_each(?))
     ${pid === null ? 'AND patient <> ?' : 'AND patient = ?'} LIMIT ?`,
  )
    .pluck()
    .all(JSON.stringify(NAMING), JSON.stringify(kids), pid ?? 0, limit) as number[];
  const given = medicationsOf(db, kids, look);
  return { rids: [...own, ...given], cut: own.length === limit || given.length >= limit };
}

const PARAMETERS = 'SELECT param FROM search_parameter WHERE name IN (SELECT value FROM json_each(?))';

/** Records of a patient's medicines that only refer to what they are of. */
function medicationsOf(db: ReadDb, kids: readonly number[], { pid, limit, isShown }: Look): number[] {
  const medications = sql(
    db,
    `SELECT k.rid, t.tid FROM search_token k JOIN resource m ON m.rid = k.rid
     JOIN search_target t ON t.key = id_key('Medication/' || m.id) AND t.text = 'Medication/' || m.id
     WHERE k.param = (SELECT param FROM search_parameter WHERE name = 'Medication.code')
       AND k.kid IN (SELECT value FROM json_each(?)) LIMIT ?`,
  ).all(JSON.stringify(kids), limit) as { rid: number; tid: number }[];
  const tids = medications.filter(({ rid }) => isShown(rid)).map(({ tid }) => tid);
  if (tids.length === 0) return [];
  return sql(
    db,
    `SELECT rid FROM search_reference WHERE param IN (${PARAMETERS}) AND tid IN (SELECT value FROM json_each(?))
     ${pid === null ? 'AND patient <> ?' : 'AND patient = ?'} LIMIT ?`,
  )
    .pluck()
    .all(JSON.stringify(MEDICATIONS), JSON.stringify(tids), pid ?? 0, limit) as number[];
}

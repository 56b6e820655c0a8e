import type { Coding, SuggestKind } from '../../../preload/contract/clinical.ts';
import { queryWords, searchWords } from '../fold.ts';
import { allergyBucket, HIDDEN } from '../ingest/buckets.ts';
import { codings, field, items, text, versionIdOf } from '../json.ts';
import type { ReadDb } from '../open.ts';
import { sql } from '../statements.ts';
import { knowledgeOf, knownPatient, termOf } from './sections.ts';

/** Where codings of a kind are found in a record. */
const concepts: Readonly<Record<SuggestKind, (resource: unknown) => readonly unknown[]>> = {
  allergy: (one) => [field(one, 'code')],
  reaction: (one) => items(one, 'reaction').flatMap((reaction) => items(reaction, 'manifestation')),
  problem: (one) => [field(one, 'code')],
  medication: (one) => [field(one, 'medicationCodeableConcept')],
  vaccine: (one) => [field(one, 'vaccineCode')],
};

interface Used {
  readonly coding: Coding;
  readonly words: readonly string[];
  count: number;
}

const ITEMS_MAX = 20;
const RECORDS_MAX = 50_000;
/** What is coded meanwhile can wait; so can what a patient who leaves the panel had. */
const KEPT_MS = 60_000;
const remembered = new WeakMap<ReadDb, Map<string, { readonly at: number; readonly used: readonly Used[] }>>();

/**
 * Codings that records of the panel's patients have, by the beginnings of their words, the most used first. Of records
 * and patients without any label only, and never a text that somebody typed: a coding says nothing of whose it is.
 */
export function suggestCodings(
  db: ReadDb,
  { kind, query, types }: { kind: SuggestKind; query: string; types: readonly string[] },
  now: number,
): Coding[] {
  const asked = queryWords(query);
  if (asked.length === 0) return [];
  return usedOf(db, kind, types, now)
    .filter(({ words }) => asked.every((word) => words.some((one) => one.startsWith(word))))
    .slice(0, ITEMS_MAX)
    .map(({ coding }) => coding);
}

function usedOf(db: ReadDb, kind: SuggestKind, types: readonly string[], now: number): readonly Used[] {
  const kept = remembered.get(db) ?? new Map();
  remembered.set(db, kept);
  const key = [kind, ...types].join(' ');
  const known = kept.get(key);
  if (known && Math.abs(now - known.at) < KEPT_MS) return known.used;
  const used = count(
    types.flatMap((type) => bodiesOf(db, type)),
    concepts[kind],
  );
  kept.set(key, { at: now, used });
  return used;
}

function bodiesOf(db: ReadDb, type: string): string[] {
  return sql(
    db,
    `SELECT r.body FROM patient p JOIN entry e ON e.patient = p.pid AND e.type = ? AND e.bucket < ${HIDDEN}
     JOIN resource r ON r.rid = e.rid WHERE p.panel = 1 AND p.label = 0 AND e.label = 0 LIMIT ${RECORDS_MAX}`,
  )
    .pluck()
    .all(termOf(db, type)) as string[];
}

function count(bodies: readonly string[], conceptsOf: (resource: unknown) => readonly unknown[]): Used[] {
  const used = new Map<string, Used>();
  for (const body of bodies) {
    for (const { system, code, display } of conceptsOf(JSON.parse(body)).flatMap(codings)) {
      if (system === undefined || display === undefined || !isUsable(system, code, display)) continue;
      const key = `${system}|${code}`;
      const known = used.get(key) ?? {
        coding: { system, code, display },
        words: [...searchWords([display])],
        count: 0,
      };
      known.count += 1;
      used.set(key, known);
    }
  }
  return [...used.values()].sort((a, b) => b.count - a.count || a.coding.display.localeCompare(b.coding.display));
}

/** As the contract wants them: what a server has written otherwise isn't offered. */
function isUsable(system: string, code: string, display: string): boolean {
  const isSystem = /^(?:https?:\/\/|urn:)\S{1,490}$/.test(system);
  return isSystem && /^\S+(?:\s\S+)*$/.test(code) && code.length <= 200 && display.length <= 500;
}

/**
 * What has to be known before somebody states that there are no allergies: of all records, seen or not, as an absence is
 * acted upon. Null where the patient isn't known.
 */
export function allergyStanding(db: ReadDb, patientId: string): { active: boolean; complete: boolean } | null {
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const type = 'AllergyIntolerance';
  const row = sql(db, 'SELECT 1 FROM entry WHERE patient = ? AND type = ? AND bucket = ? LIMIT 1').get(
    ...[pid, termOf(db, type), allergyBucket.active],
  );
  return { active: row !== undefined, complete: knowledgeOf(db, pid, [type]).state === 'complete' };
}

/** A patient has one of these, or none; more than a few are an error of the server's. */
const STATEMENTS_MAX = 20;

/** What a new allergy contradicts, of all records, seen or not. */
export function absenceStatements(
  db: ReadDb,
  patientId: string,
): { id: string; versionId: string; drugsOnly: boolean }[] {
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return [];
  const { noneKnown, noDrugAllergy } = allergyBucket;
  const rows = sql(
    db,
    `SELECT r.body, e.bucket FROM entry e JOIN resource r ON r.rid = e.rid
     WHERE e.patient = ? AND e.type = ? AND e.bucket IN (${noneKnown}, ${noDrugAllergy}) LIMIT ${STATEMENTS_MAX}`,
  ).all(pid, termOf(db, 'AllergyIntolerance')) as { body: string; bucket: number }[];
  return rows.map(({ body, bucket }) => {
    const resource: unknown = JSON.parse(body);
    const id = text(resource, 'id') ?? '';
    return { id, versionId: versionIdOf(resource), drugsOnly: bucket === noDrugAllergy };
  });
}

import { FOUND_MAX, type FoundRecord, type PanelFound } from '../../../preload/contract/find.ts';
import { entryKind } from '../../../preload/contract/timeline.ts';
import type { ReadDb } from '../open.ts';
import { readRow } from '../reads/patients.ts';
import { createMemory } from '../reads/remembered.ts';
import { createLookup, leftOut } from '../reads/sections.ts';
import { teamPatients } from '../reads/standing.ts';
import { isBarred, isShown, needCurrent, type PanelSight, type RelatedSight } from '../sight.ts';
import { sql } from '../statements.ts';
import { timeless, typesOfKind } from '../views/timeline.ts';
import { labelOf } from './chart.ts';
import { type Known, matchesIn } from './matching.ts';
import { termsOf } from './terms.ts';
import { toldRecord } from './told.ts';

/** Each is looked up. Whoever finds more has to say more of what is wanted. */
const TEXTS_MAX = 4_000;

interface Asked {
  readonly sight: PanelSight;
  readonly text: string;
  readonly practitioner: string;
}

type Seen = ReadonlyMap<number, RelatedSight>;

/**
 * Records of the clinician's patients by their text and by what they name. Of each patient what may be read of her in
 * the ordinary way: what was opened of one is for her chart.
 */
export function findInPanel(db: ReadDb, { sight, text, practitioner }: Asked): PanelFound {
  needCurrent(db, sight);
  const seen = patientsOf(db, sight, practitioner);
  const terms = termsOf(text);
  const { found, more } = matchesIn(db, terms, {
    pid: null,
    bounds: null,
    limit: TEXTS_MAX,
    known: (rid) => knownOf(db, rid, seen),
    isSharedShown: (rid, type) => isShown(sight.panel.records, type, labelOf(db, rid)),
  });
  const owners = new Map<number, PanelFound['patients'][number]>();
  const items = found.slice(0, FOUND_MAX).flatMap((match): FoundRecord[] => {
    const related = seen.get(match.pid);
    const row = readRow(db, match.pid, { location: false, updated: false });
    if (!related || !row) return [];
    const { id, name, birthDate, mrn } = row;
    const told = toldRecord(db, match, terms, createLookup(db, match.pid, related.records));
    if (told) owners.set(match.pid, { id, name, birthDate, mrn });
    return told ? [{ patientId: id, ...told }] : [];
  });
  return {
    ...{ items, total: found.length, more, patients: [...owners.values()], panel: seen.size },
    ...unsearched(db, sight, practitioner, seen),
  };
}

const seenMemory = createMemory<Seen>();

/** Known patients of the panel who may be seen, and how. */
function patientsOf(db: ReadDb, sight: PanelSight, practitioner: string): Seen {
  const key = `${practitioner} ${JSON.stringify(sight)}`;
  return seenMemory(db, key, () => {
    const related = teamPatients(db, practitioner);
    const seen = new Map<number, RelatedSight>();
    const rows = sql(db, 'SELECT pid, label FROM patient WHERE panel = 1 AND known = 1').all();
    for (const { pid, label } of rows as { pid: number; label: number }[]) {
      const one = related.has(pid) ? sight.careTeam : sight.panel;
      if (one.patients.includes(label) && isShown(one.records, 'Patient', label)) seen.set(pid, one);
    }
    return seen;
  });
}

interface StoredFacts {
  readonly type: string;
  readonly bucket: number;
  readonly recency: number;
  readonly patient: number | null;
  readonly label: number;
}

function knownOf(db: ReadDb, rid: number, seen: Seen): Known | undefined {
  const row = sql(
    db,
    `SELECT t.text AS type, r.bucket, r.recency, r.patient, r.label
     FROM resource r JOIN term t ON t.tid = r.type WHERE r.rid = ?`,
  ).get(rid) as StoredFacts | undefined;
  if (!row || row.patient === null || timeless.has(row.type)) return undefined;
  const { type, bucket, recency, patient: pid, label } = row;
  const related = seen.get(pid);
  return related && isShown(related.records, type, label) ? { type, bucket, recency, pid } : undefined;
}

type Unsearched = Pick<PanelFound, 'gaps' | 'withheld' | 'incomplete'>;
const unsearchedMemory = createMemory<Unsearched>();

/** What of the panel wasn't searched. It follows from what is stored alone, and is worked out again only when that changes. */
function unsearched(db: ReadDb, sight: PanelSight, practitioner: string, seen: Seen): Unsearched {
  const key = `${practitioner} ${JSON.stringify(sight)}`;
  const out = leftOut(db);
  return unsearchedMemory(db, key, () => ({
    gaps: entryKind.options.flatMap((kind): PanelFound['gaps'] => {
      const types = kind === 'other' ? [] : typesOfKind(kind);
      const absent = types.filter((type) => out.includes(type));
      if (absent.length > 0) return [{ kind, state: absent.length === types.length ? 'not-kept' : 'partial' }];
      const refused = types.length > 0 && ways(sight).some(({ records }) => isBarred(records, types));
      return refused && isStored(db, types) ? [{ kind, state: 'not-permitted' }] : [];
    }),
    withheld: { restricted: restrictedOf(db, sight), denied: false },
    incomplete: incompleteOf(db, seen),
  }));
}

const ways = ({ careTeam, panel }: PanelSight): readonly RelatedSight[] => [careTeam, panel];

function isStored(db: ReadDb, types: readonly string[]): boolean {
  const asked = `SELECT 1 FROM section_state s JOIN term t ON t.tid = s.type
    WHERE t.text IN (SELECT value FROM json_each(?)) AND s.state <> 'not-permitted' LIMIT 1`;
  return sql(db, asked).get(JSON.stringify(types)) !== undefined;
}

/** Whether there are records in the charts of the panel that can be opened there. */
function restrictedOf(db: ReadDb, sight: PanelSight): 'purpose' | 'emergency' | null {
  const there = sql(
    db,
    `SELECT DISTINCT r.label FROM resource r JOIN patient p ON p.pid = r.patient
     WHERE r.label <> 0 AND p.panel = 1 AND p.known = 1`,
  )
    .pluck()
    .all() as number[];
  const opens = (how: 'purpose' | 'emergency') =>
    ways(sight).some(({ records: { restricted } }) => {
      const { labels, types } = restricted[how];
      return there.some((label) => labels.includes(label)) || (types.length > 0 && isStored(db, types));
    });
  return opens('purpose') ? 'purpose' : opens('emergency') ? 'emergency' : null;
}

/** Patients of whom less was fetched than of others, or not all of a kind. */
function incompleteOf(db: ReadDb, seen: Seen): number {
  const rows = sql(
    db,
    `SELECT p.pid, count(s.type) AS sections, total(s.state = 'partial') AS partial
     FROM patient p LEFT JOIN section_state s ON s.patient = p.pid WHERE p.panel = 1 AND p.known = 1 GROUP BY p.pid`,
  ).all() as { pid: number; sections: number; partial: number }[];
  const most = rows.reduce((max, { sections }) => Math.max(max, sections), 1);
  return rows.filter(({ pid, sections, partial }) => seen.has(pid) && (sections < most || partial > 0)).length;
}

import { type ChartFound, FOUND_MAX, type FoundRecord } from '../../../preload/contract/find.ts';
import type { ReadDb } from '../open.ts';
import { createLast } from '../reads/remembered.ts';
import { createLookup, knownPatient } from '../reads/sections.ts';
import { timelineKinds } from '../reads/timeline.ts';
import { allRows } from '../reads/timeline-rows.ts';
import { isShown, needCurrent, type Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { type Known, matchesIn } from './matching.ts';
import { termsOf } from './terms.ts';
import { toldRecord } from './told.ts';

/** More texts than a chart has, but for one with a word that is in every note of the panel. */
const TEXTS_MAX = 200_000;

interface Asked {
  readonly patientId: string;
  readonly sight: Sight;
  readonly text: string;
}

/** A patient's records by their text and by what they name; null where she isn't cached. */
export function findInChart(db: ReadDb, { patientId, sight, text }: Asked): ChartFound | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const { records, bounds } = chartOf(db, pid, sight);
  const terms = termsOf(text);
  const { found, more } = matchesIn(db, terms, {
    pid,
    bounds,
    limit: TEXTS_MAX,
    known: (rid) => records.get(rid),
    isSharedShown: (rid, type) => isShown(sight, type, labelOf(db, rid)),
  });
  const lookup = createLookup(db, pid, sight);
  const items = found.slice(0, FOUND_MAX).flatMap((match): FoundRecord[] => {
    const told = toldRecord(db, match, terms, lookup);
    return told ? [{ patientId, ...told }] : [];
  });
  return { items, total: found.length, more, ...unsearched(db, pid, sight) };
}

/** The number of a record's labels; of one that isn't there, one that nobody may see. */
export function labelOf(db: ReadDb, rid: number): number {
  const label = sql(db, 'SELECT label FROM resource WHERE rid = ?').pluck().get(rid);
  return typeof label === 'number' ? label : -1;
}

interface ChartRecords {
  readonly records: ReadonlyMap<number, Known>;
  readonly bounds: readonly [from: number, to: number];
}

const chartMemory = createLast<ChartRecords>();

/** All records of a chart that may be seen. */
function chartOf(db: ReadDb, pid: number, sight: Sight): ChartRecords {
  return chartMemory(db, `${pid} ${JSON.stringify(sight)}`, () => {
    const records = new Map<number, Known>();
    const bounds: [number, number] = [Number.MAX_SAFE_INTEGER, 0];
    for (const { recency, members } of allRows(db, pid, sight)) {
      for (const { rid, type, bucket } of members) {
        records.set(rid, { type, bucket, recency, pid });
        bounds[0] = Math.min(bounds[0], rid);
        bounds[1] = Math.max(bounds[1], rid);
      }
    }
    return { records, bounds };
  });
}

/** What of the chart wasn't searched: whoever finds nothing has to know. */
function unsearched(db: ReadDb, pid: number, sight: Sight): Pick<ChartFound, 'gaps' | 'withheld'> {
  const kinds = timelineKinds(db, pid, sight);
  const restricted = kinds.map(({ withheld }) => withheld.restricted);
  return {
    gaps: kinds.flatMap(({ kind, state }) => (state === 'complete' ? [] : [{ kind, state }])),
    withheld: {
      restricted: restricted.includes('purpose') ? 'purpose' : (restricted.find((one) => one !== null) ?? null),
      denied: kinds.some(({ withheld }) => withheld.denied),
    },
  };
}

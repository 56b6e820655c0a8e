import type { PastMoments } from '../../../preload/contract/timeline.ts';
import type { ReadDb } from '../open.ts';
import { needCurrent, type Sight } from '../sight.ts';
import { sql } from '../statements.ts';
import { knownPatient } from './sections.ts';

const SYNCS_MAX = 50;

/** Since when anything of a patient is known here, and when the last runs were finished; null where she isn't cached. */
export function pastMoments(db: ReadDb, patientId: string, sight: Sight): PastMoments | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const since = sql(db, 'SELECT min(since) FROM section_past WHERE patient = ?').pluck().get(pid) as number | null;
  const syncs = sql(db, `SELECT at FROM sync_past ORDER BY at DESC LIMIT ${SYNCS_MAX}`).pluck().all() as number[];
  return { since: since === null ? null : iso(since), syncs: syncs.map(iso) };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

import type { PendingChange } from '../../../preload/contract/sync.ts';
import { bound } from '../json.ts';
import { sql } from '../statements.ts';
import type { Parts } from './follow.ts';
import { allOpenRows, problemOf, type Row } from './rows.ts';

const LINES_MAX = 50;

/** Unsent changes, oldest first. */
export function listChanges(parts: Parts, { limit }: { limit: number }): { items: PendingChange[]; total: number } {
  const { total } = sql(
    parts.db,
    `SELECT count(*) AS total FROM change WHERE state NOT IN ('acknowledged', 'withdrawn')`,
  ).get() as { total: number };
  return { items: allOpenRows(parts.db, limit).map((row) => pendingChange(parts, row)), total };
}

/** An unsent change as it is told to a person. */
export function pendingChange({ cache }: Parts, row: Row): PendingChange {
  const problem = problemOf(row);
  const state = row.state === 'acknowledged' || row.state === 'withdrawn' ? 'sending' : row.state;
  return {
    id: row.id,
    patientId: row.patient,
    patient: patientNameOf(cache, row.patient),
    resourceType: row.type,
    resourceId: row.resource,
    title: bound(row.title),
    action: row.action,
    state,
    changedAt: row.changedAt,
    attempts: row.attempts,
    withheld: false,
    problem: problem && {
      code: problem.code,
      lines: problem.lines.slice(0, LINES_MAX).map((line) => bound(line)),
      issues: (problem.issues ?? []).slice(0, LINES_MAX),
    },
  };
}

/** The name as the cache has it; empty where the patient's records were purged. */
export function patientNameOf(cache: Parts['cache'], patient: string): PendingChange['patient'] {
  const row = sql(cache, 'SELECT family, given, prefix FROM patient WHERE id = ?').get(patient);
  return (row as PendingChange['patient'] | undefined) ?? { family: '', given: '', prefix: '' };
}

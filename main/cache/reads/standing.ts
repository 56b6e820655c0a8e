import { startOf } from '../dates.ts';
import { idKey } from '../id-key.ts';
import { factsOf } from '../ingest/facts.ts';
import { authorsOf, type Labels, labelsOf } from '../ingest/labels.ts';
import { codings, items } from '../json.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { Standing, Subject } from '../operations.ts';
import { newestLabel } from '../sight.ts';
import { sql } from '../statements.ts';
import { createMemory } from './remembered.ts';
import { activeRoles } from './run.ts';
import { noTies, tiesOf } from './ties.ts';

interface Asked {
  readonly patientId: string | null;
  readonly practitioner: string;
  readonly at: string;
}

/** What a decision about a patient's records is made of. */
export function standing(db: ReadDb, { patientId, practitioner, at }: Asked): Standing {
  const row = sql(db, 'SELECT pid, panel, label FROM patient WHERE id = ?').get(patientId ?? '') as
    | { pid: number; panel: number; label: number }
    | undefined;
  return {
    relation: row?.panel === 1 ? relationOf(db, practitioner, row.pid) : 'none',
    label: row?.label ?? 0,
    newest: newestLabel(db),
    roles: roleCodes(db, practitioner, at),
    ties: row ? tiesOf(db, { pid: row.pid, id: patientId ?? '' }, practitioner) : noTies,
  };
}

/** The same of some patients, by their ids. */
export function standings(
  db: ReadDb,
  patientIds: readonly string[],
  practitioner: string,
): Record<string, Pick<Standing, 'relation' | 'label'>> {
  const team = teamPatients(db, practitioner);
  const rows = sql(
    db,
    'SELECT p.id, p.pid, p.panel, p.label FROM json_each(?) wish JOIN patient p ON p.id = wish.value',
  ).all(JSON.stringify(patientIds)) as { id: string; pid: number; panel: number; label: number }[];
  return Object.fromEntries(
    rows.map(({ id, pid, panel, label }) => {
      const relation = panel === 0 ? 'none' : team.has(pid) ? 'care-team' : 'panel';
      return [id, { relation, label }];
    }),
  );
}

/** Sets of labels that records have, from the one after a number. */
export function readLabels(db: ReadDb, after: number): { number: number; type: string; labels: Labels }[] {
  const rows = sql(db, 'SELECT lid, type, labels FROM label WHERE lid > ? ORDER BY lid').all(after) as {
    lid: number;
    type: string;
    labels: string;
  }[];
  return rows.map(({ lid, type, labels }) => ({ number: lid, type, labels: labelsOf(labels) }));
}

/** What access has to know of a cached record; null where there is none. */
export function readSubject(db: ReadDb, type: string, id: string): Subject | null {
  const row = sql(
    db,
    'SELECT body FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?',
  ).get(type, idKey(id), id) as { body: string } | undefined;
  return row ? subjectOf(row.body) : null;
}

/** What access has to know of a version; null where it is no resource. */
export function subjectOf(body: string): Subject | null {
  const facts = factsOf(body);
  if (!facts) return null;
  const { type, patient, labels, resource } = facts;
  return { patientId: patient, type, labels: { ...labelsOf(labels), authors: authorsOf(resource) } };
}

/** Those who are members now: a patient whom a Group or List names stays on the panel though the clinician has left her team. */
const TEAM_MEMBERS = `
  FROM json_each(@members) wish JOIN care_team_member m ON m.member = wish.value AND m.starts <= @time AND m.ends >= @time
  JOIN resource r ON r.rid = m.rid AND r.type = (SELECT tid FROM term WHERE text = 'CareTeam')`;

function relationOf(db: ReadDb, practitioner: string, pid: number): Standing['relation'] {
  const row = sql(db, `SELECT 1 ${TEAM_MEMBERS} WHERE m.patient = @pid LIMIT 1`).get({
    ...membersNow(db, practitioner),
    pid,
  });
  return row === undefined ? 'panel' : 'care-team';
}

/** Patients on whose care teams the clinician is, by herself or by one of her roles. */
export function teamPatients(db: ReadDb, practitioner: string): ReadonlySet<number> {
  const pids = sql(db, `SELECT DISTINCT m.patient ${TEAM_MEMBERS}`).pluck().all(membersNow(db, practitioner));
  return new Set(pids as number[]);
}

function membersNow(db: ReadDb, practitioner: string): { members: string; time: number } {
  const time = serverTime(db);
  const roles = rolesNow(db, practitioner, time).map(({ id }) => `PractitionerRole/${id}`);
  return { members: JSON.stringify([practitioner, ...roles]), time };
}

/** A workstation whose clock is behind doesn't prolong a role. */
function roleCodes(db: ReadDb, practitioner: string, at: string): string[] {
  const time = Math.max(startOf(at) ?? Number.NaN, serverTime(db));
  const codes = rolesNow(db, practitioner, time).flatMap(({ role }) =>
    items(role, 'code').flatMap((concept) => codings(concept).map(({ system, code }) => `${system ?? ''}|${code}`)),
  );
  return [...new Set(codes)].sort();
}

function serverTime(db: ReadDb): number {
  return startOf(getMeta(db, runKeys.panelAsOf)) ?? 0;
}

const rolesMemory = createMemory<ReturnType<typeof activeRoles>>();
const MINUTE_MS = 60_000;

/** The clinician's roles, read anew only when something was written, or a minute later. */
function rolesNow(db: ReadDb, practitioner: string, time: number): ReturnType<typeof activeRoles> {
  const asked = `${practitioner} ${Math.floor(time / MINUTE_MS)}`;
  return rolesMemory(db, asked, () => activeRoles(db, practitioner, time));
}

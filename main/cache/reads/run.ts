import type { SyncError } from '../../../preload/contract/sync.ts';
import { interval, startOf } from '../dates.ts';
import { originalBy } from '../fields/layer.ts';
import { idKey } from '../id-key.ts';
import { field, parseReference } from '../json.ts';
import { getMeta, runKeys } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { Differences, Gaps, PhaseState, SyncRun, SyncTask, TaskFilter, Witness } from '../operations.ts';
import { sql } from '../statements.ts';
import { typesOf } from '../task-types.ts';
import { knownForms } from './forms.ts';

const TASK = 'SELECT seq, label, resource_type AS resourceType, url, patients, next, state, kind, phase FROM sync_task';

/** The sync run as it stands. */
export function readRun(db: ReadDb): SyncRun {
  return {
    startedAt: getMeta(db, runKeys.startedAt),
    phases: sql(
      db,
      `SELECT phase, count(*) AS total, count(*) FILTER (WHERE state = 'pending') AS pending FROM sync_task GROUP BY phase`,
    ).all() as PhaseState[],
    asOf: getMeta(db, runKeys.asOf),
    complete: getMeta(db, runKeys.complete) === 'true',
    planned: getMeta(db, runKeys.planned) === 'true',
    panelAt: getMeta(db, runKeys.panelAt),
    refetch: getMeta(db, runKeys.refetch) === 'true',
    moved: getMeta(db, runKeys.moved) !== null,
    deletionsKnown: !missesDeletions(db),
    whole: !missesRecords(db),
    failure: lastFailure(db),
    forms: knownForms(db),
  };
}

function lastFailure(db: ReadDb): SyncError | null {
  const row = sql(db, 'SELECT failure FROM sync_task WHERE failure IS NOT NULL ORDER BY seq DESC LIMIT 1').get();
  return (row as { failure: SyncError } | undefined)?.failure ?? null;
}

/** True where there is a section of the clinician's patients whose deletions the server doesn't tell. */
function missesDeletions(db: ReadDb): boolean {
  const row = sql(
    db,
    `SELECT 1 FROM patient p JOIN section_state s ON s.patient = p.pid
     WHERE p.panel = 1 AND s.deletions_unknown = 1 AND s.state <> 'not-permitted' LIMIT 1`,
  ).get();
  return row !== undefined;
}

/**
 * True where something that came could not be read, or a section of the clinician's patients has not all its records. A
 * server that has no roles, and histories and comparisons that it refuses, leave nothing out.
 */
function missesRecords(db: ReadDb): boolean {
  const row = sql(
    db,
    `SELECT 1 FROM sync_task WHERE state = 'incomplete'
       AND (flawed = 1 OR kind IN ('search', 'export'))
     UNION ALL
     SELECT 1 FROM patient p JOIN section_state s ON s.patient = p.pid WHERE p.panel = 1 AND s.state = 'partial' LIMIT 1`,
  ).get();
  return row !== undefined;
}

/** Tasks of the run. */
export function readTasks(
  db: ReadDb,
  { kind, phase, state, hasFailed, after = -1, limit = -1 }: TaskFilter,
): SyncTask[] {
  return sql(
    db,
    `${TASK} WHERE seq > @after AND (@kind IS NULL OR kind = @kind) AND (@phase IS NULL OR phase = @phase)
       AND (@state IS NULL OR state = @state) AND (@hasFailed = 0 OR failure IS NOT NULL) ORDER BY seq LIMIT @limit`,
  )
    .all({ kind: kind ?? null, phase: phase ?? null, state: state ?? null, hasFailed: hasFailed ? 1 : 0, after, limit })
    .map(taskOf);
}

/**
 * What the run left out for its panel: later it is fetched whole, or a section would claim to be complete. A comparison with
 * entries that can't be read has met records that are not here.
 */
export function readGaps(db: ReadDb, types: readonly string[]): Gaps {
  const of = new Map(types.map((type) => [type, { got: new Set<string>(), missed: new Set<string>() }]));
  const asked = `${TASK} WHERE kind IN ('search', 'export') OR (kind = 'sweep' AND flawed = 1)`;
  for (const row of sql(db, asked).iterate()) {
    const task = taskOf(row);
    for (const type of task.kind === 'sweep' ? [task.resourceType] : typesOf(task)) {
      const found = of.get(type)?.[task.state === 'done' ? 'got' : 'missed'];
      for (const id of task.patients ?? []) found?.add(id);
    }
  }
  const panel = readPanel(db);
  const gaps = [...of].map(
    ([type, { got, missed }]) => [type, panel.filter((id) => !got.has(id) || missed.has(id))] as const,
  );
  return Object.fromEntries(gaps.filter(([, patients]) => patients.length > 0));
}

/** One task of the run, or undefined. */
export function readTask(db: ReadDb, seq: number): SyncTask | undefined {
  const row = sql(db, `${TASK} WHERE seq = ?`).get(seq);
  return row === undefined ? undefined : taskOf(row);
}

/** Ids of the clinician's patients. */
export function readPanel(db: ReadDb): string[] {
  return idsOf(sql(db, 'SELECT id FROM patient WHERE panel = 1 ORDER BY id').all());
}

/** Patients of the members' active care teams, and of Groups and Lists among the members, at a time. */
export function panelPatients(db: ReadDb, members: readonly string[], at: string): string[] {
  const time = startOf(at);
  if (time === null) return [];
  return idsOf(
    sql(
      db,
      `SELECT DISTINCT p.id FROM json_each(@members) wish
       JOIN care_team_member m ON m.member = wish.value JOIN patient p ON p.pid = m.patient
       WHERE m.starts <= @time AND m.ends >= @time ORDER BY p.id`,
    ).all({ members: JSON.stringify(members), time }),
  );
}

/** True of a resource `r` of type `t.text` that neither a search for the panel nor a read has asked about in this run. */
const UNCONFIRMED = `
  NOT EXISTS (SELECT 1 FROM sync_task a JOIN seen s ON s.seq = a.seq
    WHERE a.kind = 'teams' AND a.resource_type = t.text AND s.id = r.id)
  AND NOT EXISTS (SELECT 1 FROM sync_task a
    WHERE a.kind = 'read' AND a.phase = 'panel' AND a.url = t.text || '/' || r.id)`;

/** Cached care teams that name a member, and of which the server was not asked in this run. */
export function unconfirmedTeams(db: ReadDb, members: readonly string[]): string[] {
  return idsOf(
    sql(
      db,
      `SELECT DISTINCT r.id FROM json_each(?) wish JOIN care_team_member m ON m.member = wish.value
       JOIN resource r ON r.rid = m.rid JOIN term t ON t.tid = r.type AND t.text = 'CareTeam'
       WHERE ${UNCONFIRMED} ORDER BY r.id`,
    ).all(JSON.stringify(members)),
  );
}

/** Those of some cached PractitionerRoles of which the server was not asked in this run. */
export function unconfirmedRoles(db: ReadDb, ids: readonly string[]): string[] {
  return idsOf(
    sql(
      db,
      `SELECT r.id FROM json_each(?) wish JOIN term t ON t.text = 'PractitionerRole'
       JOIN resource r ON r.type = t.tid AND r.key = id_key(wish.value) AND r.id = wish.value WHERE ${UNCONFIRMED} ORDER BY r.id`,
    ).all(JSON.stringify(ids)),
  );
}

/** Active PractitionerRoles of a practitioner at a time (R4 practitionerrole.html). */
export function practitionerRoles(db: ReadDb, practitioner: string, at: string): string[] {
  return activeRoles(db, practitioner, startOf(at) ?? Number.NaN).map(({ id }) => id);
}

/** The same with the resources, at a time in milliseconds. */
export function activeRoles(db: ReadDb, practitioner: string, time: number): { id: string; role: unknown }[] {
  const rows = sql(
    db,
    `SELECT id, body FROM resource WHERE type = (SELECT tid FROM term WHERE text = 'PractitionerRole') ORDER BY id`,
  ).all() as { id: string; body: string }[];
  return rows.flatMap(({ id, body }) => {
    const role: unknown = JSON.parse(body);
    const reference = parseReference(field(role, 'practitioner', 'reference'));
    const isMine = reference !== undefined && `${reference.type}/${reference.id}` === practitioner;
    return isMine && isActiveRole(role, time) ? [{ id, role }] : [];
  });
}

/** Whether a PractitionerRole holds at a time in milliseconds. */
export function isActiveRole(role: unknown, time: number): boolean {
  const [start, end] = [interval(field(role, 'period', 'start')), interval(field(role, 'period', 'end'))];
  const isNow = (start === null || start.start <= time) && (end === null || end.end >= time);
  return isNow && field(role, 'active') !== false;
}

/** Cached resources of the given types that belong to no patient. */
export function sharedResources(db: ReadDb, types: readonly string[]): { type: string; id: string }[] {
  return sql(
    db,
    `SELECT t.text AS type, r.id FROM json_each(?) wish CROSS JOIN term t ON t.text = wish.value
     CROSS JOIN search_record s ON s.type = t.tid AND s.patient = 0
     CROSS JOIN resource r ON r.rid = s.rid ORDER BY t.text, r.id`,
  ).all(JSON.stringify(types)) as { type: string; id: string }[];
}

/** Newest versions that the cache has seen, one of each patient, newest first. */
export function readWitnesses(db: ReadDb, limit: number): Witness[] {
  const rows = sql(
    db,
    `SELECT t.text AS type, w.id, w.version_id AS versionId, w.updated, p.id AS patientId FROM witness w
     JOIN term t ON t.tid = w.type LEFT JOIN patient p ON p.pid = w.patient
     ORDER BY w.updated DESC, w.patient LIMIT ?`,
  ).all(limit) as (Omit<Witness, 'lastUpdated'> & { updated: number })[];
  return rows.map(({ updated, ...rest }) => ({ ...rest, lastUpdated: new Date(updated).toISOString() }));
}

/** What the comparisons of this run have found. */
export function readDifferences(db: ReadDb): Differences {
  const { compared } = sql(db, 'SELECT coalesce(sum(compared), 0) AS compared FROM sync_task').get() as {
    compared: number;
  };
  const items = sql(
    db,
    `SELECT t.text AS type, d.id, d.why, r.version_id AS versionId, r.last_updated AS lastUpdated FROM difference d
     JOIN term t ON t.tid = d.type LEFT JOIN resource r
       ON r.type = d.type AND r.key = id_key(d.id) AND r.id = d.id ORDER BY t.text, d.id`,
  ).all() as Differences['items'];
  return { compared, items };
}

/**
 * Records of the panel that are here in an older version than a history of the run has told of, and whose they are. Of those
 * that a clinician has changed, what the server has is in doubt likewise. `ofType`: null for all types.
 */
export function outdated(db: ReadDb, ofType: string | null): { type: string; id: string; patient: string | null }[] {
  const rows = sql(
    db,
    // In this order, also while the database has no statistics: else all of its resources are looked through.
    `SELECT t.text AS type, h.id, h.updated, r.last_updated AS lastUpdated, p.id AS patient FROM told h
     CROSS JOIN term t ON t.tid = h.type
     CROSS JOIN resource r ON r.type = h.type AND r.key = id_key(h.id) AND r.id = h.id
     LEFT JOIN patient p ON p.pid = r.patient
     WHERE (@ofType IS NULL OR t.text = @ofType) AND (r.patient IS NULL OR p.panel = 1) ORDER BY t.text, h.id`,
  ).all({ ofType }) as {
    type: string;
    id: string;
    updated: number;
    lastUpdated: string | null;
    patient: string | null;
  }[];
  return rows.filter(({ updated, lastUpdated }) => (startOf(lastUpdated) ?? Number.NEGATIVE_INFINITY) < updated);
}

/** Patients who have left the panel, and of whom there still may be records. */
export function readLeavers(db: ReadDb): { id: string; leftAt: string }[] {
  const rows = sql(
    db,
    'SELECT id, left_at AS leftAt FROM patient WHERE panel = 0 AND left_at IS NOT NULL ORDER BY id',
  ).all() as { id: string; leftAt: number }[];
  return rows.map(({ id, leftAt }) => ({ id, leftAt: new Date(leftAt).toISOString() }));
}

/** Resource types of which the cache holds any. */
export function readTypes(db: ReadDb): string[] {
  const rows = sql(
    db,
    'SELECT text AS id FROM term t WHERE EXISTS (SELECT 1 FROM resource r WHERE r.type = t.tid) ORDER BY text',
  ).all();
  return idsOf(rows);
}

/** Version of a cached resource, or null. */
export function readVersion(db: ReadDb, type: string, id: string): string | null {
  const row = sql(
    db,
    `SELECT version_id AS versionId FROM resource
     WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?`,
  ).get(type, idKey(id), id) as { versionId: string } | undefined;
  return row?.versionId ?? null;
}

/** Shared resources of the given types that cached ones refer to, and that aren't here. */
export function missingReferences(db: ReadDb, types: readonly string[]): { type: string; id: string }[] {
  return sql(
    db,
    `SELECT t.text AS type, w.id FROM json_each(?) wish JOIN term t ON t.text = wish.value
     JOIN wanted w ON w.type = t.tid
     WHERE NOT EXISTS (SELECT 1 FROM resource r WHERE r.type = w.type AND r.key = id_key(w.id) AND r.id = w.id) ORDER BY t.text, w.id`,
  ).all(JSON.stringify(types)) as { type: string; id: string }[];
}

/** Type, id and version of everything, to compare with the server. */
export function readVersions(db: ReadDb): { type: string; id: string; versionId: string }[] {
  return sql(
    db,
    `SELECT t.text AS type, r.id, r.version_id AS versionId FROM resource r JOIN term t ON t.tid = r.type
     ORDER BY t.text, r.id`,
  ).all() as { type: string; id: string; versionId: string }[];
}

/** A resource as the server wrote it, or null; marked fields are masked without what opens them. */
export function readResource(db: ReadDb, type: string, id: string, wrapping?: Uint8Array): string | null {
  const row = sql(
    db,
    'SELECT body FROM resource WHERE type = (SELECT tid FROM term WHERE text = ?) AND key = ? AND id = ?',
  ).get(type, idKey(id), id) as { body: string } | undefined;
  return row ? (wrapping ? originalBy(db, row.body, wrapping) : row.body) : null;
}

function taskOf(row: unknown): SyncTask {
  const task = row as Omit<SyncTask, 'patients'> & { patients: string | null };
  return { ...task, patients: task.patients === null ? null : (JSON.parse(task.patients) as string[]) };
}

function idsOf(rows: unknown[]): string[] {
  return (rows as { id: string }[]).map(({ id }) => id);
}

import { fieldLayer } from '../fields/layer.ts';
import type { ReadDb, WriteDb } from '../open.ts';
import type { NewChange, Problem, ServerText } from '../operations.ts';
import { sql } from '../statements.ts';

export type RowState = 'waiting' | 'sending' | 'conflict' | 'parked' | 'acknowledged' | 'withdrawn';

/** A row of the outbox (schema/0001-changes.ts). */
export interface Row {
  readonly sequence: number;
  readonly id: string;
  readonly patient: string;
  readonly type: string;
  readonly resource: string;
  readonly action: NewChange['action'];
  readonly state: RowState;
  readonly title: string;
  readonly author: string;
  readonly changedAt: string;
  readonly baseVersion: string | null;
  readonly baseBody: string | null;
  readonly mine: string | null;
  readonly provenance: string | null;
  readonly theirsVersion: string | null;
  readonly theirsBody: string | null;
  readonly attempts: number;
  readonly sentAfter: string | null;
  readonly doubted: number;
  readonly problem: string | null;
  readonly finalResource: string | null;
  readonly finalVersion: string | null;
  readonly finalBody: string | null;
  readonly finalAt: string | null;
}

const columns = {
  id: 'id',
  patient: 'patient',
  type: 'type',
  resource: 'resource',
  action: 'action',
  state: 'state',
  title: 'title',
  author: 'author',
  changedAt: 'changed_at',
  baseVersion: 'base_version',
  baseBody: 'base_body',
  mine: 'mine',
  provenance: 'provenance',
  theirsVersion: 'theirs_version',
  theirsBody: 'theirs_body',
  attempts: 'attempts',
  sentAfter: 'sent_after',
  doubted: 'doubted',
  problem: 'problem',
  finalResource: 'final_resource',
  finalVersion: 'final_version',
  finalBody: 'final_body',
  finalAt: 'final_at',
} as const satisfies Record<Exclude<keyof Row, 'sequence'>, string>;

const SELECT = `SELECT sequence, ${Object.entries(columns)
  .map(([name, column]) => `${column} AS ${name}`)
  .join(', ')} FROM change`;

/** Texts of resources: what is marked in them is masked in the database, and nowhere else. */
const bodies = ['baseBody', 'mine', 'theirsBody', 'finalBody'] as const;

function changed<One extends Partial<Row>>(row: One, change: (text: string) => string): One {
  const texts = bodies.flatMap((name) => (typeof row[name] === 'string' ? [[name, change(row[name])]] : []));
  return texts.length === 0 ? row : { ...row, ...Object.fromEntries(texts) };
}

const masked = <One extends Partial<Row>>(db: WriteDb, row: One) => changed(row, fieldLayer(db).masked);

function opened(db: ReadDb, row: unknown): Row {
  return changed(row as Row, fieldLayer(db).original);
}

/** What a new row is made of; the rest has its default. */
export type NewRow = Pick<
  Row,
  | 'id'
  | 'patient'
  | 'type'
  | 'resource'
  | 'action'
  | 'title'
  | 'author'
  | 'changedAt'
  | 'baseVersion'
  | 'baseBody'
  | 'mine'
  | 'provenance'
>;

export function insertRow(db: WriteDb, row: NewRow): void {
  const names = Object.keys(row) as (keyof NewRow)[];
  sql(
    db,
    `INSERT INTO change (state, ${names.map((name) => columns[name]).join(', ')})
     VALUES ('waiting', ${names.map((name) => `@${name}`).join(', ')})`,
  ).run(masked(db, row));
}

export function updateRow(db: WriteDb, id: string, change: Partial<Omit<Row, 'sequence' | 'id'>>): void {
  const names = Object.keys(change) as (keyof typeof change)[];
  const assignments = names.map((name) => `${columns[name]} = @${name}`);
  sql(db, `UPDATE change SET ${assignments.join(', ')} WHERE id = @id`).run({ ...masked(db, change), id });
}

export function deleteRow(db: WriteDb, id: string): void {
  sql(db, 'DELETE FROM change WHERE id = ?').run(id);
}

export function rowById(db: ReadDb, id: string): Row | undefined {
  const row = sql(db, `${SELECT} WHERE id = ?`).get(id);
  return row === undefined ? undefined : opened(db, row);
}

const OPEN = `state NOT IN ('acknowledged', 'withdrawn')`;

/** Unsettled changes of one resource: one, or one that is being sent and the edit that follows it. */
export function openRows(db: ReadDb, type: string, resource: string): Row[] {
  const rows = sql(db, `${SELECT} WHERE type = ? AND resource = ? AND ${OPEN} ORDER BY sequence`).all(type, resource);
  return rows.map((row) => opened(db, row));
}

/** Every unsettled change, oldest first. */
export function allOpenRows(db: ReadDb, limit = -1): Row[] {
  return sql(db, `${SELECT} WHERE ${OPEN} ORDER BY sequence LIMIT ?`)
    .all(limit)
    .map((row) => opened(db, row));
}

/** Unsettled changes whose texts hold an id somewhere, or that are of that patient. */
export function rowsMentioning(db: ReadDb, id: string): Row[] {
  return sql(
    db,
    `${SELECT} WHERE ${OPEN} AND (patient = @id OR instr(mine, @id) > 0 OR instr(base_body, @id) > 0) ORDER BY sequence`,
  )
    .all({ id })
    .map((row) => opened(db, row));
}

/** Changes that are settled, and that the cache may not have followed yet. */
export function settledRows(db: ReadDb): Row[] {
  return sql(db, `${SELECT} WHERE NOT ${OPEN} ORDER BY sequence`)
    .all()
    .map((row) => opened(db, row));
}

/** True where there is no change at all. */
export function isEmpty(db: ReadDb): boolean {
  return sql(db, 'SELECT 1 FROM change LIMIT 1').get() === undefined;
}

/** Patients of whom there is a draft, or a change that isn't settled. */
export function unfinishedPatients(db: ReadDb): string[] {
  return sql(
    db,
    `SELECT patient FROM draft
     UNION SELECT patient FROM change WHERE state IN ('waiting', 'sending', 'conflict', 'parked')`,
  )
    .pluck()
    .all() as string[];
}

/** True where a change of the patient's is unsent, or settled and not followed by the cache yet. */
export function hasRows(db: ReadDb, patient: string): boolean {
  return sql(db, 'SELECT 1 FROM change WHERE patient = ? LIMIT 1').get(patient) !== undefined;
}

export function countRows(db: ReadDb): Record<'waiting' | 'conflicts' | 'parked', number> {
  const rows = sql(db, 'SELECT state, count(*) AS n FROM change GROUP BY state').all() as {
    state: RowState;
    n: number;
  }[];
  const of = (...states: RowState[]) =>
    rows.filter(({ state }) => states.includes(state)).reduce((sum, { n }) => sum + n, 0);
  return { waiting: of('waiting', 'sending'), conflicts: of('conflict'), parked: of('parked') };
}

/** Their version, where one is kept. */
export function theirsOf({ theirsVersion, theirsBody }: Row): ServerText | null {
  return theirsVersion === null ? null : { versionId: theirsVersion, body: theirsBody };
}

export function problemOf({ problem }: Row): Problem | null {
  return problem === null ? null : (JSON.parse(problem) as Problem);
}

/** Parked while the server may have taken it: it must not be sent again before that is found out. */
export function isUncertain(row: Row): boolean {
  return row.state === 'parked' && problemOf(row)?.code === UNCERTAIN;
}

/** Code of the problem of a change of which the server doesn't let be asked whether it was taken. */
export const UNCERTAIN = 'uncertain';

/** The server's id of a resource, where it was created here and has one. */
export function serverIdOf(db: ReadDb, type: string, id: string): string {
  const row = sql(db, 'SELECT server FROM alias WHERE type = ? AND local = ?').get(type, id) as
    | { server: string }
    | undefined;
  return row?.server ?? id;
}

export function keepAlias(db: WriteDb, type: string, local: string, server: string): void {
  sql(db, 'INSERT OR REPLACE INTO alias (type, local, server) VALUES (?, ?, ?)').run(type, local, server);
}

export function keepDropped(db: WriteDb, type: string, resource: string): void {
  sql(db, 'INSERT OR REPLACE INTO dropped (type, resource) VALUES (?, ?)').run(type, resource);
}

/** Types of the creates with a local id that were withdrawn. */
export function droppedTypes(db: ReadDb, resource: string): string[] {
  return sql(db, 'SELECT type FROM dropped WHERE resource = ?').pluck().all(resource) as string[];
}

export function keepOwnVersion(db: WriteDb, type: string, resource: string, base: string, version: string): void {
  sql(db, 'INSERT OR REPLACE INTO own_version (type, resource, base, version) VALUES (?, ?, ?, ?)').run(
    type,
    resource,
    base,
    version,
  );
}

/** True where a version is what was seen, or what our own changes made of it. */
export function isOwnSuccessor(db: ReadDb, type: string, resource: string, seen: string, version: string): boolean {
  const visited = new Set<string>();
  for (let at: string | undefined = seen; at !== undefined && !visited.has(at); at = next(at)) {
    if (at === version) return true;
    visited.add(at);
  }
  return false;

  function next(base: string): string | undefined {
    const row = sql(db, 'SELECT version FROM own_version WHERE type = ? AND resource = ? AND base = ?').get(
      type,
      resource,
      base,
    ) as { version: string } | undefined;
    return row?.version;
  }
}

import { type Context, everyRecord, type Filter } from './filter.ts';
import { all, and, one, piece, type Sql } from './sql.ts';

/** All records of a type that pass the filters. */
export function matching(context: Context, filters: readonly Filter[]): number[] {
  const query = recordsOf(context, filters);
  return all<{ rid: number; body?: string }>(context.db, query)
    .filter(({ rid }) => verified(context, filters, rid))
    .map(({ rid }) => rid);
}

function verified({ db }: Context, filters: readonly Filter[], rid: number): boolean {
  const checks = filters.flatMap(({ verify }) => verify ?? []);
  if (checks.length === 0) return true;
  const row = one<{ body: string }>(db, piece('SELECT body FROM resource WHERE rid = ?', rid));
  const resource: unknown = row && JSON.parse(row.body);
  return checks.every((check) => check(resource));
}

/** A query of the numbers of all records that pass, along the first filter that has walks. */
export function recordsOf(context: Context, filters: readonly Filter[], limit?: number): Sql {
  const driver = filters.find(({ alternatives }) => alternatives !== null);
  const walks = driver?.alternatives ?? [everyRecord(context)];
  const rest = filters.filter((filter) => filter !== driver);
  if (walks.length === 0) return piece('SELECT 0 AS rid, 0 AS patient WHERE 0');
  const parts = walks.map((walk) => {
    const where = and([
      walk.where,
      ...rest.map((filter) => filter.probe(walk.patient, walk.rid)),
      context.scope(context.type, walk.patient, walk.rid),
    ]);
    return piece(
      `SELECT ${walk.rid} AS rid, ${walk.patient} AS patient FROM ${walk.from.text} WHERE ${where.text}`,
      ...walk.from.args,
      ...where.args,
    );
  });
  const union = parts.map(({ text }) => text).join(' UNION ');
  return piece(
    limit === undefined ? union : `SELECT * FROM (${union}) LIMIT ${limit}`,
    ...parts.flatMap(({ args }) => args),
  );
}

import { type Context, everyRecord, type Filter } from './filter.ts';
import { piece } from './sql.ts';

/** Records that are known by number. */
export function recordsFilter({ db, type }: Context, rids: readonly number[]): Filter {
  const list = JSON.stringify(rids);
  return {
    alternatives: [
      {
        ...everyRecord({ db, type }),
        id: 'records',
        from: piece(
          '(SELECT r.rid, ifnull(r.patient, 0) AS patient FROM json_each(?) j JOIN resource r ON r.rid = j.value) d',
          list,
        ),
        where: piece('1'),
      },
    ],
    probe: (_patient, rid) => piece(`${rid} IN (SELECT value FROM json_each(?))`, list),
  };
}

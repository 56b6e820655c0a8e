import { type Context, everyRecord, type Filter } from './filter.ts';
import { among, and, piece } from './sql.ts';

/** All records of known patients. */
export function patientsFilter(context: Context, patients: readonly number[]): Filter {
  const every = everyRecord(context);
  return {
    alternatives: [{ ...every, id: 'patients', where: and([every.where, among('d.patient', patients)]) }],
    probe: (patient) => among(patient, patients),
  };
}

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

import { idKey } from '../../id-key.ts';
import type { Context, Filter } from './filter.ts';
import { SearchError, splitEscaped, unescaped } from './request.ts';
import { among, piece } from './sql.ts';

/** `_id`, for which no table is needed. */
export function idFilter({ type }: Context, modifier: string, value: string): Filter {
  if (modifier !== '') throw new SearchError('unsupported-modifier', '_id');
  const ids = splitEscaped(value, ',').map(unescaped);
  const [keys, texts] = [among('r.key', ids.map(idKey)), among('r.id', ids)];
  const where = piece(
    `r.type = (SELECT tid FROM term WHERE text = ?) AND ${keys.text} AND ${texts.text}`,
    type,
    ...keys.args,
    ...texts.args,
  );
  return {
    alternatives: [
      {
        id: 'ids',
        from: piece(
          `(SELECT r.rid, ifnull(r.patient, 0) AS patient FROM resource r WHERE ${where.text}) d`,
          ...where.args,
        ),
        where: piece('1'),
        order: ['d.patient', 'd.rid'],
        patient: 'd.patient',
        rid: 'd.rid',
        duplicate: piece('0'),
      },
    ],
    probe: (_patient, rid) => piece(`${rid} IN (SELECT r.rid FROM resource r WHERE ${where.text})`, ...where.args),
  };
}

import { holdsIdentifiers, type Parameter, rowsOf } from '../table.ts';
import { type Context, type Filter, nameOf, parameterNumber } from './filter.ts';
import { SearchError } from './request.ts';
import { not, or, piece, type Sql } from './sql.ts';

/** `:missing` (R4 search.html#modifiers): whether there is any value, even one that can't be compared. */
export function missingFilter({ db, type }: Context, parameter: Parameter, value: string): Filter {
  if (value !== 'true' && value !== 'false') throw new SearchError('bad-value', parameter.code);
  if (parameter.kind === 'composite') throw new SearchError('unsupported-modifier', parameter.code);
  const present = (patient: string, rid: string) =>
    or(rowsOf(parameter).map((row) => presence(db, type, row, parameter, patient, rid)));
  return {
    alternatives: null,
    probe: (patient, rid) => (value === 'true' ? not(present(patient, rid)) : present(patient, rid)),
  };
}

function presence(
  db: Context['db'],
  type: string,
  row: Parameter,
  asked: Parameter,
  patient: string,
  rid: string,
): Sql {
  const param = parameterNumber(db, nameOf(row));
  if (row.code === '_lastUpdated') {
    return piece(
      `EXISTS (SELECT 1 FROM search_record t WHERE t.type = (SELECT tid FROM term WHERE text = ?)
         AND t.patient = ${patient} AND t.rid = ${rid} AND t.updated <> 0)`,
      type,
    );
  }
  const uncompared = piece(
    `EXISTS (SELECT 1 FROM search_token t WHERE t.param = ? AND t.kid = 0 AND t.patient = ${patient} AND t.rid = ${rid})`,
    param,
  );
  if (row.kind === 'date' || row.kind === 'string') {
    const table = row.kind === 'date' ? 'search_date_of' : 'search_string_of';
    return or([piece(`EXISTS (SELECT 1 FROM ${table} t WHERE t.rid = ${rid} AND t.param = ?)`, param), uncompared]);
  }
  const table = tableOf(row);
  const kinds = narrowedRows(row, asked);
  const listed = piece(`${rid} IN (SELECT t.rid FROM ${table} t ${kinds.text} AND t.param = ?)`, ...kinds.args, param);
  return or([...(row.compartment ? [piece(`${patient} <> 0`)] : []), listed, ...(asked === row ? [uncompared] : [])]);
}

/** Rows of `subject` that are also `patient`: by the type that they point to. */
function narrowedRows(row: Parameter, asked: Parameter): Sql {
  if (row === asked || row.kind !== 'reference' || asked.targets.length === 0) return piece('WHERE 1');
  const types = asked.targets.map(() => `g.text GLOB ? || '/*'`).join(' OR ');
  return piece(`JOIN search_target g ON g.tid = t.tid WHERE (${types})`, ...asked.targets);
}

function tableOf(row: Parameter): string {
  if (row.kind === 'reference' || row.kind === 'uri') return 'search_reference';
  if (row.kind === 'quantity' || row.kind === 'number') return 'search_quantity';
  return holdsIdentifiers(row) ? 'search_identifier' : 'search_token';
}

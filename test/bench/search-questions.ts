import type { Values } from './search-values.ts';

/** A page, small enough that both sizes fill it: what grows is then the search, not the answer. */
export const COUNT = 20;

/** One search, as each store is asked for it. */
export interface Question {
  readonly type: string;
  readonly query: string;
  /** In the SQL that the Android FHIR SDK makes of it; null for what it doesn't have. */
  readonly peer: { readonly sql: string; readonly args: readonly (string | number)[] } | null;
}

const SELECT = 'SELECT a.serializedResource FROM ResourceEntity a';
const LIMIT = `LIMIT ${COUNT}`;

function token(type: string, name: string, code: string): { sql: string; args: string[] } {
  return {
    sql: `SELECT resourceUuid FROM TokenIndexEntity WHERE index_value = ? AND resourceType = ? AND index_name = ?`,
    args: [code, type, name],
  };
}

type Maker = (values: Values, at: number) => Question;

function pick(list: readonly string[], at: number): string {
  return list[(at * 7919) % list.length] ?? '';
}

/** The kinds of searches, each with other values every time. */
export const kinds: Readonly<Record<string, Maker>> = {
  name: ({ names }, at) => {
    const name = pick(names, at).slice(0, 1 + (at % 3));
    return {
      type: 'Patient',
      query: `name=${encodeURIComponent(name)}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Patient' AND a.resourceUuid IN (
          SELECT resourceUuid FROM StringIndexEntity WHERE resourceType = 'Patient' AND index_name = 'name'
            AND index_value LIKE ? || '%' COLLATE NOCASE) ${LIMIT}`,
        args: [name],
      },
    };
  },
  identifier: ({ identifiers }, at) => {
    const [system = '', value = ''] = pick(identifiers, at).split('|');
    return {
      type: 'Patient',
      query: `identifier=${encodeURIComponent(`${system}|${value}`)}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Patient' AND a.resourceUuid IN (
          SELECT resourceUuid FROM TokenIndexEntity WHERE index_value = ? AND resourceType = 'Patient'
            AND index_name = 'identifier' AND IFNULL(index_system, '') = ?) ${LIMIT}`,
        args: [value.toLowerCase(), system],
      },
    };
  },
  code_and_date: ({ codes, months }, at) => {
    const [code, month] = [pick(codes, at), pick(months, at)];
    const from = Date.parse(`${month}-01T00:00:00Z`);
    const inner = token('Observation', 'code', code);
    return {
      type: 'Observation',
      query: `code=http://loinc.org|${code}&date=ge${month}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Observation' AND a.resourceUuid IN (
          SELECT resourceUuid FROM DateTimeIndexEntity WHERE resourceType = 'Observation' AND index_name = 'date'
            AND index_to >= ?) AND a.resourceUuid IN (${inner.sql}) ${LIMIT}`,
        args: [from, ...inner.args],
      },
    };
  },
  last_updated: ({ updates }, at) => {
    const time = pick(updates, at);
    return {
      type: 'Observation',
      query: `_lastUpdated=ge${encodeURIComponent(time)}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Observation' AND a.resourceUuid IN (
          SELECT resourceUuid FROM DateTimeIndexEntity WHERE resourceType = 'Observation' AND index_name = '_lastUpdated'
            AND index_to >= ?) ${LIMIT}`,
        args: [Date.parse(time)],
      },
    };
  },
  has: ({ conditions }, at) => {
    const code = pick(conditions, at);
    const inner = token('Condition', 'code', code);
    return {
      type: 'Patient',
      query: `_has:Condition:patient:code=${code}`,
      peer: {
        sql: `${SELECT} WHERE a.resourceType = 'Patient' AND a.resourceUuid IN (
          SELECT resourceUuid FROM ResourceEntity a WHERE a.resourceId IN (
            SELECT substr(a.index_value, 9) FROM ReferenceIndexEntity a
            WHERE a.resourceType = 'Condition' AND a.index_name = 'patient' AND a.resourceUuid IN (${inner.sql})))
          ${LIMIT}`,
        args: inner.args,
      },
    };
  },
  sort: (_values, at) => {
    const descending = at % 2 === 1;
    return {
      type: 'Patient',
      query: `_sort=${descending ? '-' : ''}birthdate,family`,
      peer: {
        sql: `${SELECT} LEFT JOIN DateIndexEntity b ON a.resourceType = b.resourceType AND a.resourceUuid = b.resourceUuid
            AND b.index_name = 'birthdate' WHERE a.resourceType = 'Patient'
          ORDER BY b.index_from ${descending ? 'DESC' : 'ASC'} ${LIMIT}`,
        args: [],
      },
    };
  },
  sorted_results: ({ codes }, at) => {
    const code = pick(codes, at);
    const inner = token('Observation', 'code', code);
    return {
      type: 'Observation',
      query: `code=http://loinc.org|${code}&_sort=-date`,
      peer: {
        sql: `${SELECT} LEFT JOIN DateTimeIndexEntity b ON a.resourceType = b.resourceType
            AND a.resourceUuid = b.resourceUuid AND b.index_name = 'date'
          WHERE a.resourceType = 'Observation' AND a.resourceUuid IN (${inner.sql})
          ORDER BY b.index_from DESC ${LIMIT}`,
        args: inner.args,
      },
    };
  },
  text: ({ words }, at) => ({ type: 'DocumentReference', query: `_content=${pick(words, at)}`, peer: null }),
};

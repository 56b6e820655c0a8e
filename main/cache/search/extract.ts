import { field, parseReference } from '../json.ts';
import type { Dictionary } from './dictionary.ts';
import { compilePath, type Walk } from './path.ts';
import type { Rows } from './rows.ts';
import { holdsIdentifiers, type Leaf, type Parameter, parametersOf } from './table.ts';
import {
  BEGINNING,
  conceptKey,
  END,
  identifiedOf,
  intervalOf,
  measuredOf,
  sortText,
  targetOf,
  textKey,
  textsOf,
} from './values.ts';

/** Longest interval that the main table of dates tells of by its beginning: R4's plain dates are days, months, years. */
export const LONG_MS = 40 * 86_400_000;

/** What is known while one resource is read. */
export interface Record {
  readonly rid: number;
  /** Integer of its patient, or 0. */
  readonly patient: number;
  /** `Patient/<id>` of its patient, whose reference needs no row. */
  readonly owner: string;
}

export interface Target {
  readonly rows: Rows;
  readonly dictionary: Dictionary;
}

/** Adds the index rows of a resource, as they are put and as they are taken out again. */
export type Extract = (resource: unknown, record: Record) => void;

/** The extraction of each type, compiled when a resource of the type first comes. */
export function createExtract(target: Target): (type: string) => Extract {
  const compiled = new Map<string, Extract>();
  return (type) => {
    let extract = compiled.get(type);
    if (!extract) {
      extract = compileType(type, target);
      compiled.set(type, extract);
    }
    return extract;
  };
}

function compileType(type: string, target: Target): Extract {
  const walks = [...parametersOf(type).values()].flatMap((parameter) =>
    parameter.of.length > 0 || parameter.code === '_lastUpdated'
      ? []
      : parameter.leaves.map((leaf) => compileLeaf(parameter, leaf, target)),
  );
  const attached = attachments[type];
  if (attached) walks.push(compilePath(attached, attachmentWalk(type, target)));
  return (resource, record) => {
    for (const walk of walks) walk(resource, record);
  };
}

/** Where a Binary may hold what a resource says: its words lead to the resource too (query/text.ts). */
const attachments: Readonly<{ [type: string]: string }> = {
  DocumentReference: 'content.attachment.url',
  DiagnosticReport: 'presentedForm.url',
};

/** Name of the rows that lead from a Binary to the resources that it is attached to. */
export const attachmentParameter = (type: string) => `${type}:attachment`;

function attachmentWalk(type: string, { rows, dictionary }: Target): Walk<Record> {
  return (url, { patient, rid }) => {
    const found = parseReference(url);
    if (found?.type !== 'Binary') return;
    const [param, tid] = [dictionary.parameter(attachmentParameter(type)), dictionary.target(`Binary/${found.id}`)];
    rows.add('search_reference', [param, tid, patient, rid]);
  };
}

function compileLeaf(parameter: Parameter, leaf: Leaf, target: Target): Walk<Record> {
  const name = `${parameter.type}.${parameter.code}`;
  const { rows, dictionary } = target;
  const beside = parameter.beside;
  /** The parameter has a value, whatever it is: `:missing` asks for it. */
  const present = ({ patient, rid }: Record) => rows.add('search_token', [dictionary.parameter(name), 0, patient, rid]);
  if (leaf.element === 'other') return compilePath(leaf.path, (_value, record) => present(record));
  if (beside !== null) return besideWalk(leaf, beside, name, target, present);
  const write = writers(parameter, leaf.element, name, target);
  return compilePath<Record>(leaf.path, (value, record) => {
    if (!write(value, record)) present(record);
  });
}

type Write = (value: unknown, record: Record) => boolean;

function writers(parameter: Parameter, element: string, name: string, target: Target): Write {
  if (holdsIdentifiers(parameter)) return identifierWrite(name, target);
  switch (parameter.kind) {
    case 'token':
      return tokenWrite(element, name, target);
    case 'string':
      return stringWrite(element, name, target);
    case 'date':
      return dateWrite(name, target);
    case 'reference':
    case 'uri':
      return referenceWrite(parameter, name, target);
    default:
      return (value, record) => writeQuantity(value, 0, record, name, target);
  }
}

function tokenWrite(element: string, name: string, { rows, dictionary }: Target): Write {
  return (value, { patient, rid }) => {
    const key = conceptKey(element, value);
    if (key === null) return false;
    rows.add('search_token', [dictionary.parameter(name), dictionary.concept(key), patient, rid]);
    return true;
  };
}

function identifierWrite(name: string, { rows, dictionary }: Target): Write {
  return (value, { patient, rid }) => {
    const found = identifiedOf(value);
    if (!found) return false;
    const system = found.system === '' ? 0 : dictionary.target(found.system);
    rows.add('search_identifier', [dictionary.parameter(name), found.value, system, patient, rid]);
    return true;
  };
}

function stringWrite(element: string, name: string, { rows, dictionary }: Target): Write {
  return (value, { patient, rid }) => {
    const param = dictionary.parameter(name);
    const texts = textsOf(value);
    for (const text of texts) {
      const key = textKey(text);
      rows.add('search_string', [param, key, patient, rid]);
      rows.add('search_string_of', [rid, param, key]);
    }
    const order = element === 'HumanName' ? sortText(element, value) : null;
    if (order !== null) {
      const sorting = dictionary.parameter(`${name}:sort`);
      rows.add('search_string', [sorting, order, patient, rid]);
      rows.add('search_string_of', [rid, sorting, order]);
    }
    return texts.length > 0;
  };
}

function dateWrite(name: string, { rows, dictionary }: Target): Write {
  return (value, { patient, rid }) => {
    const found = intervalOf(value);
    if (!found || found.start > found.end || found.start < BEGINNING || found.end > END) return false;
    const param = dictionary.parameter(name);
    rows.add('search_date', [param, found.start, found.end, patient, rid]);
    rows.add('search_date_of', [rid, param, found.start, found.end]);
    if (found.end - found.start > LONG_MS) rows.add('search_date_long', [param, found.start, found.end, patient, rid]);
    return true;
  };
}

function referenceWrite({ compartment, kind }: Parameter, name: string, { rows, dictionary }: Target): Write {
  return (value, { patient, rid, owner }) => {
    const logical = kind === 'reference' ? identifiedOf(field(value, 'identifier')) : null;
    if (logical) {
      const system = logical.system === '' ? 0 : dictionary.target(logical.system);
      rows.add('search_identifier', [dictionary.parameter(`${name}:identifier`), logical.value, system, patient, rid]);
    }
    // Most references are to the record's own patient, written just so.
    if (compartment && field(value, 'reference') === owner) return true;
    // A uri is compared as it stands, and never taken for a reference.
    const target = kind === 'uri' ? (typeof value === 'string' ? value : null) : targetOf(value);
    if (target === null) return false;
    if (compartment && target === owner) return true;
    rows.add('search_reference', [dictionary.parameter(name), dictionary.target(target), patient, rid]);
    return true;
  };
}

function writeQuantity(value: unknown, kid: number, record: Record, name: string, target: Target): boolean {
  const found = measuredOf(value);
  if (!found) return false;
  const { rows, dictionary } = target;
  const [param, uid] = [dictionary.parameter(name), dictionary.unit(found)];
  dictionary.quantityKind(param, kid, uid);
  rows.add('search_quantity', [param, kid, uid, found.value, record.patient, record.rid]);
  return true;
}

/** A quantity with the concept that is its sibling: the path ends one step earlier. */
function besideWalk(
  leaf: Leaf,
  beside: string,
  name: string,
  target: Target,
  present: (record: Record) => void,
): Walk<Record> {
  const steps = leaf.path.split('.');
  const member = steps.pop() ?? '';
  return compilePath<Record>(steps.join('.'), (holder, record) => {
    const value = field(holder, member);
    if (value === undefined || value === null) return;
    const key = conceptKey('CodeableConcept', field(holder, beside));
    const kid = key === null ? 0 : target.dictionary.concept(key);
    if (!writeQuantity(value, kid, record, name, target)) present(record);
  });
}

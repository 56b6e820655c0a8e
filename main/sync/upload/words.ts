import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4';
import type { Problem } from '../../cache/operations.ts';
import type { FhirError } from '../../fhir/client.ts';

const LINES_MAX = 50;
const LINE_MAX = 1_000;

/** What the types of issue mean to a person (R4 valueset-issue-type.html). */
const meanings: Readonly<Record<string, string>> = {
  'business-rule': 'It breaks a rule of the server.',
  'code-invalid': 'A code is not one that the server knows.',
  conflict: 'It is in conflict with another record.',
  duplicate: 'The server has such a record already.',
  forbidden: 'You are not permitted to do this.',
  incomplete: 'Something is missing.',
  invalid: 'Something in it is not valid.',
  invariant: 'It breaks a rule for records of this kind.',
  'not-supported': 'The server can’t do this.',
  processing: 'The server could not process it.',
  required: 'A required part is missing.',
  security: 'You are not permitted to do this.',
  structure: 'It is not built as the server wants it.',
  'too-long': 'Something in it is too long.',
  value: 'A value is not one that the server takes.',
};

const codeByStatus: Readonly<Record<number, string>> = { 403: 'forbidden', 413: 'too-large' };

/** Why the server refused a change; nothing but a code where it doesn't say. */
export function problemOf({ status, outcome }: FhirError): Problem {
  const issues = issuesOf(outcome);
  const code = codeByStatus[status ?? 0] ?? 'rejected';
  return { code, lines: linesOf(outcome), ...(issues.length > 0 && { issues }) };
}

type Issues = NonNullable<Problem['issues']>;

/** The issues of an OperationOutcome, for the page to put in words: what each is about, and what the server says of it. */
export function issuesOf(outcome: OperationOutcome | null): Issues {
  const found = seriousIn(outcome).map((issue): Issues[number] => {
    const texts = [issue?.details?.text, issue?.details?.coding?.[0]?.display, issue?.diagnostics].map(plain);
    const said = [...new Set(texts.filter((one) => one !== undefined))].join('\n');
    const at = elementsOf(issue?.expression?.[0] ?? issue?.location?.[0])?.join('.') ?? null;
    return { code: codeOf(issue?.code), at: at?.slice(0, 200) ?? null, said: said === '' ? null : said };
  });
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()].slice(0, LINES_MAX);
}

function codeOf(code: unknown): string {
  return typeof code === 'string' && /^[a-z-]{1,40}$/.test(code) ? code : 'unknown';
}

function seriousIn(outcome: OperationOutcome | null): readonly (OperationOutcomeIssue | null)[] {
  const issues = Array.isArray(outcome?.issue) ? outcome.issue : [];
  const serious = issues.filter((issue) => issue?.severity === 'error' || issue?.severity === 'fatal');
  return serious.length > 0 ? serious : issues;
}

/** The issues of an OperationOutcome in plain words (R4 operationoutcome.html): no JSON, no stack traces. */
export function linesOf(outcome: OperationOutcome | null): string[] {
  const lines = seriousIn(outcome)
    .map(lineOf)
    .filter((line) => line !== '');
  return [...new Set(lines)].slice(0, LINES_MAX);
}

function lineOf(issue: OperationOutcomeIssue | null): string {
  const said = plain(issue?.details?.text) ?? plain(issue?.details?.coding?.[0]?.display) ?? plain(issue?.diagnostics);
  const code = String(issue?.code);
  const meaning = Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  const line = said ?? meaning;
  if (line === undefined) return '';
  const where = placeOf(issue?.expression?.[0] ?? issue?.location?.[0]);
  return where !== null && !line.toLowerCase().includes(where.toLowerCase()) ? `${where}: ${line}` : line;
}

/** A sentence, or undefined where it is none that a person could read. */
function plain(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const line = text.replace(/\s+/g, ' ').trim();
  const isCode = /^[[{<]|"resourceType"|\bat [\w.$]+\(|Exception\b|\n\s+at /.test(text.trim());
  return line === '' || isCode ? undefined : line.slice(0, LINE_MAX);
}

/** `Observation.value.ofType(Quantity).unit` as `Value, unit`; null where it is no path of elements. */
function placeOf(expression: unknown): string | null {
  const path = elementsOf(expression);
  if (path === null) return null;
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()).join(', ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `Observation.value.ofType(Quantity).unit` as `value` and `unit`; null where it is no path of elements. */
function elementsOf(expression: unknown): string[] | null {
  if (typeof expression !== 'string' || !/^[\w.()[\]]{1,200}$/.test(expression)) return null;
  const names = expression.replace(/\[\d+\]|\.ofType\(\w+\)/g, '').split('.');
  const path = /^[A-Z]/.test(names[0] ?? '') ? names.slice(1) : names;
  const isIndex = path.length === 0 || names[0] === 'Bundle';
  return isIndex ? null : path;
}

import type { ServerIssue } from '../../../preload/contract/sync.ts';
import { elementWords } from '../../parts/elementNames.ts';
import { t } from '../../words/t.ts';

const MISSING = t('Something that has to be there is missing.');
const NOT_PERMITTED = t('You are not permitted to make this change.');
const NO_SUCH_CODE = t('The code is none of those that may stand here.');
const NOT_OF_IT = t('There is something in it that does not belong to such a record.');
const DUPLICATE = t('The server has such a record already.');
const NOT_READABLE = t('Something in it is not written as it has to be.');
const TOO_LONG = t('Something in it is too long.');
const RULE = t('It breaks a rule for records of this kind.');

/** What the types of issue mean to a person (R4 valueset-issue-type.html). */
const byCode: Readonly<Record<string, string>> = {
  'business-rule': t('It breaks a rule of your organisation or of the server.'),
  'code-invalid': NO_SUCH_CODE,
  conflict: t('It does not go together with what is on the server by now.'),
  deleted: t('The record was deleted on the server.'),
  duplicate: DUPLICATE,
  expired: t('Your sign-in has ended.'),
  extension: t('There is an extension in it that the server does not take.'),
  forbidden: NOT_PERMITTED,
  incomplete: MISSING,
  invalid: NOT_READABLE,
  invariant: RULE,
  'lock-error': t('Somebody else is changing the record on the server.'),
  login: t('The server wants you to sign in again.'),
  'multiple-matches': t('The server has several such records and can’t tell which is meant.'),
  'not-found': t('The server does not have the record, or what it refers to.'),
  'not-supported': t('The server can’t keep such a record.'),
  processing: t('The server could not make sense of it.'),
  required: MISSING,
  security: NOT_PERMITTED,
  structure: NOT_OF_IT,
  suppressed: NOT_PERMITTED,
  throttled: t('The server has too much to do.'),
  timeout: t('The server took too long over it.'),
  'too-costly': t('It would be too much work for the server.'),
  'too-long': TOO_LONG,
  transient: t('The server had a passing problem.'),
  value: t('A value is not one that the server takes.'),
};

/** What HAPI, HL7's validator and Medplum say, where that is more exact than the type of issue. */
const byText: readonly (readonly [RegExp, string])[] = [
  [/HAPI-1094|not found, specified in path/i, t('It refers to a record that the server does not have.')],
  [/HAPI-1091|Invalid reference/i, t('It refers to a record in a way that the server does not take.')],
  [/HAPI-0333|HAPI-0334|Access denied/i, NOT_PERMITTED],
  [/HAPI-0550|HAPI-0974|version constraint|Precondition failed/i, t('Somebody has changed the record meanwhile.')],
  [/HAPI-0824|HAPI-2840|unique (?:index|constraint)|duplicate/i, DUPLICATE],
  [/minimum required = \d+, but only found|Missing required property|Object must have some content/i, MISSING],
  [/max allowed = \d+, but found|Invalid number of values/i, t('There is more or less of it than there may be.')],
  [/value ?set|Unknown code|code .{1,80} is not valid|No code provided/i, NO_SUCH_CODE],
  [/Unrecogni[sz]ed (?:property|element)|HAPI-1825|Unknown element|Invalid additional property/i, NOT_OF_IT],
  [/Not a valid date|Invalid date|HAPI-1821/i, t('A date or a time is not written as it has to be.')],
  [/Value did not match|Invalid JSON|must match|does not match/i, NOT_READABLE],
  [/cannot be larger|too long|exceeds? (?:the )?max/i, TOO_LONG],
  [/Constraint .{1,80} not met|Constraint failed|Rule .{1,80} failed/i, RULE],
];

/** What an issue means, in a sentence. */
export function issueWords({ code, said }: Pick<ServerIssue, 'code' | 'said'>): string {
  const exact = said === null ? undefined : byText.find(([pattern]) => pattern.test(said));
  if (exact) return exact[1];
  return (Object.hasOwn(byCode, code) && byCode[code]) || t('The server did not accept it.');
}

/** The element that an issue is about, from the outside in: `Reaction, Severity`; null where it names none. */
export function placeWords(type: string, at: string | null): string | null {
  if (at === null) return null;
  const names = at.split('.');
  return names.map((_name, index) => elementWords(type, names.slice(0, index + 1).join('.'))).join(', ');
}

import type { PolicyProblem } from '../../preload/contract/managed.ts';
import { isGroupOfSettings, settingsList } from './list.ts';
import { type Group, placeOf } from './paths.ts';
import { type Policy, policySchema } from './policy.ts';
import { UNCOMPILED } from './setting.ts';

/** A policy as it holds, with what IT has to mend. */
export interface ReadPolicy {
  readonly policy: Policy;
  /** Keys of the settings that IT's own value decides; those that fell to their strictest included. */
  readonly managed: readonly string[];
  readonly problems: readonly PolicyProblem[];
}

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The policy of a document of IT's. A value that is malformed falls to its strictest by itself, an unknown key is told, and
 * the rest holds: a slip in one line must neither open anything nor stop a ward.
 */
export function readPolicy(document: unknown): ReadPolicy {
  if (!isGroup(document)) return unreadable('not-an-object');
  const problems: PolicyProblem[] = unknownKeys(document).map((key) => ({ key, code: 'unknown-key' }));
  const values = new Map<string, unknown>();
  for (const row of settingsList) {
    const given = valueAt(document, row.key);
    if (given === undefined) continue;
    const parsed = row.schema.safeParse(given, UNCOMPILED);
    values.set(row.key, parsed.success ? parsed.data : row.strictest);
    if (!parsed.success) problems.push({ key: row.key, code: 'malformed' });
  }
  return { policy: assemble(values), managed: [...values.keys()], problems };
}

/** Where a document is there and none of it can be believed: everything falls to its strictest. */
export function unreadable(code: Exclude<PolicyProblem['code'], 'unknown-key' | 'malformed'>): ReadPolicy {
  const values = new Map(settingsList.map(({ key, strictest }) => [key, strictest]));
  return { policy: assemble(values), managed: [...values.keys()], problems: [{ key: '', code }] };
}

function assemble(values: ReadonlyMap<string, unknown>): Policy {
  const document: Group = {};
  for (const [key, value] of values) {
    const { group, name } = placeOf(document, key.split('.'));
    group[name] = value;
  }
  return policySchema.parse(document, UNCOMPILED);
}

/** Stands for a value in the place of a group: malformed for each setting below it. */
const MISPLACED = Symbol('misplaced');

/** What stands at a key; undefined where nothing does. */
function valueAt(document: Group, key: string): unknown {
  let value: unknown = document;
  for (const name of key.split('.')) {
    if (!isGroup(value)) return MISPLACED;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}

const keysKnown = new Set(settingsList.map(({ key }) => key));

/** At most so many are told: a document of another program may have any number. */
const UNKNOWN_MAX = 50;

function unknownKeys(document: Group, path = ''): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(document)) {
    if (found.length >= UNKNOWN_MAX) break;
    const key = path === '' ? name : `${path}.${name}`;
    if (keysKnown.has(key) || key === '$schema') continue;
    if (!isGroupOfSettings(key)) found.push(key.slice(0, 200));
    else if (isGroup(value)) found.push(...unknownKeys(value, key));
  }
  return found.slice(0, UNKNOWN_MAX);
}

import type { Choice } from '../../../preload/contract/sync.ts';
import { joinedOf } from './both.ts';
import { isEquivalent, isIdentical, isObject, isOwnText, isUnclear, type Json, type JsonObject } from './content.ts';

/** Whose the change of an element is; `same`: both changed it alike. */
export type ChangedBy = 'mine' | 'theirs' | 'both' | 'same';

/** One top-level element on which base, mine and theirs don't all agree. */
export interface Difference {
  readonly path: string;
  readonly changedBy: ChangedBy;
  readonly base: JsonObject;
  readonly mine: JsonObject;
  readonly theirs: JsonObject;
}

export interface Versions {
  readonly base: JsonObject;
  readonly mine: JsonObject;
  readonly theirs: JsonObject;
}

/** Not compared: what names the resource, what the server writes, and the text that is made of the rest. */
const apart: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);

/** Elements of a choice of types (R4 formats.html#choice): of `onsetDateTime` and `onsetAge` there may be one only. */
const choices = [
  'abatement',
  'age',
  'asNeeded',
  'born',
  'deceased',
  'doseNumber',
  'effective',
  'event',
  'identified',
  'item',
  'medication',
  'multipleBirth',
  'occurred',
  'occurrence',
  'onset',
  'performed',
  'product',
  'quantity',
  'reported',
  'seriesDoses',
  'serviced',
  'start',
  'statusReason',
  'timing',
  'value',
] as const;
const CHOICE = new RegExp(`^(${choices.join('|')})[A-Z]`);

/** Name under which elements are compared that stand for one: a primitive with its extension, a choice of types. */
export function pathOf(name: string): string {
  const plain = name.startsWith('_') ? name.slice(1) : name;
  return CHOICE.exec(plain)?.[1] ?? plain;
}

/** Top-level elements by their paths. */
export function grouped(resource: JsonObject): Map<string, JsonObject> {
  const groups = new Map<string, Record<string, Json>>();
  for (const [name, value] of Object.entries(resource)) {
    if (apart.has(name) || value === undefined || (name === 'text' && !isOwnText(value))) continue;
    const path = pathOf(name);
    const group = groups.get(path) ?? {};
    group[name] = value;
    groups.set(path, group);
  }
  return groups;
}

const nothing: JsonObject = {};

/** The elements on which three versions don't agree to the digit, in the order of the resource. */
export function differences({ base, mine, theirs }: Versions): Difference[] {
  const [inBase, inMine, inTheirs] = [grouped(base), grouped(mine), grouped(theirs)];
  const paths = new Set([...inBase.keys(), ...inMine.keys(), ...inTheirs.keys()]);
  return [...paths].flatMap((path) => {
    const [b, m, t] = [inBase, inMine, inTheirs].map((groups) => groups.get(path) ?? nothing) as [
      JsonObject,
      JsonObject,
      JsonObject,
    ];
    const changedBy = changedByOf(b, m, t);
    return changedBy === null ? [] : [{ path, changedBy, base: b, mine: m, theirs: t }];
  });
}

function changedByOf(base: JsonObject, mine: JsonObject, theirs: JsonObject): ChangedBy | null {
  const [byMe, byThem] = [!isIdentical(base, mine), !isIdentical(base, theirs)];
  if (!byMe && !byThem) return null;
  if (!byThem) return 'mine';
  if (!byMe) return 'theirs';
  return isEquivalent(mine, theirs) ? 'same' : 'both';
}

interface Choosing {
  /** Nothing is taken from either side without a choice. */
  readonly all?: boolean;
}

/**
 * One resource of two that were made of the same base: each element that one side changed, and of those that both
 * changed what `choose` names. Null where it names none, or what there isn't. `id` and `meta` are theirs.
 */
export function merge(
  versions: Versions,
  choose: (path: string) => Choice | undefined,
  { all = false }: Choosing = {},
): JsonObject | null {
  const { base, theirs, mine } = versions;
  if ([base, mine, theirs].some(isUnclear)) return null;
  const taken = new Map<string, JsonObject>();
  for (const difference of differences(versions)) {
    const { path, changedBy } = difference;
    const isOpen = changedBy === 'both' || (all && changedBy !== 'same');
    const side = choose(path) ?? (isOpen ? undefined : changedBy === 'theirs' ? 'theirs' : 'mine');
    if (side === undefined) return null;
    const group = side === 'both' ? joinedOf(difference) : difference[side];
    if (group === null) return null;
    if (side !== 'theirs') taken.set(path, group);
  }
  if (taken.size === 0) return theirs;
  return assembled(theirs, taken, narrative(versions, mine));
}

/** Theirs with the groups that are taken from mine, each in its place, new ones at the end. */
function assembled(theirs: JsonObject, taken: Map<string, JsonObject>, text: Json | undefined): JsonObject {
  const result: Record<string, Json> = {};
  const placed = new Set<string>();
  for (const [name, value] of Object.entries(theirs)) {
    if (value === undefined) continue;
    const path = apart.has(name) ? name : pathOf(name);
    if (path === 'text' && !isOwnText(value)) continue;
    const group = taken.get(path);
    if (!group) result[name] = value;
    else if (!placed.has(path)) {
      placed.add(path);
      Object.assign(result, group);
    }
  }
  for (const [path, group] of taken) if (!placed.has(path)) Object.assign(result, group);
  if (text !== undefined && result.text === undefined) result.text = text;
  return result;
}

/** A generated narrative fits the one version that it was made of; where both sides changed something it fits none. */
function narrative(versions: Versions, mine: JsonObject): Json | undefined {
  const theyChanged = differences(versions).some(({ changedBy }) => changedBy === 'theirs' || changedBy === 'both');
  if (theyChanged || mine.text === undefined || isOwnText(mine.text)) return undefined;
  return mine.text;
}

const mistaken = 'entered-in-error';

/** Elements that say whose record it is and where it belongs: a text is never moved along with them unseen. */
const bindings = ['subject', 'patient', 'beneficiary', 'individual', 'encounter'] as const;

function isMoved({ base, theirs }: Versions): boolean {
  return !isIdentical(bindingsOf(base), bindingsOf(theirs));
}

function bindingsOf(resource: JsonObject): JsonObject {
  const context = isObject(resource.context) ? resource.context.encounter : undefined;
  const named = [...bindings.map((name) => [name, resource[name]] as const), ['context', context] as const];
  return Object.fromEntries(named.flatMap(([name, value]) => (value === undefined ? [] : [[name, unnamed(value)]])));
}

/** A reference without its name: a server that writes the name anew moves nothing. */
function unnamed(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => unnamed(one));
  if (!isObject(value)) return value;
  const { display: _display, ...rest } = value;
  return rest;
}

/** One side took the whole record back, or put another in its place. */
function isTakenBack({ base, mine, theirs }: Versions): boolean {
  const sides = [mine, theirs];
  if (sides.some(({ status, docStatus }) => status === mistaken || docStatus === mistaken)) return true;
  const isDocument = base.resourceType === 'DocumentReference' && base.status === 'current';
  return isDocument && sides.some(({ status }) => status !== 'current');
}

/**
 * True where a person has to decide also what one side alone changed: that is about what the other did, one side took the
 * whole record back, or the other moved it to another patient or encounter.
 */
export function isEntwined(versions: Versions): boolean {
  const all = differences(versions);
  const mine = all.filter(({ changedBy }) => changedBy === 'mine');
  const theirs = all.filter(({ changedBy }) => changedBy === 'theirs');
  if (mine.length === 0 || theirs.length === 0) return false;
  return isTakenBack(versions) || isMoved(versions) || isBound(versions.base.resourceType, mine, theirs);
}

/** The merge that needs no person. Null where a person has to decide. */
export function mergeDisjoint(versions: Versions): JsonObject | null {
  return isEntwined(versions) ? null : merge(versions, () => undefined);
}

/**
 * Elements that speak of the whole record: who cancels, finishes, rejects or signs it means what he saw of it. A signature
 * never comes to stand under a text that the signer has not read, nor a text over the signature of another.
 */
const ofTheWhole: ReadonlySet<string> = new Set(['status', 'docStatus', 'authenticator']);

/** Statuses that say no more than that something was changed. */
const amendments: ReadonlySet<string> = new Set(['amended', 'corrected', 'appended']);

/** Elements that say nothing of the patient: under which names the record is known, and how its texts are written. */
const labels: ReadonlySet<string> = new Set(['identifier', 'implicitRules', 'language']);

/** Elements that say how a value is to be read: a new value beside an old reading would be a third statement. */
const readings: ReadonlySet<string> = new Set(['dataAbsentReason', 'interpretation', 'referenceRange', 'code']);
const values: ReadonlySet<string> = new Set(['value', 'component']);

/** Elements that are one appointment's time. */
const times: ReadonlySet<string> = new Set(['start', 'end', 'minutesDuration', 'slot', 'requestedPeriod']);

/** True where an element that one side changed is about one that the other changed. */
function isBound(type: Json | undefined, mine: readonly Difference[], theirs: readonly Difference[]): boolean {
  return mine.some((one) => theirs.some((other) => isAbout(type, one, other) || isAbout(type, other, one)));
}

function isAbout(type: Json | undefined, one: Difference, { path: other }: Difference): boolean {
  const { path } = one;
  if (ofTheWhole.has(path)) return !isAmendment(one) && !labels.has(other);
  if (type === 'Appointment' && times.has(path)) return times.has(other);
  return readings.has(path) && values.has(other);
}

function isAmendment({ path, changedBy, mine, theirs }: Difference): boolean {
  const status = (changedBy === 'theirs' ? theirs : mine)[path];
  return typeof status === 'string' && amendments.has(status);
}

import { createHash } from 'node:crypto';
import { stringify } from 'lossless-json';
import type { SaidItems } from '../../../preload/contract/said.ts';
import type { Conflict, ConflictField } from '../../../preload/contract/sync.ts';
import { contentOf, KEPT, maskedBy, placesAt, placesMasked, SEALED } from '../../documents/fields/elements.ts';
import { fieldLayer } from '../fields/layer.ts';
import { encryptedPaths } from '../json.ts';
import type { FieldRead, ConflictSide as Side } from '../operations.ts';
import { createLookup, knownPatient } from '../reads/sections.ts';
import { needCurrent, type Sight } from '../sight.ts';
import type { Lookup } from '../views/medications.ts';
import { named } from '../views/named.ts';
import { bothOf } from './both.ts';
import { identifiersOf, isIdentical, type Json, type JsonObject, readResource } from './content.ts';
import { exactDifferences } from './exact.ts';
import type { Parts } from './follow.ts';
import { pendingChange } from './list.ts';
import { lastUpdatedOf } from './meet.ts';
import { type Difference, differences, grouped, isEntwined, pathOf } from './merge.ts';
import { readableElement } from './readable.ts';
import type { Row } from './rows.ts';

const FIELDS_MAX = 200;
/** Names that an element can have; what a server calls otherwise can't be chosen. */
const ELEMENT = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

/**
 * What a person has to see to decide a conflict: each element on which base, mine and theirs don't agree. Who and what is
 * referred to is named as far as `sight` shows it.
 */
export function conflictOf(parts: Parts, row: Row, sight?: Sight): Conflict {
  const [base, mine, theirs] = [row.baseBody, row.mine, row.theirsBody].map(read) as [
    JsonObject,
    JsonObject,
    JsonObject,
  ];
  // Told apart by what they are, and shown without what is marked in them.
  const { masked } = fieldLayer(parts.db);
  const lookup = lookupOf(parts, row, sight);
  const shown = [row.baseBody, row.mine, row.theirsBody].map((body) =>
    grouped(named(read(body && masked(body)), lookup)),
  );
  return {
    change: pendingChange(parts, row),
    token: tokenOf(row),
    deletedOnServer: row.theirsBody === null,
    theirsUpdated: row.theirsBody === null ? null : instantOf(lastUpdatedOf(row.theirsBody)),
    fields: differences({ base, mine, theirs })
      .filter(({ path }) => ELEMENT.test(path))
      .slice(0, FIELDS_MAX)
      .map((difference) => fieldOf(difference, shown)),
    decideAll: parts.neverMerge.has(row.type) || (isMergeable(row) && isEntwined({ base, mine, theirs })),
  };
}

/** Finds what a record refers to, as far as it may be seen; nothing where it isn't known who looks. */
export function lookupOf({ cache }: Parts, { patient }: Pick<Row, 'patient'>, sight: Sight | undefined): Lookup {
  const pid = knownPatient(cache, patient);
  if (!sight || pid === undefined) return () => undefined;
  needCurrent(cache, sight);
  return createLookup(cache, pid, sight);
}

/** Stands for the versions of a conflict: a decision is about those that were seen, and no others. */
export function tokenOf({ baseVersion, baseBody, mine, theirsVersion, theirsBody }: Row): string {
  const seen = JSON.stringify([baseVersion, baseBody, mine, theirsVersion, theirsBody]);
  return createHash('sha256').update(seen).digest('base64url');
}

/** A time that a server wrote otherwise than R4 does (datatypes.html#instant) isn't told. */
function instantOf(time: string | null): string | null {
  return time !== null && INSTANT.test(time) && !Number.isNaN(Date.parse(time)) ? time : null;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

function isMergeable({ baseBody, mine, theirsBody }: Row): boolean {
  return baseBody !== null && mine !== null && theirsBody !== null;
}

/** A version that isn't there has no elements. */
function read(body: string | null): JsonObject {
  return body === null ? {} : readResource(body);
}

function fieldOf(difference: Difference, shown: readonly ReadonlyMap<string, JsonObject>[]): ConflictField {
  const { path, changedBy } = difference;
  const groups = shown.map((all) => all.get(path) ?? {});
  const [base = null, mine = null, theirs = null] = toldApart(groups);
  const holds = (group: JsonObject) => encryptedPaths(group).length > 0;
  const [before = false, here = false, there = false] = groups.map(holds);
  const encrypted = { base: before, mine: here, theirs: there };
  return {
    path,
    base,
    mine,
    theirs,
    both: bothShown(difference, groups),
    encrypted,
    changedBy,
    exact: exactDifferences(groups),
  };
}

/** What each version says; in full where two of them would read alike and are not. */
function toldApart(groups: readonly JsonObject[]): (SaidItems | null)[] {
  const short = groups.map((group) => readableElement(group));
  const key = (said: unknown) => JSON.stringify(said);
  const isAlike = groups.some((one, index) =>
    groups.some((other, at) => at < index && key(short[at]) === key(short[index]) && !isIdentical(one, other)),
  );
  return isAlike ? groups.map((group) => readableElement(group, { whole: true })) : short;
}

/** The list that both make together; masked as the sides are shown. */
function bothShown(difference: Difference, [, mine = {}, theirs = {}]: readonly JsonObject[]): SaidItems | null {
  const { path } = difference;
  const taken = bothOf(difference);
  if (taken === null) return null;
  const lists = { mine: mine[path], theirs: theirs[path] };
  const items = taken.map(({ side, index }) => (lists[side] as readonly Json[] | undefined)?.[index] ?? null);
  return readableElement({ [path]: items });
}

/** What is encrypted in an element of one version of a conflict; null where that isn't there. */
export function conflictElement(
  parts: Parts,
  row: Row,
  { side, path }: { side: Side; path: string },
): FieldRead | null {
  const body = { base: row.baseBody, mine: row.mine, theirs: row.theirsBody }[side];
  if (body === null) return null;
  const whole: Record<string, unknown> = readResource(body);
  const masked = placesMasked(readResource(fieldLayer(parts.db).masked(body)), KEPT);
  const ofElement = masked.filter(({ at }) => pathOf(/^\w+/.exec(at)?.[0] ?? '') === path);
  const fields = ofElement.flatMap(({ at, path: name }): FieldRead['fields'][number][] => {
    const place = placesAt(whole, name).find((one) => one.at === at);
    if (!place) return [];
    const content = contentOf(place);
    const sealed = maskedBy(content, SEALED);
    if (sealed !== undefined) return [{ at, path: name, how: 'sealed', sealed }];
    return [{ at, path: name, how: 'kept', content: stringify(content) ?? '' }];
  });
  return { identifiers: identifiersOf(whole as JsonObject), fields };
}

import { stringify } from 'lossless-json';
import { EXACT_MAX, type ExactDifference } from '../../../preload/contract/said.ts';
import { bound, maskWord } from '../json.ts';
import { isIdentical, isObject, type Json, type JsonObject } from './content.ts';

const PAIRS = [
  [1, 2],
  [0, 1],
  [0, 2],
] as const;

/** Characters told of a text on either side of the first one that differs. */
const AROUND = 40;

/**
 * Where versions of an element differ to the character, leaf by leaf: what reads alike (a code of another system, a
 * number with another digit, a character that can't be seen) is told apart by it. Some of them only: each two versions
 * that differ do so in what is told. But what is masked or encrypted: it is opened where somebody asks for it, and what is in
 * its place says nothing to a person. `versions`: base, mine, theirs.
 */
export function exactDifferences(versions: readonly JsonObject[]): { all: ExactDifference[]; more: number } {
  const leaves = differing('', versions);
  const all = [...new Set([...tellingApart(leaves), ...leaves])].slice(0, EXACT_MAX).map(({ at, values }) => {
    const texts = values.map(rawText);
    const [base = null, mine = null, theirs = null] = excerpts(texts);
    return { at: at.length <= 200 ? at : `…${at.slice(-199)}`, base, mine, theirs };
  });
  return { all, more: leaves.length - all.length };
}

/** Where each two of the versions differ first: without these, two of them could seem to be the same. */
function tellingApart(leaves: readonly Leaf[]): Leaf[] {
  return PAIRS.flatMap(([one, other]) => leaves.find(({ values }) => !isSame(values[one], values[other])) ?? []);
}

interface Leaf {
  readonly at: string;
  readonly values: readonly (Json | undefined)[];
}

/** The deepest places at which the values don't all agree. */
function differing(at: string, values: readonly (Json | undefined)[]): Leaf[] {
  if (values.every((value) => isSame(value, values[0]))) return [];
  const masks = values.map(maskWord);
  if (masks.some((mask) => mask !== undefined)) {
    return masks.every((mask) => mask === masks[0]) ? [] : [{ at, values }];
  }
  if (values.every(isObject)) {
    const names = new Set(values.flatMap((value) => Object.keys(value)));
    return [...names].flatMap((name) =>
      differing(
        at === '' ? name : `${at}.${name}`,
        values.map((value) => (Object.hasOwn(value, name) ? value[name] : undefined)),
      ),
    );
  }
  if (values.every((value): value is readonly Json[] => Array.isArray(value))) {
    const longest = Math.max(...values.map(({ length }) => length));
    return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
      differing(
        `${at}[${index}]`,
        values.map((value) => value[index]),
      ),
    );
  }
  return [{ at, values }];
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return isIdentical(one, other);
}

/** In the place of what is masked, in any language. */
const STARS = '***';

/** As it is written in JSON, but for what is masked. */
function rawText(value: Json | undefined): string | null {
  return value === undefined
    ? null
    : (stringify(value, (_name, member) => (maskWord(member) === undefined ? member : STARS)) ?? null);
}

/** What the texts say around the first place at which each two of them differ. */
function excerpts(texts: readonly (string | null)[]): (string | null)[] {
  const split = texts.map((text) => (text === null ? null : [...text]));
  const there = split.filter((points) => points !== null);
  const places = there.flatMap((one, index) => there.slice(index + 1).map((other) => firstDifference(one, other)));
  const differs = new Set(places.filter((place) => place !== null));
  const isNear = (index: number) => differs.size === 0 || [...differs].some((at) => Math.abs(at - index) <= AROUND);
  return split.map((points) => points && excerpt(points, isNear, differs));
}

function excerpt(points: readonly string[], isNear: (index: number) => boolean, differs: ReadonlySet<number>): string {
  const told = points.map((point, index) => {
    if (isNear(index)) return visible(point, differs.has(index));
    return index === 0 || isNear(index - 1) ? '…' : '';
  });
  return bound(told.join(''));
}

/** Null where they are the same. */
function firstDifference(one: readonly string[], other: readonly string[]): number | null {
  const longest = Math.max(one.length, other.length);
  for (let index = 0; index < longest; index += 1) if (one[index] !== other[index]) return index;
  return null;
}

/** Letters, digits and signs of ASCII are what they look like; another where texts differ may look like one of them. */
function visible(point: string, differs: boolean): string {
  if (/^[\x20-\x7e]$/.test(point) || (!differs && /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(point))) return point;
  return `‹U+${(point.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
}

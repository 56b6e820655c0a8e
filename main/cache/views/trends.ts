import { placeholder } from '../../../preload/contract/placeholders.ts';
import type { Trend, TrendSeries } from '../../../preload/contract/results.ts';
import { startOf } from '../dates.ts';
import { HIDDEN } from '../ingest/buckets.ts';
import { bound, encryptedPaths, field, items, maskWord, text } from '../json.ts';
import type { Units } from '../units.ts';
import { flagFromOf } from './deltas.ts';
import { judged, limitsOf } from './flags.ts';
import { joined, type Line, type Placed } from './lines.ts';
import { effectiveText, observationName, observationView, valueMask, valueWithUnit } from './observations.ts';
import { quantityOf } from './quantity.ts';

const SERIES_MAX = 50;
const POINTS_MAX = 20_000;

export interface TrendView {
  readonly name: string;
  readonly series: TrendSeries[];
  readonly masked: Trend['masked'];
  readonly withdrawn: Trend['withdrawn'];
  readonly worded: Trend['worded'];
  readonly omitted: { enteredInError: number; notNumeric: number; noTime: number };
}

const WITHDRAWN_MAX = 1_000;
const WORDED_MAX = 5_000;

/** An observation as `parseExact` has read it, and what it was before it was corrected. */
export interface TrendSource {
  readonly resource: unknown;
  readonly bucket: number;
  readonly was: string | null;
}

/**
 * Lines of one code's values. Each line is of one name and one unit: values of different units never share one
 * (design rule 10), unless one is exactly converted into the other. `observations` come in any order; withdrawn ones are
 * told of, and not drawn.
 */
export function trendView(observations: Iterable<TrendSource>, units: Units): TrendView {
  const lines = new Map<string, Line>();
  const masked: Trend['masked'] = [];
  const withdrawn: Trend['withdrawn'] = [];
  const worded: Trend['worded'] = [];
  const omitted = { enteredInError: 0, notNumeric: 0, noTime: 0 };
  let newest = { time: Number.NEGATIVE_INFINITY, id: '', name: placeholder('observation') };
  for (const { resource, bucket, was } of observations) {
    if (bucket === HIDDEN) {
      omitted.enteredInError += 1;
      withdrawn.push(withdrawnOf(resource));
      continue;
    }
    const time = startOf(effectiveText(resource));
    const own = {
      time: time ?? Number.NEGATIVE_INFINITY,
      id: text(resource, 'id') ?? '',
      name: observationName(resource),
    };
    if (newest.id === '' || order(own, newest) > 0) newest = own;
    const mask = maskOf(resource, own.id, time);
    if (mask) masked.push(mask);
    const isDrawn = time !== null && draw(resource, { ...own, time, was }, lines);
    if (isDrawn || mask) continue;
    worded.push(wordedOf(resource, time));
    if (time === null) omitted.noTime += 1;
    else omitted.notNumeric += 1;
  }
  masked.sort(newestFirst);
  withdrawn.sort(newestFirst);
  worded.sort(newestFirst);
  return {
    name: newest.name,
    series: distinct(joined([...lines.values()], units), newest.name),
    masked: masked.slice(0, POINTS_MAX),
    withdrawn: withdrawn.slice(0, WITHDRAWN_MAX),
    worded: worded.slice(0, WORDED_MAX),
    omitted,
  };
}

interface Timed {
  readonly id: string;
  readonly time: number | null;
}

function newestFirst(a: Timed, b: Timed): number {
  return (b.time ?? 0) - (a.time ?? 0) || (a.id < b.id ? -1 : 1);
}

function withdrawnOf(resource: unknown): Trend['withdrawn'][number] {
  const { id, effective, status } = observationView(resource);
  return { id, time: startOf(effective), text: valueWithUnit(resource), status };
}

function wordedOf(resource: unknown, time: number | null): Trend['worded'][number] {
  const { id, status, flag } = observationView(resource);
  return { id, time, text: valueWithUnit(resource), flag, flagFrom: flagFromOf(resource), status };
}

/** What of an observation can't be drawn since it is masked: its own value, or some of its components. */
function maskOf(resource: unknown, id: string, time: number | null): Trend['masked'][number] | null {
  const components = items(resource, 'component');
  const masks = [resource, ...components].map((one) => maskWord(one) ?? valueMask(one));
  const word = masks.find((one) => one !== undefined);
  if (word === undefined) return null;
  const parts = components.filter((_, index) => masks[index + 1] !== undefined).map(observationName);
  const encrypted = encryptedPaths(resource).filter((path) => VALUE.test(path));
  const status = text(resource, 'status') ?? 'unknown';
  return { id, time, name: masks[0] ? '' : bound(parts.join(', ')), text: word, encrypted, status };
}

/** Paths of values, and of the components that have them. */
const VALUE = /^(component\.)?value[A-Z]|^component$/;

/** Older first; of the same time in the order of the ids, so that the result is the same however rows come. */
function order(a: { time: number; id: string }, b: { time: number; id: string }): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

interface Origin {
  readonly id: string;
  readonly time: number;
  readonly name: string;
  readonly was: string | null;
}

/** Adds the numbers of one observation to their lines; false where it has none. */
function draw(resource: unknown, origin: Origin, lines: Map<string, Line>): boolean {
  const status = text(resource, 'status') ?? 'unknown';
  const own = place(resource, origin, status);
  if (own) addTo(lines, '', own);
  let drawn = own !== undefined;
  for (const component of items(resource, 'component')) {
    const name = observationName(component);
    const value = place(component, { ...origin, name }, status);
    if (!value) continue;
    addTo(lines, name, value);
    drawn = true;
  }
  return drawn;
}

function place(holder: unknown, { id, time, name, was }: Origin, status: string): Placed | undefined {
  const quantity = quantityOf(field(holder, 'valueQuantity')) ?? quantityOf({ value: field(holder, 'valueInteger') });
  const value = Number(quantity?.value);
  if (!quantity || !Number.isFinite(value)) return undefined;
  const shown = `${quantity.comparator}${quantity.value}`;
  const range = limitsOf(holder, quantity);
  return {
    point: { id, time, value, text: shown, ...judged(holder, quantity, range), status, original: null, was },
    name,
    unit: quantity.unit ?? '',
    unitKey: quantity.unitKey,
    ucum: quantity.ucum,
    range,
  };
}

function addTo(lines: Map<string, Line>, component: string, placed: Placed): void {
  const line = `${component}\n${placed.unitKey}`;
  const known = lines.get(line);
  if (known) {
    known.drawn.push(placed);
    if (known.ucum !== placed.ucum) known.ucum = null;
  } else {
    const { unit, unitKey, ucum } = placed;
    lines.set(line, { name: component, unit, unitKey, ucum, drawn: [placed] });
  }
}

/**
 * Lines oldest point first, the one with the newest value first. Where two have the same label but not the same unit
 * code, the code is shown too.
 */
function distinct(lines: readonly Line[], name: string): TrendSeries[] {
  const named = lines.map((line) => ({ ...line, name: line.name || name }));
  for (const { drawn } of named) drawn.sort((a, b) => order(a.point, b.point));
  const newestOf = ({ drawn }: Line) => drawn[drawn.length - 1]?.point.time ?? 0;
  named.sort((a, b) => newestOf(b) - newestOf(a) || (a.name + a.unitKey < b.name + b.unitKey ? -1 : 1));
  return named.slice(0, SERIES_MAX).map((line, index) => {
    const ambiguous = named.some(
      (other, place) => place !== index && other.name === line.name && other.unit === line.unit,
    );
    return {
      name: bound(line.name),
      unit: bound(ambiguous ? line.unitKey : line.unit),
      range: line.drawn[line.drawn.length - 1]?.range ?? { low: null, high: null },
      points: line.drawn.slice(-POINTS_MAX).map(({ point }) => point),
    };
  });
}

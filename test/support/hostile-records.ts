import type { Example } from './hl7-examples.ts';
import { HARM } from './hostile-html.ts';

/*
 * Records as a careless or hostile server may send them: FHIR's shapes, filled with what no view may trust.
 */

/** A script, what turns the order of letters, what can't be seen, a lone surrogate, and letters of two alphabets. */
export const NASTY = `<script>${HARM}</script><img src=x onerror=${HARM}>\u202Egnp.exe\u200B\u0000\u2066\uFEFF\uD800 P\u0430ul`;
export const CANNOT_BE_SEEN = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]|\p{Cs}/u;

/** What tells a record apart, and by what it is found: a record without them is none, or another one. */
const KEPT = new Set(['resourceType', 'id', 'reference', 'subject', 'patient', 'for', 'beneficiary', 'individual']);
const DATE = /^\d{4}(-\d\d(-\d\d(T.*)?)?)?$/;

type Change = (value: unknown, name: string) => unknown;

/** A copy in which each value was changed, but for those by which it is the patient's. */
export function changed(record: Example, change: Change): Example {
  const walk = (value: unknown, name: string): unknown => {
    if (KEPT.has(name)) return value;
    if (Array.isArray(value))
      return change(
        value.map((one) => walk(one, name)),
        name,
      );
    if (typeof value !== 'object' || value === null) return change(value, name);
    const members = Object.entries(value).map(([key, one]) => [key, walk(one, key)]);
    return name === '' ? Object.fromEntries(members) : change(Object.fromEntries(members), name);
  };
  return walk(record, '') as Example;
}

/** Every text is nasty, codes and addresses among them. */
export const nastyTexts = (record: Example) =>
  changed(record, (value) => (typeof value === 'string' && !DATE.test(value) ? `${value} ${NASTY}` : value));

const DATES = [
  '0000',
  '9999-99',
  '2026-02-30',
  '2026-13-01T00:00:00Z',
  '9999-12-31T24:00:00+14:00',
  '0000-00-00',
  'now',
];
/** Every date is one that can't be. */
export function wrongDates(record: Example, at: number): Example {
  let next = at;
  return changed(record, (value) => {
    if (typeof value !== 'string' || !DATE.test(value)) return value;
    next += 1;
    return DATES[next % DATES.length];
  });
}

const NUMBERS = ['1e400', '-1e400', `0.${'0'.repeat(40)}1`, `${'9'.repeat(400)}.5`, '-0', '1E-7'];
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
/** Every number is one that JavaScript can't keep, as JSON may have it. */
export function wrongNumbers(record: Example, at: number): Example {
  let next = at;
  return changed(record, (value) => {
    if (typeof value !== 'number') return value;
    next += 1;
    return rawJSON(NUMBERS[next % NUMBERS.length] ?? '0');
  });
}

/** Chains of extensions and of contained resources, a thousand deep. */
export function deep(record: Example, depth = 1_000): Example {
  let [extension, contained]: object[] = [
    { url: 'u', valueString: 'end' },
    { resourceType: 'Basic', id: 'end' },
  ];
  for (let at = 0; at < depth; at += 1) {
    extension = { url: 'u', extension: [extension] };
    contained = { resourceType: 'Basic', contained: [contained] };
  }
  const code = typeof record['code'] === 'object' ? { code: { ...record['code'], extension: [extension] } } : {};
  return { ...record, ...code, extension: [extension], contained: [contained] };
}

/** Each list at the top, and each of codings, is ten thousand long, or 200 KB. */
export function manifold(record: Example): Example {
  const many = (list: readonly unknown[]) => {
    const length = Math.min(10_000, Math.ceil((200_000 * list.length) / JSON.stringify(list).length));
    return Array.from({ length }, (_, at) => list[at % list.length]);
  };
  const members = Object.entries(record).map(([name, value]) => {
    const { coding } = (value ?? {}) as { coding?: unknown };
    if (Array.isArray(coding)) return [name, { ...(value as object), coding: many(coding) }];
    return [name, Array.isArray(value) ? many(value) : value];
  });
  return Object.fromEntries(members) as Example;
}

/** The first text that a person would read is a megabyte. */
export function huge(record: Example, length = 1_000_000): Example {
  let done = false;
  return changed(record, (value, name) => {
    if (done || typeof value !== 'string' || !/^(text|display|title|description|family|value|unit)$/.test(name))
      return value;
    done = true;
    return `${value} ${'long '.repeat(length / 5)}`;
  });
}

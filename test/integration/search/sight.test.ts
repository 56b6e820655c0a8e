import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Labels, labelsOf, labelsText } from '../../../main/cache/ingest/labels.ts';
import type { SearchSight } from '../../../main/cache/sight.ts';
import { openCache, type TestCache } from '../cache/support.ts';
import { resource } from './resources.ts';
import { askCache, ingest, searchOnce } from './support.ts';

/*
 * What may not be seen is as if it weren't there: a search of everything with a sight answers as one, without, of a cache
 * that has only what may be seen.
 */

interface Record {
  readonly [element: string]: unknown;
  readonly resourceType: string;
  readonly id: string;
  readonly subject?: { readonly reference: string } | undefined;
  readonly meta?: object;
}

const security = {
  none: [],
  R: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
  V: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }],
  HIV: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }],
};
const kinds = ['R', 'V', 'HIV'] as const;
const label = fc.constantFrom('none', 'none', ...kinds);
const types = ['Patient', 'Observation', 'Condition', 'DocumentReference', 'Binary', 'ValueSet', 'Practitioner'];
const people = ['a', 'b', 'c'];

const encoded = (text: string) => Buffer.from(text).toString('base64');
const note = {
  resourceType: 'DocumentReference',
  id: 'n',
  status: 'current',
  subject: { reference: 'Patient/a' },
  author: [{ reference: 'Practitioner/dr' }],
  content: [{ attachment: { contentType: 'text/plain', url: 'Binary/file' } }],
};
const others: readonly Record[] = [
  note,
  {
    ...note,
    id: 'm',
    content: [{ attachment: { contentType: 'text/plain', data: encoded('Anna has a pneumothorax') } }],
  },
  { resourceType: 'Binary', id: 'file', contentType: 'text/plain', data: encoded('A pneumothorax') },
  { resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Ann' }] },
  {
    resourceType: 'ValueSet',
    id: 'v',
    url: 'http://v',
    expansion: { contains: [{ system: 'http://s', code: 'x' }] },
  },
];

const seen = fc.record({
  types: fc.oneof(fc.constant(types), fc.subarray(types)),
  kinds: fc.subarray([...kinds]),
});
const ward = fc.record({
  records: fc.uniqueArray(resource as fc.Arbitrary<Record>, {
    minLength: 4,
    maxLength: 9,
    selector: ({ resourceType, id }) => `${resourceType}/${id}`,
  }),
  labels: fc.array(label, { minLength: 14, maxLength: 14 }),
  groupOf: fc.tuple(...people.map(() => fc.constantFrom(0, 1, null))),
  groups: fc.tuple(seen, seen),
  shared: seen,
});

const queries = [
  'Patient?',
  'Patient?name=ann',
  'Patient?gender:not=male',
  'Patient?_has:Observation:patient:code=x',
  'Patient?_has:Condition:subject:code=Y',
  'Patient?_revinclude=Observation:subject&_revinclude=Condition:subject',
  'Observation?',
  'Observation?code=x',
  'Observation?code:not=x',
  'Observation?code:in=ValueSet/v',
  'Observation?code:in=http://v',
  'Observation?subject.name=ann',
  'Observation?subject=Patient/a,Patient/b',
  'Observation?subject:missing=true',
  'Observation?value-quantity=gt1',
  'Observation?date=ge2000&_sort=-date,_id',
  'Observation?_id=a,b&_include=Observation:subject',
  'Observation?_content=ann',
  'Observation?_content=ann -brien',
  'Condition?patient.gender=female&_include=Condition:patient',
  'DocumentReference?_content=pneumothorax',
  'DocumentReference?_content=ann&_include=DocumentReference:author',
  'DocumentReference?author:Practitioner.name=ann',
  'Practitioner?_has:DocumentReference:author:status=current',
  'Practitioner?_revinclude=DocumentReference:author',
];

/** All that an answer tells, or why there is none. */
function told(cache: Pick<TestCache, 'read'> & { sight?: SearchSight }, query: string): unknown {
  try {
    const { matches, included, total } = askCache(cache, query);
    const snippets = searchOnce(cache, query).entries.flatMap(({ id, snippet }) => (snippet ? [[id, snippet]] : []));
    const inOrder = query.includes('_sort') ? matches : [...matches].sort();
    // One record at a time: where a page ends tells nothing either.
    const paged = askCache(cache, `${query}${query.endsWith('?') ? '' : '&'}_count=1`).matches;
    return { matches: inOrder, included, total, snippets: snippets.sort(), paged: [...paged].sort() };
  } catch (error) {
    return String(error);
  }
}

/** Labels whoever has written the record. */
const markOf = ({ confidentiality, sensitivity }: Labels) => JSON.stringify([confidentiality, sensitivity]);

const json = (records: readonly Record[]) => records.map((one) => JSON.stringify(one));

describe('security: a search', () => {
  test('security: of what may be seen finds, counts, brings along and shows nothing that may not', () => {
    let hidden = 0;
    fc.assert(
      fc.property(ward, ({ records, labels, groupOf, groups, shared }) => {
        const all = [...records, ...others].map((one, at) => ({
          ...one,
          meta: { security: security[labels[at % labels.length] ?? 'none'] },
        }));
        const cache = openCache();
        ingest(cache, json(all));
        const known = cache.read.labels({ after: 0 });
        const shownBy = ({ types: shownTypes, kinds: shownKinds }: (typeof groups)[number]) => {
          const marks = shownKinds.map((kind) => markOf(labelsOf(labelsText({ meta: { security: security[kind] } }))));
          const numbers = known.filter(({ labels: of }) => marks.includes(markOf(of)));
          return { types: shownTypes, labels: numbers.map(({ number }) => number), marks };
        };
        const isSeen = (one: Record) => {
          const whose = one.resourceType === 'Patient' ? one.id : one.subject?.reference.split('/')[1];
          const group = whose === undefined ? undefined : groupOf[people.indexOf(whose)];
          const sees = whose === undefined ? shared : group === null || group === undefined ? null : groups[group];
          if (!sees) return false;
          const text = labelsText(one);
          return text === ''
            ? sees.types.includes(one.resourceType)
            : shownBy(sees).marks.includes(markOf(labelsOf(text)));
        };
        const sight: SearchSight = {
          newest: known.at(-1)?.number ?? 0,
          patients: groups.map((group, at) => ({
            ids: people.filter((_, person) => groupOf[person] === at),
            shown: shownBy(group),
          })),
          shared: shownBy(shared),
        };
        const left = openCache();
        const visible = all.filter(isSeen);
        hidden += all.length - visible.length;
        ingest(left, json(visible));
        for (const query of queries) expect(told({ ...cache, sight }, query), query).toEqual(told(left, query));
      }),
      { numRuns: 40, seed: 7 },
    );
    expect(hidden).toBeGreaterThan(40);
  });

  test('security: is decided anew where there is a label that the decision didn’t know', () => {
    const cache = openCache();
    ingest(cache, json([{ resourceType: 'Patient', id: 'a', meta: { security: security.R } }]));
    const sight: SearchSight = { newest: 0, patients: [], shared: { types, labels: [] } };
    expect(() => cache.read.search({ type: 'Patient', query: '', sight })).toThrow('sight-outdated');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SearchSight } from '../../../main/cache/sight.ts';
import { openCache } from '../cache/support.ts';
import { datePool, resource, wordPool } from './resources.ts';
import { askCache, ingest, searchOnce } from './support.ts';

type Json = { readonly [member: string]: unknown };

/** The elements of an array at a member, or the member itself. */
function each(value: unknown, member: string): Json[] {
  const found = (value as Json | undefined)?.[member];
  return (Array.isArray(found) ? found : found === undefined ? [] : [found]) as Json[];
}

const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** First and last millisecond, found another way than the program does: the last is just before the next of its kind. */
function span(text: string): [number, number] {
  if (text.length > 10) return [Date.parse(text), Date.parse(text) + 999];
  const [year = 0, month, day] = text.split('-').map(Number);
  const start = new Date(Date.UTC(year, (month ?? 1) - 1, day ?? 1));
  const next = new Date(start);
  if (day !== undefined) next.setUTCDate(next.getUTCDate() + 1);
  else if (month !== undefined) next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return [start.getTime(), next.getTime() - 1];
}

type Naive = (one: Json) => boolean;

function concepts(one: Json, member: string): Json[] {
  return each(one, member).flatMap((concept) => each(concept, 'coding'));
}

const prefixes: Readonly<Record<string, (low: number, high: number, start: number, end: number) => boolean>> = {
  eq: (low, high, start, end) => low <= start && end <= high,
  ne: (low, high, start, end) => !(low <= start && end <= high),
  gt: (_low, high, _start, end) => end > high,
  lt: (low, _high, start) => start < low,
  ge: (low, high, start, end) => end > high || (low <= start && end <= high),
  le: (low, high, start, end) => start < low || (low <= start && end <= high),
  sa: (_low, high, start) => start > high,
  eb: (low, _high, _start, end) => end < low,
};
const prefix = fc.constantFrom(...Object.keys(prefixes));

/** A search with what it means, told without any index. */
const searches: fc.Arbitrary<{ type: string; query: string; matches: Naive }> = fc.oneof(
  fc.record({ word: fc.constantFrom(...wordPool), cut: fc.integer({ min: 1, max: 5 }) }).map(({ word, cut }) => {
    const wanted = word.slice(0, cut);
    const starts = (text: unknown) => folded(String(text)).startsWith(folded(wanted));
    return {
      type: 'Patient',
      query: `name=${encodeURIComponent(wanted)}`,
      matches: (one: Json) =>
        each(one, 'name').some((name) => starts(name['family']) || each(name, 'given').some(starts)),
    };
  }),
  fc
    .record({ word: fc.constantFrom(...wordPool), modifier: fc.constantFrom('exact', 'contains') })
    .map(({ word, modifier }) => ({
      type: 'Patient',
      query: `family:${modifier}=${encodeURIComponent(word)}`,
      matches: (one: Json) =>
        each(one, 'name').some(({ family }) =>
          modifier === 'exact' ? family === word : folded(String(family)).includes(folded(word)),
        ),
    })),
  fc
    .record({
      type: fc.constantFrom('Observation', 'Condition'),
      system: fc.constantFrom(undefined, '', 'http://s'),
      code: fc.constantFrom('x', 'y', 'Z', undefined),
      not: fc.boolean(),
    })
    .filter(({ system, code }) => code !== undefined || system === 'http://s')
    .map(({ type, system, code, not }) => ({
      type,
      query: `code${not ? ':not' : ''}=${encodeURIComponent(`${system === undefined ? '' : `${system}|`}${code ?? ''}`)}`,
      matches: (one: Json) =>
        not !==
        concepts(one, 'code').some(
          (coding) =>
            (system === undefined || (coding['system'] ?? '') === system) &&
            (code === undefined || String(coding['code']).toLowerCase() === code.toLowerCase()),
        ),
    })),
  fc
    .record({
      type: fc.constantFrom('Observation', 'Patient', 'Condition'),
      prefix,
      date: fc.constantFrom(...datePool),
    })
    .map(({ type, prefix: sign, date }) => {
      const [code, member] =
        type === 'Patient'
          ? ['birthdate', 'birthDate']
          : type === 'Condition'
            ? ['onset-date', 'onsetPeriod']
            : ['date', 'effectiveDateTime'];
      const [low, high] = span(date);
      return {
        type,
        query: `${code}=${sign}${encodeURIComponent(date)}`,
        matches: (one: Json) => {
          const value = one[member ?? ''];
          if (value === undefined) return false;
          const start = typeof value === 'string' ? value : String((value as Json)['start']);
          const [from, to] = span(start);
          return prefixes[sign]?.(low, high, from, typeof value === 'string' ? to : 8e15) ?? false;
        },
      };
    }),
  fc
    .record({ prefix, number: fc.constantFrom('1', '1.5', '1.50', '10', '-3'), unit: fc.constantFrom('', '||mg') })
    .map(({ prefix: sign, number, unit }) => {
      const half = 0.5 * 10 ** -(number.split('.')[1]?.length ?? 0);
      const exact = sign !== 'eq' && sign !== 'ne';
      return {
        type: 'Observation',
        query: `value-quantity=${sign}${number}${encodeURIComponent(unit)}`,
        matches: (one: Json) => {
          const quantity = one['valueQuantity'] as { value: number; unit: string } | undefined;
          if (!quantity || (unit !== '' && quantity.unit !== 'mg')) return false;
          const [low, high] = exact ? [Number(number), Number(number)] : [Number(number) - half, Number(number) + half];
          if (!exact) return (sign === 'eq') === (quantity.value >= low && quantity.value < high);
          return prefixes[sign]?.(low, high, quantity.value, quantity.value) ?? false;
        },
      };
    }),
  fc.record({ id: fc.constantFrom('a', 'b', 'c'), code: fc.constantFrom('x', 'y') }).map(({ id, code }) => ({
    type: 'Observation',
    query: `subject=Patient/${id}&encounter:missing=false&category=${code}`,
    matches: (one: Json) =>
      (one['subject'] as Json | undefined)?.['reference'] === `Patient/${id}` &&
      one['encounter'] !== undefined &&
      concepts(one, 'category').some((coding) => String(coding['code']).toLowerCase() === code),
  })),
);

test('random searches of random records find what looking at each record finds', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      fc.array(resource, { maxLength: 12 }),
      fc.array(searches, { minLength: 8, maxLength: 8 }),
      (made, asked) => {
        const cache = openCache();
        cache.db.pragma('synchronous = 0');
        const records = [...new Map(made.map((one) => [`${one.resourceType}/${one.id}`, one])).values()];
        ingest(
          cache,
          records.map((one) => JSON.stringify(one)),
        );
        for (const { type, query, matches } of asked) {
          const wanted = records.filter((one) => one.resourceType === type && matches(one as unknown as Json));
          const found = askCache(cache, `${type}?${query}`);
          expect([...found.matches].sort(), query).toEqual(wanted.map(({ id }) => `${type}/${id}`).sort());
          expect(found.total, query).toBe(wanted.length);
        }
      },
    ),
    { numRuns: 60 },
  );
});

const observations = Array.from({ length: 40 }, (_, index) => ({
  resourceType: 'Observation',
  id: `o${index}`,
  status: index % 3 === 0 ? 'final' : 'amended',
  code: {
    coding: [
      { system: 'http://s', code: `c${index % 4}` },
      { system: 'http://t', code: `d${index % 2}` },
    ],
  },
  category: [{ coding: [{ code: 'lab' }] }, { coding: [{ code: index % 2 === 0 ? 'blood' : 'urine' }] }],
  subject: { reference: `Patient/p${index % 5}` },
  ...(index % 7 === 0 ? {} : { effectiveDateTime: `2024-0${(index % 3) + 1}-11` }),
  valueQuantity: { value: index % 6, unit: 'mg' },
}));
const patients = Array.from({ length: 5 }, (_, index) => ({
  resourceType: 'Patient',
  id: `p${index}`,
  name: [{ family: `Ann${index}`, given: ['Anna', 'Annabel'] }],
}));

function filledCache() {
  const cache = openCache();
  ingest(
    cache,
    [...patients, ...observations].map((one) => JSON.stringify(one)),
  );
  return cache;
}

describe('pages', () => {
  test('bring each record once, whatever their size, filter and order', () => {
    const cache = filledCache();
    const filters = [
      '',
      'code=c1,c2',
      'code=c1,d0',
      'category=lab,blood',
      'date=ge2024-02',
      'patient=p1,p2',
      'value-quantity=gt2',
      'status:not=final',
      'patient.name=ann',
      '_id=o1,o2,o3',
    ];
    const sorts = [
      '',
      '_sort=-date',
      '_sort=date,status',
      '_sort=code,-date,_id',
      '_sort=value-quantity',
      '_sort=-_id',
      '_sort=category',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...filters),
        fc.constantFrom(...sorts),
        fc.integer({ min: 1, max: 9 }),
        (filter, sort, count) => {
          const query = `Observation?${[filter, sort].filter(Boolean).join('&')}`;
          const whole = askCache(cache, query);
          const paged = askCache(cache, `${query}&_count=${count}`);
          expect(paged.matches).toEqual(whole.matches);
          expect(new Set(paged.matches).size).toBe(paged.matches.length);
          expect(whole.total).toBe(whole.matches.length);
        },
      ),
      { numRuns: 200 },
    );
    expect(askCache(cache, 'Patient?name=ann&_count=2').matches).toHaveLength(5);
  });

  test('go on where they were when records come and go in between', () => {
    const cache = filledCache();
    const query = 'Observation?_sort=_id&_count=10';
    const first = searchOnce(cache, query);
    const added = { ...observations[0], id: 'o00' };
    ingest(cache, [JSON.stringify(added)]);
    const seen = [first, ...rest(query, first.next)].flatMap(({ entries }) => entries.map(({ id }) => id));
    expect(seen).toEqual(observations.map(({ id }) => id).sort());

    function rest(asked: string, page: string | null): ReturnType<typeof searchOnce>[] {
      if (page === null) return [];
      const answer = searchOnce(cache, asked, page);
      return [answer, ...rest(asked, answer.next)];
    }
  });

  describe('of several walks', () => {
    const measured = (id: string, code: string, unit = 'mg') => ({
      ...{ resourceType: 'Observation', id, status: 'final', code: { coding: [{ code }] }, category: [] },
      ...{ valueQuantity: { value: 1, unit }, encounter: { reference: `Encounter/${code}` } },
    });
    const stored = ['a', 'b', 'c'].flatMap((code) => [1, 2].map((index) => measured(`${code}${index}`, code)));
    const encounters = ['a', 'b', 'c'].map((id) => ({
      ...{ resourceType: 'Encounter', id, status: 'finished', class: { code: 'AMB' } },
      ...{ subject: { reference: 'Patient/p' }, type: [{ text: id }] },
    }));
    const texts = (resources: readonly object[]) => resources.map((one) => JSON.stringify(one));
    const queries = ['value-quantity=1', 'code=a,b,c', 'encounter=a,b,c', 'encounter.status=finished'];

    /** The ids of all pages, between the first two of which something happens. */
    function paged(query: string, count: number, between: (cache: ReturnType<typeof openCache>) => void): string[] {
      const cache = openCache();
      ingest(cache, texts([...encounters, ...stored]));
      const ids: string[] = [];
      for (let page: string | null | undefined; page !== null; ) {
        const answer = searchOnce(cache, `Observation?${query}&_count=${count}`, page);
        if (page === undefined) between(cache);
        ids.push(...answer.entries.map(({ id }) => id));
        page = answer.next;
      }
      return ids;
    }

    test.each(queries)('each record comes once, where a walk comes in between: %s', (query) => {
      const added = measured('a3', 'a', 'g');
      const ids = paged(query, 3, (cache) => ingest(cache, texts([added])));
      expect(ids.filter((id) => id !== 'a3')).toEqual(stored.map(({ id }) => id));
    });

    test.each(queries)('the others come, where the walk is gone in which a page ended: %s', (query) => {
      const ids = paged(query, 3, (cache) => {
        ingest(cache, texts(['b1', 'b2'].map((id) => measured(id, 'x'))));
        // As a sweep does after a purge.
        cache.db.exec('DELETE FROM search_quantity_kind WHERE kid NOT IN (SELECT kid FROM search_quantity)');
        if (query.includes('.')) ingest(cache, texts([{ ...encounters[1], status: 'planned' }]));
      });
      expect(ids.slice(0, 5)).toEqual(['a1', 'a2', 'b1', 'c1', 'c2']);
    });
  });

  test.each([
    '',
    'x',
    'W10',
    'WyJ3Iiw5OSwieCJd',
    'WyJzIiwxLDIsMyw0LDVd',
    Buffer.from('["w",0,"1.1","x","y","z"]').toString('base64url'),
  ])('a mark that is none (%j) is refused', (page) => {
    const { read } = filledCache();
    for (const query of ['code=c1', '_sort=date']) {
      expect(read.search({ type: 'Observation', query, page, sight: null })).toEqual({
        ok: false,
        error: { code: 'bad-page', detail: 'page' },
      });
    }
  });
});

test.each(['_summary=count', '_count=0', '_count=0&_total=none', '_summary=count&_sort=date'])(
  'the number alone is answered: %s',
  (asked) => {
    const { read } = filledCache();
    const result = read.search({ type: 'Observation', query: `code=c1&${asked}`, sight: null });
    expect(result).toMatchObject({ ok: true, value: { total: 10, entries: [], next: null } });
  },
);

describe('what is not supported', () => {
  test.each([
    ['Observation', 'colour=red', 'unknown-parameter', 'colour'],
    ['Observation', '_colour=red', 'unknown-parameter', '_colour'],
    ['Patient', 'phonetic=x', 'unknown-parameter', 'phonetic'],
    ['Observation', 'code:above=x', 'unsupported-modifier', 'code'],
    ['Observation', 'date:exact=2024', 'unsupported-modifier', 'date'],
    ['Patient', 'identifier:text=x', 'unsupported-modifier', 'identifier'],
    ['Observation', 'patient:Device=x', 'unsupported-modifier', 'patient'],
    ['Observation', 'date=yesterday', 'bad-value', 'date'],
    ['Observation', 'value-quantity=many', 'bad-value', 'value-quantity'],
    ['Observation', 'code=', 'bad-value', 'code'],
    ['Observation', 'code=a|b|c', 'bad-value', 'code'],
    ['Observation', 'code:missing=perhaps', 'bad-value', 'code'],
    ['Observation', 'code-value-quantity=x', 'bad-value', 'code-value-quantity'],
    ['Observation', '_count=-1', 'bad-value', '_count'],
    ['Observation', '_summary=all', 'bad-value', '_summary'],
    ['Observation', '_include=Observation', 'bad-value', '_include'],
    ['Observation', '_include=Observation:colour', 'unknown-parameter', '_include'],
    ['Patient', '_has:Observation:colour:code=x', 'unknown-parameter', '_has'],
    ['Patient', '_has:Nothing:patient:code=x', 'unknown-type', '_has'],
    ['Patient', '_has:Patient:link:'.repeat(9), 'bad-value', '_has'],
    ['Observation', 'patient.colour=red', 'unknown-parameter', 'patient.colour'],
    ['Observation', 'code:in=http://nowhere', 'unknown-value-set', 'code'],
    ['Observation', '_sort:desc=date', 'unsupported-modifier', '_sort'],
    ['Patient', '_sort=address', 'unsupported-sort', 'address'],
    ['Patient', '_sort=colour', 'unknown-parameter', 'colour'],
    ['Observation', '_content=%22%22', 'bad-value', '_content'],
    ['observation; DROP TABLE resource', 'code=x', 'unknown-type', 'type'],
  ])('%s?%s is refused by name', (type, query, code, detail) => {
    expect(filledCache().read.search({ type, query, sight: null })).toEqual({ ok: false, error: { code, detail } });
  });

  test('never quotes what was searched for', () => {
    const { read } = filledCache();
    for (const query of ['date=Smith', 'identifier=Smith|Smith|Smith', 'code:in=Smith', '_sort=Smith', 'Smith']) {
      const answer = read.search({ type: 'Patient', query, sight: null });
      expect(JSON.stringify(answer).replace('"detail":"Smith"', '')).not.toContain('Smith|');
    }
  });

  test('what only shapes an answer is named in a warning', () => {
    expect(searchOnce(filledCache(), 'Patient?_elements=name&_format=json').warnings).toEqual(['_elements', '_format']);
  });
});

test.each([
  `'; DROP TABLE resource; --`,
  `" OR 1=1`,
  '%',
  '_',
  '\\',
  'a\u0000b',
  '$',
  '*',
  'NEAR(a b)',
  'content:x',
  '\u{10FFFF}',
  '}{',
])('a value is only ever a value: %j', (value) => {
  const cache = filledCache();
  const asked = encodeURIComponent(value);
  for (const query of [
    'family',
    'identifier',
    'gender',
    'gender:text',
    'general-practitioner',
    '_content',
    '_id',
    '_profile',
    'address:contains',
  ]) {
    const answer = cache.read.search({ type: 'Patient', query: `${query}=${asked}`, sight: null });
    if (answer.ok) expect(answer.value.entries).toEqual([]);
    else expect(answer.error.code).toBe('bad-value');
  }
  expect(askCache(cache, 'Patient?').matches).toHaveLength(5);
});

/** Sees what has no label: of these patients, and of no patient. */
function sightOf(ids: readonly string[]): SearchSight {
  const shown = { types: ['Patient', 'Observation', 'Location'], labels: [] };
  return { newest: 0, patients: [{ ids, shown }], shared: shown };
}

describe('a panel', () => {
  test('limits matches, chains, reverse chains, includes and totals to its patients', () => {
    const cache = filledCache();
    const shared = { resourceType: 'Location', id: 'ward', name: 'Ward' };
    ingest(cache, [JSON.stringify(shared)]);
    const { read } = cache;
    const found = (type: string, query: string) => {
      const answer = read.search({ type, query: `${query}&_count=1000&_total=accurate`, sight: sightOf(['p1']) });
      if (!answer.ok) throw new Error(answer.error.code);
      expect(answer.value.total).toBe(answer.value.entries.filter(({ mode }) => mode === 'match').length);
      return new Set(
        answer.value.entries.map(
          ({ body }) =>
            (JSON.parse(body) as { subject?: { reference: string }; id: string }).subject?.reference ??
            (JSON.parse(body) as { id: string }).id,
        ),
      );
    };
    expect(found('Patient', '')).toEqual(new Set(['p1']));
    for (const query of [
      '',
      'code=c1',
      'date=ge2000',
      '_sort=-date',
      'patient.name=ann',
      'value-quantity=ge0',
      '_id=o1,o2',
      'subject:missing=false',
      'patient=p1,p2',
    ]) {
      expect(found('Observation', query), query).toEqual(new Set(['Patient/p1']));
    }
    expect(found('Patient', '_has:Observation:patient:code=c1')).toEqual(new Set(['p1']));
    expect(found('Observation', 'code=c2&_include=Observation:subject')).toEqual(new Set(['Patient/p1', 'p1']));
    expect(found('Location', '')).toEqual(new Set(['ward']));
    expect(read.search({ type: 'Patient', query: '_summary=count', sight: sightOf([]) })).toMatchObject({
      value: { total: 0 },
    });
  });
});

describe('full text', () => {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const note = (id: string, attachment: object, more: object = {}) => ({
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    subject: { reference: 'Patient/p1' },
    content: [{ attachment }],
    ...more,
  });

  function noted() {
    const cache = filledCache();
    const notes = [
      note('plain', {
        contentType: 'text/plain; charset=utf-8',
        data: encoded('Seen for dyspnoea. Café au lait spots. No fever.'),
      }),
      note('html', { contentType: 'text/html', data: encoded('<p>Fever &amp; chills</p><script>dyspnoea()</script>') }),
      note('image', { contentType: 'image/png', data: encoded('fever') }),
      note(
        'narrative',
        { contentType: 'image/png' },
        { text: { status: 'generated', div: '<div title="fever">Wound <b>clean</b></div>' } },
      ),
      note('binary', { contentType: 'text/plain', url: 'https://fhir.example/Binary/b1' }),
      { resourceType: 'Binary', id: 'b1', contentType: 'text/plain', data: encoded('Pneumothorax on the left') },
    ];
    ingest(
      cache,
      notes.map((one) => JSON.stringify(one)),
    );
    return cache;
  }

  test.each([
    ['_content=fever', ['html', 'plain']],
    ['_content=FÉVER', ['html', 'plain']],
    ['_content=cafe', ['plain']],
    ['_content=dyspnoea', ['plain']],
    ['_content=fever dyspnoea', ['plain']],
    ['_content=fever OR wound', ['html', 'narrative', 'plain']],
    ['_content=fever -dyspnoea', ['html']],
    ['_content=fever NOT chills', ['plain']],
    ['_content="lait spots"', ['plain']],
    ['_content="spots lait"', []],
    ['_content=pneu*', ['binary']],
    ['_content=pneu', []],
    ['_content=chills,wound', ['html', 'narrative']],
    ['_text=wound', ['narrative']],
    ['_text=fever', []],
    ['_content=fever&_sort=-_id', ['plain', 'html']],
    ['_content=pneumothorax&subject=Patient/p1&status=current', ['binary']],
  ])('%s', (query, ids) => {
    const [name, value = ''] = query.split(/=(.*?)(?=&|$)/s);
    const more = query.slice((name ?? '').length + 1 + value.length);
    const found = askCache(noted(), `DocumentReference?${name}=${encodeURIComponent(value)}${more}`);
    expect(query.includes('_sort') ? found.matches : [...found.matches].sort()).toEqual(
      ids.map((id) => `DocumentReference/${id}`),
    );
    expect(found.total).toBe(ids.length);
  });

  test('shows where the words stand, as text', () => {
    const [entry] = searchOnce(noted(), 'DocumentReference?_content=cafe').entries;
    const snippet = entry?.snippet;
    expect(snippet?.text).toContain('Café au lait');
    expect(snippet?.marks.map(([from, to]) => snippet.text.slice(from, to))).toEqual(['Café']);
  });

  test('a note that changed is found by its new words only', () => {
    const cache = noted();
    const meta = { versionId: '2', lastUpdated: '2030-01-01T00:00:00Z' };
    ingest(cache, [
      JSON.stringify({ ...note('plain', { contentType: 'text/plain', data: encoded('All well') }), meta }),
    ]);
    expect(askCache(cache, 'DocumentReference?_content=dyspnoea').matches).toEqual([]);
    expect(askCache(cache, 'DocumentReference?_content=well').matches).toEqual(['DocumentReference/plain']);
  });
});

describe('value sets', () => {
  test('are taken from the cache, by URL or id, expanded or listed', () => {
    const cache = filledCache();
    const expanded = {
      resourceType: 'ValueSet',
      id: 'v1',
      url: 'http://v/1',
      expansion: {
        contains: [{ abstract: true, system: 'http://s', code: 'c0', contains: [{ system: 'http://s', code: 'c1' }] }],
      },
    };
    const listed = {
      resourceType: 'ValueSet',
      id: 'v2',
      url: 'http://v/2',
      compose: { include: [{ system: 'http://t', concept: [{ code: 'd0' }] }] },
    };
    const whole = {
      resourceType: 'ValueSet',
      id: 'v3',
      url: 'http://v/3',
      compose: { include: [{ system: 'http://t' }] },
    };
    ingest(
      cache,
      [expanded, listed, whole].map((one) => JSON.stringify(one)),
    );
    expect(askCache(cache, 'Observation?code:in=http://v/1').total).toBe(10);
    expect(askCache(cache, 'Observation?code:in=ValueSet/v1').total).toBe(10);
    expect(askCache(cache, 'Observation?code:not-in=http://v/1').total).toBe(30);
    expect(askCache(cache, 'Observation?code:in=http://v/2').total).toBe(20);
    expect(cache.read.search({ type: 'Observation', query: 'code:in=http://v/3', sight: null })).toMatchObject({
      error: { code: 'unknown-value-set' },
    });
  });
});

describe('quantities of more kinds than SQLite joins', () => {
  const MANY = 620;
  function cacheOfKinds() {
    const cache = openCache();
    const observation = (index: number) => ({
      resourceType: 'Observation',
      id: `o${String(index).padStart(3, '0')}`,
      status: 'final',
      code: { coding: [{ code: `c${index}` }] },
      subject: { reference: `Patient/${index < MANY / 2 ? 'low' : 'high'}` },
      valueQuantity: { value: index, unit: `u${index}` },
      component: [{ code: { text: `part ${index}` }, valueQuantity: { value: index, unit: 'x' } }],
    });
    const report = {
      ...{ resourceType: 'DiagnosticReport', id: 'r', status: 'final', code: { text: 'x' } },
      result: [{ reference: 'Observation/o600' }],
    };
    const owners = ['low', 'high'].map((id) => ({ resourceType: 'Patient', id }));
    const all = [...owners, ...Array.from({ length: MANY }, (_, index) => observation(index)), report];
    ingest(
      cache,
      all.map((one) => JSON.stringify(one)),
    );
    return cache;
  }

  test('are found alone, with others, in chains and beside codes', () => {
    const cache = cacheOfKinds();
    const found = (query: string) => askCache(cache, query);
    for (const query of [
      'combo-value-quantity=gt500',
      'value-quantity=gt500',
      'component-value-quantity=gt500,ne3.5||y',
    ]) {
      expect(found(`Observation?${query}`).total, query).toBe(119);
      expect(found(`Observation?${query}&patient=low`).total, query).toBe(0);
    }
    const either = found('Observation?value-quantity=gt505,lt3');
    expect(either.total).toBe(117);
    expect(new Set(either.matches).size).toBe(117);
    expect(found('Observation?value-quantity=gt505,lt3&_count=7').matches).toEqual(either.matches);
    expect(found('Patient?_has:Observation:patient:value-quantity=gt500').matches).toEqual(['Patient/high']);
    expect(found('Patient?_has:Observation:patient:value-quantity=gt5').total).toBe(2);
    expect(found('DiagnosticReport?result.value-quantity=gt5').matches).toEqual(['DiagnosticReport/r']);
    expect(found('Observation?value-quantity=gt500||u7').total).toBe(0);
    expect(found('Observation?code-value-quantity=c7$lt9').matches).toEqual(['Observation/o007']);
  });
});

describe('many values of one parameter', () => {
  const many = (value: (index: number) => string, length: number) =>
    Array.from({ length }, (_, at) => value(at)).join(',');
  const kinds = [
    ['Patient', 'identifier', (at: number) => `i${at}`],
    ['Patient', 'name', (at: number) => `n${at}`],
    ['Patient', 'birthdate', (at: number) => `19${String(10 + (at % 90))}`],
    ['Observation', 'value-quantity', (at: number) => String(at)],
    ['Observation', 'code-value-quantity', (at: number) => `c$${at}`],
    ['Observation', '_content', (at: number) => `w${at}`],
  ] as const;

  test.each(kinds)('%s %s takes as many as it says', (type, name, value) => {
    const { read } = filledCache();
    const ask = (length: number) => read.search({ type, query: `${name}=${many(value, length)}`, sight: null });
    expect(ask(200).ok).toBe(true);
    for (const length of [201, 1_200]) {
      expect(ask(length)).toEqual({ ok: false, error: { code: 'bad-value', detail: name } });
    }
  });

  test('ids, codes and references are lists of any length', () => {
    const cache = filledCache();
    expect(askCache(cache, `Patient?_id=p1,${many((at) => `x${at}`, 1_200)}`).total).toBe(1);
    expect(askCache(cache, `Observation?code=c1,${many((at) => `x${at}`, 1_200)}`).total).toBe(10);
    expect(askCache(cache, `Observation?subject=p1,${many((at) => `x${at}`, 1_200)}`).total).toBe(8);
  });
});

describe('value sets that list', () => {
  const system = 'http://s';
  const valueSetOf = (id: string, compose: object, more: object = {}) =>
    JSON.stringify({ resourceType: 'ValueSet', id, url: `http://v/${id}`, compose, ...more });
  const codes = (...all: string[]) => ({ system, concept: all.map((code) => ({ code })) });

  function cacheOfSets() {
    const cache = openCache();
    const observation = (code: string) =>
      JSON.stringify({ resourceType: 'Observation', id: code, status: 'final', code: { coding: [{ system, code }] } });
    ingest(cache, [
      ...['a', 'b', 'c'].map(observation),
      valueSetOf('less', { include: [codes('a', 'b', 'c')], exclude: [codes('B')] }),
      valueSetOf('other', { include: [codes('a', 'b')], exclude: [{ ...codes('b'), system: 'http://t' }] }),
      valueSetOf('whole', { include: [codes('a', 'b')], exclude: [{ system }] }),
      valueSetOf('filtered', { include: [codes('a')], exclude: [{ ...codes('b'), filter: [{ property: 'x' }] }] }),
      valueSetOf('both', { include: [{ ...codes('a', 'b'), valueSet: ['http://v/less'] }] }),
      valueSetOf('old', { include: [codes('a')] }, { url: 'http://v/versions', version: '1' }),
      valueSetOf('new', { include: [codes('b')] }, { url: 'http://v/versions', version: '2' }),
    ]);
    return cache;
  }

  test.each([
    ['code:in=http://v/less', ['a', 'c']],
    ['code:not-in=http://v/less', ['b']],
    ['code:in=http://v/other', ['a', 'b']],
    ['code:in=http://v/versions|1', ['a']],
    ['code:in=http://v/versions|2', ['b']],
  ])('are without what they exclude, and of the version that is asked for: %s', (query, ids) => {
    expect(askCache(cacheOfSets(), `Observation?${query}`).matches).toEqual(ids.map((id) => `Observation/${id}`));
  });

  test.each(['http://v/whole', 'http://v/filtered', 'http://v/both', 'http://v/versions|3', 'http://v/less|1'])(
    'what can’t be told is refused: %s',
    (set) => {
      for (const modifier of ['in', 'not-in']) {
        const query = `code:${modifier}=${set}`;
        expect(cacheOfSets().read.search({ type: 'Observation', query, sight: null })).toEqual({
          ok: false,
          error: { code: 'unknown-value-set', detail: 'code' },
        });
      }
    },
  );
});

test('a code alone has the system of its value set', () => {
  const cache = openCache();
  const patient = (id: string, gender: string) => ({ resourceType: 'Patient', id, gender, active: id === 'm' });
  const genders = 'http://hl7.org/fhir/administrative-gender';
  const include = [{ system: genders, concept: [{ code: 'male' }, { code: 'other' }] }];
  const set = { resourceType: 'ValueSet', id: 'v', url: 'http://v', status: 'active', compose: { include } };
  ingest(
    cache,
    [patient('m', 'male'), patient('f', 'female'), set].map((one) => JSON.stringify(one)),
  );
  const found = (query: string) => askCache(cache, `Patient?${query}`).matches;
  expect(found('gender:in=http://v')).toEqual(['Patient/m']);
  expect(found('gender:not-in=http://v')).toEqual(['Patient/f']);
  expect(found(`gender=${genders}|male`)).toEqual(['Patient/m']);
  expect(found(`gender:not=${genders}|male`)).toEqual(['Patient/f']);
  expect(found(`gender=${genders}|`).toSorted()).toEqual(['Patient/f', 'Patient/m']);
  expect(found('gender=|male,none')).toEqual(['Patient/m']);
  expect(found('active=http://hl7.org/fhir/special-values|true')).toEqual(['Patient/m']);
});

test('identifiers of references that name no record are found', () => {
  const cache = openCache();
  const logical = {
    resourceType: 'Observation',
    id: 'o',
    code: { text: 'x' },
    subject: { identifier: { system: 'http://mrn', value: 'A1' } },
  };
  ingest(cache, [JSON.stringify(logical)]);
  expect(askCache(cache, 'Observation?subject:identifier=http://mrn|a1').matches).toEqual(['Observation/o']);
  expect(askCache(cache, 'Observation?subject:missing=false').matches).toEqual(['Observation/o']);
});

describe('the address of a definition', () => {
  const one = 'http://one.org/Questionnaire/phq9';
  const two = 'http://two.org/Questionnaire/phq9';

  function cacheOfForms() {
    const cache = openCache();
    const form = (id: string, questionnaire: string) => ({
      ...{ resourceType: 'QuestionnaireResponse', id, status: 'completed', questionnaire },
      meta: { profile: [`${questionnaire.split('|')[0]}|9`] },
    });
    const forms = [form('a', one), form('b', `${one}|2`), form('c', two), form('d', 'Questionnaire/phq9')];
    ingest(
      cache,
      forms.map((each) => JSON.stringify(each)),
    );
    return cache;
  }

  test.each([
    [`questionnaire=${one}`, ['a', 'b']],
    [`questionnaire=${one}|2`, ['b']],
    [`questionnaire=${one}|3`, []],
    [`questionnaire=${one}|2,${one}`, ['a', 'b']],
    [`questionnaire=${two}`, ['c']],
    ['questionnaire=phq9', ['d']],
    ['questionnaire=Questionnaire/phq9', ['d']],
    ['questionnaire:Questionnaire=phq9', ['d']],
    ['questionnaire:missing=true', []],
    [`_profile=${one}`, ['a', 'b']],
    [`_profile=${one}|9`, ['a', 'b']],
    [`_profile=${one}|8`, []],
    ['_profile:below=http://one.org', ['a', 'b']],
  ])('is compared whole, with its version where one is asked for: %s', (query, ids) => {
    const found = askCache(cacheOfForms(), `QuestionnaireResponse?${query}`);
    expect(found.matches.map((match) => match.split('/')[1]).toSorted()).toEqual(ids);
    expect(found.total).toBe(ids.length);
  });

  test('brings along no definition of another server, and sorts as it stands', () => {
    const cache = cacheOfForms();
    ingest(cache, [JSON.stringify({ resourceType: 'Questionnaire', id: 'phq9', url: two, status: 'active' })]);
    const include = '_include=QuestionnaireResponse:questionnaire';
    expect(askCache(cache, `QuestionnaireResponse?_id=a,b&${include}`).included).toEqual([]);
    expect(askCache(cache, `QuestionnaireResponse?_id=d&${include}`).included).toEqual(['Questionnaire/phq9']);
    const sorted = askCache(cache, 'QuestionnaireResponse?_sort=-questionnaire').matches;
    expect(sorted.map((match) => match.split('/')[1])).toEqual(['c', 'b', 'a', 'd']);
  });
});

test('a quantity is found by the code beside it, not by one elsewhere in the record', () => {
  const cache = openCache();
  const pressure = (id: string, systolic: number, diastolic: number) => ({
    resourceType: 'Observation',
    id,
    code: { coding: [{ code: 'bp' }] },
    component: [
      { code: { coding: [{ code: 'sys' }] }, valueQuantity: { value: systolic, code: 'mm' } },
      { code: { coding: [{ code: 'dia' }] }, valueQuantity: { value: diastolic, code: 'mm' } },
    ],
  });
  ingest(cache, [JSON.stringify(pressure('high', 180, 90)), JSON.stringify(pressure('odd', 90, 180))]);
  expect(askCache(cache, 'Observation?component-code-value-quantity=sys$gt150').matches).toEqual(['Observation/high']);
  expect(askCache(cache, 'Observation?component-code=sys&component-value-quantity=gt150').total).toBe(2);
});

test('a sigma is found whether or not it ends a word, and in capitals', () => {
  const cache = openCache();
  const named = ['Κωσταντίνου', 'ΚΩΣΤΑΣ', 'Κως'].map((family, at) => ({
    ...{ resourceType: 'Patient', id: `p${at}`, name: [{ family }], text: { div: `<div>${family}</div>` } },
  }));
  ingest(
    cache,
    named.map((one) => JSON.stringify(one)),
  );
  expect(askCache(cache, `Patient?family=${encodeURIComponent('Κώς')}`).total).toBe(3);
  for (const written of ['ΚΩΣ', 'κωσ', 'κως']) {
    expect(askCache(cache, `Patient?family=${encodeURIComponent(written)}`).total, written).toBe(3);
    const { entries } = searchOnce(cache, `Patient?_text=${encodeURIComponent(written)}`);
    expect(
      entries.map(({ id, snippet }) => [id, snippet?.marks]),
      written,
    ).toEqual([['p2', [[0, 3]]]]);
  }
});

describe('a medicine that a record contains', () => {
  const medication = (code: string, more: object = {}) => ({
    resourceType: 'Medication',
    code: { text: code, coding: [{ system: 'urn:drugs', code }] },
    ...more,
  });
  const request = (id: string, reference: string, contained: readonly object[] = []) => ({
    ...{
      resourceType: 'MedicationRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/p' },
    },
    ...{ medicationReference: { reference }, contained },
  });

  function cacheOfMedicines() {
    const cache = openCache();
    const records = [
      { resourceType: 'Patient', id: 'p' },
      medication('amox', { id: 'm' }),
      request('a', '#x', [medication('ibu', { id: 'y' }), medication('amox', { id: 'x' })]),
      request('b', '#x', [medication('ibu', { id: 'x' })]),
      request('c', 'Medication/m'),
    ];
    ingest(
      cache,
      records.map((one) => JSON.stringify(one)),
    );
    return cache;
  }

  test.each([
    ['MedicationRequest?medication.code=amox', ['a', 'c']],
    ['MedicationRequest?medication:Medication.code=urn:drugs|amox,none', ['a', 'c']],
    ['MedicationRequest?medication.code=amox,ibu&status=active', ['a', 'b', 'c']],
    ['MedicationRequest?medication.code:text=ibu', ['b']],
    ['MedicationRequest?medication.code:not=amox', ['b']],
    ['MedicationRequest?medication.code:not=ibu', ['a', 'c']],
    ['MedicationRequest?medication.code=none', []],
    ['MedicationRequest?medication.status=active', []],
    ['MedicationRequest?medication:missing=true', []],
    ['Patient?_has:MedicationRequest:patient:medication.code=ibu', ['p']],
  ])('is found by its code: %s', (query, ids) => {
    const cache = cacheOfMedicines();
    const whole = askCache(cache, query);
    expect(whole.matches.map((match) => match.split('/')[1]).toSorted()).toEqual(ids);
    expect(whole.total).toBe(ids.length);
    expect(askCache(cache, `${query}&_count=1`).matches).toEqual(whole.matches);
  });
});

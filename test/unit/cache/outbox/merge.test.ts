import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bothOf } from '../../../../main/cache/outbox/both.ts';
import { isIdentical, type JsonObject, printResource, readResource } from '../../../../main/cache/outbox/content.ts';
import { differences, grouped, merge, mergeDisjoint } from '../../../../main/cache/outbox/merge.ts';
import type { Choice } from '../../../../preload/contract/sync.ts';

const names = ['note', 'code', 'valueQuantity', 'issued', 'bodySite', 'method', '_issued', 'device'] as const;

/** Numbers as FHIR writes them: `1.50` is not `1.5`. */
const decimal = fc
  .tuple(fc.integer({ min: -999, max: 999 }), fc.constantFrom('', '.0', '.50', '.500', '.25'))
  .map(([whole, rest]) => `${whole}${rest}`);
const element = fc.oneof(
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
  decimal.map((value) => `{"value":${value},"unit":"mg"}`),
  fc
    .array(
      fc.string({ maxLength: 3 }).map((text) => JSON.stringify({ text })),
      { maxLength: 3 },
    )
    .map((all) => `[${all}]`),
);
const notes = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 4 })
  .map((all) => `[${all.map((text) => JSON.stringify({ text }))}]`);
const elements = fc
  .tuple(fc.dictionary(fc.constantFrom(...names), element, { maxKeys: names.length }), fc.option(notes))
  .map(([all, list]) => (list === null ? all : { ...all, note: list }));

function resource(members: Record<string, string>, meta = ''): JsonObject {
  const all = Object.entries(members).map(([name, text]) => `,"${name}":${text}`);
  return readResource(`{"resourceType":"Observation","id":"o1"${meta}${all.join('')}}`);
}

/** Three versions: what two people made of one base. */
const versions = fc.tuple(elements, elements, elements).chain(([base, a, b]) =>
  fc.tuple(fc.subarray([...names]), fc.subarray([...names])).map(([mineOf, theirsOf]) => {
    const changed = (by: readonly string[], from: Record<string, string>) => {
      const result: Record<string, string> = { ...base };
      for (const name of by) {
        delete result[name];
        const text = from[name];
        if (text !== undefined) result[name] = text;
      }
      return result;
    };
    return {
      base: resource(base),
      mine: resource(changed(mineOf, a)),
      theirs: resource(changed(theirsOf, b), ',"meta":{"versionId":"2"}'),
    };
  }),
);

const pathsBy = (all: ReturnType<typeof differences>, ...by: string[]) =>
  all.filter(({ changedBy }) => by.includes(changedBy)).map(({ path }) => path);
const without = ({ meta: _meta, ...rest }: JsonObject): JsonObject => rest;

describe('the three-way merge', () => {
  it('never loses what one side alone changed, to the digit', () => {
    fc.assert(
      fc.property(versions, fc.constantFrom<Choice>('mine', 'theirs'), (all, side) => {
        const found = differences(all);
        const both = new Set(pathsBy(found, 'both'));
        const merged = merge(all, (path) => (both.has(path) ? side : undefined));
        expect(merged).not.toBeNull();
        const result = differences({ base: all.base, mine: merged ?? {}, theirs: all.theirs });
        for (const { path, changedBy, mine, theirs } of found) {
          const expected = changedBy === 'mine' || (changedBy === 'both' && side === 'mine') ? mine : theirs;
          const kept = Object.fromEntries(
            Object.keys({ ...mine, ...theirs }).flatMap((name) =>
              merged?.[name] === undefined ? [] : [[name, merged[name]]],
            ),
          );
          if (changedBy !== 'same') expect(isIdentical(kept as JsonObject, expected), path).toBe(true);
        }
        // And nothing else is in it.
        for (const { path } of result) expect(found.map((one) => one.path)).toContain(path);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same whoever is asked first, where the changes are disjoint', () => {
    fc.assert(
      fc.property(versions, ({ base, mine, theirs }) => {
        const found = differences({ base, mine, theirs });
        fc.pre(pathsBy(found, 'both', 'same').length === 0);
        const one = merge({ base, mine, theirs }, () => undefined);
        const other = merge({ base, mine: theirs, theirs: mine }, () => undefined);
        expect(isIdentical(without(one ?? {}), without(other ?? {}))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('needs a person exactly where both changed the same element differently', () => {
    fc.assert(
      fc.property(versions, (all) => {
        const isContested = pathsBy(differences(all), 'both').length > 0;
        expect(merge(all, () => undefined) === null).toBe(isContested);
      }),
      { numRuns: 500 },
    );
  });

  it('prints what nobody touched as it was written', () => {
    fc.assert(
      fc.property(versions, (all) => {
        expect(printResource(readResource(printResource(all.base)))).toBe(printResource(all.base));
      }),
    );
  });
});

describe('a merge of choices', () => {
  const choosing = fc.dictionary(
    fc.constantFrom('note', 'code', 'value', 'issued', 'bodySite', 'method', 'device'),
    choice(),
  );
  function choice() {
    return fc.constantFrom<Choice>('mine', 'theirs', 'both');
  }
  type Items = readonly unknown[];
  const itemsOf = (group: JsonObject | undefined): Items => (group?.['note'] as Items | undefined) ?? [];
  const text = (item: unknown) => printResource(item as JsonObject);

  it('is what was chosen of each element, and loses none', () => {
    fc.assert(
      fc.property(versions, choosing, fc.boolean(), fc.boolean(), (all, wanted, strict, complete) => {
        const found = differences(all);
        const isBoth = found.some((one) => one.path === 'note' && bothOf(one) !== null);
        const otherwise = (path: string): Choice => (path === 'note' && isBoth ? 'both' : 'theirs');
        // Where nothing is left open, so that most merges can be made.
        const choose = (path: string) =>
          complete ? otherwise(path) : Object.hasOwn(wanted, path) ? wanted[path] : undefined;
        const merged = merge(all, choose, { all: strict });
        const isMissing = found.some(
          (one) =>
            (choose(one.path) === undefined && (one.changedBy === 'both' || (strict && one.changedBy !== 'same'))) ||
            (choose(one.path) === 'both' && bothOf(one) === null),
        );
        expect(merged === null).toBe(isMissing);
        if (!merged) return;
        const result = grouped(merged);
        const paths = new Set([all.base, all.mine, all.theirs].flatMap((one) => [...grouped(one).keys()]));
        for (const path of paths) {
          const difference = found.find((one) => one.path === path);
          const { base = {}, mine = {}, theirs = {} } = difference ?? {};
          const by = difference?.changedBy === 'theirs' ? 'theirs' : 'mine';
          const side = choose(path) ?? by;
          if (!difference) expect(result.get(path)).toEqual(grouped(all.theirs).get(path));
          else if (side !== 'both')
            expect(isIdentical(result.get(path) ?? {}, { mine, theirs }[side]), path).toBe(true);
          else expect(itemsOf(result.get(path)).map(text)).toEqual(expectedOf(base, mine, theirs));
        }
        expect([...result.keys()].filter((path) => !paths.has(path))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  /** Said another way than the code does: what either added is in, what either took out is not. */
  function expectedOf(base: JsonObject, mine: JsonObject, theirs: JsonObject): string[] {
    const [b, m, t] = [base, mine, theirs].map((group) => itemsOf(group).map(text)) as [string[], string[], string[]];
    const isGone = (item: string) => b.includes(item) && !(m.includes(item) && t.includes(item));
    const added = m.filter((item) => !t.includes(item));
    return [...t, ...added].filter((item) => !isGone(item));
  }

  it('offers both of a list where that is more than either has, and never of dosages', () => {
    const notes = (...texts: string[]) => ({ note: texts.map((one) => ({ text: one })) });
    const of = (path: string, base: object, mine: object, theirs: object) =>
      bothOf({
        path,
        changedBy: 'both',
        base: base as JsonObject,
        mine: mine as JsonObject,
        theirs: theirs as JsonObject,
      });
    expect(of('note', notes('a', 'b'), notes('a', 'c'), notes('b', 'd'))).toEqual([
      { side: 'theirs', index: 1 },
      { side: 'mine', index: 1 },
    ]);
    expect(of('note', notes(), notes('a'), notes('a', 'b'))).toBeNull();
    const dosage = (one: string) => ({ dosageInstruction: [{ text: one }] });
    expect(of('dosageInstruction', dosage('a'), dosage('b'), dosage('c'))).toBeNull();
  });
});

describe('elements that are one', () => {
  const of = (more: object) => readResource(JSON.stringify({ resourceType: 'Observation', id: 'o1', ...more }));
  const conflicts = (base: object, mine: object, theirs: object) =>
    mergeDisjoint({ base: of(base), mine: of(mine), theirs: of(theirs) }) === null;

  it.each<[string, object, object, object]>([
    ['a value of two types', {}, { valueString: 'a' }, { valueInteger: 1 }],
    [
      'a value and the reason why there is none',
      { valueString: 'a' },
      { valueString: 'b' },
      { dataAbsentReason: { text: 'x' } },
    ],
    [
      'a value and how it is to be read',
      { valueString: 'a' },
      { valueString: 'b' },
      { valueString: 'a', interpretation: [{ text: 'high' }] },
    ],
    ['a primitive and its extension', { issued: '2026' }, { issued: '2027' }, { issued: '2026', _issued: { id: 'x' } }],
    [
      'a record that one side took back',
      { status: 'final' },
      { status: 'final', note: [{ text: 'x' }] },
      { status: 'entered-in-error' },
    ],
  ])('security: are never taken from two sides without a person: %s', (_what, base, mine, theirs) => {
    expect(conflicts(base, mine, theirs)).toBe(true);
    expect(conflicts(base, theirs, mine)).toBe(true);
  });

  it('leave no narrative behind that was made of one version only', () => {
    const text = (words: string) => ({ status: 'generated', div: `<div>${words}</div>` });
    const base = of({ text: text('70'), issued: '2026', method: { text: 'a' } });
    const mine = of({ text: text('80'), issued: '2027', method: { text: 'a' } });
    const theirs = of({ text: text('70b'), issued: '2026', method: { text: 'b' } });
    expect(mergeDisjoint({ base, mine, theirs })).toEqual(of({ issued: '2027', method: { text: 'b' } }));
  });

  it('count a narrative that says more than the elements', () => {
    const text = (words: string) => ({ text: { status: 'additional', div: `<div>${words}</div>` } });
    expect(conflicts(text('a'), text('b'), text('c'))).toBe(true);
  });
});

describe('a person decides, though both changed other elements,', () => {
  const document = (more: string) =>
    readResource(`{"resourceType":"DocumentReference","id":"d1","status":"current",${more}}`);
  const mine = document('"docStatus":"final","subject":{"reference":"Patient/p1"},"description":"mine"');
  const base = document('"docStatus":"final","subject":{"reference":"Patient/p1"}');

  it.each([
    ['theirs is another patient’s', '"docStatus":"final","subject":{"reference":"Patient/p2"}'],
    ['theirs names nobody', '"docStatus":"final"'],
    ['theirs is withdrawn', '"docStatus":"entered-in-error","subject":{"reference":"Patient/p1"}'],
    [
      'theirs is of another encounter',
      '"docStatus":"final","subject":{"reference":"Patient/p1"},"context":{"encounter":[{"reference":"Encounter/e2"}]}',
    ],
  ])('where %s', (_what, theirs) => {
    expect(mergeDisjoint({ base, mine, theirs: document(theirs) })).toBeNull();
  });

  it('where theirs is no current document any longer', () => {
    const theirs: JsonObject = { ...base, status: 'superseded' };
    expect(mergeDisjoint({ base, mine, theirs })).toBeNull();
  });

  it('where mine takes the document back', () => {
    const theirs: JsonObject = { ...base, description: 'theirs' };
    expect(mergeDisjoint({ base, mine: { ...base, docStatus: 'entered-in-error' }, theirs })).toBeNull();
  });

  it('but not where the server only wrote the patient’s name anew', () => {
    const theirs: JsonObject = { ...base, subject: { reference: 'Patient/p1', display: 'Ana Ng' } };
    expect(mergeDisjoint({ base, mine, theirs })).toMatchObject({ description: 'mine' });
  });
});

describe('security: what speaks of the whole record', () => {
  const of = (resourceType: string, more: object) =>
    readResource(JSON.stringify({ resourceType, id: 'r1', status: 'current', ...more }));
  const text = (words: string) => ({ content: [{ attachment: { contentType: 'text/plain', data: btoa(words) } }] });
  const signedBy = (id: string) => ({ authenticator: { reference: `Practitioner/${id}` } });
  const preliminary = { docStatus: 'preliminary' };
  const amended = { docStatus: 'amended' };
  const at = (hour: number) => `2026-03-01T${hour}:00:00Z`;
  const booked = { status: 'booked', start: at(10), end: at(11) };
  const slot = { slot: [{ reference: 'Slot/s2' }] };

  it.each<[string, string, object, object, object]>([
    [
      'a signature and another text than was read',
      'DocumentReference',
      { ...preliminary, ...text('a') },
      { docStatus: 'final', ...signedBy('b'), ...text('a') },
      { ...preliminary, ...text('changed') },
    ],
    [
      'a signature of what was amended, and a further text',
      'DocumentReference',
      { ...amended, ...text('a') },
      { ...amended, ...signedBy('b'), ...text('a') },
      { ...amended, ...text('changed') },
    ],
    [
      'a signature and another title',
      'DocumentReference',
      amended,
      { ...amended, ...signedBy('b') },
      { ...amended, description: 'x' },
    ],
    ['a signature and a new text that both call final', 'DocumentReference', preliminary, signedBy('b'), text('c')],
    [
      'a note that was called final and another text',
      'DocumentReference',
      preliminary,
      { docStatus: 'final' },
      text('c'),
    ],
    [
      'a cancelled appointment and another time',
      'Appointment',
      booked,
      { ...booked, status: 'cancelled' },
      { ...booked, start: at(9) },
    ],
    [
      'a patient who came and another time',
      'Appointment',
      booked,
      { ...booked, status: 'arrived' },
      { ...booked, end: at(12) },
    ],
    ['begin and end of an appointment', 'Appointment', booked, { ...booked, start: at(9) }, { ...booked, end: at(12) }],
    ['time and slot of an appointment', 'Appointment', booked, { ...booked, start: at(9) }, { ...booked, ...slot }],
    [
      'an order that was revoked and what is ordered',
      'ServiceRequest',
      { status: 'active' },
      { status: 'revoked' },
      { code: { text: 'x' } },
    ],
    [
      'a task that was rejected and another owner',
      'Task',
      { status: 'requested' },
      { status: 'rejected' },
      { owner: { display: 'x' } },
    ],
    [
      'what was not done and a note of how it went',
      'Procedure',
      { status: 'in-progress' },
      { status: 'not-done' },
      { note: [{ text: 'x' }] },
    ],
  ])(
    'security: is not joined without a person with what the other side changed: %s',
    (_what, type, base, mine, theirs) => {
      const [b, m, t] = [base, { ...base, ...mine }, { ...base, ...theirs }].map((more) => of(type, more)) as [
        JsonObject,
        JsonObject,
        JsonObject,
      ];
      expect(mergeDisjoint({ base: b, mine: m, theirs: t })).toBeNull();
      expect(mergeDisjoint({ base: b, mine: t, theirs: m })).toBeNull();
    },
  );

  it('is joined with what only labels the record, and with nothing', () => {
    const [base, mine] = [of('Task', { status: 'requested' }), of('Task', { status: 'completed' })];
    const theirs = of('Task', { status: 'requested', identifier: [{ value: 'x' }] });
    expect(mergeDisjoint({ base, mine, theirs })).toMatchObject({ status: 'completed', identifier: [{ value: 'x' }] });
    expect(mergeDisjoint({ base, mine, theirs: base })).toMatchObject({ status: 'completed' });
  });

  it('is no status that says only that something was changed: an amendment goes with what others did beside it', () => {
    const base = of('DocumentReference', { docStatus: 'final', ...text('a') });
    const mine = of('DocumentReference', { ...amended, ...text('changed') });
    const theirs = of('DocumentReference', { docStatus: 'final', ...text('a'), category: [{ text: 'x' }] });
    const both = { ...amended, ...text('changed'), category: [{ text: 'x' }] };
    expect(mergeDisjoint({ base, mine, theirs })).toMatchObject(both);
    expect(mergeDisjoint({ base, mine: theirs, theirs: mine })).toMatchObject(both);
  });

  it('leaves what was moved by one side alone', () => {
    const base = of('Appointment', booked);
    const mine = of('Appointment', { ...booked, start: at(9), end: at(10) });
    const theirs = of('Appointment', { ...booked, comment: 'x' });
    expect(mergeDisjoint({ base, mine, theirs })).toMatchObject({ start: at(9), end: at(10), comment: 'x' });
  });
});

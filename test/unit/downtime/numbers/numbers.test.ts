import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOf, isChecked } from '../../../../main/downtime/numbers/check-digits.ts';
import type { IsKnown } from '../../../../main/downtime/numbers/numbers.ts';
import { type NumberRange, numbersSchema } from '../../../../main/managed/numbers.ts';
import { type KeptLedger, numbersOver, numbersPolicy, SPECIMENS, VISITS } from '../../../support/numbers.ts';

const unknown: IsKnown = async () => false;
const empty = (): KeptLedger => ({ file: null, witness: null });
const lists = { '/list': 'A-1\r\nA-2\n\nA-3\n' };
const listed = () => numbersPolicy({ pools: [{ kind: 'visit', system: VISITS, range: null, list: '/list' }] });
const ranged = (...ranges: Partial<NumberRange>[]) =>
  numbersPolicy({
    pools: ranges.map((range) => ({
      ...{ kind: 'visit' as const, system: VISITS, list: null },
      range: { prefix: '', from: 1, to: 5, digits: 3, check: 'none' as const, ...range },
    })),
  });
const codeOf = (answer: { ok: true } | { ok: false; error: { code: string } }) =>
  answer.ok ? 'ok' : answer.error.code;

async function taken(numbers: ReturnType<typeof numbersOver>, count: number): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: count }, () => numbers.take('visit', unknown)));
  return answers.map((answer) => (answer.ok ? answer.value.value : answer.error.code));
}

describe('numbers of a workstation', () => {
  it('are given in their order, with their check digits, and then no more', async () => {
    const numbers = numbersOver(empty());
    // Worked out by hand.
    expect(await taken(numbers, 10)).toEqual([
      ...['7700016', '7700024', '7700032', '7700040', '7700057', '7700065', '7700073', '7700081', '7700099'],
      'pool-empty',
    ]);
    // ISO/IEC 7064: the whole, letters as numbers, is 1 modulo 97.
    const specimen = await numbers.take('specimen', unknown);
    const value = specimen.ok ? specimen.value.value : '';
    expect(value).toMatch(/^D0101\d\d$/);
    expect(BigInt(`13${value.slice(1)}`) % 97n).toBe(1n);
    expect(specimen).toMatchObject({ value: { system: SPECIMENS } });
  });

  it('are never given twice, whatever is asked for, restarted, lost of the file or changed in policy', async () => {
    const policies = [
      ranged({}),
      ranged({ from: 3, to: 9 }),
      ranged({ to: 2 }, { from: 20, to: 24 }),
      ranged({ to: 40 }),
    ];
    const step = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('paper' as const), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('restart' as const), policy: fc.nat(3) }),
      // A backup of the data folder that is laid back; the keychain is not in it.
      fc.record({ kind: fc.constant('restore' as const), at: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const kept = empty();
        const backups: (string | null)[] = [null];
        const given: string[] = [];
        let policy = ranged({});
        let numbers = numbersOver(kept, { policy });
        for (const one of steps) {
          if (one.kind === 'take') {
            given.push(...(await taken(numbers, one.count)).filter((value) => value !== 'pool-empty'));
          } else if (one.kind === 'paper') {
            const answer = await numbers.reserve(one.count);
            if (answer.ok) given.push(...answer.value.visit);
          } else {
            if (one.kind === 'restart') policy = policies[one.policy] ?? policy;
            else kept.file = backups[one.at % backups.length] ?? null;
            numbers = numbersOver(kept, { policy });
          }
          backups.push(kept.file);
        }
        expect(new Set(given).size).toBe(given.length);
      }),
      { numRuns: 80 },
    );
  });

  it('of a list are given as they stand in it, and a list that isn’t one gives none', async () => {
    expect(await taken(numbersOver(empty(), { policy: listed(), lists }), 4)).toEqual([
      'A-1',
      'A-2',
      'A-3',
      'pool-empty',
    ]);
    const kept = empty();
    await taken(numbersOver(kept, { policy: listed(), lists }), 2);
    const longer = { '/list': 'A-0\nA-2\nA-1\nA-3' };
    expect(await taken(numbersOver(kept, { policy: listed(), lists: longer }), 2)).toEqual(['A-0', 'A-3']);
    for (const text of ['A-1\nA-1', 'A 1', '', '<b>']) {
      const numbers = numbersOver(empty(), { policy: listed(), lists: { '/list': text } });
      expect(codeOf(await numbers.take('visit', unknown))).toBe('numbers-unknown');
    }
    expect(codeOf(await numbersOver(empty(), { policy: listed() }).take('visit', unknown))).toBe('numbers-unknown');
  });

  it('are skipped where a record has them already', async () => {
    const numbers = numbersOver(empty());
    const answer = await numbers.take('visit', async ({ value }) => value < '7700030');
    expect(answer).toMatchObject({ ok: true, value: { value: '7700032' } });
    expect(await taken(numbers, 1)).toEqual(['7700040']);
  });

  it('tell how many are left, and that they run out', async () => {
    const numbers = numbersOver(empty(), { policy: { ...numbersPolicy(), warnShare: 0.25 } });
    expect(await numbers.standing()).toMatchObject({ value: { visit: { left: 9, total: 9, low: false } } });
    await taken(numbers, 7);
    expect(await numbers.standing()).toMatchObject({ value: { visit: { left: 2, low: true }, specimen: { left: 9 } } });
  });

  it('are not given while which were given can’t be told', async () => {
    const broken = numbersOver({ file: '{"version":1', witness: null });
    expect(codeOf(await broken.take('visit', unknown))).toBe('numbers-unknown');
    expect(codeOf(await broken.reserve(1))).toBe('numbers-unknown');
    expect(codeOf(await broken.standing())).toBe('numbers-unknown');
  });

  it('tell of a folder that was restored', async () => {
    const kept = empty();
    await taken(numbersOver(kept), 2);
    const backup = kept.file;
    await taken(numbersOver(kept), 3);
    const told: number[] = [];
    const numbers = numbersOver({ ...kept, file: backup }, { onBehind: (count) => told.push(count) });
    expect(await taken(numbers, 1)).toEqual(['7700065']);
    expect(told).toEqual([3]);
  });

  it('are durable before anybody is told, and one that could not be kept is never tried again', async () => {
    const kept = empty();
    const first = await numbersOver(kept).take('visit', unknown);
    expect(first.ok && kept.file?.includes('[[1,1]]')).toBe(true);
    let isFull = true;
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
    const numbers = numbersOver(kept, {
      diskErrorOf: () => 'disk-full',
      ledger: {
        load: async () => ({
          ok: true,
          value: { behind: 0, ledger: { version: 1, serial: 1, books: {} } },
        }),
        async keep() {
          if (isFull) throw full;
          return true;
        },
      },
    });
    expect(codeOf(await numbers.take('visit', unknown))).toBe('disk-full');
    isFull = false;
    expect(await taken(numbers, 1)).toEqual(['7700024']);
  });
});

it('has the check digits of the standards’ own examples', () => {
  expect(checkOf('luhn', '7992739871')).toBe('3');
  expect(checkOf('mod97', '794')).toBe('44');
  expect(isChecked('mod97', '79444')).toBe(true);
  expect(isChecked('mod97', '79454')).toBe(false);
  expect(isChecked('luhn', '79927398710')).toBe(false);
});

describe('a number from paper', () => {
  it('is taken once, and only one that was printed', async () => {
    const kept = empty();
    const reserved = await numbersOver(kept).reserve(2);
    expect(reserved).toMatchObject({
      value: { visit: ['7700016', '7700024'], specimen: [expect.any(String), expect.any(String)] },
    });
    // Another start of the program, days later.
    const numbers = numbersOver(kept);
    const enter = (typed: string, isKnown = unknown) => numbers.enter('visit', typed, isKnown);
    expect(codeOf(await enter('7700032'))).toBe('number-not-reserved');
    for (const wrong of ['7700019', '7700100', '770001', '', 'x7700016'])
      expect(codeOf(await enter(wrong))).toBe('number-wrong');
    const found = await enter(' 7700016 ');
    expect(found).toMatchObject({ value: { system: VISITS, value: '7700016' } });
    expect(codeOf(await enter('7700016'))).toBe('number-used');
    // The record could not be kept: it may be typed again.
    if (found.ok) await found.value.end(false);
    const again = await enter('7700016');
    if (again.ok) await again.value.end(true);
    expect(codeOf(await enter('7700016'))).toBe('number-used');
    expect(codeOf(await enter('7700024', async () => true))).toBe('number-used');
    expect(await taken(numbers, 1)).toEqual(['7700032']);
    expect(codeOf(await enter('7700032'))).toBe('number-used');
  });

  it('may be one of another workstation, where its check is right', async () => {
    const enter = (typed: string) => numbersOver(empty()).enter('visit', typed, unknown);
    expect(codeOf(await enter('7755550'))).toBe('number-wrong');
    expect(codeOf(await enter('7755556'))).toBe('ok');
  });
});

describe('the policy of numbers', () => {
  const of = (pool: object) => numbersSchema.safeParse({ pools: [{ kind: 'visit', system: VISITS, ...pool }] }).success;

  it.each([
    ['a range and a list', { range: { from: 1, to: 2, digits: 1 }, list: '/x' }],
    ['neither', {}],
    ['a range that ends before it begins', { range: { from: 2, to: 1, digits: 1 } }],
    ['numbers longer than they say', { range: { from: 1, to: 100, digits: 2 } }],
    ['letters that Luhn does not have', { range: { prefix: 'V', from: 1, to: 2, digits: 1, check: 'luhn' } }],
    ['a system that is none', { system: 'visits', range: { from: 1, to: 2, digits: 1 } }],
  ])('refuses %s', (_, pool) => expect(of(pool)).toBe(false));

  it('takes a range', () => expect(of({ range: { from: 1, to: 2, digits: 1 } })).toBe(true));
});

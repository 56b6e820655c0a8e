import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExact } from '../../../main/cache/json.ts';
import { dosageOf } from '../../../main/cache/views/doses.ts';
import { plainNumber, unitText } from '../../../main/cache/views/safe-doses.ts';
import { phrasesIn } from '../../../preload/contract/phrases.ts';
import { inWords } from '../../../preload/contract/placeholders.ts';
import { inEnglish } from '../../support/in-english.ts';

const coded = (instructions: string) => dosageOf(parseExact(instructions) as unknown[]);
const dosage = (instructions: string) => inEnglish(coded(instructions));
const doseOf = (quantity: string) => dosage(`[{"doseAndRate":[{"doseQuantity":${quantity}}]}]`).doses[0]?.dose;

describe('a dose', () => {
  test.each([
    ['{"value":5.0,"unit":"mg"}', '5 mg'],
    ['{"value":0.50,"unit":"mg"}', '0.5 mg'],
    ['{"value":5e-1,"unit":"mg"}', '0.5 mg'],
    ['{"value":1.5E3,"unit":"mg"}', '1500 mg'],
    ['{"value":100,"unit":"mg"}', '100 mg'],
    ['{"value":50,"unit":"ug","code":"ug"}', '50 micrograms'],
    ['{"value":50,"unit":"µg"}', '50 micrograms'],
    ['{"value":50,"unit":"mcg"}', '50 micrograms'],
    ['{"value":1,"unit":"μg"}', '1 microgram'],
    ['{"value":0.1,"code":"ug/kg/min"}', '0.1 micrograms/kg/min'],
    ['{"value":10,"unit":"U"}', '10 units'],
    ['{"value":10,"unit":"IU"}', '10 units'],
    ['{"value":5,"code":"[iU]/h"}', '5 units/h'],
    ['{"value":2,"code":"{tablet}"}', '2 tablet'],
    ['{"value":2}', '2'],
    ['{"value":2,"comparator":"<","unit":"g"}', '<2 g'],
  ])('%s is written %s', (quantity, words) => {
    expect(doseOf(quantity)).toBe(words);
  });

  test('never ends in a zero after its point, never begins with the point, and is the same number', () => {
    const decimals = fc.tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(decimals, ([value, places]) => {
        const written = (value / 10 ** places).toFixed(places);
        const shown = plainNumber(written);
        expect(Number(shown)).toBe(Number(written));
        expect(shown).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/);
      }),
    );
  });

  test('keeps mg, mL and what it does not know as they are', () => {
    expect(['mg', 'g', 'mL', 'mmol', 'MU', 'puff'].map((unit) => unitText(unit, '2'))).toEqual([
      'mg',
      'g',
      'mL',
      'mmol',
      'MU',
      'puff',
    ]);
  });
});

describe('how a medicine is taken', () => {
  const timing = (repeat: string) => dosage(`[{"timing":${repeat}}]`).doses[0]?.frequency;

  test.each([
    ['{"code":{"coding":[{"code":"QD"}]}}', 'once daily'],
    ['{"code":{"coding":[{"code":"BID","display":"BID"}]}}', 'twice daily'],
    ['{"code":{"text":"QOD"}}', 'every other day'],
    ['{"code":{"text":"as per protocol"}}', 'as per protocol'],
    ['{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}}', 'once daily'],
    ['{"repeat":{"frequency":3,"period":1,"periodUnit":"d"}}', 'three times daily'],
    ['{"repeat":{"frequency":1,"period":8,"periodUnit":"h"}}', 'every 8 hours'],
    ['{"repeat":{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}}', 'every 4 to 6 hours'],
    ['{"repeat":{"frequency":1,"frequencyMax":4,"period":1,"periodUnit":"d"}}', '1 to 4 times every day'],
    ['{"repeat":{"frequency":1,"period":1,"periodUnit":"d","when":["HS"]}}', 'once daily at bedtime'],
    ['{"repeat":{"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon"]}}', 'every week on Monday'],
  ])('%s is read %s', (one, words) => {
    expect(timing(one)).toBe(words);
  });

  test('keeps the words of who wrote it beside the coded parts', () => {
    const told = dosage(
      '[{"text":"2 at night, never with grapefruit","route":{"text":"oral"},"doseAndRate":[{"doseQuantity":{"value":2,"unit":"tablet"}}]}]',
    );
    expect(told).toEqual({
      dosage: '2 at night, never with grapefruit',
      doses: [{ dose: '2 tablet', route: 'oral', frequency: null }],
      written: true,
    });
  });

  test('draws no line of coded parts where an instruction has none: it would read as if it were all', () => {
    const told = dosage('[{"text":"Then stop"},{"doseAndRate":[{"doseQuantity":{"value":2,"unit":"g"}}]}]');
    expect(told).toMatchObject({ dosage: 'Then stop; 2 g', doses: [] });
  });

  test.each([
    [
      '"maxDosePerPeriod":{"numerator":{"value":4,"unit":"g"},"denominator":{"value":1,"unit":"day"}}',
      'at most 4 g per 1 day',
    ],
    ['"maxDosePerAdministration":{"value":1.0,"unit":"g"}', 'at most 1 g at once'],
    ['"timing":{"repeat":{"boundsDuration":{"value":7,"unit":"days"}}}', 'for 7 days'],
    ['"timing":{"repeat":{"boundsDuration":{"value":7,"unit":"days","code":"d"}}}', 'for 7 days'],
    ['"timing":{"repeat":{"boundsPeriod":{"end":"2026-03-14"}}}', 'until 2026-03-14'],
    ['"timing":{"repeat":{"count":1}}', 'once only'],
    ['"timing":{"repeat":{"count":3}}', '3 times in all'],
    ['"timing":{"event":["2026-03-14"]}', 'at 2026-03-14'],
    ['"site":{"text":"left eye"}', 'left eye'],
  ])('says what bounds it: %s', (part, words) => {
    const told = dosage(`[{"doseAndRate":[{"doseQuantity":{"value":1,"unit":"g"}}],${part}}]`);
    expect(told).toMatchObject({ dosage: `1 g, ${words}`, written: true });
  });

  test('is said in Spanish without a word of English', () => {
    const digit = fc.integer({ min: 1, max: 9 });
    const amount = fc.record({ value: digit, code: fc.constantFrom('mg', 'ug', 'U', 'mU', 'ng') });
    const instruction = fc.record(
      {
        timing: fc.record(
          {
            code: fc.record({
              text: fc.constantFrom('QD', 'BID', 'TID', 'QID', 'QOD', 'AM', 'PM', 'BED', 'Q1H', 'Q6H'),
            }),
            repeat: fc.record(
              {
                ...{ frequency: digit, frequencyMax: digit, period: digit, periodMax: digit, count: digit },
                periodUnit: fc.constantFrom('s', 'min', 'h', 'd', 'wk', 'mo', 'a'),
                when: fc.subarray(['MORN', 'NOON', 'AFT', 'EVE', 'NIGHT', 'HS', 'WAKE', 'C', 'ACM', 'PCV']),
                timeOfDay: fc.constant(['08:00:00']),
                dayOfWeek: fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']),
                boundsDuration: fc.record({ value: digit, code: fc.constantFrom('d', 'wk', 'mo') }),
              },
              { requiredKeys: ['period', 'periodUnit'] },
            ),
          },
          { requiredKeys: ['repeat'] },
        ),
        doseAndRate: fc.array(fc.record({ doseQuantity: amount, rateRange: fc.record({ low: amount, high: amount }) })),
        maxDosePerPeriod: fc.record({ numerator: amount, denominator: amount }),
        maxDosePerAdministration: amount,
      },
      { requiredKeys: ['timing'] },
    );
    const wordsIn = (language: 'en' | 'es') =>
      Object.values(phrasesIn(language)).flatMap((words) => words.toLowerCase().match(/\p{L}{2,}/gu) ?? []);
    const spanish = new Set(wordsIn('es'));
    const english = new Set(wordsIn('en').filter((word) => !spanish.has(word)));
    fc.assert(
      fc.property(instruction, (one) => {
        const told = inWords(coded(JSON.stringify([one])).dosage, phrasesIn('es'));
        expect(told.match(/\p{L}+/gu)?.filter((word) => english.has(word.toLowerCase())) ?? []).toEqual([]);
        expect(told).not.toMatch(/[\uE0F0-\uE0F2]/);
        expect(told).not.toBe('');
      }),
    );
    expect(inWords(coded('[{"timing":{"code":{"text":"BID"}}}]').dosage, phrasesIn('es'))).toBe('dos veces al día');
  });

  test('says of several amounts of one instruction which is which', () => {
    const rate = (kind: string, amount: string) => `{"type":{"text":"${kind}"},"doseQuantity":${amount}}`;
    const rates = [rate('calculated', '{"value":375,"unit":"mg"}'), rate('ordered', '{"value":5,"unit":"mg/kg"}')];
    const [told] = dosage(`[{"doseAndRate":[${rates.join()}]}]`).doses;
    expect(told?.dose).toBe('calculated: 375 mg; ordered: 5 mg/kg');
  });

  test('says a reason that is no coded part', () => {
    expect(dosage('[{"route":{"text":"oral"},"asNeededCodeableConcept":{"text":"for pain"}}]')).toMatchObject({
      dosage: 'oral, for pain',
      written: true,
    });
  });
});

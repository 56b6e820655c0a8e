import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFormsService } from '../../../main/forms/service.ts';
import { calculated, faultsIn, fhirpath, formText, item, recordedItems, sourceOf } from './support.ts';

const initial = (expression: string) => ({ extension: [fhirpath('initialExpression', expression)] });
const text = formText([
  item('date', 'first', initial('today()')),
  item('date', 'worked', calculated('today()')),
  item('dateTime', 'now', calculated('now()')),
  item('time', 'time', calculated('timeOfDay()')),
  item('integer', 'days', calculated('iif(today() > @2026-10-24, 1, 0)')),
]);

function opened(openedAt: string) {
  const answer = createFormsService().open(sourceOf(text, { openedAt }));
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}
const answersOf = (items: readonly object[]) =>
  items.map((one) => Object.values((one as { answer: object[] }).answer[0] ?? {})[0]);

describe('a form goes by one reading of the clock', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it.each([
    ['before midnight', '2026-10-24T23:59:59.000+02:00', ['2026-10-24', '23:59:59.000', 0]],
    ['after midnight', '2026-10-25T00:00:01.000+02:00', ['2026-10-25', '00:00:01.000', 1]],
    [
      'in the hour that is there twice, the first time',
      '2026-10-25T02:30:00.000+02:00',
      ['2026-10-25', '02:30:00.000', 1],
    ],
    [
      'in the hour that is there twice, the second time',
      '2026-10-25T02:30:00.000+01:00',
      ['2026-10-25', '02:30:00.000', 1],
    ],
    ['where it is tomorrow in UTC already', '2026-10-24T20:30:00.000-05:00', ['2026-10-24', '20:30:00.000', 0]],
  ])('%s', (_, openedAt, [day, time, days]) => {
    const { answers, openedAt: told } = opened(openedAt);
    expect([told, answers]).toEqual([openedAt, { '|first': day }]);
    const { items } = recordedItems(text, answers, { openedAt });
    expect(answersOf(items)).toEqual([day, day, openedAt, time, days]);
  });

  it('whatever time it is when it is filled in and saved', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const openedAt = '2026-10-24T23:59:00.000+02:00';
    vi.setSystemTime('2026-10-24T21:59:00Z');
    const { answers } = opened(openedAt);
    const shown = recordedItems(text, answers, { openedAt });
    vi.setSystemTime('2026-10-25T12:00:00Z');
    expect(recordedItems(text, answers, { openedAt })).toEqual(shown);
  });

  it('counts back from it', () => {
    const link = {
      url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationLinkPeriod',
      valueDuration: { value: 1, code: 'd' },
    };
    const form = formText([item('decimal', 'kg', { code: [{ system: 's', code: 'w' }], extension: [link] })]);
    const queries = createFormsService().queries(sourceOf(form, { openedAt: '2026-10-25T02:30:00.000+01:00' }));
    expect(queries).toMatchObject({ value: [{ query: expect.stringContaining('date=ge2026-10-24T01:30:00.000Z') }] });
  });

  it('takes no time of a day that the clock passed over, and of one that is there twice the first', () => {
    vi.stubEnv('TZ', 'Europe/Madrid');
    const form = formText([item('dateTime', 'when')]);
    expect(faultsIn(form, { '|when': '2026-03-29T02:30' })).toEqual({ '|when': 'no-date-time' });
    const recorded = (when: string) => answersOf(recordedItems(form, { '|when': when }).items);
    expect(recorded('2026-03-29T03:30')).toEqual(['2026-03-29T03:30:00+02:00']);
    expect(recorded('2026-10-25T02:30')).toEqual(['2026-10-25T02:30:00+02:00']);
    expect(recorded('2026-10-25T03:00')).toEqual(['2026-10-25T03:00:00+01:00']);
  });
});

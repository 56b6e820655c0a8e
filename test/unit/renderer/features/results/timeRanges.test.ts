import { describe, expect, it } from 'vitest';
import {
  firstRange,
  inRange,
  rangesWithData,
  TIME_RANGES,
} from '../../../../../renderer/features/results/timeRanges.ts';
import { fakeSeries } from '../../support/fakeData.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse('2026-03-12T14:32:00Z');

function seriesAt(...ages: number[]) {
  const [model] = fakeSeries('Sodium', 'mmol/L', 1, 140, 133, 146).points;
  const points = ages.map((age, index) => ({ ...model!, id: `o${index}`, time: now - age }));
  return { ...fakeSeries('Sodium', 'mmol/L', 0, 140, 133, 146), points: points.toReversed() };
}

const hourly = (count: number) => Array.from({ length: count }, (_, index) => (index + 1) * HOUR);
const idOf = ({ id }: { id: string }) => id;

describe('the range that is shown first', () => {
  it('is the shortest that holds six values', () => {
    expect(firstRange([seriesAt(...hourly(6), 900 * DAY)], now).id).toBe('hours');
    expect(firstRange([seriesAt(...hourly(5), 20 * DAY, 900 * DAY)], now).id).toBe('month');
    expect(firstRange([seriesAt(...hourly(5), 200 * DAY)], now).id).toBe('year');
  });

  it('is all where no range holds enough', () => {
    expect(firstRange([seriesAt(...hourly(5), 900 * DAY)], now).id).toBe('all');
    expect(firstRange([], now).id).toBe('all');
  });

  it('counts the values of all units together', () => {
    expect(firstRange([seriesAt(...hourly(3)), seriesAt(...hourly(3))], now).id).toBe('hours');
  });
});

it('offers only ranges that hold a value', () => {
  expect(rangesWithData([seriesAt(900 * DAY)], now).map(idOf)).toEqual(['all']);
  expect(rangesWithData([seriesAt(3 * DAY)], now).map(idOf)).toEqual(['all', 'year', 'month']);
  expect(rangesWithData([seriesAt(HOUR)], now).map(idOf)).toEqual(['all', 'year', 'month', 'hours']);
});

it('cuts a series to the range, and its axis ends now', () => {
  const [all, , , hours] = TIME_RANGES;
  const series = seriesAt(HOUR, 50 * HOUR);
  expect(inRange(series, all, now)).toMatchObject({ points: series.points, span: null });
  const cut = inRange(series, hours, now);
  expect(cut.points.map(({ time }) => time)).toEqual([now - HOUR]);
  expect(cut.span).toEqual({ from: now - 48 * HOUR, to: now });
  expect(inRange(seriesAt(-HOUR), hours, now).span?.to).toBe(now + HOUR);
});

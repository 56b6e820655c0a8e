import type { PackedPoints, PackedTrend, Trend, TrendPoint } from '../../../preload/contract/results.ts';

/** A trend as it crosses to the page. */
export function packTrend(trend: Trend): PackedTrend {
  return { ...trend, series: trend.series.map((series) => ({ ...series, points: packPoints(series.points) })) };
}

function packPoints(points: readonly TrendPoint[]): PackedPoints {
  const packed: PackedPoints = { time: [], text: [], value: [], mark: [], marks: [], original: [], was: [] };
  const places = new Map<string, number>();
  for (const [at, { time, value, text, flag, flagFrom, status, original, was }] of points.entries()) {
    const key = `${flag} ${flagFrom} ${status}`;
    const place = places.get(key) ?? packed.marks.push({ flag, flagFrom, status }) - 1;
    places.set(key, place);
    packed.time.push(time);
    packed.text.push(text);
    if (Number(text) !== value) packed.value.push([at, value]);
    packed.mark.push(place);
    if (original !== null) packed.original.push([at, original]);
    if (was !== null) packed.was.push([at, was]);
  }
  return packed;
}

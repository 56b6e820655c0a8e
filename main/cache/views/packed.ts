import type { PackedPoints, PackedTrend, Trend, TrendPoint } from '../../../preload/contract/results.ts';

/** A trend as it crosses to the page. */
export function packTrend(trend: Trend): PackedTrend {
  return { ...trend, series: trend.series.map((series) => ({ ...series, points: packPoints(series.points) })) };
}

function packPoints(points: readonly TrendPoint[]): PackedPoints {
  const steps = points.map(({ time }, at) => time - (points[at - 1]?.time ?? time));
  const unit = steps.reduce(commonDivisor, 0) || 1;
  const packed: PackedPoints = {
    ...{ count: points.length, from: points[0]?.time ?? 0, unit },
    steps: steps.map((step) => (step / unit).toString(36)).join(' '),
    text: points.map(({ text }) => text.replaceAll('\n', ' ')).join('\n'),
    ...{ value: [], mark: [], marks: [], original: [], was: [] },
  };
  const places = new Map<string, number>();
  for (const [at, { value, text, flag, flagFrom, status, original, was }] of points.entries()) {
    const key = `${flag} ${flagFrom} ${status}`;
    const place = places.get(key) ?? packed.marks.push({ flag, flagFrom, status }) - 1;
    places.set(key, place);
    const last = packed.mark.at(-1);
    if (last?.[0] === place) last[1] += 1;
    else packed.mark.push([place, 1]);
    if (Number(text) !== value) packed.value.push([at, value]);
    if (original !== null) packed.original.push([at, original]);
    if (was !== null) packed.was.push([at, was]);
  }
  return packed;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

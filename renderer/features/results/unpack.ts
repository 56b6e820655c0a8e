import type { PackedPoints, PackedTrend, Trend, TrendPoint } from '../../../preload/contract/results.ts';

/** A trend point by point, as it is drawn and listed. */
export function unpackTrend(packed: PackedTrend): Trend {
  return { ...packed, series: packed.series.map((series) => ({ ...series, points: unpackPoints(series.points) })) };
}

function unpackPoints({ time, value, text, mark, marks, original, was }: PackedPoints): TrendPoint[] {
  const [originals, befores] = [new Map(original), new Map(was)];
  return time.map((moment, at) => {
    const common = marks[mark[at] ?? -1];
    const [own, words] = [value[at], text[at]];
    if (!common || own === undefined || words === undefined) throw new Error('columns of different lengths');
    const more = { original: originals.get(at) ?? null, was: befores.get(at) ?? null };
    return { time: moment, value: own, text: words, ...common, ...more };
  });
}

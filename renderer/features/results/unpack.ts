import type { PackedPoints, PackedTrend, Trend, TrendPoint } from '../../../preload/contract/results.ts';

/** A trend point by point, as it is drawn and listed. */
export function unpackTrend(packed: PackedTrend): Trend {
  return { ...packed, series: packed.series.map((series) => ({ ...series, points: unpackPoints(series.points) })) };
}

function unpackPoints({ time, text, value, mark, marks, original, was }: PackedPoints): TrendPoint[] {
  const values = new Map(value);
  const [originals, befores] = [new Map(original), new Map(was)];
  return time.map((moment, at) => {
    const common = marks[mark[at] ?? -1];
    const words = text[at];
    if (!common || words === undefined) throw new Error('columns of different lengths');
    const more = { original: originals.get(at) ?? null, was: befores.get(at) ?? null };
    return { time: moment, value: values.get(at) ?? Number(words), text: words, ...common, ...more };
  });
}

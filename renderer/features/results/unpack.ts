import type { PackedPoints, PackedTrend, Trend, TrendPoint } from '../../../preload/contract/results.ts';

/** A trend point by point, as it is drawn and listed. */
export function unpackTrend(packed: PackedTrend): Trend {
  return { ...packed, series: packed.series.map((series) => ({ ...series, points: unpackPoints(series.points) })) };
}

function unpackPoints({
  count,
  from,
  unit,
  steps,
  text,
  value,
  mark,
  marks,
  original,
  was,
}: PackedPoints): TrendPoint[] {
  if (count === 0) return [];
  const [texts, values] = [text.split('\n'), new Map(value)];
  const [originals, befores] = [new Map(original), new Map(was)];
  const places = mark.flatMap(([place, times]) => Array<number>(times).fill(place));
  if (texts.length !== count || places.length !== count) throw new Error('columns of different lengths');
  let time = from;
  return steps.split(' ').map((step, at) => {
    time += Number.parseInt(step, 36) * unit;
    const [common, words] = [marks[places[at] ?? -1], texts[at]];
    if (!common || words === undefined) throw new Error('columns of different lengths');
    const more = { original: originals.get(at) ?? null, was: befores.get(at) ?? null };
    return { time, value: values.get(at) ?? Number(words), text: words, ...common, ...more };
  });
}

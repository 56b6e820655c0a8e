import type uPlot from 'uplot';
import type { TrendSeries } from '../../../preload/contract/results.ts';
import { formatTick } from '../../parts/dates.ts';
import type { TrendPoint } from './trend.ts';

type Options = Omit<uPlot.Options, 'width' | 'height'>;

interface Colours {
  readonly text: string;
  readonly grid: string;
  readonly line: string;
  readonly surface: string;
  readonly band: string;
  readonly bandLine: string;
  readonly warn: string;
  readonly danger: string;
}

function coloursOf(style: CSSStyleDeclaration): Colours {
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: variable('--wl-muted'),
    grid: variable('--wl-line'),
    line: variable('--wl-accent'),
    surface: variable('--wl-surface'),
    band: variable('--wl-band'),
    bandLine: variable('--wl-band-line'),
    warn: variable('--wl-warn'),
    danger: variable('--wl-danger'),
  };
}

/** How a series is drawn. uPlot's legend stays off: the page writes the value pointed at itself. */
export function plotOptions(
  series: TrendSeries,
  style: CSSStyleDeclaration,
  onPoint: (index: number | null) => void,
): Options {
  const colours = coloursOf(style);
  const font = `12px ${style.fontFamily}`;
  const axis = {
    stroke: colours.text,
    font,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1 },
  };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
    padding: [10, 16, 0, 0],
    scales: { x: { time: true, range: timeRange(series) }, y: { range: valueRange(series) } },
    axes: [
      { ...axis, space: 90, values: timeLabels },
      { ...axis, size: 56 },
    ],
    series: [{}, { stroke: colours.line, width: 1.5, points: { size: 6, fill: colours.line, stroke: colours.line } }],
    hooks: {
      drawClear: [(plot) => drawBand(plot, series, colours)],
      draw: [(plot) => drawFlags(plot, series.points, colours)],
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
    },
  };
}

const timeLabels: uPlot.Axis.Values = (_plot, splits, _axis, _space, step) =>
  splits.map((split, index) => formatTick(split * 1000, step, index === 0 ? null : (splits[index - 1] ?? 0) * 1000));

/** From the first to the last value with a margin; one value alone stands in the middle of two days. */
function timeRange({ points }: TrendSeries): uPlot.Range.MinMax {
  const first = (points[0]?.time ?? 0) / 1000;
  const last = (points.at(-1)?.time ?? 0) / 1000;
  const margin = Math.max(0.03 * (last - first), first === last ? 86_400 : 600);
  return [first - margin, last + margin];
}

/** All values and the reference range are in sight, whatever their order of size. */
function valueRange({ points, range }: TrendSeries): uPlot.Range.MinMax {
  const limits = [range.low, range.high].filter((limit) => limit !== null);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of [...limits, ...points.map((point) => point.value)]) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const margin = most > least ? 0.1 * (most - least) : Math.max(Math.abs(most) * 0.1, 1);
  return [least - margin, most + margin];
}

function drawBand(plot: uPlot, { range: { low, high } }: TrendSeries, colours: Colours): void {
  if (low === null && high === null) return;
  const { left, top, width, height } = plot.bbox;
  const upper = high === null ? top : plot.valToPos(high, 'y', true);
  const lower = low === null ? top + height : plot.valToPos(low, 'y', true);
  plot.ctx.save();
  plot.ctx.fillStyle = colours.band;
  plot.ctx.fillRect(left, upper, width, lower - upper);
  plot.ctx.fillStyle = colours.bandLine;
  if (high !== null) plot.ctx.fillRect(left, upper, width, 1);
  if (low !== null) plot.ctx.fillRect(left, lower, width, 1);
  plot.ctx.restore();
}

/** Flagged values carry a shape: a triangle that points where the value lies, a diamond where it is only abnormal. */
function drawFlags(plot: uPlot, points: readonly TrendPoint[], colours: Colours): void {
  const { ctx } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = colours.surface;
  for (const { time, value, flag } of points) {
    if (flag === null || flag === 'normal') continue;
    const critical = flag === 'critical-high' || flag === 'critical-low';
    const radius = (critical ? 7 : 5) * devicePixelRatio;
    const x = plot.valToPos(time / 1000, 'x', true);
    const y = plot.valToPos(value, 'y', true);
    ctx.fillStyle = critical ? colours.danger : colours.warn;
    ctx.beginPath();
    for (const [dx, dy] of shapeOf(flag)) ctx.lineTo(x + dx * radius, y + dy * radius);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

const UP = [
  [0, -1],
  [1, 0.8],
  [-1, 0.8],
] as const;
const DOWN = [
  [0, 1],
  [1, -0.8],
  [-1, -0.8],
] as const;
const DIAMOND = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;

function shapeOf(flag: NonNullable<TrendPoint['flag']>): readonly (readonly [number, number])[] {
  if (flag === 'high' || flag === 'critical-high') return UP;
  return flag === 'low' || flag === 'critical-low' ? DOWN : DIAMOND;
}

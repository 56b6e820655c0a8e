import type uPlot from 'uplot';
import type { TrendSeries } from '../../../preload/contract/results.ts';
import { formatTick } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import { drawFlags } from './plotMarks.ts';
import type { Span } from './span.ts';
import type { SeriesInRange } from './timeRanges.ts';

type Options = Omit<uPlot.Options, 'width' | 'height'>;

interface Colours {
  readonly text: string;
  readonly grid: string;
  readonly gap: string;
  readonly lines: readonly string[];
  readonly surface: string;
  readonly band: string;
  readonly bandLine: string;
  readonly warn: string;
  readonly danger: string;
}

/** Colours of lines, and how they are broken: no one needs the colour to tell two of them apart. */
const LINES = ['--wl-accent', '--wl-second', '--plot-3', '--plot-4', '--plot-5', '--plot-6'] as const;
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [12, 6], [4, 2, 1, 2]] as const;

interface Listeners {
  readonly onPoint: (time: number | null) => void;
  /** A stretch of time was dragged over. */
  readonly onSelect: (span: Span) => void;
}

function coloursOf(style: CSSStyleDeclaration): Colours {
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: variable('--wl-muted'),
    grid: variable('--wl-line'),
    gap: variable('--wl-line-strong'),
    lines: LINES.map(variable),
    surface: variable('--wl-surface'),
    band: variable('--wl-band'),
    bandLine: variable('--wl-band-line'),
    warn: variable('--wl-warn'),
    danger: variable('--wl-danger'),
  };
}

/** How series of one unit are drawn, and at which times there are values that nobody sees. uPlot's legend stays off: the page writes the value pointed at itself. */
export function plotOptions(
  series: readonly SeriesInRange[],
  gaps: readonly number[],
  style: CSSStyleDeclaration,
  { onPoint, onSelect }: Listeners,
): Options {
  const colours = coloursOf(style);
  const font = `12px ${style.fontFamily}`;
  // Bands of several series would lie over each other: their limits are thin lines in the series' colours.
  const ranged = series.length === 1 ? series[0] : undefined;
  const axis = {
    stroke: colours.text,
    font,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1 },
  };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 9 } },
    padding: [10, 16, 0, 0],
    scales: { x: { time: true, range: timeRange(series, gaps) }, y: { range: valueRange(series) } },
    axes: [
      { ...axis, space: 90, values: timeLabels },
      { ...axis, size: 52, label: series[0]?.unit || t('no unit'), labelFont: font, labelSize: 22, labelGap: 4 },
    ],
    series: [{}, ...series.map((_one, index) => lineOf(index, colours))],
    hooks: {
      drawClear: [
        (plot) => (ranged ? drawBand(plot, ranged, colours) : drawRanges(plot, series, colours)),
        (plot) => drawGaps(plot, gaps, colours),
      ],
      draw: [
        (plot) => ranged && drawLimits(plot, ranged, colours, style.fontFamily),
        (plot) =>
          drawFlags(
            plot,
            series.flatMap(({ points }) => points),
            colours,
          ),
      ],
      setCursor: [(plot) => onPoint(timeAt(plot))],
      setSelect: [(plot) => select(plot, onSelect)],
    },
  };
}

/** Less than this was a click. */
const DRAG_LEAST = 5;

function select(plot: uPlot, onSelect: Listeners['onSelect']): void {
  const { left, width } = plot.select;
  if (width < DRAG_LEAST) return;
  const [from, to] = [left, left + width].map((x) => plot.posToVal(x, 'x') * 1000);
  if (from !== undefined && to !== undefined && to > from) onSelect({ from, to });
}

function lineOf(index: number, { lines }: Colours): uPlot.Series {
  const stroke = lines[index % lines.length] ?? '';
  const dash = DASHES[index % DASHES.length] ?? [];
  return {
    stroke,
    width: 1.5,
    spanGaps: true,
    points: { show: true, size: 6, fill: stroke, stroke },
    ...(dash.length > 0 && { dash: [...dash] }),
  };
}

/** The time that the cursor points at, as exact as the values have it. */
function timeAt({ cursor, data }: uPlot): number | null {
  const seconds = cursor.idx == null ? undefined : data[0][cursor.idx];
  return seconds === undefined ? null : Math.round(seconds * 1000);
}

const timeLabels: uPlot.Axis.Values = (_plot, splits, _axis, _space, step) =>
  splits.map((split, index) => formatTick(split * 1000, step, index === 0 ? null : (splits[index - 1] ?? 0) * 1000));

/** The span that was chosen; else from the first to the last value, one alone in the middle of two days. With a margin. */
function timeRange(series: readonly SeriesInRange[], gaps: readonly number[]): uPlot.Range.MinMax {
  const span = series[0]?.span;
  if (span) return [span.from / 1000, (span.to + 0.02 * (span.to - span.from)) / 1000];
  const drawn = series.flatMap(({ points }) => [...points.slice(0, 1), ...points.slice(-1)]).map(({ time }) => time);
  const times = [...drawn, ...gaps];
  const first = times.reduce((a, b) => Math.min(a, b)) / 1000;
  const last = times.reduce((a, b) => Math.max(a, b)) / 1000;
  const margin = Math.max(0.03 * (last - first), first === last ? 86_400 : 600);
  return [first - margin, last + margin];
}

/** A line that isn't interrupted would say that there is nothing between two values. */
function drawGaps(plot: uPlot, gaps: readonly number[], colours: Colours): void {
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  ctx.save();
  ctx.strokeStyle = colours.gap;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const time of gaps) {
    const x = Math.round(plot.valToPos(time / 1000, 'x', true));
    if (x < left || x > left + width) continue;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
  }
  ctx.restore();
}

/** All values and the reference range are in sight, whatever their order of size. */
function valueRange(series: readonly TrendSeries[]): uPlot.Range.MinMax {
  const limits = series.flatMap(({ range }) => [range.low, range.high]).filter((limit) => limit !== null);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of [...limits, ...series.flatMap(({ points }) => points.map(({ value }) => value))]) {
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

function drawRanges(plot: uPlot, series: readonly TrendSeries[], { lines }: Colours): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.globalAlpha = 0.55;
  ctx.setLineDash([devicePixelRatio, 3 * devicePixelRatio]);
  for (const [index, { range }] of series.entries()) {
    ctx.strokeStyle = lines[index % lines.length] ?? '';
    for (const limit of [range.low, range.high]) {
      if (limit === null) continue;
      const y = Math.round(plot.valToPos(limit, 'y', true));
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
  }
  ctx.restore();
}

/** The limits in numbers at the end of their lines, in a halo that keeps them legible over the curve. */
function drawLimits(plot: uPlot, { range: { low, high } }: TrendSeries, colours: Colours, fontFamily: string): void {
  const { ctx, bbox } = plot;
  const gap = 4 * devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${fontFamily}`;
  ctx.textAlign = 'right';
  ctx.lineWidth = 3 * devicePixelRatio;
  ctx.strokeStyle = colours.surface;
  ctx.fillStyle = colours.text;
  for (const [limit, baseline] of [
    [high, 'bottom'],
    [low, 'top'],
  ] as const) {
    if (limit === null) continue;
    ctx.textBaseline = baseline;
    const y = plot.valToPos(limit, 'y', true) + (baseline === 'top' ? gap : -gap);
    ctx.strokeText(String(limit), bbox.left + bbox.width - gap, y);
    ctx.fillText(String(limit), bbox.left + bbox.width - gap, y);
  }
  ctx.restore();
}

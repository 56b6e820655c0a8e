import type uPlot from 'uplot';
import type { TrendPoint } from '../../../preload/contract/results.ts';

interface PlotColours {
  readonly surface: string;
  readonly warn: string;
  readonly danger: string;
}

/** Flagged values carry a shape: a triangle that points where the value lies, a diamond where it is only abnormal. */
export function drawFlags(plot: uPlot, points: readonly TrendPoint[], colours: PlotColours): void {
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

import { useMemo, useState } from 'react';
import type { TrendSeries } from '../../../preload/contract/results.ts';
import { inSpan, moved, type Span, spanOf, zoomed } from './span.ts';
import {
  firstRange,
  inRange,
  rangesWithData,
  type SeriesInRange,
  type TimeRange,
  type TimeRangeId,
} from './timeRanges.ts';

/** What time the plots show, and how that is changed. */
export interface SpanControl {
  readonly ranges: readonly TimeRange[];
  /** Null while a stretch was chosen by hand. */
  readonly range: TimeRangeId | null;
  readonly choose: (id: TimeRangeId) => void;
  readonly isZoomed: boolean;
  readonly zoomTo: (span: Span) => void;
  readonly zoomBy: (factor: number) => void;
  readonly moveBy: (part: number) => void;
  readonly reset: () => void;
}

/** The stretch of time that several series are shown for: a range up to now, or one that was chosen by hand. */
export function useSpan(
  plots: readonly TrendSeries[],
  gaps: readonly number[],
  /** All share one axis of time, even where none of the ranges gives it. */
  together: boolean,
): SpanControl & { readonly shown: readonly SeriesInRange[] } {
  // The time at which the trend was read: a plot that moves by itself would be drawn anew twice a minute.
  const [now] = useState(Date.now);
  const [choice, setChoice] = useState<TimeRangeId | null>(null);
  const [zoom, setZoom] = useState<Span | null>(null);
  const ranges = useMemo(() => rangesWithData(plots, now), [plots, now]);
  const range = ranges.find(({ id }) => id === choice) ?? firstRange(plots, now);
  const whole = useMemo(() => spanOf(plots, gaps), [plots, gaps]);
  const shown = useMemo(() => {
    if (zoom) return plots.map((series) => inSpan(series, zoom));
    const ranged = plots.map((series) => inRange(series, range, now));
    return together && whole ? ranged.map((one) => ({ ...one, span: one.span ?? whole })) : ranged;
  }, [plots, zoom, range, now, together, whole]);
  const current = zoom ?? shown.find(({ span }) => span !== null)?.span ?? whole;
  const change = (to: (from: Span, all: Span) => Span) =>
    current && whole && setZoom(to(current, union(current, whole)));
  return {
    shown,
    ranges,
    range: zoom ? null : range.id,
    isZoomed: zoom !== null,
    choose: (id) => {
      setZoom(null);
      setChoice(id);
    },
    zoomTo: setZoom,
    zoomBy: (factor) => change((from, all) => zoomed(factor < 1 ? filled(from, shown) : from, factor, all)),
    moveBy: (part) => change((from, all) => moved(from, part, all)),
    reset: () => setZoom(null),
  };
}

/** The part of a stretch that has values: what is empty is nothing to look closer at. */
function filled(span: Span, shown: readonly SeriesInRange[]): Span {
  const values = spanOf(shown, []);
  if (!values || values.to <= span.from || values.from >= span.to) return span;
  return { from: Math.max(span.from, values.from), to: Math.min(span.to, values.to) };
}

function union(a: Span, b: Span): Span {
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) };
}

import { t } from '../../words/t.ts';
import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { useThemeChoice } from '../../app/themeContext.ts';
import { formatMoment } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { plotOptions } from './plotOptions.ts';
import css from './results.module.css';
import type { SeriesInRange } from './timeRanges.ts';
import { rangeWords, seriesWords } from './trend.ts';
import type { SpanControl } from './useSpan.ts';
import { zoomKeys } from './ZoomBar.tsx';

interface Props {
  readonly unit: string;
  /** All of this unit; more than one where one reading has several values, such as a blood pressure. */
  readonly series: readonly SeriesInRange[];
  /** Times of values that are encrypted: nobody knows where they lie. */
  readonly gaps: readonly number[];
  readonly control: SpanControl;
  /** Whose values they are isn't said by what stands around the plot. */
  readonly named: boolean;
}

/** One unit's values over time on a canvas. The table below holds the same values for those who can't see it. */
export function TrendPlot({ unit, series, gaps, control, named }: Props) {
  const { scheme } = useThemeChoice();
  const host = useRef<HTMLDivElement>(null);
  const [time, setTime] = useState<number | null>(null);
  const { zoomTo } = control;
  const empty = series.every(({ points }) => points.length === 0);

  // The colours are read from the style sheet when the plot is made, so another scheme makes another plot.
  // biome-ignore lint/correctness/useExhaustiveDependencies: scheme changes what the style sheet says
  useEffect(() => {
    const element = host.current;
    if (!element || empty) return;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const options = plotOptions(series, gaps, getComputedStyle(element), { onPoint: setTime, onSelect: zoomTo });
    const plot = new uPlot({ ...size(), ...options }, dataOf(series), element);
    const observer = new ResizeObserver(() => {
      const { width, height } = size();
      // It is told of the first size too, at which the plot has just been drawn.
      if (width !== plot.width || height !== plot.height) plot.setSize({ width, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, gaps, empty, scheme, zoomTo]);

  return (
    <figure className={css.figure} data-unit={unit}>
      <figcaption className={css.caption}>
        <strong>
          <bdi>{unit || t('no unit')}</bdi>
        </strong>
        {series.map((one, index) => (
          <SeriesKey key={one.name} series={one} index={index} alone={series.length === 1} named={named} />
        ))}
        {time !== null && <Readout time={time} series={series} unit={unit} />}
      </figcaption>
      {/* It stays where it is when a stretch without values is zoomed to, so that the focus and its keys stay too. */}
      <div
        ref={host}
        className={css.canvas}
        // Time goes from left to right in it, in each language.
        dir="ltr"
        role="img"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys zoom
        tabIndex={0}
        onKeyDown={zoomKeys(control)}
        aria-keyshortcuts="+ - 0 ArrowLeft ArrowRight"
        aria-label={empty ? t('No value in this range.') : series.map(seriesWords).join('. ')}
      >
        {empty && <p className={css.noMatch}>{t('No value in this range.')}</p>}
      </div>
    </figure>
  );
}

interface KeyProps {
  readonly series: SeriesInRange;
  readonly index: number;
  readonly alone: boolean;
  readonly named: boolean;
}

/** Which line is whose, where there are several, and the reference range. */
function SeriesKey({ series, index, alone, named }: KeyProps) {
  const range = rangeWords(series);
  if (alone && !named && range === null) return null;
  return (
    <span className={css.rangeKey}>
      {!alone && <span className={css.lineSwatch} data-line={index % 6} aria-hidden />}
      {(named || !alone) && <bdi> {series.name} </bdi>}
      {alone && range && <span className={css.rangeSwatch} aria-hidden />}
      {range && t(' reference range {range}', { range })}
    </span>
  );
}

/** The values pointed at. */
function Readout({ time, series, unit }: Pick<Props, 'unit' | 'series'> & { readonly time: number }) {
  const pointed = series.flatMap(({ name, points }) => {
    const point = points.find((one) => one.time === time);
    return point ? { ...point, name } : [];
  });
  return (
    <span className={`${css.readout} wl-numbers`} aria-hidden>
      {formatMoment(time)}:
      {pointed.map((point) => (
        <span key={`${point.name} ${point.text}`}>
          {' '}
          {series.length > 1 && <bdi>{point.name}</bdi>} <strong>{point.text}</strong> <FlagBadge flag={point.flag} />
        </span>
      ))}{' '}
      <bdi>{unit}</bdi>
    </span>
  );
}

function dataOf(series: readonly SeriesInRange[]): uPlot.AlignedData {
  const tables = series.map(
    ({ points }): uPlot.AlignedData => [points.map(({ time }) => time / 1000), points.map(({ value }) => value)],
  );
  const [first = [[], []]] = tables;
  // Joined by time only where it must be, because joining keeps one value of those with the same time.
  return tables.length === 1 ? first : uPlot.join(tables);
}

import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { TrendSeries } from '../../../preload/contract/results.ts';
import { useThemeChoice } from '../../app/themeContext.ts';
import { formatMoment } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { plotOptions } from './plotOptions.ts';
import css from './results.module.css';
import { rangeWords, type TrendPoint } from './trend.ts';

const HEIGHT = 230;

interface Props {
  readonly series: TrendSeries;
  readonly description: string;
}

/** One unit's values over time on a canvas. The table below holds the same values for those who can't see it. */
export function TrendPlot({ series, description }: Props) {
  const { scheme } = useThemeChoice();
  const host = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<TrendPoint | null>(null);
  const range = rangeWords(series);

  // The colours are read from the style sheet when the plot is made, so another scheme makes another plot.
  // biome-ignore lint/correctness/useExhaustiveDependencies: scheme changes what the style sheet says
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const size = { width: element.clientWidth, height: HEIGHT };
    const options = plotOptions(series, getComputedStyle(element), (index) =>
      setPointed(index === null ? null : (series.points[index] ?? null)),
    );
    const plot = new uPlot({ ...size, ...options }, dataOf(series), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, scheme]);

  return (
    <figure className={css.figure} data-unit={series.unit}>
      <figcaption className={css.caption}>
        <strong>{series.unit || 'no unit'}</strong>
        {range && (
          <span className={css.rangeKey}>
            <span className={css.rangeSwatch} aria-hidden /> reference range {range}
          </span>
        )}
        <span className={`${css.readout} wl-numbers`} aria-hidden>
          {pointed && (
            <>
              {formatMoment(pointed.time)}: <strong>{pointed.text}</strong> {series.unit}{' '}
              <FlagBadge flag={pointed.flag} />
            </>
          )}
        </span>
      </figcaption>
      <div ref={host} className={css.canvas} role="img" aria-label={description} />
    </figure>
  );
}

function dataOf({ points }: TrendSeries): uPlot.AlignedData {
  return [points.map(({ time }) => time / 1000), points.map(({ value }) => value)];
}

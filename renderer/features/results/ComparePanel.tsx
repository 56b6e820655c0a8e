import { IconLock } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Trend, TrendSeries } from '../../../preload/contract/results.ts';
import { shortName } from '../../parts/codeNames.ts';
import { t } from '../../words/t.ts';
import { PickedTrends } from './PickedTrends.tsx';
import css from './results.module.css';
import { TrendPlot } from './TrendPlot.tsx';
import { TrendTable } from './TrendTable.tsx';
import { maskedWords, omittedWords, plotsByScale, plotsOf, rowTime, tableRows, withShown } from './trend.ts';
import { useSpan } from './useSpan.ts';
import { ZoomBar } from './ZoomBar.tsx';

interface Props {
  readonly patientId: string;
  readonly codes: readonly string[];
  readonly now: Date;
}

/** Several tests over the same time: those of one unit and scale on one plot, the others below each other. */
export function ComparePanel({ patientId, codes, now }: Props) {
  return (
    <PickedTrends
      patientId={patientId}
      codes={codes}
      now={now}
      title={t('Several tests together')}
      empty={t('Pick up to six tests to see them together')}
      testId="compare"
    >
      {(trends) => <CompareBody patientId={patientId} trends={trends} />}
    </PickedTrends>
  );
}

/** Series with names that tell them apart from those of other tests. */
function namedSeries(trend: Trend): TrendSeries[] {
  const name = shortName(trend);
  return plotsOf(trend).map((series) => ({ ...series, name: series.name === trend.name ? name : series.name }));
}

function CompareBody({ patientId, trends }: { readonly patientId: string; readonly trends: readonly Trend[] }) {
  const plots = useMemo(() => plotsByScale(trends.flatMap(namedSeries)), [trends]);
  const series = useMemo(() => plots.flatMap((plot) => plot.series), [plots]);
  const gaps = useMemo(() => trends.flatMap(({ masked }) => masked.flatMap(({ time }) => time ?? [])), [trends]);
  const control = useSpan(series, gaps, true);
  const shown = useMemo(() => withShown(plots, control.shown), [plots, control.shown]);
  const rows = useMemo(() => rowsOf(trends, series), [trends, series]);
  const said = trends.flatMap((trend) => wordsOf(trend));
  return (
    <>
      {series.length === 0 && <p className={css.remark}>{t('No value can be drawn.')}</p>}
      {series.length > 0 && <ZoomBar control={control} />}
      <div className={css.plots} data-testid="compare-plots" data-plots={shown.length}>
        {shown.map(({ unit, series: own }) => (
          <TrendPlot key={`${unit} ${own[0]?.name}`} unit={unit} series={own} gaps={gaps} control={control} named />
        ))}
      </div>
      {gaps.length > 0 && (
        <p className={css.remark}>
          <IconLock size={14} aria-hidden /> {t('Dotted lines show when values were taken that are not drawn.')}
        </p>
      )}
      {said.map((words) => (
        <p key={words} className={css.remark}>
          {words}
        </p>
      ))}
      <TrendTable patientId={patientId} rows={rows} name={t('the tests that are picked')} />
    </>
  );
}

function rowsOf(trends: readonly Trend[], series: readonly TrendSeries[]) {
  const drawn = tableRows(series, { masked: [], worded: [], withdrawn: [], name: '' });
  const others = trends.flatMap((trend) => tableRows([], { ...trend, name: shortName(trend) }));
  const at = (row: (typeof drawn)[number]) => rowTime(row) ?? Number.NEGATIVE_INFINITY;
  return [...drawn, ...others].toSorted((a, b) => at(b) - at(a));
}

function wordsOf(trend: Trend): string[] {
  const parts = [maskedWords(trend.masked), omittedWords(trend.omitted)].filter((one) => one !== null);
  if (trend.capped) parts.push(t('Older values are left out: there are too many to show.'));
  return parts.length === 0 ? [] : [`${shortName(trend)}: ${parts.join(' ')}`];
}

import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { shortName } from '../../parts/codeNames.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import css from './results.module.css';
import { TrendPlot } from './TrendPlot.tsx';
import { TrendTable } from './TrendTable.tsx';
import { maskedWords, omittedWords, plotsByScale, plotsOf, tableRows, withShown } from './trend.ts';
import { unpackTrend } from './unpack.ts';
import { useSpan } from './useSpan.ts';
import { ZoomBar } from './ZoomBar.tsx';

interface Props {
  readonly patientId: string;
  readonly group: ResultGroup;
  readonly now: Date;
}

/** One measurement over time: a plot for each unit, and every value in a table below. */
export function TrendPanel({ patientId, group, now }: Props) {
  const past = usePast();
  const trend = useQuery({
    queryKey: queryKeys.trend(patientId, past, group.code),
    queryFn: async () =>
      unpackTrend(await unwrap(bridge().results.trend({ patientId, code: group.code, ...asOfPast(past) }))),
    ...recordOptions,
  });
  const short = shortName(group);
  return (
    <section className={css.trend} aria-label={t('Trend of {name}', { name: group.name })} aria-busy={trend.isPending}>
      <header className={css.trendHead}>
        <h2>{short}</h2>
        {short !== group.name && <span className={css.fullName}>{group.name}</span>}
        {trend.data && !trend.isError && (
          <DataAge
            state={trend.data.state}
            asOf={trend.data.asOf}
            deletionsUnknown={trend.data.deletionsUnknown}
            now={now}
          />
        )}
      </header>
      {trend.isError ? (
        <ErrorState code={failureCode(trend.error)} onRetry={() => void trend.refetch()} />
      ) : (
        trend.data && <TrendBody patientId={patientId} trend={trend.data} />
      )}
    </section>
  );
}

function TrendBody({ patientId, trend }: { readonly patientId: string; readonly trend: Trend }) {
  // Kept between renderings, because a new list of points makes a new plot.
  const plots = useMemo(() => plotsByScale(plotsOf(trend)), [trend]);
  const series = useMemo(() => plots.flatMap((plot) => plot.series), [plots]);
  const rows = useMemo(() => tableRows(series, trend), [series, trend]);
  const omitted = omittedWords(trend.omitted);
  const encrypted = maskedWords(trend.masked);
  const gaps = useMemo(() => trend.masked.flatMap(({ time }) => time ?? []), [trend]);
  const control = useSpan(series, gaps, false);
  const shown = useMemo(() => withShown(plots, control.shown), [plots, control.shown]);
  const units = new Set(plots.map(({ unit }) => unit)).size;
  return (
    <>
      {units > 1 && <p className={css.remark}>{t('Recorded in different units; not drawn together.')}</p>}
      {plots.length === 0 && <p className={css.remark}>{t('No value can be drawn.')}</p>}
      {plots.length > 0 && <ZoomBar control={control} />}
      <div className={css.plots} data-testid="trend-plot" data-plots={shown.length}>
        {shown.map(({ unit, series: own }) => (
          <TrendPlot
            key={`${unit} ${own[0]?.name}`}
            unit={unit}
            series={own}
            gaps={gaps}
            control={control}
            named={plots.length > units}
          />
        ))}
      </div>
      {encrypted && (
        <p className={css.remark} data-testid="trend-masked">
          <IconLock size={14} aria-hidden /> {encrypted}
          {plots.length > 0 && gaps.length > 0 && t(' Dotted lines show when they were taken.')}
        </p>
      )}
      {trend.capped && <p className={css.remark}>{t('Older values are left out: there are too many to show.')}</p>}
      {omitted && <p className={css.remark}>{omitted}</p>}
      <TrendTable patientId={patientId} rows={rows} name={trend.name} />
    </>
  );
}

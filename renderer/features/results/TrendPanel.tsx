import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import css from './results.module.css';
import { TrendPlot } from './TrendPlot.tsx';
import { TrendTable } from './TrendTable.tsx';
import { omittedWords, plotsOf, seriesWords, tableRows } from './trend.ts';

interface Props {
  readonly patientId: string;
  readonly group: ResultGroup;
  readonly now: Date;
}

/** One measurement over time: a plot for each unit, and every value in a table below. */
export function TrendPanel({ patientId, group, now }: Props) {
  const trend = useQuery({
    queryKey: queryKeys.trend(patientId, group.code),
    queryFn: () => unwrap(bridge().results.trend({ patientId, code: group.code })),
    ...recordOptions,
  });
  return (
    <section className={css.trend} aria-label={`Trend of ${group.name}`} aria-busy={trend.isPending}>
      <header className={css.trendHead}>
        <h2>{group.name}</h2>
        {trend.data && !trend.isError && <DataAge state={trend.data.state} asOf={trend.data.asOf} now={now} />}
      </header>
      {trend.isError ? (
        <ErrorState code={failureCode(trend.error)} onRetry={() => void trend.refetch()} />
      ) : (
        trend.data && <TrendBody trend={trend.data} />
      )}
    </section>
  );
}

function TrendBody({ trend }: { readonly trend: Trend }) {
  // Kept between renderings, because a new list of points makes a new plot.
  const plots = useMemo(() => plotsOf(trend), [trend]);
  const rows = useMemo(() => tableRows(plots), [plots]);
  const omitted = omittedWords(trend.omitted);
  return (
    <>
      {plots.length > 1 && <p className={css.remark}>Recorded in different units; not drawn together.</p>}
      {plots.length === 0 && <p className={css.remark}>No value can be drawn.</p>}
      <div className={css.plots} data-testid="trend-plot" data-plots={plots.length}>
        {plots.map((series) => (
          <TrendPlot key={`${series.name} ${series.unit}`} series={series} description={seriesWords(series)} />
        ))}
      </div>
      {omitted && <p className={css.remark}>{omitted}</p>}
      <TrendTable rows={rows} name={trend.name} />
    </>
  );
}

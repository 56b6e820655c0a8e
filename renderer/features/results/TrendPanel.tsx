import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { asOfPast, usePast } from '../../app/past.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { shortName } from '../../parts/codeNames.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import { RangePicker } from './RangePicker.tsx';
import css from './results.module.css';
import { TrendPlot } from './TrendPlot.tsx';
import { TrendTable } from './TrendTable.tsx';
import { firstRange, inRange, rangesWithData, type TimeRangeId } from './timeRanges.ts';
import { byUnit, maskedWords, omittedWords, plotsOf, tableRows } from './trend.ts';

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
    queryFn: () => unwrap(bridge().results.trend({ patientId, code: group.code, ...asOfPast(past) })),
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
  const plots = useMemo(() => plotsOf(trend), [trend]);
  const rows = useMemo(
    () =>
      tableRows(
        byUnit(plots).flatMap(({ series }) => series),
        trend,
      ),
    [plots, trend],
  );
  const omitted = omittedWords(trend.omitted);
  const encrypted = maskedWords(trend.masked);
  const gaps = useMemo(() => trend.masked.flatMap(({ time }) => time ?? []), [trend]);
  // The time at which the trend was read: a plot that moves by itself would be drawn anew twice a minute.
  const [now] = useState(Date.now);
  const [choice, setChoice] = useState<TimeRangeId | null>(null);
  const ranges = useMemo(() => rangesWithData(plots, now), [plots, now]);
  const range = ranges.find(({ id }) => id === choice) ?? firstRange(plots, now);
  const shown = useMemo(() => byUnit(plots.map((series) => inRange(series, range, now))), [plots, range, now]);
  return (
    <>
      {shown.length > 1 && <p className={css.remark}>{t('Recorded in different units; not drawn together.')}</p>}
      {plots.length === 0 && <p className={css.remark}>{t('No value can be drawn.')}</p>}
      {ranges.length > 1 && <RangePicker ranges={ranges} chosen={range.id} onChoose={setChoice} />}
      <div className={css.plots} data-testid="trend-plot" data-plots={shown.length}>
        {shown.map(({ unit, series }) => (
          <TrendPlot key={unit} unit={unit} series={series} gaps={gaps} />
        ))}
      </div>
      {encrypted && (
        <p className={css.remark} data-testid="trend-masked">
          <IconLock size={14} aria-hidden /> {encrypted}
          {plots.length > 0 && gaps.length > 0 && t(' Dotted lines show when they were taken.')}
        </p>
      )}
      {omitted && <p className={css.remark}>{omitted}</p>}
      <TrendTable patientId={patientId} rows={rows} name={trend.name} />
    </>
  );
}

import { useMemo, useState } from 'react';
import type { ResultGroup } from '../../../preload/contract/results.ts';
import { failureCode } from '../../app/bridge.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import { CumulativeTable } from './CumulativeTable.tsx';
import { cumulative } from './cumulative.ts';
import css from './results.module.css';
import { Segments } from './Segments.tsx';
import { useTrends } from './useTrends.ts';

interface Props {
  readonly patientId: string;
  readonly groups: readonly ResultGroup[];
  readonly codes: readonly string[];
  readonly now: Date;
  /** Leads to the trend of a test. */
  readonly onCode: (code: string) => void;
}

const ORDERS = [
  { id: 'newest', words: t('Newest first') },
  { id: 'oldest', words: t('Oldest first') },
] as const;
type Order = (typeof ORDERS)[number]['id'];

/** The picked tests below each other, with a column for each time. */
export function TablePanel({ patientId, groups, codes, now, onCode }: Props) {
  const trends = useTrends(patientId, codes);
  const [order, setOrder] = useState<Order>('newest');
  const table = useMemo(() => cumulative(trends.data ?? [], groups), [trends.data, groups]);
  const times = useMemo(() => (order === 'newest' ? table.times.toReversed() : table.times), [table, order]);
  if (codes.length === 0) return <EmptyState title={t('Pick tests, or a whole panel, to see them in a table')} />;
  if (trends.isError) return <ErrorState code={failureCode(trends.error)} onRetry={() => void trends.refetch()} />;
  const [first] = trends.data ?? [];
  return (
    <section
      className={css.trend}
      aria-label={t('Cumulative table')}
      aria-busy={trends.isPending}
      data-testid="cumulative"
    >
      <header className={css.trendHead}>
        <h2>{t('Cumulative table')}</h2>
        <Segments
          legend={t('Order of the columns')}
          options={ORDERS}
          chosen={order}
          onChoose={setOrder}
          testId="table-order"
        />
        {first && <DataAge state={first.state} asOf={first.asOf} deletionsUnknown={first.deletionsUnknown} now={now} />}
      </header>
      {trends.data?.some(({ capped }) => capped) && (
        <p className={css.remark}>{t('Older values of some tests are left out: there are too many to show.')}</p>
      )}
      {table.untimed > 0 && (
        <p className={css.remark}>
          {t('{count, plural, one {# value} other {# values}} without a time can’t be placed in a column.', {
            count: table.untimed,
          })}
        </p>
      )}
      {trends.data && table.times.length === 0 && <p className={css.remark}>{t('No value has a time.')}</p>}
      {table.times.length > 0 && (
        <CumulativeTable key={order} sections={table.sections} times={times} now={now} onCode={onCode} />
      )}
    </section>
  );
}

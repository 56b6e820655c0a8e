import { useMemo, useState } from 'react';
import type { ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { t } from '../../words/t.ts';
import { CumulativeTable } from './CumulativeTable.tsx';
import { cumulative } from './cumulative.ts';
import { PickedTrends } from './PickedTrends.tsx';
import css from './results.module.css';
import { Segments } from './Segments.tsx';

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
export function TablePanel({ patientId, codes, now, ...rest }: Props) {
  const [order, setOrder] = useState<Order>('newest');
  return (
    <PickedTrends
      patientId={patientId}
      codes={codes}
      now={now}
      title={t('Cumulative table')}
      empty={t('Pick tests, or a whole panel, to see them in a table')}
      testId="cumulative"
      head={
        <Segments
          legend={t('Order of the columns')}
          options={ORDERS}
          chosen={order}
          onChoose={setOrder}
          testId="table-order"
        />
      }
    >
      {(trends) => <TableBody trends={trends} order={order} now={now} {...rest} />}
    </PickedTrends>
  );
}

interface BodyProps extends Pick<Props, 'groups' | 'now' | 'onCode'> {
  readonly trends: readonly Trend[];
  readonly order: Order;
}

function TableBody({ trends, order, groups, now, onCode }: BodyProps) {
  const table = useMemo(() => cumulative(trends, groups), [trends, groups]);
  const times = useMemo(() => (order === 'newest' ? table.times.toReversed() : table.times), [table, order]);
  return (
    <>
      {trends.some(({ capped }) => capped) && (
        <p className={css.remark}>{t('Older values of some tests are left out: there are too many to show.')}</p>
      )}
      {table.untimed > 0 && (
        <p className={css.remark}>
          {t('{count, plural, one {# value} other {# values}} without a time can’t be placed in a column.', {
            count: table.untimed,
          })}
        </p>
      )}
      {times.length === 0 ? (
        <p className={css.remark}>{t('No value has a time.')}</p>
      ) : (
        <CumulativeTable key={order} sections={table.sections} times={times} now={now} onCode={onCode} />
      )}
    </>
  );
}

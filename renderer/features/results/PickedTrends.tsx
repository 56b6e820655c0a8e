import type { ReactNode } from 'react';
import type { Trend } from '../../../preload/contract/results.ts';
import { failureCode } from '../../app/bridge.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import css from './results.module.css';
import { useTrends } from './useTrends.ts';

interface Props {
  readonly patientId: string;
  readonly codes: readonly string[];
  readonly now: Date;
  readonly title: string;
  /** What stands there while nothing is picked. */
  readonly empty: string;
  readonly testId: string;
  readonly head?: ReactNode;
  readonly children: (trends: readonly Trend[]) => ReactNode;
}

/** The values of the tests that are picked, read as one and shown in one way or another. */
export function PickedTrends({ patientId, codes, now, title, empty, testId, head, children }: Props) {
  const trends = useTrends(patientId, codes);
  if (codes.length === 0) return <EmptyState title={empty} />;
  if (trends.isError) return <ErrorState code={failureCode(trends.error)} onRetry={() => void trends.refetch()} />;
  const [first] = trends.data ?? [];
  return (
    <section className={css.trend} aria-label={title} aria-busy={trends.isPending} data-testid={testId}>
      <header className={css.trendHead}>
        <h2>{title}</h2>
        {head}
        {first && <DataAge state={first.state} asOf={first.asOf} deletionsUnknown={first.deletionsUnknown} now={now} />}
      </header>
      {trends.data && children(trends.data)}
    </section>
  );
}

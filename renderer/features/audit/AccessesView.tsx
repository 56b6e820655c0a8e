import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { AccessLine } from '../../../preload/contract/audit.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { t } from '../../words/t.ts';
import { AccessFilter, ANY_ACCESS, filterRequest } from './AccessFilter.tsx';
import { AccessRow } from './AccessRow.tsx';
import css from './audit.module.css';
import { patientWords } from './lineWords.ts';

const ROW_HEIGHT = 34;
/** Rows before the end at which the next ones are asked for. */
const AHEAD = 20;

interface Props {
  readonly patientId: string;
  /** Says whose chart it is, where no banner does. */
  readonly named?: boolean;
}

/** Who has seen a patient's chart, newest first. */
export default function AccessesView({ patientId, named = false }: Props) {
  const [filter, setFilter] = useState(ANY_ACCESS);
  const accesses = useInfiniteQuery({
    queryKey: queryKeys.accesses(patientId, filter),
    queryFn: ({ pageParam }) =>
      unwrap(bridge().audit.accesses({ patientId, ...filterRequest(filter), before: pageParam })),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    ...recordOptions,
  });
  if (accesses.isError)
    return <ErrorState code={failureCode(accesses.error)} onRetry={() => void accesses.refetch()} />;
  if (!accesses.data) return <div aria-busy="true" data-testid="accesses-loading" />;
  const [first] = accesses.data.pages;
  const items = accesses.data.pages.flatMap((page) => page.items);
  return (
    <div className={css.accesses} data-testid="accesses">
      {named && first && (
        <h2 data-testid="accesses-patient">
          <bdi>{patientWords(first.patient)}</bdi>
        </h2>
      )}
      <AccessFilter value={filter} people={first?.people ?? []} onChange={setFilter} />
      {items.length === 0 ? (
        <EmptyState title={filter === ANY_ACCESS ? t('Nobody has opened this chart here') : t('Nothing that fits')}>
          <p>{t('Only what happened on this workstation is recorded here; the server knows of the others.')}</p>
        </EmptyState>
      ) : (
        <Rows
          key={JSON.stringify(filter)}
          items={items}
          more={accesses.hasNextPage && !accesses.isFetchingNextPage}
          onMore={() => void accesses.fetchNextPage()}
        />
      )}
    </div>
  );
}

interface RowsProps {
  readonly items: readonly AccessLine[];
  /** There are older ones, and they aren't on their way. */
  readonly more: boolean;
  readonly onMore: () => void;
}

function Rows({ items, more, onMore }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const shown = virtualizer.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= items.length - AHEAD) onMore();
  }, [more, last, items.length, onMore]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section ref={scroller} className={css.scroller} tabIndex={0} aria-label={t('Who has seen this chart')}>
      <table className={css.table} aria-rowcount={more ? -1 : items.length + 1}>
        <thead>
          <tr>
            <th scope="col">{t('When')}</th>
            <th scope="col">{t('Who')}</th>
            <th scope="col">{t('What')}</th>
            <th scope="col">{t('Purpose')}</th>
            <th scope="col">{t('Workstation')}</th>
          </tr>
        </thead>
        <tbody>
          <tr aria-hidden style={{ height: shown[0]?.start ?? 0 }} />
          {shown.map(({ index, key }) => {
            const line = items[index];
            return line && <AccessRow key={key} line={line} index={index} />;
          })}
          <tr aria-hidden style={{ height: virtualizer.getTotalSize() - (shown.at(-1)?.end ?? 0) }} />
        </tbody>
      </table>
    </section>
  );
}

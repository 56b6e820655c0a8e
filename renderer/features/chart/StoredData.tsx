import { useQuery } from '@tanstack/react-query';
import type { KnownSection } from '../../../preload/contract/sync.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { collator, number, t } from '../../words/t.ts';
import { NotFetched } from './NotFetched.tsx';
import { recordWords } from './recordWords.ts';
import css from './stored.module.css';

/** What of a patient is on this workstation, kind by kind, and when each was last complete (design rule 8). */
export function StoredData({ patientId, now }: { readonly patientId: string; readonly now: Date }) {
  const sections = useQuery({
    queryKey: queryKeys.sections(patientId),
    queryFn: () => unwrap(bridge().sync.sections({ patientId })),
    ...recordOptions,
  });
  if (sections.isError)
    return <ErrorState code={failureCode(sections.error)} onRetry={() => void sections.refetch()} />;
  if (!sections.data) return <div aria-busy="true" />;
  const items = sections.data.items.toSorted((a, b) => collator.compare(recordWords(a), recordWords(b)));
  if (items.length === 0) return <EmptyState title={t('Nothing of this patient was fetched yet')} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={css.view} tabIndex={0} aria-label={t('Stored data')}>
      <table className={css.table} data-testid="stored-data">
        <caption>
          {t('What is stored on this workstation, encrypted, and when each kind of record was last complete.')}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('Kind')}</th>
            <th scope="col" className={css.count}>
              {t('Records')}
            </th>
            <th scope="col">{t('Last complete')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Line key={item.resourceType} item={item} now={now} />
          ))}
        </tbody>
      </table>
      <NotFetched />
    </section>
  );
}

/** A kind that may not be viewed has no number: none stored is not none there. */
function Line({ item, now }: { readonly item: KnownSection; readonly now: Date }) {
  const { resourceType, state, asOf, count, deletionsUnknown } = item;
  return (
    <tr data-type={resourceType} data-state={state}>
      <th scope="row">{recordWords(item)}</th>
      <td className={css.count}>{state === 'not-permitted' ? '–' : number(count)}</td>
      <td>
        <DataAge state={state} asOf={asOf} deletionsUnknown={deletionsUnknown} now={now} />
      </td>
    </tr>
  );
}

import { useQuery } from '@tanstack/react-query';
import { bridge, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import css from './changes.module.css';
import { DuplicateItem } from './DuplicateItem.tsx';
import { DUPLICATES } from './duplicateWords.ts';

interface Props {
  readonly now: Date;
  readonly onChart: (patientId: string) => void;
}

/** What others may have registered beside what was registered here in a downtime; nothing where there is none. */
export function DuplicateList({ now, onChart }: Props) {
  const { data } = useQuery({
    queryKey: queryKeys.duplicates,
    queryFn: () => unwrap(bridge().sync.duplicates({})),
    ...recordOptions,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <section className={css.duplicates} aria-labelledby="duplicates-title" data-testid="duplicates">
      <h2 id="duplicates-title" className={css.groupTitle}>
        {DUPLICATES.title} <span className={css.groupCount}>{data.items.length}</span>
      </h2>
      <p className={css.groupMeans}>{DUPLICATES.means}</p>
      <ul className={css.items}>
        {data.items.map((item) => (
          <DuplicateItem key={item.id} item={item} now={now} onChart={onChart} />
        ))}
      </ul>
    </section>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Duplicate } from '../../../preload/contract/sync.ts';
import { bridge, unwrap } from '../../app/bridge.ts';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import css from './changes.module.css';
import { DuplicateItem } from './DuplicateItem.tsx';
import { DUPLICATES } from './duplicateWords.ts';
import { type Renumbered, RenumberedDialog } from './RenumberedDialog.tsx';

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
  // Beside the list: what has another number is on it no longer.
  const [renumbered, setRenumbered] = useState<Renumbered | null>(null);
  return (
    <>
      {data && data.items.length > 0 && (
        <Items items={data.items} now={now} onChart={onChart} onRenumbered={setRenumbered} />
      )}
      {renumbered && <RenumberedDialog renumbered={renumbered} onClose={() => setRenumbered(null)} />}
    </>
  );
}

interface ItemsProps extends Props {
  readonly items: readonly Duplicate[];
  readonly onRenumbered: (renumbered: Renumbered) => void;
}

function Items({ items, ...rest }: ItemsProps) {
  return (
    <section className={css.duplicates} aria-labelledby="duplicates-title" data-testid="duplicates">
      <h2 id="duplicates-title" className={css.groupTitle}>
        {DUPLICATES.title} <span className={css.groupCount}>{items.length}</span>
      </h2>
      <p className={css.groupMeans}>{DUPLICATES.means}</p>
      <ul className={css.items}>
        {items.map((item) => (
          <DuplicateItem key={item.id} item={item} {...rest} />
        ))}
      </ul>
    </section>
  );
}

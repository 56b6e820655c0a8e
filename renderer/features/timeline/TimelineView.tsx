import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { TimelineEntry, TimelineOutline } from '../../../preload/contract/timeline.ts';
import { failureCode } from '../../app/bridge.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { useChange } from '../../parts/useChange.ts';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { t } from '../../words/t.ts';
import { EntryPanel } from './EntryPanel.tsx';
import { ANY_ENTRY, type FilterValue, filterRequest, TimelineFilters } from './TimelineFilters.tsx';
import { type ListHandle, TimelineList } from './TimelineList.tsx';
import css from './timeline.module.css';
import { gapWords } from './timelineWords.ts';
import { useOutline } from './useTimeline.ts';
import { WantedPanel } from './WantedPanel.tsx';

/** While somebody types. */
const DEBOUNCE = 120;

interface Props {
  readonly patientId: string;
  readonly now: Date;
  /** What somebody comes for, wherever it stands. */
  readonly record?: { readonly type: string; readonly id: string } | null;
}

/** All that happened to a patient in its order, and the record behind the entry that is chosen. */
export default function TimelineView({ patientId, now, record = null }: Props) {
  const [value, setValue] = useState<FilterValue>(ANY_ENTRY);
  const [settled] = useDebouncedValue(value, DEBOUNCE);
  const filter = useMemo(() => filterRequest(settled), [settled]);
  const [open, setOpen] = useState<{ readonly index: number; readonly entry: TimelineEntry } | null>(null);
  const [wanted, setWanted] = useState(record);
  useChange(record, (next) => {
    setWanted(next);
    setOpen(null);
  });
  const list = useRef<ListHandle>(null);
  const outline = useOutline(patientId, filter);
  // What is still shown while another filter is read belongs to the filter before: its pages must too.
  const busy = !outline.data || outline.isPlaceholderData;
  const [listed, setListed] = useState(filter);
  if (!busy && listed !== filter) setListed(filter);
  const choose = useCallback((index: number, entry: TimelineEntry) => {
    setWanted(null);
    setOpen({ index, entry });
  }, []);
  const close = () => {
    setWanted(null);
    setOpen(null);
    list.current?.focus();
  };
  const change = (next: FilterValue) => {
    setValue(next);
    // The number of the entry is one of the list before.
    setOpen(null);
  };

  if (outline.isError) return <ErrorState code={failureCode(outline.error)} onRetry={() => void outline.refetch()} />;
  return (
    <section className={css.view} aria-label={t('Timeline')} aria-busy={busy}>
      <TimelineFilters
        value={value}
        outline={outline.data}
        onChange={change}
        onJump={(month) => list.current?.jumpTo(month)}
        onEnter={() => list.current?.focus()}
      />
      {outline.data && (
        <>
          <Knowledge outline={outline.data} busy={busy} now={now} />
          <div className={css.halves} data-open={open !== null || wanted !== null || undefined}>
            {outline.data.total === 0 ? (
              <Nothing outline={outline.data} filtered={settled !== ANY_ENTRY} onClear={() => change(ANY_ENTRY)} />
            ) : (
              <TimelineList
                patientId={patientId}
                filter={listed}
                outline={outline.data}
                chosen={open?.index ?? -1}
                onChoose={choose}
                handle={list}
              />
            )}
            {open && <EntryPanel key={open.entry.key} patientId={patientId} entry={open.entry} onClose={close} />}
            {wanted && !open && <WantedPanel patientId={patientId} record={wanted} onClose={close} />}
          </div>
        </>
      )}
    </section>
  );
}

interface KnowledgeProps {
  readonly outline: TimelineOutline;
  /** Another filter is being read. */
  readonly busy: boolean;
  readonly now: Date;
}

/** How much there is, how old it is and what is missing (design rules 7 and 8). */
function Knowledge({ outline, busy, now }: KnowledgeProps) {
  const { total, omitted, kinds, asOf } = outline;
  const gaps = gapWords(kinds);
  const partial = kinds.some(({ state }) => state === 'partial');
  const restricted = kinds.map(({ withheld }) => withheld.restricted);
  const withheld = {
    restricted: restricted.includes('purpose') ? ('purpose' as const) : (restricted.find(Boolean) ?? null),
    denied: kinds.some(({ withheld }) => withheld.denied),
  };
  return (
    <>
      <div className={css.knowledge} data-testid="timeline-knowledge">
        <span role="status">
          {busy ? t('Looking …') : t('{count, plural, one {# entry} other {# entries}}', { count: total })}
        </span>
        <DataAge state={partial ? 'partial' : 'complete'} asOf={asOf} now={now} brief />
        {omitted > 0 && (
          <strong>
            {t('{count} can’t be shown: filter them.', {
              count: t('{count, plural, one {# older entry} other {# older entries}}', { count: omitted }),
            })}
          </strong>
        )}
        {gaps.length > 0 && (
          <span className={css.gaps} title={gaps.join('\n')}>
            {gaps.join(' ')}
          </span>
        )}
        <span>{t('Some kinds of records are never fetched: see Stored data.')}</span>
      </div>
      <WithheldNotice withheld={withheld} about={t('Timeline')} />
    </>
  );
}

interface NothingProps {
  readonly outline: TimelineOutline;
  readonly filtered: boolean;
  readonly onClear: () => void;
}

/** Nothing found, nothing recorded and nothing fetched are three things. */
function Nothing({ outline: { kinds }, filtered, onClear }: NothingProps) {
  if (filtered) {
    return (
      <EmptyState title={t('No entry matches the filter')}>
        <button type="button" className={css.clear} onClick={onClear}>
          {t('Show all entries')}
        </button>
      </EmptyState>
    );
  }
  const here = kinds.filter(({ state }) => state === 'complete' || state === 'partial');
  const barred = kinds.length > 0 && kinds.every(({ state }) => state === 'not-permitted' || state === 'not-fetched');
  if (here.length === 0 && kinds.some(({ state }) => state === 'not-permitted') && barred)
    return <EmptyState title={t('Not permitted to view')} />;
  if (here.length === 0) return <EmptyState title={t('Not available offline')} />;
  const whole = here.every(({ state }) => state === 'complete') && !kinds.some(({ state }) => state === 'not-kept');
  return <EmptyState title={whole ? t('None recorded') : t('None in the part fetched so far')} />;
}

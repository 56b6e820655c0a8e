import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ListScope, PatientSort } from '../../../preload/contract/patients.ts';
import { failureCode } from '../../app/bridge.ts';
import type { ListFilter } from '../../app/queries.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { useNow } from '../../parts/useNow.ts';
import { t } from '../../words/t.ts';
import { useAim } from './aim.ts';
import { ListChooser } from './ListChooser.tsx';
import { askedAt, hasOwnOrder } from './listScopes.ts';
import type { ListView } from './listView.ts';
import { ColumnHeads, ListEmpty, ListHead } from './PatientListParts.tsx';
import { PatientRowLine } from './PatientRowLine.tsx';
import css from './patients.module.css';
import { filterKey, ROW_HEIGHT, useFirstPage, usePatientRows } from './usePatientRows.ts';

/** Id of the grid, for the search field, which hands the focus on to it. */
export const GRID_ID = 'patient-grid';

interface Props {
  readonly view: ListView;
  readonly onView: (change: (view: ListView) => ListView) => void;
  readonly onOpen: (patientId: string) => void;
}

/** The clinician's patients: found as typed, sorted, of any number. */
export function PatientList({ view, onView, onOpen }: Props) {
  const now = useNow();
  const typed = view.query.trim();
  const [query, setQuery] = useState(typed);
  const filter = { scope: askedAt(view.scope, now), query, sort: view.sort, descending: view.descending };
  const first = useFirstPage(filter);
  // Asked for at once; what is typed while an answer is awaited is asked for with its last letter, when that has come.
  if (query !== typed && !first.isFetching) setQuery(typed);
  const total = first.data?.total ?? 0;

  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    initialOffset: view.scrollOffset,
    // The sticky heads take the height of a row from what is in sight.
    scrollPaddingEnd: ROW_HEIGHT,
  });
  const items = virtualizer.getVirtualItems();
  const range = virtualizer.range ?? { startIndex: 0, endIndex: 0 };
  const rows = usePatientRows(filter, first.data, range.startIndex, range.endIndex);
  const found = rows.indexOf(view.activeId);
  const aim = useAim(useMemo(() => first.data?.items.map(({ id }) => id).join(' ') ?? '', [first.data]));
  const active = Math.min(found >= 0 ? found : view.activeIndex, Math.max(0, total - 1));
  const shown = rows.rowAt(active) !== null && items.some((item) => item.index === active);

  useTopOnChange(virtualizer, filterKey(filter));
  useLeaving(scroller, onView);
  useFocusOnArrival(view.focusList);

  const moveTo = (index: number) => {
    onView((now) => ({ ...now, activeIndex: index, activeId: rows.rowAt(index)?.id ?? null }));
    virtualizer.scrollToIndex(index, { align: 'auto' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    // An Enter still held down from the unlock opens nobody.
    if (event.key === 'Enter' && event.repeat) return;
    const pageRows = Math.max(1, range.endIndex - range.startIndex - 1);
    const next = moveIndex(event.key, active, total, pageRows);
    const row = rows.rowAt(active);
    if (next !== null) moveTo(next);
    else if (event.key === 'Enter' && row) onOpen(row.id);
    else return;
    event.preventDefault();
  };
  const { isMeant } = aim;
  const openMeant = useCallback((id: string) => isMeant() && onOpen(id), [isMeant, onOpen]);
  const sortBy = (sort: PatientSort) =>
    onView((now) => ({ ...now, sort, descending: now.sort === sort && !now.descending, scrollOffset: 0 }));

  const show = (filter: Partial<ListFilter>) =>
    onView((now) => ({ ...now, ...filter, scrollOffset: 0, activeId: null, activeIndex: 0 }));
  const showScope = (scope: ListScope) =>
    show({ scope, sort: hasOwnOrder(scope) ? 'list' : 'name', descending: false });

  if (first.isError) return <ErrorState code={failureCode(first.error)} onRetry={() => void first.refetch()} />;
  return (
    <div className={css.list}>
      <ListHead page={first.data} scope={view.scope} query={query} now={now} />
      <ListChooser view={view} now={now} onScope={showScope} onFilter={({ name: _name, ...filter }) => show(filter)} />
      <div ref={scroller} className={css.scroller} onPointerMove={aim.onMove}>
        <table
          id={GRID_ID}
          className={css.grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table is what ARIA in HTML gives grids
          role="grid"
          tabIndex={0}
          aria-label={t('Patients')}
          aria-rowcount={total + 1}
          aria-busy={first.isPlaceholderData || typed !== query}
          aria-activedescendant={shown ? `patient-row-${active}` : undefined}
          onKeyDown={onKeyDown}
          data-testid="patient-list"
        >
          <ColumnHeads scope={view.scope} sort={view.sort} descending={view.descending} onSort={sortBy} />
          <tbody>
            <tr aria-hidden style={{ height: items[0]?.start ?? 0 }} />
            {items.map((item) => (
              <PatientRowLine
                key={item.key}
                index={item.index}
                row={rows.rowAt(item.index)}
                active={item.index === active}
                booked={view.scope.list === 'appointments'}
                now={now}
                onOpen={openMeant}
              />
            ))}
            <tr aria-hidden style={{ height: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) }} />
          </tbody>
        </table>
        {first.data && total === 0 && <ListEmpty page={first.data} scope={view.scope} query={query} />}
      </div>
    </div>
  );
}

/** Another filter or order begins at its top. To ask the page where it stands would have it laid out for each letter. */
function useTopOnChange(virtualizer: Virtualizer<HTMLDivElement, Element>, filterKey: string): void {
  const shown = useRef(filterKey);
  useEffect(() => {
    if (shown.current === filterKey) return;
    shown.current = filterKey;
    if (virtualizer.scrollOffset !== 0) virtualizer.scrollToOffset(0);
  }, [virtualizer, filterKey]);
}

/** Remembers where the list stands when it gives way to a chart. */
function useLeaving(scroller: RefObject<HTMLDivElement | null>, onView: Props['onView']): void {
  useEffect(() => {
    const element = scroller.current;
    let offset = element?.scrollTop ?? 0;
    const remember = () => {
      offset = element?.scrollTop ?? 0;
    };
    element?.addEventListener('scroll', remember, { passive: true });
    return () => {
      element?.removeEventListener('scroll', remember);
      onView((view) => ({ ...view, scrollOffset: offset }));
    };
  }, [scroller, onView]);
}

function useFocusOnArrival(wanted: boolean): void {
  const initially = useRef(wanted);
  useEffect(() => {
    if (initially.current) document.getElementById(GRID_ID)?.focus({ preventScroll: true });
  }, []);
}

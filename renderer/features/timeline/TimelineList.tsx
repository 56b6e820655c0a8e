import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  memo,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useReducer,
  useRef,
} from 'react';
import type { TimelineEntry, TimelineFilter, TimelineOutline } from '../../../preload/contract/timeline.ts';
import { failureCode } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { number, t } from '../../words/t.ts';
import { EntryLine } from './EntryLine.tsx';
import css from './timeline.module.css';
import { linesOf, PAGE, pagesAround } from './timelineLines.ts';
import { monthWords } from './timelineWords.ts';
import { useEntries } from './useTimeline.ts';

/** Every line has it, so that fifty thousand need no measuring. */
const LINE_HEIGHT = 34;

/** What the view around the list asks of it. */
export interface ListHandle {
  readonly jumpTo: (month: string) => void;
  readonly focus: () => void;
}

interface Props {
  readonly patientId: string;
  readonly filter: TimelineFilter;
  readonly outline: TimelineOutline;
  /** Number of the entry that is open, and what to do when it changes. */
  readonly chosen: number;
  readonly onChoose: (index: number, entry: TimelineEntry) => void;
  readonly handle: RefObject<ListHandle | null>;
}

/** The entries with a head for each month. Only those in sight are in the page, and only their pages are read. */
export function TimelineList({ patientId, filter, outline, chosen, onChoose, handle }: Props) {
  const baseId = useId();
  const { total, marks } = outline;
  const lines = useMemo(() => linesOf(outline), [outline]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  const numbers = items.flatMap(({ index }) => {
    const line = lines.lineAt(index);
    return line?.kind === 'entry' ? [line.index] : [];
  });
  const [first = 0, last = first] = [numbers[0], numbers.at(-1)];
  const flies = useFlying(first);
  const { entryAt, error } = useEntries(patientId, filter, marks, flies ? [] : pagesAround(first, last, total));
  useTopOnChange(scroller, filter);
  useImperativeHandle(handle, () => ({
    jumpTo: (month) => virtualizer.scrollToIndex(lines.lineOfMonth(month), { align: 'start' }),
    focus: () => scroller.current?.focus(),
  }));

  const wanted = useRef<number | null>(null);
  const arrived = wanted.current === null ? null : entryAt(wanted.current);
  // What is moved to beyond the pages that are here is opened once it has come.
  useEffect(() => {
    if (arrived === null || wanted.current === null) return;
    const index = wanted.current;
    wanted.current = null;
    onChoose(index, arrived);
  }, [arrived, onChoose]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const inSight = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / LINE_HEIGHT) - 2);
    const next = moveIndex(event.key, chosen, total, inSight);
    if (next === null) return;
    event.preventDefault();
    virtualizer.scrollToIndex(lines.lineOf(next), { align: 'auto' });
    const entry = entryAt(next);
    wanted.current = entry ? null : next;
    if (entry) onChoose(next, entry);
  };

  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="listbox"
      tabIndex={0}
      aria-label={t('Timeline, newest first')}
      aria-activedescendant={numbers.includes(chosen) ? `${baseId}-${chosen}` : undefined}
      onKeyDown={onKeyDown}
      data-testid="timeline-list"
      data-total={total}
    >
      {error && <FailureAlert code={failureCode(error)} />}
      <div className={css.whole} style={{ height: virtualizer.getTotalSize() }}>
        <div className={css.sight} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
          {items.map(({ index, key }) => {
            const line = lines.lineAt(index);
            if (line?.kind === 'month') return <MonthHead key={key} month={line.month} count={line.count} />;
            return (
              line && (
                <EntryLine
                  key={key}
                  id={`${baseId}-${line.index}`}
                  entry={entryAt(line.index)}
                  index={line.index}
                  total={total}
                  chosen={line.index === chosen}
                  onChoose={onChoose}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

const MonthHead = memo(function MonthHead(props: { readonly month: string | null; readonly count: number }) {
  const { month, count } = props;
  return (
    <div className={css.month} role="presentation" data-testid="timeline-month">
      <strong>{monthWords(month)}</strong> <span className={css.sub}>{number(count)}</span>
    </div>
  );
});

/** What stands in sight for less than that is not read. */
const REST_MS = 60;

/** True while what is in sight is another page at each step, as when the scroll bar is dragged: each read is recorded. */
function useFlying(first: number): boolean {
  const seen = useRef({ rested: first, last: first });
  const [, look] = useReducer((looks: number) => looks + 1, 0);
  const flies = Math.abs(first - seen.current.rested) > PAGE;
  useEffect(() => {
    const step = Math.abs(first - seen.current.last);
    seen.current.last = first;
    const comeToRest = () => {
      seen.current.rested = first;
      look();
    };
    if (!flies) seen.current.rested = first;
    else if (step > 0 && step <= PAGE) comeToRest();
    else {
      const rest = setTimeout(comeToRest, REST_MS);
      return () => clearTimeout(rest);
    }
  }, [first, flies]);
  return flies;
}

/** Another filter begins at its top. */
function useTopOnChange(scroller: RefObject<HTMLDivElement | null>, filter: TimelineFilter): void {
  const shown = useRef(filter);
  useEffect(() => {
    if (shown.current === filter) return;
    shown.current = filter;
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [scroller, filter]);
}

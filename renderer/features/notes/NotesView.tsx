import { type KeyboardEvent, useEffect, useId } from 'react';
import type { ChartSummary, NoteItem } from '../../../preload/contract/chart.ts';
import { DataAge } from '../../parts/DataAge.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { cappedWords, countWords, EMPTY_WORDS } from '../../parts/sectionWords.ts';
import { NoteReader } from './NoteReader.tsx';
import css from './notes.module.css';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['notes'];
  readonly noteId: string | null;
  readonly onNote: (noteId: string) => void;
  readonly now: Date;
}

/** The notes of a patient and the text of the chosen one. */
export function NotesView({ patientId, section, noteId, onNote, now }: Props) {
  const { items, state, asOf, total } = section;
  if (items.length === 0) return <EmptyState title={EMPTY_WORDS[state]} />;
  // A note is opened by choice, because every opening is recorded as a look at it.
  return (
    <div className={css.view}>
      <div className={css.side}>
        <div className={css.sideHead}>
          <span className="wl-muted">{cappedWords(items.length, total) ?? countWords(total, 'note')}</span>
          <DataAge state={state} asOf={asOf} now={now} brief />
        </div>
        <NoteList items={items} noteId={noteId} onNote={onNote} />
      </div>
      {noteId === null ? (
        <EmptyState title="Choose a note" />
      ) : (
        <NoteReader key={noteId} patientId={patientId} noteId={noteId} />
      )}
    </div>
  );
}

type ListProps = Pick<Props, 'noteId' | 'onNote'> & { readonly items: readonly NoteItem[] };

function NoteList({ items, noteId, onNote }: ListProps) {
  const baseId = useId();
  const index = items.findIndex((item) => item.id === noteId);
  useEffect(() => {
    if (index >= 0) document.getElementById(`${baseId}-${index}`)?.scrollIntoView?.({ block: 'nearest' });
  }, [baseId, index]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const next = moveIndex(event.key, index, items.length, 8);
    const item = next === null ? null : items[next];
    if (!item) return;
    event.preventDefault();
    onNote(item.id);
  };

  return (
    <div
      className={css.list}
      role="listbox"
      tabIndex={0}
      aria-label="Notes"
      aria-activedescendant={index >= 0 ? `${baseId}-${index}` : undefined}
      onKeyDown={onKeyDown}
    >
      {items.map((item, at) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox handles the keys of its options
        // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names its active option
        <div
          key={item.id}
          id={`${baseId}-${at}`}
          className={css.row}
          role="option"
          aria-selected={at === index}
          data-testid="note-row"
          data-note-id={item.id}
          onClick={() => onNote(item.id)}
        >
          <span className={css.title}>{item.title}</span>
          <span className={css.sub}>
            {[formatDateTime(item.date), item.author, item.status === 'entered-in-error' ? 'Entered in error' : null]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </div>
      ))}
    </div>
  );
}

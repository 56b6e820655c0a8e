import { IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId } from 'react';
import type { ChartSummary, NoteItem } from '../../../preload/contract/chart.ts';
import { useLeave } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import { DataAge } from '../../parts/DataAge.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { cappedWords, noneWords } from '../../parts/sectionWords.ts';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { useWritable } from '../../parts/writable.ts';
import { t } from '../../words/t.ts';
import { DraftGate } from '../drafts/DraftGate.tsx';
import { DraftRows } from '../drafts/DraftRows.tsx';
import { NoteEditor } from './NoteEditor.tsx';
import { NoteReader } from './NoteReader.tsx';
import css from './notes.module.css';
import type { OpenNote } from './openNote.ts';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['notes'];
  readonly open: OpenNote;
  readonly onOpen: (open: OpenNote) => void;
  /** Opens the unsent changes. */
  readonly onSync: () => void;
  readonly now: Date;
}

/** The notes of a patient, and the one that is read or written. A note is opened by choice: every opening is recorded. */
export function NotesView({ patientId, section, open, onOpen, onSync, now }: Props) {
  const { items, state, asOf, deletionsUnknown, total, withheld } = section;
  const leave = useLeave();
  const writable = useWritable();
  const noteId = open && open.kind !== 'new' ? open.id : null;
  return (
    <div className={css.view}>
      <div className={css.side}>
        <div className={css.sideHead}>
          <span className="wl-muted">
            {cappedWords(items.length, total) ?? t('{count, plural, one {# note} other {# notes}}', { count: total })}
          </span>
          <DataAge state={state} asOf={asOf} deletionsUnknown={deletionsUnknown} now={now} brief />
          <Button
            size="tiny"
            icon={<IconPlus size={14} aria-hidden />}
            onClick={() => leave(() => onOpen({ kind: 'new' }))}
            disabled={!writable}
            data-testid="note-new"
          >
            {t('New note')}
          </Button>
        </div>
        <WithheldNotice withheld={withheld} about={t('Notes')} />
        <DraftRows
          patientId={patientId}
          resourceType="DocumentReference"
          now={now}
          onOpen={(id) => leave(() => onOpen(id === null ? { kind: 'new' } : { kind: 'amend', id }))}
        />
        {items.length === 0 ? (
          <EmptyState title={noneWords(section)} />
        ) : (
          <NoteList items={items} noteId={noteId} onNote={(id) => leave(() => onOpen({ kind: 'read', id }))} />
        )}
      </div>
      {open === null && <EmptyState title={items.length === 0 ? t('No note to show') : t('Choose a note')} />}
      {open?.kind === 'new' && (
        <DraftGate patientId={patientId} resourceType="DocumentReference" resourceId={null}>
          {(draft) => (
            <NoteEditor
              patientId={patientId}
              latest={null}
              draft={draft}
              onSaved={(id) => onOpen({ kind: 'read', id })}
              onCancel={() => onOpen(null)}
            />
          )}
        </DraftGate>
      )}
      {noteId !== null && (
        <NoteReader
          key={noteId}
          patientId={patientId}
          noteId={noteId}
          amending={open?.kind === 'amend'}
          onOpen={onOpen}
          onSync={onSync}
        />
      )}
    </div>
  );
}

interface ListProps {
  readonly items: readonly NoteItem[];
  readonly noteId: string | null;
  readonly onNote: (noteId: string) => void;
}

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
      aria-label={t('Notes')}
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
          <span className={css.title}>
            {item.title} <UnsentBadge unsent={item.unsent} />
          </span>
          <span className={css.sub}>
            {[formatDateTime(item.date), item.author, item.status === 'entered-in-error' ? t('Entered in error') : null]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </div>
      ))}
    </div>
  );
}

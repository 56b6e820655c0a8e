import { IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId } from 'react';
import type { ChartSummary, NoteItem } from '../../../preload/contract/chart.ts';
import { isSoapText } from '../../../preload/contract/soap.ts';
import { createChunk } from '../../app/chunk.ts';
import { Late } from '../../app/Late.tsx';
import { useLeave } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import { DataAge } from '../../parts/DataAge.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { EmptyState } from '../../parts/EmptyState.tsx';
import { moveIndex } from '../../parts/moveIndex.ts';
import { cappedWords, noneWords, UNKNOWN } from '../../parts/sectionWords.ts';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { WithheldNotice } from '../../parts/WithheldNotice.tsx';
import { t } from '../../words/t.ts';
import { useWrite } from '../charting/write.ts';
import { DraftGate } from '../drafts/DraftGate.tsx';
import { DraftRows } from '../drafts/DraftRows.tsx';
import { NoteEditor } from './NoteEditor.tsx';
import { NoteReader } from './NoteReader.tsx';
import css from './notes.module.css';
import type { OpenNote } from './openNote.ts';

/** With what is said of a note that is signed. */
const soapEditor = createChunk(() => import('../charting/SoapEditor.tsx'));

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
  const noteId = open && 'id' in open ? open.id : null;
  const blocked = useWrite()?.blocked ?? null;
  return (
    <div className={css.view}>
      <div className={css.side}>
        <div className={css.sideHead}>
          {(total > 0 || !UNKNOWN.has(state)) && (
            <span className="wl-muted">
              {cappedWords(items.length, total) ?? t('{count, plural, one {# note} other {# notes}}', { count: total })}
            </span>
          )}
          <DataAge state={state} asOf={asOf} deletionsUnknown={deletionsUnknown} now={now} brief />
          <Button
            size="tiny"
            icon={<IconPlus size={14} aria-hidden />}
            disabled={blocked !== null}
            title={blocked ?? t('New note')}
            onClick={() => leave(() => onOpen({ kind: 'new' }))}
            data-testid="note-new"
          >
            {t('New note')}
          </Button>
          <Button
            size="tiny"
            disabled={blocked !== null}
            title={blocked ?? t('New note in sections')}
            onClick={() => leave(() => onOpen({ kind: 'new-soap' }))}
            data-testid="note-new-soap"
          >
            {t('SOAP')}
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
      {(open?.kind === 'new' || open?.kind === 'new-soap') && (
        <NewNote
          key={open.kind}
          patientId={patientId}
          soap={open.kind === 'new-soap'}
          onSaved={(id) => onOpen({ kind: 'read', id })}
          onCancel={() => onOpen(null)}
        />
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

interface NewProps {
  readonly patientId: string;
  readonly soap: boolean;
  readonly onSaved: (noteId: string) => void;
  readonly onCancel: () => void;
}

/** A new note, as one text or in sections. A draft is gone on with as it was begun. */
function NewNote({ patientId, soap, onSaved, onCancel }: NewProps) {
  return (
    <DraftGate patientId={patientId} resourceType="DocumentReference" resourceId={null}>
      {(draft) =>
        soap || isSoapText(draft?.body ?? '') ? (
          <Late
            chunk={soapEditor}
            props={{ patientId, draft, onSaved, onCancel }}
            fallback={<div aria-busy="true" />}
          />
        ) : (
          <NoteEditor patientId={patientId} latest={null} draft={draft} onSaved={onSaved} onCancel={onCancel} />
        )
      }
    </DraftGate>
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

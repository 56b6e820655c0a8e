import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { NoteText } from '../../../preload/contract/notes.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { Late } from '../../app/Late.tsx';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { TextPanel } from '../../parts/TextPanel.tsx';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { sealedField } from '../documents/sealedField.ts';
import { DraftGate } from '../drafts/DraftGate.tsx';
import { NoteEditor } from './NoteEditor.tsx';
import css from './notes.module.css';
import type { OpenNote } from './openNote.ts';

interface Props {
  readonly patientId: string;
  readonly noteId: string;
  readonly amending: boolean;
  readonly onOpen: (open: OpenNote) => void;
  /** Opens the unsent changes. */
  readonly onSync: () => void;
}

/** The text of one note, as text: what looks like HTML is shown as it was written (design rule 9). */
export function NoteReader({ patientId, noteId, amending, onOpen, onSync }: Props) {
  const note = useQuery({
    queryKey: queryKeys.note(patientId, noteId),
    queryFn: () => unwrap(bridge().notes.read({ patientId, noteId })),
    ...recordOptions,
  });
  // A note that was written here has the server's id once it was sent.
  const id = note.data?.id;
  useEffect(() => {
    if (id !== undefined && id !== noteId && !amending) onOpen({ kind: 'read', id });
  }, [id, noteId, amending, onOpen]);

  // Whatever becomes of the note meanwhile, what was typed stays on screen.
  const amended = amending && note.data && isAmendable(note.data) ? note.data : null;
  if (amended)
    return (
      <DraftGate patientId={patientId} resourceType="DocumentReference" resourceId={amended.id}>
        {(draft) => (
          <NoteEditor
            patientId={patientId}
            latest={amended}
            draft={draft}
            onSaved={(saved) => onOpen({ kind: 'read', id: saved })}
            onCancel={() => onOpen({ kind: 'read', id: noteId })}
          />
        )}
      </DraftGate>
    );
  if (note.isError) return <ErrorState code={failureCode(note.error)} onRetry={() => void note.refetch()} />;
  if (!note.data) return <div aria-busy="true" />;
  return (
    <Reader
      patientId={patientId}
      note={note.data}
      onAmend={() => onOpen({ kind: 'amend', id: noteId })}
      onSync={onSync}
    />
  );
}

/** Main decides; this only spares people a button that can't work. */
function isAmendable({ body, contentType, status }: NoteText): boolean {
  return body !== null && /^text\/plain\s*(;|$)/.test(contentType ?? '') && status !== 'entered-in-error';
}

interface ReaderProps {
  readonly patientId: string;
  readonly note: NoteText;
  readonly onAmend: () => void;
  readonly onSync: () => void;
}

function Reader({ patientId, note, onAmend, onSync }: ReaderProps) {
  const { title, author, date, status, body, contentType, masked, unsent } = note;
  const wrong = status === 'entered-in-error';
  return (
    <article className={css.reader}>
      <div className={css.readerHead}>
        <h2>{title}</h2>
        <UnsentBadge unsent={unsent} />
        {(unsent === 'conflict' || unsent === 'parked') && (
          <Button onClick={onSync} data-testid="note-sync">
            {unsent === 'conflict' ? 'Resolve the conflict' : 'See why'}
          </Button>
        )}
        {isAmendable(note) && (
          <Button icon={<IconPencil size={14} aria-hidden />} onClick={onAmend} data-testid="note-amend">
            Amend
          </Button>
        )}
      </div>
      <p className={css.sub}>
        {[formatDateTime(date), author, status.replaceAll('-', ' ')].filter(Boolean).join(' · ')}
      </p>
      {wrong && <p className={css.wrong}>This note was entered in error. Do not act on it.</p>}
      <TextPanel label="Text of the note" testId="note-body">
        {body ??
          (masked === 'encrypted' ? (
            <Late
              chunk={sealedField}
              props={{
                patientId,
                type: 'DocumentReference',
                id: note.id,
                paths: ['content.attachment.data'],
                masked: 'The text of this note is encrypted.',
              }}
              fallback={<span aria-busy="true" />}
            />
          ) : masked === 'masked' ? (
            <span className="wl-muted">The text of this note is masked: whoever has sent it has taken it out.</span>
          ) : (
            <span className="wl-muted">
              This document can't be shown as text yet ({contentType ?? 'content type not recorded'}).
            </span>
          ))}
      </TextPanel>
    </article>
  );
}

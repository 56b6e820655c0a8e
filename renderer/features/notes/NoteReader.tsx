import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { NoteText as Note } from '../../../preload/contract/notes.ts';
import { bridge, failureCode, unwrap } from '../../app/bridge.ts';
import { createChunk } from '../../app/chunk.ts';
import { Late } from '../../app/Late.tsx';
import { queryKeys, recordOptions } from '../../app/queries.ts';
import { Button } from '../../parts/Button.tsx';
import { statusWords as codeStatus } from '../../parts/codeWords.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import { RichText } from '../../parts/RichText.tsx';
import { TextPanel } from '../../parts/TextPanel.tsx';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { useWritable, type WritableItem } from '../charting/write.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import { DraftGate } from '../drafts/DraftGate.tsx';
import { EncryptedText } from './EncryptedText.tsx';
import { NoteEditor } from './NoteEditor.tsx';
import css from './notes.module.css';
import type { OpenNote } from './openNote.ts';

const addendumEditor = createChunk(() => import('../charting/AddendumEditor.tsx'));
const signDialog = createChunk(() => import('../charting/SignDialog.tsx'));

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

  // The text of an encrypted note, as it was opened to be amended; gone with the editor.
  const [shown, setShown] = useState<{ versionId: string; body: string } | null>(null);
  useEffect(() => {
    if (!amending) setShown(null);
  }, [amending]);

  // What is signed is added to, and never edited.
  const signed = amending && note.data?.signed ? note.data : null;
  if (signed)
    return (
      <Late
        chunk={addendumEditor}
        props={{
          patientId,
          note: signed,
          onSaved: (saved: string) => onOpen({ kind: 'read', id: saved }),
          onCancel: () => onOpen({ kind: 'read', id: noteId }),
        }}
        fallback={<div aria-busy="true" />}
      />
    );

  // Whatever becomes of the note meanwhile, what was typed stays on screen.
  const amended = amending && note.data && isAmendable(note.data) ? note.data : null;
  if (amended?.masked === 'encrypted' && shown === null)
    return (
      <EncryptedNote
        patientId={patientId}
        note={amended}
        onShown={(body) => setShown({ versionId: amended.versionId, body })}
        onCancel={() => onOpen({ kind: 'read', id: noteId })}
      />
    );
  if (amended)
    return (
      <DraftGate patientId={patientId} resourceType="DocumentReference" resourceId={amended.id}>
        {(draft) => (
          <NoteEditor
            patientId={patientId}
            latest={shown?.versionId === amended.versionId ? { ...amended, body: shown.body } : amended}
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
function isAmendable({ body, masked, contentType, status }: Note): boolean {
  // What was encrypted is read as UTF-8: text in another encoding would come back as another text.
  const isReadable = masked === 'encrypted' && !/charset="?(?!utf-8)/.test(contentType ?? '');
  const isThere = body !== null || isReadable;
  return isThere && /^text\/plain\s*(;|$)/.test(contentType ?? '') && status !== 'entered-in-error';
}

interface EncryptedProps {
  readonly patientId: string;
  readonly note: Note;
  readonly onShown: (body: string) => void;
  readonly onCancel: () => void;
}

/** Nobody writes over a text unseen: it is shown first, and that is recorded. */
function EncryptedNote({ patientId, note, onShown, onCancel }: EncryptedProps) {
  return (
    <article className={css.reader} data-testid="note-closed">
      <div className={css.readerHead}>
        <h2>{t('Amend: {title}', { title: note.title })}</h2>
        <Button onClick={onCancel} data-testid="note-cancel">
          {t('Cancel')}
        </Button>
      </div>
      <p className={css.sub}>
        {t('What you write is encrypted again, for the same people, before it is kept for sending.')}
      </p>
      <TextPanel label={t('Text of the note')} testId="note-body">
        <EncryptedText patientId={patientId} note={note} onShown={onShown} />
      </TextPanel>
    </article>
  );
}

function statusWords({ signed, status }: Note): string {
  if (signed) return status === 'final' ? t('signed') : t('signed, {status}', { status: codeStatus(status) });
  return status === 'preliminary' ? t('not signed') : codeStatus(status);
}

/** What the server's version says is marked; what was never sent is withdrawn. */
function noteItem({ id, versionId, title, unsent, status }: Note): WritableItem {
  const deeds = status === 'entered-in-error' ? [] : (['entered-in-error'] as const);
  return { type: 'DocumentReference', id, versionId, title, unsent, deeds };
}

interface ReaderProps {
  readonly patientId: string;
  readonly note: Note;
  readonly onAmend: () => void;
  readonly onSync: () => void;
}

function Reader({ patientId, note, onAmend, onSync }: ReaderProps) {
  const { title, author, date, status, unsent } = note;
  const wrong = status === 'entered-in-error';
  const [signing, setSigning] = useState(false);
  const write = useWritable();
  return (
    <article className={css.reader}>
      <div className={css.readerHead}>
        <h2>
          {title}{' '}
          <SealedParts
            patientId={patientId}
            type="DocumentReference"
            id={note.id}
            paths={note.encrypted.filter((path) => path === 'description')}
          />
        </h2>
        <UnsentBadge unsent={unsent} />
        {(unsent === 'conflict' || unsent === 'parked') && (
          <Button onClick={onSync} data-testid="note-sync">
            {unsent === 'conflict' ? t('Resolve the conflict') : t('See why')}
          </Button>
        )}
        <ItemActions bare item={noteItem(note)} />
        {write && isAmendable(note) && !note.signed && (
          <Button onClick={() => setSigning(true)} data-testid="note-sign">
            {t('Sign…')}
          </Button>
        )}
        {write && (note.signed ? !wrong : isAmendable(note)) && (
          <Button
            icon={<IconPencil size={14} aria-hidden />}
            onClick={onAmend}
            data-testid={note.signed ? 'note-add' : 'note-amend'}
          >
            {note.signed ? t('Add to it') : t('Amend')}
          </Button>
        )}
      </div>
      <p className={css.sub}>{[formatDateTime(date), author, statusWords(note)].filter(Boolean).join(' · ')}</p>
      {signing && (
        <Late chunk={signDialog} props={{ patientId, note, onClose: () => setSigning(false) }} fallback={null} />
      )}
      {wrong && <p className={css.wrong}>{t('This note was entered in error. Do not act on it.')}</p>}
      <TextPanel label={t('Text of the note')} testId="note-body">
        <NoteText patientId={patientId} note={note} />
      </TextPanel>
    </article>
  );
}

/** The text, or why there is none to be seen. */
function NoteText({ patientId, note }: Pick<ReaderProps, 'patientId' | 'note'>) {
  const { body, rich, contentType, masked } = note;
  if (rich) return <RichText rich={rich} />;
  if (body !== null) return body;
  if (masked === 'encrypted') return <EncryptedText patientId={patientId} note={note} />;
  return (
    <span className="wl-muted">
      {masked === 'masked'
        ? t('The text of this note is masked: whoever has sent it has taken it out.')
        : t("This document can't be shown as text yet ({contentType}).", {
            contentType: contentType ?? t('content type not recorded'),
          })}
    </span>
  );
}

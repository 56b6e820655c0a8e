import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { NoteKind, NoteText } from '../../../preload/contract/notes.ts';
import { bridge } from '../../app/bridge.ts';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import type { DraftOf } from '../drafts/DraftGate.tsx';
import { DraftStatus } from '../drafts/DraftStatus.tsx';
import { useDraft } from '../drafts/useDraft.ts';
import { EncryptedText } from './EncryptedText.tsx';
import css from './notes.module.css';

/** The contract's `NOTE_MAX`: its file would bring the schemas into the page. */
export const LONGEST = 100_000;

/** Kinds of note that can be written, with their names. */
export const KINDS: readonly { readonly kind: NoteKind; readonly name: string }[] = [
  { kind: 'progress', name: t('Progress note') },
  { kind: 'nursing', name: t('Nursing note') },
  { kind: 'consultation', name: t('Consultation') },
  { kind: 'telephone', name: t('Telephone call') },
];

type NoteDraft = DraftOf<'DocumentReference'>;

interface Props {
  readonly patientId: string;
  /** The note that is amended as it is now; null for a new one. */
  readonly latest: NoteText | null;
  /** What was typed before, and is gone on with. */
  readonly draft: NoteDraft | null;
  readonly onSaved: (noteId: string) => void;
  readonly onCancel: () => void;
}

/** Where notes are written. What is typed is kept as a draft all the while, until it is saved or given up. */
export function NoteEditor({ patientId, latest, draft, onSaved, onCancel }: Props) {
  const [base, setBase] = useState(() => baseOf(latest, draft));
  const [kind, setKind] = useState<NoteKind>(draft?.kind ?? 'progress');
  const [body, setBody] = useState(draft?.body ?? latest?.body ?? '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const leave = useLeave();
  const area = useRef<HTMLTextAreaElement>(null);
  // Somebody goes on where the draft ends.
  useEffect(() => {
    if (draft) area.current?.setSelectionRange(draft.body.length, draft.body.length);
  }, [draft]);
  const dirty = body !== (base?.body ?? '');
  const key = { patientId, resourceType: 'DocumentReference', resourceId: latest?.id ?? null } as const;
  const title = base?.title ?? KINDS.find((one) => one.kind === kind)?.name ?? '';
  const text = { ...key, kind, versionId: base?.versionId ?? '', title, body };
  const { state, keeper } = useDraft(key, dirty ? text : null, draft);
  useUnsaved(dirty, state.kind !== 'failed');
  const newer = base && latest && isOther(latest, base) ? latest : null;

  const send = () => {
    if (!base) return bridge().notes.create({ patientId, kind, body });
    // Where another version says the same, it is what the writer has seen.
    const versionId = newer ? base.versionId : (latest?.versionId ?? base.versionId);
    return bridge().notes.amend({ patientId, noteId: base.id, versionId, body });
  };
  const save = async () => {
    if (busy || !dirty || body.trim() === '') return;
    setBusy(true);
    setFailure(null);
    await keeper.pause();
    const answer = await send().catch(() => ({ ok: false as const, error: { code: 'internal' } }));
    setBusy(false);
    if (answer.ok) onSaved(answer.value.noteId);
    else {
      setFailure(answer.error.code);
      keeper.resume();
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save();
  };
  return (
    <form
      className={css.reader}
      onSubmit={submit}
      aria-label={base ? t('Amend the note') : t('New note')}
      data-testid="note-editor"
    >
      <div className={css.readerHead}>
        <h2>{base ? t('Amend: {title}', { title: base.title }) : t('New note')}</h2>
        {!base && <KindPicker kind={kind} onKind={setKind} />}
      </div>
      <p className={css.sub}>
        {base
          ? t('Your text takes the place of this one. What it said before stays in the record’s history.')
          : t('Dated now, with you as author.')}
      </p>
      {newer && (
        <NewerVersion
          key={newer.versionId}
          patientId={patientId}
          note={newer}
          onTake={() => {
            setBase(newer);
            setFailure(null);
          }}
        />
      )}
      <textarea
        ref={area}
        className={`${fields.area} ${css.area}`}
        aria-label={t('Text of the note')}
        value={body}
        maxLength={LONGEST}
        // biome-ignore lint/a11y/noAutofocus: somebody has just asked to write
        autoFocus
        onChange={(event) => setBody(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-testid="note-text"
      />
      {failure && <FailureAlert code={failure} />}
      <footer className={css.editorFoot}>
        <DraftStatus state={state} dirty={dirty} />
        <Button onClick={() => leave(onCancel)} data-testid="note-cancel">
          {t('Cancel')}
        </Button>
        <Button
          kind="main"
          type="submit"
          busy={busy}
          disabled={!dirty || body.trim() === ''}
          title={t('Save (Ctrl+Enter)')}
          data-testid="note-save"
        >
          {t('Save')}
        </Button>
      </footer>
    </form>
  );
}

/** Says another thing than what the writer has seen; of one that is encrypted nobody knows before it is shown. */
function isOther(latest: NoteText, base: NoteText): boolean {
  if (latest.body === null && latest.masked !== null) return latest.versionId !== base.versionId;
  return latest.body !== base.body;
}

/** A draft of an earlier version has that one's text as its base: whatever is there now is read first. */
function baseOf(latest: NoteText | null, draft: NoteDraft | null): NoteText | null {
  const isCurrent = !latest || !draft || draft.versionId === latest.versionId;
  return isCurrent ? latest : { ...latest, versionId: draft.versionId, body: null };
}

export function KindPicker({ kind, onKind }: { readonly kind: NoteKind; readonly onKind: (kind: NoteKind) => void }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="wl-said">
        {t('Kind of note')}
      </label>
      <select
        id={id}
        className={fields.input}
        value={kind}
        onChange={(event) => onKind(event.currentTarget.value as NoteKind)}
        data-testid="note-kind"
      >
        {KINDS.map((one) => (
          <option key={one.kind} value={one.kind}>
            {one.name}
          </option>
        ))}
      </select>
    </>
  );
}

interface NewerProps {
  readonly patientId: string;
  readonly note: NoteText;
  readonly onTake: () => void;
}

/** Somebody else's text is read before it is replaced. */
function NewerVersion({ patientId, note, onTake }: NewerProps) {
  const [isRead, setRead] = useState(note.masked !== 'encrypted');
  return (
    <section className={css.newer} aria-label={t('Newer version of the note')} data-testid="note-newer">
      <p role="alert">
        <strong>{t('A newer version of this note came while you were writing.')}</strong>{' '}
        {t('Yours is still below. Read the newer one, take over what belongs into yours, then go on.')}
      </p>
      <div className={css.newerText}>
        {note.body ?? <EncryptedText patientId={patientId} note={note} onShown={() => setRead(true)} />}
      </div>
      <div>
        <Button onClick={onTake} disabled={!isRead} data-testid="note-take-newer">
          {t('I have read it, go on with mine')}
        </Button>
      </div>
    </section>
  );
}

import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { NoteText } from '../../../preload/contract/notes.ts';
import { bridge } from '../../app/bridge.ts';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import fields from '../../parts/fields.module.css';
import { TextPanel } from '../../parts/TextPanel.tsx';
import { t } from '../../words/t.ts';
import { DraftGate, type DraftOf } from '../drafts/DraftGate.tsx';
import { DraftStatus } from '../drafts/DraftStatus.tsx';
import { useDraft } from '../drafts/useDraft.ts';
import { EncryptedText } from '../notes/EncryptedText.tsx';
import { LONGEST } from '../notes/NoteEditor.tsx';
import notes from '../notes/notes.module.css';
import { SaveFailure } from './SaveFailure.tsx';
import { useSaving } from './useSaving.ts';

interface Props {
  readonly patientId: string;
  /** The signed note that is added to. */
  readonly note: NoteText;
  readonly onSaved: (noteId: string) => void;
  readonly onCancel: () => void;
}

/** Adds to a signed note: a note of its own, signed with its saving, that leads to the other one. */
export default function AddendumEditor(props: Props) {
  const { patientId, note } = props;
  return (
    <DraftGate
      patientId={patientId}
      resourceType="DocumentReference"
      resourceId={note.id}
      heading={t('Addendum: {title}', { title: note.title })}
    >
      {(draft) => <Editor {...props} draft={draft} />}
    </DraftGate>
  );
}

function Editor({
  patientId,
  note,
  draft,
  onSaved,
  onCancel,
}: Props & { readonly draft: DraftOf<'DocumentReference'> | null }) {
  const leave = useLeave();
  const { busy, failure, save } = useSaving();
  const [body, setBody] = useState(draft?.body ?? '');
  const dirty = body.trim() !== '';
  const key = { patientId, resourceType: 'DocumentReference', resourceId: note.id } as const;
  const text = { ...key, kind: 'progress', versionId: note.versionId, title: note.title, body } as const;
  const { state, keeper } = useDraft(key, dirty ? text : null, draft);
  useUnsaved(dirty, state.kind !== 'failed');

  const send = async () => {
    if (!dirty) return;
    let noteId = '';
    const isSaved = await save(async () => {
      await keeper.pause();
      const answer = await bridge().charting.addNote({ patientId, noteId: note.id, body });
      if (answer.ok) noteId = answer.value.id;
      else keeper.resume();
      return answer;
    });
    if (isSaved) onSaved(noteId);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
  };
  return (
    <form className={notes.reader} onSubmit={submit} aria-label={t('Add to the note')} data-testid="addendum-editor">
      <div className={notes.readerHead}>
        <h2>{t('Addendum: {title}', { title: note.title })}</h2>
      </div>
      <p className={notes.sub}>
        {t(
          'The signed note stays as it is. What you add is a note of its own, dated now and signed by you when you save it: it can’t be edited afterwards either.',
        )}
      </p>
      <TextPanel label={t('Text of the signed note')} testId="note-body">
        {note.body ??
          (note.masked === 'encrypted' ? <EncryptedText patientId={patientId} note={note} /> : t('No text to show.'))}
      </TextPanel>
      <textarea
        className={`${fields.area} ${notes.area}`}
        aria-label={t('Text that you add')}
        value={body}
        maxLength={LONGEST}
        // biome-ignore lint/a11y/noAutofocus: somebody has just asked to write
        autoFocus
        onChange={(event) => setBody(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-testid="addendum-text"
      />
      <SaveFailure failure={failure} />
      <footer className={notes.editorFoot}>
        <DraftStatus state={state} dirty={dirty} />
        <Button onClick={() => leave(onCancel)} data-testid="note-cancel">
          {t('Cancel')}
        </Button>
        <Button
          kind="main"
          type="submit"
          busy={busy}
          disabled={!dirty}
          title={t('Sign and add (Ctrl+Enter)')}
          data-testid="addendum-save"
        >
          {t('Sign and add')}
        </Button>
      </footer>
    </form>
  );
}

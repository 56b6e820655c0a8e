import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import type { Soap } from '../../../preload/contract/clinical.ts';
import type { NoteKind } from '../../../preload/contract/notes.ts';
import { soapHeadings, soapOf, soapSections, soapText } from '../../../preload/contract/soap.ts';
import { bridge } from '../../app/bridge.ts';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import fields from '../../parts/fields.module.css';
import { LANGUAGE, t } from '../../words/t.ts';
import type { DraftOf } from '../drafts/DraftGate.tsx';
import { DraftStatus } from '../drafts/DraftStatus.tsx';
import { useDraft } from '../drafts/useDraft.ts';
import { KINDS, KindPicker } from '../notes/NoteEditor.tsx';
import notes from '../notes/notes.module.css';
import css from './charting.module.css';
import { SaveFailure } from './SaveFailure.tsx';
import { SignWarning } from './SignWarning.tsx';
import { useSaving } from './useSaving.ts';
import { LONGEST } from './words.ts';

interface Props {
  readonly patientId: string;
  /** What was typed before, and is gone on with. */
  readonly draft: DraftOf<'DocumentReference'> | null;
  readonly onSaved: (noteId: string) => void;
  readonly onCancel: () => void;
}

const HINTS: Readonly<Record<keyof Soap, string>> = {
  subjective: t('what the patient says'),
  objective: t('what you find and measure'),
  assessment: t('what you make of it'),
  plan: t('what is to be done'),
};

/** A new note in four sections. What is typed is kept as a draft all the while; it is saved signed, or to be signed later. */
export default function SoapEditor({ patientId, draft, onSaved, onCancel }: Props) {
  const leave = useLeave();
  const { busy, failure, save } = useSaving();
  const [kind, setKind] = useState<NoteKind>(draft?.kind ?? 'progress');
  const [sections, setSections] = useState<Soap>(() => soapOf(draft?.body ?? ''));
  const [asking, setAsking] = useState(false);
  const body = soapText(sections, LANGUAGE);
  const dirty = body !== '';
  const key = { patientId, resourceType: 'DocumentReference', resourceId: null } as const;
  const title = KINDS.find((one) => one.kind === kind)?.name ?? '';
  const { state, keeper } = useDraft(key, dirty ? { ...key, kind, versionId: '', title, body } : null, draft);
  useUnsaved(dirty, state.kind !== 'failed');

  const send = async (sign: boolean) => {
    if (!dirty) return;
    let noteId = '';
    const isSaved = await save(async () => {
      await keeper.pause();
      const answer = await bridge().charting.recordNote({ patientId, kind, sections, language: LANGUAGE, sign });
      if (answer.ok) noteId = answer.value.id;
      else keeper.resume();
      return answer;
    });
    setAsking(false);
    if (isSaved) onSaved(noteId);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send(false);
  };
  return (
    <form
      className={notes.reader}
      onSubmit={submit}
      onKeyDown={onKeyDown}
      aria-label={t('New note')}
      data-testid="soap-editor"
    >
      <div className={notes.readerHead}>
        <h2>{t('New note')}</h2>
        <KindPicker kind={kind} onKind={setKind} />
      </div>
      <p className={notes.sub}>{t('Dated now, with you as author. Sections that stay empty are left out.')}</p>
      <Sections sections={sections} onSections={setSections} />
      <SaveFailure failure={failure} />
      <footer className={notes.editorFoot}>
        <DraftStatus state={state} dirty={dirty} />
        <Button onClick={() => leave(onCancel)} data-testid="note-cancel">
          {t('Cancel')}
        </Button>
        <Button
          type="submit"
          busy={busy && !asking}
          disabled={!dirty}
          title={t('Save; it is signed later (Ctrl+Enter)')}
          data-testid="soap-save"
        >
          {t('Save unsigned')}
        </Button>
        <Button kind="main" disabled={!dirty} onClick={() => setAsking(true)} data-testid="soap-sign">
          {t('Sign…')}
        </Button>
      </footer>
      {asking && <SignWarning busy={busy} onSign={() => void send(true)} onClose={() => setAsking(false)} />}
    </form>
  );
}

interface SectionsProps {
  readonly sections: Soap;
  readonly onSections: (sections: Soap) => void;
}

function Sections({ sections, onSections }: SectionsProps) {
  const id = useId();
  return (
    <div className={css.soap}>
      {soapSections.map((name, index) => (
        <div key={name}>
          <label htmlFor={`${id}-${name}`}>
            {soapHeadings[LANGUAGE][name]} <span className={css.hint}>{HINTS[name]}</span>
          </label>
          <textarea
            id={`${id}-${name}`}
            className={fields.area}
            value={sections[name]}
            maxLength={LONGEST.section}
            // biome-ignore lint/a11y/noAutofocus: somebody has just asked to write
            autoFocus={index === 0}
            onChange={(event) => onSections({ ...sections, [name]: event.currentTarget.value })}
            data-testid={`soap-${name}`}
          />
        </div>
      ))}
    </div>
  );
}

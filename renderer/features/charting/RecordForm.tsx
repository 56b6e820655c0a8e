import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import fieldCss from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import { DraftGate, type DraftOf } from '../drafts/DraftGate.tsx';
import { DraftStatus } from '../drafts/DraftStatus.tsx';
import { useDraft } from '../drafts/useDraft.ts';
import css from './charting.module.css';
import { type Correction, marksIn } from './correction.ts';
import { FormDialog } from './FormDialog.tsx';
import { FormFields, fieldId } from './FormFields.tsx';
import type { Faults, Form, Typed } from './formTypes.ts';
import { todayOf } from './partialDate.ts';
import { SaveFailure } from './SaveFailure.tsx';
import { typedWords } from './typedWords.ts';
import { useSaving } from './useSaving.ts';
import type { Who, WriteForm } from './write.ts';

type FormDraft = DraftOf<Form['type']>;

interface Props {
  readonly form: Form;
  readonly patientId: string;
  readonly who: Who;
  readonly now: Date;
  /** Why nothing may be written in this chart, as a sentence; null where it may. */
  readonly blocked: string | null;
  /** A rejected record that is corrected. */
  readonly correction?: Correction;
  /** `next`: what is shown then. */
  readonly onSaved: (next?: WriteForm) => void;
  readonly onClose: () => void;
}

/** Records something new. What is typed is kept as a draft all the while, until it is saved or given up. */
export function RecordForm({ form, patientId, who, now, blocked, correction, onSaved, onClose }: Props) {
  const leave = useLeave();
  // What is being typed stays before one's eyes; a draft of before can be read, to be written where it belongs.
  const [wasBlocked] = useState(blocked !== null);
  return (
    <FormDialog
      title={correction ? t('Correct: {title}', { title: correction.title }) : form.title}
      who={who}
      onClose={() => leave(onClose)}
      testId="form-dialog"
    >
      <DraftGate<Form['type']>
        patientId={patientId}
        resourceType={form.type}
        resourceId={correction?.resourceId ?? null}
        {...(correction && { heading: t('Correct: {title}', { title: correction.title }) })}
        obstacle={() => blocked}
        describe={({ body }) => typedWords(form, body)}
      >
        {(draft) =>
          wasBlocked ? (
            <p className={css.blocked} role="alert" data-testid="write-blocked">
              {blocked}
            </p>
          ) : (
            <Fields {...{ form, patientId, now, draft, onSaved, onClose, correction }} />
          )
        }
      </DraftGate>
    </FormDialog>
  );
}

interface FieldsProps extends Omit<Props, 'who' | 'blocked' | 'correction'> {
  readonly correction: Correction | undefined;
  readonly draft: FormDraft | null;
}

function Fields({ form, patientId, now, draft, correction, onSaved, onClose }: FieldsProps) {
  const id = useId();
  const leave = useLeave();
  const { busy, failure, save } = useSaving();
  const [start] = useState(() => (correction && form.typedOf?.(correction.rejected)) ?? form.start);
  const [typed, setTyped] = useState<Typed>(draft?.body ?? start);
  // What the server has against a field stands at it until something else is typed.
  const [faults, setFaults] = useState<Faults>(() => marksIn(correction?.problem ?? null, form.elements ?? {}));
  const [isMarked, setMarked] = useState(true);
  const dirty = said(typed) !== said(start);
  const key = { patientId, resourceType: form.type, resourceId: correction?.resourceId ?? null };
  const title = correction ? t('Correct: {title}', { title: correction.title }) : form.draftTitle(typed);
  const text = { ...key, kind: null, versionId: '', title, body: typed };
  const { state, keeper } = useDraft(key, dirty ? text : null, draft);
  useUnsaved(dirty, state.kind !== 'failed');

  const change = (changes: Typed) => {
    setTyped((before) => ({ ...before, ...changes }));
    // What is typed over is looked at again when it is saved.
    setFaults((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in changes))));
  };
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    const about = { patientId, ...(correction && { corrects: correction.changeId }) };
    const prepared = form.prepare(about, typed, todayOf(now));
    setMarked(false);
    setFaults(prepared.faults ?? {});
    if (prepared.faults !== null) return focusFirst(id, form, typed, prepared.faults);
    let next: WriteForm | undefined;
    const isSaved = await save(async () => {
      await keeper.pause();
      const answer = await prepared.send();
      if (!answer.ok) keeper.resume();
      else if (!correction) next = form.next?.(answer.value);
      return answer;
    });
    if (isSaved) onSaved(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
  };
  return (
    <form className={fieldCss.form} onSubmit={submit} onKeyDown={onKeyDown} noValidate data-testid="form">
      {correction?.said}
      <FaultCount count={isMarked ? 0 : Object.keys(faults).length} />
      <FormFields id={id} fields={form.fields(typed)} typed={typed} faults={faults} onTyped={change} />
      {form.also && <p className="wl-muted">{form.also}</p>}
      <SaveFailure failure={failure} />
      <DialogFoot said={<DraftStatus state={state} dirty={dirty} />}>
        <Button onClick={() => leave(onClose)} data-testid="form-cancel">
          {t('Cancel')}
        </Button>
        <Button
          kind="main"
          type="submit"
          busy={busy}
          disabled={!dirty && (!form.canBeEmpty || correction !== undefined)}
          title={t('Save (Ctrl+Enter)')}
          data-testid="form-save"
        >
          {t('Save')}
        </Button>
      </DialogFoot>
    </form>
  );
}

/** How many fields are wrong, said to who doesn't see them. */
function FaultCount({ count }: { readonly count: number }) {
  return (
    <p className={count === 0 ? 'wl-said' : css.faults} role="alert" data-testid="fault-count">
      {count === 0
        ? ''
        : count === 1
          ? t('Not saved: one field needs another look.')
          : t('Not saved: {count} fields need another look.', { count })}
    </p>
  );
}

function focusFirst(id: string, form: Form, typed: Typed, faults: Faults): void {
  const first = form.fields(typed).find(({ name }) => name in faults);
  if (first) document.getElementById(fieldId(id, first.name))?.focus();
}

/** What stands in the fields, whatever their order. */
function said(typed: Typed): string {
  return JSON.stringify(
    Object.entries(typed)
      .filter(([, value]) => value !== '')
      .toSorted(),
  );
}

import { type FormEvent, type KeyboardEvent, useEffect, useId, useState } from 'react';
import type { Rejected } from '../../../preload/contract/charting.ts';
import type { OpenForm } from '../../../preload/contract/forms.ts';
import { bridge } from '../../app/bridge.ts';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { ErrorState } from '../../parts/ErrorState.tsx';
import fieldCss from '../../parts/fields.module.css';
import { TextPanel } from '../../parts/TextPanel.tsx';
import { t } from '../../words/t.ts';
import chartingCss from '../charting/charting.module.css';
import type { Correction } from '../charting/correction.ts';
import { SaveFailure } from '../charting/SaveFailure.tsx';
import { useSaving } from '../charting/useSaving.ts';
import type { DraftOf } from '../drafts/DraftGate.tsx';
import { DraftStatus } from '../drafts/DraftStatus.tsx';
import { useDraft } from '../drafts/useDraft.ts';
import type { TypedAnswers } from './answers.ts';
import { lineId } from './FormLine.tsx';
import { FormLines } from './FormLines.tsx';
import css from './forms.module.css';
import { faultWords, saidIn } from './formWords.ts';
import { useFormState } from './useFormState.ts';

type FormDraft = DraftOf<'QuestionnaireResponse'>;

/** A rejected response, with what was typed in the form. */
export type FormCorrection = Correction & { readonly rejected: Extract<Rejected, { kind: 'form' }> };

interface Props {
  readonly patientId: string;
  readonly formId: string;
  readonly draft: FormDraft | null;
  readonly correction: FormCorrection | undefined;
  readonly now: Date;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

type Opened = { readonly kind: 'opening' } | { readonly kind: 'failed'; readonly code: string } | OpenedForm;
type OpenedForm = { readonly kind: 'open'; readonly form: OpenForm };

/** Opens a form and lets it be filled in. */
export function FormFill(props: Props) {
  const { patientId, formId, draft, onClose } = props;
  const [opened, setOpened] = useState<Opened>({ kind: 'opening' });
  const { formVersion, openedAt } = draft?.body ?? props.correction?.rejected ?? {};
  useEffect(() => {
    let live = true;
    const open = async () => {
      const first = await openForm(patientId, formId, openedAt ?? null);
      // One that is begun anew goes by the time at which that is done.
      const isAnew = first.ok && openedAt !== undefined && first.value.versionId !== formVersion;
      const answer = isAnew ? await openForm(patientId, formId, null) : first;
      if (live)
        setOpened(answer.ok ? { kind: 'open', form: answer.value } : { kind: 'failed', code: answer.error.code });
    };
    void open();
    return () => {
      live = false;
    };
  }, [patientId, formId, formVersion, openedAt]);

  if (opened.kind === 'opening') return <div aria-busy="true" />;
  if (opened.kind === 'failed')
    return (
      <>
        <ErrorState code={opened.code} />
        {draft && (
          <TextPanel label={t('Text of the draft')} testId="draft-body">
            {draft.body.said}
          </TextPanel>
        )}
        <DialogFoot>
          <Button onClick={onClose}>{t('Close')}</Button>
        </DialogFoot>
      </>
    );
  const { form } = opened;
  const isOther = draft !== null && draft.body.formVersion !== form.versionId;
  const earlier = isOther ? joined(draft.body.said, draft.body.earlier) : draft?.body.earlier;
  return (
    <>
      {earlier !== undefined && (
        <div className={chartingCss.blocked} role="alert" data-testid="form-other-version">
          <p>{t('The form is another one since you began. Fill it in anew; this is what you had typed:')}</p>
          <TextPanel label={t('Text of the draft')} testId="draft-body">
            {earlier}
          </TextPanel>
        </div>
      )}
      <Fill {...props} form={form} draft={isOther ? null : draft} earlier={earlier} />
    </>
  );
}

function openForm(patientId: string, id: string, openedAt: string | null) {
  return bridge()
    .forms.open({ patientId, id, openedAt })
    .catch(() => ({ ok: false as const, error: { code: 'internal' } }));
}

/** Kept with the draft of the new version: what was typed in the old one is nowhere else. */
function joined(said: string, earlier: string | undefined): string {
  return [said, earlier].filter(Boolean).join('\n\n').slice(0, SAID_LONGEST);
}

interface FillProps extends Omit<Props, 'formId'> {
  readonly form: OpenForm;
  /** What was typed in another version of the form. */
  readonly earlier: string | undefined;
}

function Fill({ patientId, form, draft, correction, earlier, now, onSaved, onClose }: FillProps) {
  const id = useId();
  const leave = useLeave();
  const { busy, failure: unsaved, save } = useSaving();
  const [start] = useState(() => (correction ? resumed(form, correction.rejected.answers) : form.answers));
  const [typed, setTyped] = useState<TypedAnswers>(() => (draft ? resumed(form, draft.body.answers) : start));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [tried, setTried] = useState(false);
  const { state, failure, settled } = useFormState(patientId, form, typed);
  const dirty = draft !== null || JSON.stringify(typed) !== JSON.stringify(start);
  const resourceId = correction?.resourceId ?? null;
  const key = { patientId, resourceType: 'QuestionnaireResponse', resourceId } as const;
  const body = {
    formId: form.id,
    formVersion: form.versionId,
    answers: { ...typed },
    said: saidIn(form.items, state.lines, typed, SAID_LONGEST),
    openedAt: form.openedAt,
    ...(earlier !== undefined && { earlier }),
  };
  const title = correction ? t('Correct: {title}', { title: correction.title }) : form.title;
  const text = { ...key, kind: null, versionId: '', title, body };
  const { state: kept, keeper } = useDraft(key, dirty ? text : null, draft);
  useUnsaved(dirty, kept.kind !== 'failed');

  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    const isSaved = await save(async () => {
      const shown = await settled();
      setTried(true);
      if (!shown) return { ok: false, error: { code: 'form-failed' } };
      const wrong = shown.state.lines.find((line) => line.kind === 'item' && line.fault !== null);
      if (wrong) focusLine(lineId(id, wrong.key));
      if (wrong || shown.state.faults.length > 0) return { ok: false, error: { code: 'form-incomplete' } };
      await keeper.pause();
      const { answers, state: current } = shown;
      const about = { patientId, ...(correction && { corrects: correction.changeId }) };
      const request = { ...about, formId: form.id, versionId: form.versionId, answers, digest: current.digest };
      const answer = await bridge().charting.recordForm(request);
      if (!answer.ok) keeper.resume();
      return answer;
    });
    if (isSaved) onSaved();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit();
  };
  return (
    <form className={fieldCss.form} onSubmit={submit} onKeyDown={onKeyDown} noValidate data-testid="form">
      {correction?.said}
      <header className={css.head}>
        <h3 dir="auto">{form.title}</h3>
        {form.about && <p dir="auto">{form.about}</p>}
        <OfWhen openedAt={form.openedAt} now={now} />
      </header>
      <FormLines
        id={id}
        form={form}
        state={state}
        typed={typed}
        showsFault={(lineKey) => tried || left.has(lineKey)}
        onTyped={(changes) => setTyped((before) => ({ ...before, ...changes }))}
        onLeft={(lineKey) => setLeft((before) => new Set([...before, lineKey]))}
      />
      {state.unchecked.map((unchecked) => (
        <p key={unchecked} className={css.note} dir="auto">
          {t('Not checked, as something is not known: {unchecked}', { unchecked })}
        </p>
      ))}
      {tried &&
        state.faults.map((fault) => (
          <p key={faultWords(fault)} className={fieldCss.wrong} role="alert">
            {faultWords(fault)}
          </p>
        ))}
      {failure && <FailureAlert code={failure} />}
      <SaveFailure failure={unsaved} />
      <DialogFoot said={<DraftStatus state={kept} dirty={dirty} />}>
        <Button onClick={() => leave(onClose)} data-testid="form-cancel">
          {t('Cancel')}
        </Button>
        <Button kind="main" type="submit" busy={busy} title={t('Save (Ctrl+Enter)')} data-testid="form-save">
          {t('Save')}
        </Button>
      </DialogFoot>
    </form>
  );
}

/** What was typed in a form that is gone on with. What the form gives itself says what it says now, as that is recorded. */
function resumed({ items, answers, state }: OpenForm, typed: TypedAnswers): TypedAnswers {
  const given = new Set(items.flatMap(({ linkId, locked }) => (locked === 'given' ? [linkId] : [])));
  const open = new Set(state.lines.flatMap((line) => (line.kind === 'item' && line.open ? [line.key] : [])));
  const isGiven = ([key]: [string, string]) => {
    const line = key.replace(/^(?:unit|other|rows):/, '');
    return given.has(line.slice(line.indexOf('|') + 1)) && !open.has(line);
  };
  const own = Object.entries(typed).filter((one) => !isGiven(one));
  return Object.fromEntries([...own, ...Object.entries(answers).filter(isGiven)]);
}

/** Said where it may surprise: the form was begun on another day than the one it is read on. */
function OfWhen({ openedAt, now }: { readonly openedAt: string; readonly now: Date }) {
  if (new Date(openedAt).toDateString() === now.toDateString()) return null;
  return (
    <p className={css.note} data-testid="form-of-when">
      {t('Begun on {when}. What it takes from the record or works out by the clock is of then.', {
        when: formatDateTime(openedAt),
      })}
    </p>
  );
}

/** The contract's `SAID_MAX`: its file would bring the schemas into the page. */
const SAID_LONGEST = 20_000;

/** The first thing in a line by which it is answered. */
function focusLine(id: string): void {
  const line = document.getElementById(id);
  const field = line?.querySelector<HTMLElement>('input, select, textarea') ?? line;
  field?.focus();
}

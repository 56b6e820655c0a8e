import { type FocusEvent, type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import type { Result } from '../../../preload/contract/channel.ts';
import type { DraftText } from '../../../preload/contract/drafts.ts';
import type { Measured } from '../../../preload/contract/results.ts';
import { codeOf } from '../../app/bridge.ts';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import fields from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import type { DraftOf } from '../drafts/DraftGate.tsx';
import { DraftStatus } from '../drafts/DraftStatus.tsx';
import { useDraft } from '../drafts/useDraft.ts';
import { NUMBER_LONGEST, rangeFault, type Typed, typedMeasure, type Vital } from './vitals.ts';

export type VitalDraft = DraftOf<'Observation'>;

interface Props {
  /** What the numbers are of; a draft is kept with it. */
  readonly record: Omit<Extract<DraftText, { resourceType: 'Observation' }>, 'body'>;
  readonly unit: string;
  /** What is plausible, where that is known. */
  readonly vital?: Vital | undefined;
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  /** There is something that the record doesn't say. */
  readonly dirty: boolean;
  /** What was typed before, and is gone on with. */
  readonly begun: VitalDraft | null;
  readonly save: (measured: Measured) => Promise<Result<unknown>>;
  readonly onClose: () => void;
  readonly lead?: ReactNode;
}

/** Where the numbers of a vital sign are typed. They are kept as a draft all the while, until they are saved or given up. */
export function MeasureForm({ record, unit, vital, typed, onTyped, dirty, begun, save, onClose, lead }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [shows, setShows] = useState(false);
  const saving = useRef(false);
  const leave = useLeave();
  const measured = typedMeasure(typed.value, typed.diastolic);
  const fault = measured === null ? t('Type a number, such as 37.2.') : vital ? rangeFault(vital, measured) : null;
  const body = { value: typed.value, diastolic: typed.diastolic, unit };
  const { state, keeper } = useDraft(record, dirty ? { ...record, body } : null, begun);
  useUnsaved(dirty, state.kind !== 'failed');

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setShows(fault !== null);
    // State would be too late for a second Enter.
    if (!measured || fault !== null || saving.current || !dirty) return;
    saving.current = true;
    setBusy(true);
    setFailure(null);
    await keeper.pause();
    const code = await codeOf(save(measured));
    saving.current = false;
    setBusy(false);
    if (code === null) return onClose();
    setFailure(code);
    keeper.resume();
  };
  return (
    <form className={fields.form} onSubmit={submit} noValidate>
      {lead}
      <Numbers unit={unit} typed={typed} onTyped={onTyped} fault={shows ? fault : null} begun={begun !== null} />
      {failure && <FailureAlert code={failure} />}
      <DialogFoot said={<DraftStatus state={state} dirty={dirty} />}>
        <Button onClick={() => leave(onClose)} data-testid="vital-cancel">
          {t('Cancel')}
        </Button>
        <Button kind="main" type="submit" busy={busy} disabled={!dirty} data-testid="vital-save">
          {t('Save')}
        </Button>
      </DialogFoot>
    </form>
  );
}

interface NumbersProps extends Pick<Props, 'unit' | 'typed' | 'onTyped'> {
  readonly fault: string | null;
  readonly begun: boolean;
}

function Numbers({ unit, typed, onTyped, fault, begun }: NumbersProps) {
  const { value, diastolic } = typed;
  const wrongId = useId();
  // What is there is replaced; what was begun is gone on with.
  const onFocus = ({ currentTarget }: FocusEvent<HTMLInputElement>) =>
    begun ? currentTarget.setSelectionRange(value.length, value.length) : currentTarget.select();
  const look = { className: fields.number, inputMode: 'decimal', autoComplete: 'off', spellCheck: false } as const;
  const described = fault !== null ? { 'aria-invalid': true, 'aria-describedby': wrongId } : {};
  return (
    <div className={fields.field}>
      <span className={fields.label}>{diastolic === null ? t('Value') : t('Systolic / diastolic')}</span>
      <div className={fields.line}>
        <input
          {...look}
          {...described}
          aria-label={diastolic === null ? t('Value in {unit}', { unit }) : t('Systolic in {unit}', { unit })}
          value={value}
          maxLength={NUMBER_LONGEST}
          // biome-ignore lint/a11y/noAutofocus: the number is what the dialog is opened for
          autoFocus
          onFocus={onFocus}
          onChange={(event) => onTyped({ value: event.currentTarget.value, diastolic })}
          data-testid="vital-value"
        />
        {diastolic !== null && (
          <>
            <span aria-hidden>/</span>
            <input
              {...look}
              {...described}
              aria-label={t('Diastolic in {unit}', { unit })}
              value={diastolic}
              maxLength={NUMBER_LONGEST}
              onChange={(event) => onTyped({ value, diastolic: event.currentTarget.value })}
              data-testid="vital-diastolic"
            />
          </>
        )}
        <span>{unit}</span>
      </div>
      {fault !== null && (
        <p id={wrongId} className={fields.wrong} role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

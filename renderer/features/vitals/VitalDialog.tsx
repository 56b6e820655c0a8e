import { type FormEvent, useId, useState } from 'react';
import type { Result } from '../../../preload/contract/channel.ts';
import type { ObservationItem } from '../../../preload/contract/chart.ts';
import type { Measured, VitalKind } from '../../../preload/contract/results.ts';
import { bridge, codeOf } from '../../app/bridge.ts';
import { FailureAlert } from '../../parts/Alert.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import fields from '../../parts/fields.module.css';
import { shownMeasure, typedMeasure, VITALS } from './vitals.ts';

interface RecordProps {
  readonly patientId: string;
  /** Who it is, so that nobody writes into the wrong chart. */
  readonly patient: string;
  readonly onClose: () => void;
}

/** Records a vital sign that was taken now. */
export function RecordVitalDialog({ patientId, patient, onClose }: RecordProps) {
  const [kind, setKind] = useState<VitalKind>('heart-rate');
  const kindId = useId();
  const vital = VITALS.find((one) => one.kind === kind);
  return (
    <Dialog title="Record a vital sign" onClose={onClose} testId="record-vital-dialog">
      <p className="wl-muted">
        <bdi>{patient}</bdi>, taken now
      </p>
      <MeasureForm
        key={kind}
        unit={vital?.unit ?? ''}
        first={{ value: '', diastolic: kind === 'blood-pressure' ? '' : null }}
        save={(measured) => bridge().results.record({ patientId, kind, ...measured })}
        onClose={onClose}
        lead={
          <div className={fields.field}>
            <label htmlFor={kindId}>What</label>
            <select
              id={kindId}
              className={fields.input}
              value={kind}
              onChange={(event) => setKind(event.currentTarget.value as VitalKind)}
              data-testid="vital-kind"
            >
              {VITALS.map((one) => (
                <option key={one.kind} value={one.kind}>
                  {one.name}
                </option>
              ))}
            </select>
          </div>
        }
      />
    </Dialog>
  );
}

interface CorrectProps extends RecordProps {
  /** The value as it was when the dialog was opened. */
  readonly item: ObservationItem;
  /** The values as they are now. */
  readonly among: readonly ObservationItem[];
}

/** Corrects the number of a vital sign; what it said before stays in the record's history. */
export function CorrectVitalDialog({ patientId, patient, item, among, onClose }: CorrectProps) {
  const { name, value, unit, effective } = item;
  const { id, versionId } = asItIsNow(item, among);
  const shown = shownMeasure(value);
  return (
    <Dialog title={`Correct: ${name}`} onClose={onClose} testId="correct-vital-dialog">
      <p className="wl-muted">
        <bdi>{patient}</bdi>, {value} {unit}, {formatDateTime(effective)}
      </p>
      <MeasureForm
        unit={unit ?? ''}
        first={shown ?? { value: '', diastolic: null }}
        save={(measured) => bridge().results.correct({ patientId, observationId: id, versionId, ...measured })}
        onClose={onClose}
      />
    </Dialog>
  );
}

/**
 * What was shown when the dialog was opened is what is corrected, whatever comes meanwhile: another version counts where
 * it says the same. What was never sent may have got the server's own id.
 */
function asItIsNow(item: ObservationItem, among: readonly ObservationItem[]): ObservationItem {
  const same = among.filter((one) => saysTheSame(one, item));
  const itself = same.find(({ id }) => id === item.id);
  const [only, another] = item.versionId === '' && !among.some(({ id }) => id === item.id) ? same : [];
  return itself ?? (another ? item : (only ?? item));
}

function saysTheSame(a: ObservationItem, b: ObservationItem): boolean {
  return (['code', 'name', 'value', 'unit', 'effective', 'status'] as const).every((name) => a[name] === b[name]);
}

interface FormProps {
  readonly unit: string;
  readonly first: { readonly value: string; readonly diastolic: string | null };
  readonly save: (measured: Measured) => Promise<Result<unknown>>;
  readonly onClose: () => void;
  readonly lead?: React.ReactNode;
}

function MeasureForm({ unit, first, save, onClose, lead }: FormProps) {
  const [value, setValue] = useState(first.value);
  const [diastolic, setDiastolic] = useState(first.diastolic);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const wrongId = useId();
  const measured = typedMeasure(value, diastolic);
  const unchanged = value === first.value && diastolic === first.diastolic;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setWrong(measured === null);
    if (!measured || busy || unchanged) return;
    setBusy(true);
    const code = await codeOf(save(measured));
    setBusy(false);
    if (code === null) onClose();
    else setFailure(code);
  };
  const look = { className: fields.number, inputMode: 'decimal', autoComplete: 'off', spellCheck: false } as const;
  const described = wrong ? { 'aria-invalid': true, 'aria-describedby': wrongId } : {};
  return (
    <form className={fields.form} onSubmit={submit} noValidate>
      {lead}
      <div className={fields.field}>
        <span className={fields.label}>{diastolic === null ? 'Value' : 'Systolic / diastolic'}</span>
        <div className={fields.line}>
          <input
            {...look}
            {...described}
            aria-label={diastolic === null ? `Value in ${unit}` : `Systolic in ${unit}`}
            value={value}
            maxLength={20}
            // biome-ignore lint/a11y/noAutofocus: the number is what the dialog is opened for
            autoFocus
            onFocus={(event) => event.currentTarget.select()}
            onChange={(event) => setValue(event.currentTarget.value)}
            data-testid="vital-value"
          />
          {diastolic !== null && (
            <>
              <span aria-hidden>/</span>
              <input
                {...look}
                {...described}
                aria-label={`Diastolic in ${unit}`}
                value={diastolic}
                maxLength={20}
                onChange={(event) => setDiastolic(event.currentTarget.value)}
                data-testid="vital-diastolic"
              />
            </>
          )}
          <span>{unit}</span>
        </div>
        {wrong && measured === null && (
          <p id={wrongId} className={fields.wrong} role="alert">
            Type a number, such as 37.2.
          </p>
        )}
      </div>
      {failure && <FailureAlert code={failure} />}
      <DialogFoot>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="main" type="submit" busy={busy} disabled={unchanged} data-testid="vital-save">
          Save
        </Button>
      </DialogFoot>
    </form>
  );
}

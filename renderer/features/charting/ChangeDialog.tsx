import { type FormEvent, useId, useState } from 'react';
import type { Rejected } from '../../../preload/contract/charting.ts';
import { useLeave, useUnsaved } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import { DialogFoot } from '../../parts/Dialog.tsx';
import fieldCss from '../../parts/fields.module.css';
import { t } from '../../words/t.ts';
import css from './charting.module.css';
import { type Correction, marksIn, typedDay } from './correction.ts';
import { DEEDS, sendDeed } from './deeds.ts';
import { FormDialog } from './FormDialog.tsx';
import { FormFields, fieldId } from './FormFields.tsx';
import type { Elements, Faults, Field, Typed } from './formTypes.ts';
import { todayOf } from './partialDate.ts';
import { readerOf } from './reading.ts';
import { SaveFailure } from './SaveFailure.tsx';
import { useSaving } from './useSaving.ts';
import { DATE_HINT, LONGEST } from './words.ts';
import type { Deed, Who, WritableItem } from './write.ts';

interface Props {
  readonly patientId: string;
  readonly who: Who;
  readonly item: WritableItem;
  readonly now: Date;
  /** What was done and rejected, to be done otherwise. */
  readonly correction?: Correction & { readonly rejected: Extract<Rejected, { kind: 'deed' }> };
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

/** What becomes of a record that is there: one of what can be done to it, with the reason where that is asked for. */
export function ChangeDialog({ patientId, who, item, now, correction, onSaved, onClose }: Props) {
  const id = useId();
  const leave = useLeave();
  const { busy, failure, save } = useSaving();
  const [only, another] = item.deeds;
  const [deed, setDeed] = useState<Deed | null>(only && !another ? only : null);
  const [start] = useState(() => startOf(correction?.rejected));
  const [typed, setTyped] = useState<Typed>(start);
  const [faults, setFaults] = useState<Faults>(() => marksIn(correction?.problem ?? null, ELEMENTS));
  useUnsaved(
    Object.entries(typed).some(([name, value]) => value.trim() !== (start[name] ?? '')),
    false,
  );

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (deed === null) return;
    const read = readerOf(typed, todayOf(now));
    const { reason: asked, end: asksEnd } = DEEDS[deed];
    const reason =
      asked === 'needed' ? read.need('reason', t('Say why.')) : asked === 'asked' ? read.text('reason') : null;
    if (reason?.length === 1) read.fault('reason', t('Say a little more.'));
    const end = asksEnd === null ? null : read.date('end', 'past');
    const prepared = read.prepared(() =>
      sendDeed({ patientId, ...(correction && { corrects: correction.changeId }) }, item, { deed, reason, end }),
    );
    setFaults(prepared.faults ?? {});
    if (prepared.faults !== null)
      return document.getElementById(fieldId(id, Object.keys(prepared.faults)[0] ?? ''))?.focus();
    if (await save(prepared.send)) onSaved();
  };
  return (
    <FormDialog
      title={correction ? t('Correct: {title}', { title: item.title }) : t('Change: {title}', { title: item.title })}
      who={who}
      onClose={() => leave(onClose)}
      testId="change-dialog"
    >
      <form className={fieldCss.form} onSubmit={submit} noValidate>
        {correction?.said}
        <Deeds name={id} deeds={item.deeds} deed={deed} onDeed={setDeed} />
        {deed !== null && (
          <FormFields
            id={id}
            fields={fieldsOf(deed)}
            typed={typed}
            faults={faults}
            onTyped={(changes) => {
              setTyped((before) => ({ ...before, ...changes }));
              setFaults({});
            }}
          />
        )}
        <SaveFailure failure={failure} />
        <DialogFoot>
          <Button onClick={() => leave(onClose)} data-testid="form-cancel">
            {t('Cancel')}
          </Button>
          <Button kind="main" type="submit" busy={busy} disabled={deed === null} data-testid="form-save">
            {deed === null ? t('Save') : DEEDS[deed].words}
          </Button>
        </DialogFoot>
      </form>
    </FormDialog>
  );
}

const ELEMENTS: Elements = {
  reason: ['note', 'statusReason', 'reason'],
  end: ['abatement', 'abatementDateTime', 'effective', 'effectivePeriod'],
};

function startOf(rejected: Extract<Rejected, { kind: 'deed' }> | undefined): Typed {
  return rejected ? { reason: rejected.reason ?? '', end: typedDay(rejected.end) } : {};
}

function fieldsOf(deed: Deed): readonly Field[] {
  const { reason, end } = DEEDS[deed];
  const label = reason === 'needed' ? t('Reason') : t('Reason, if it matters');
  return [
    ...(reason === 'none' ? [] : [{ kind: 'area', name: 'reason', label, longest: LONGEST.reason } as const]),
    ...(end === null
      ? []
      : [
          {
            kind: 'date',
            name: 'end',
            label: end,
            hint: t('Today where left empty. {DATE_HINT}', { DATE_HINT }),
            longest: 30,
          } as const,
        ]),
  ];
}

interface DeedsProps {
  readonly name: string;
  readonly deeds: readonly Deed[];
  readonly deed: Deed | null;
  readonly onDeed: (deed: Deed) => void;
}

function Deeds({ name, deeds, deed, onDeed }: DeedsProps) {
  return (
    <fieldset className={css.deeds}>
      <legend className="wl-said">{t('What becomes of it')}</legend>
      {deeds.map((one, index) => (
        <label key={one}>
          <input
            type="radio"
            name={name}
            checked={one === deed}
            // biome-ignore lint/a11y/noAutofocus: it is what the dialog is opened for
            autoFocus={index === 0 && deeds.length > 1}
            onChange={() => onDeed(one)}
            data-testid={`deed-${one}`}
          />
          <span>
            {DEEDS[one].words}
            <small>{DEEDS[one].means}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

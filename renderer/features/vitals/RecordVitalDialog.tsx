import { useId, useState } from 'react';
import type { VitalKind } from '../../../preload/contract/results.ts';
import { bridge } from '../../app/bridge.ts';
import { useLeave } from '../../app/leaving.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { formatWhen } from '../../parts/dates.ts';
import fields from '../../parts/fields.module.css';
import { rich } from '../../words/rich.tsx';
import { t } from '../../words/t.ts';
import { DraftGate } from '../drafts/DraftGate.tsx';
import { MeasureForm, type VitalDraft } from './MeasureForm.tsx';
import css from './vitals.module.css';
import { type Typed, VITALS } from './vitals.ts';

interface Props {
  readonly patientId: string;
  /** Who it is, so that nobody writes into the wrong chart. */
  readonly patient: string;
  readonly onClose: () => void;
}

/** Records a vital sign that was taken now. */
export function RecordVitalDialog({ patientId, patient, onClose }: Props) {
  const leave = useLeave();
  return (
    <Dialog title={t('Record a vital sign')} asks onClose={() => leave(onClose)} testId="record-vital-dialog">
      <p className="wl-muted">{rich('{patient}, taken now', { patient: <bdi>{patient}</bdi> })}</p>
      <DraftGate patientId={patientId} resourceType="Observation" resourceId={null}>
        {(draft) => <RecordForm patientId={patientId} draft={draft} onClose={onClose} />}
      </DraftGate>
    </Dialog>
  );
}

interface FormProps extends Omit<Props, 'patient'> {
  readonly draft: VitalDraft | null;
}

function RecordForm({ patientId, draft, onClose }: FormProps) {
  const [kind, setKind] = useState<VitalKind>(draft?.kind ?? 'heart-rate');
  const [typed, setTyped] = useState<Typed>(draft?.body ?? nothingOf(kind));
  const vital = VITALS.find((one) => one.kind === kind);
  const choose = (next: VitalKind) => {
    setKind(next);
    // A number is never taken over into another unit.
    setTyped(nothingOf(next));
  };
  return (
    <MeasureForm
      record={{
        patientId,
        resourceType: 'Observation',
        resourceId: null,
        kind,
        versionId: '',
        title: vital?.name ?? '',
      }}
      unit={vital?.unit ?? ''}
      vital={vital}
      typed={typed}
      onTyped={setTyped}
      dirty={typed.value !== '' || (typed.diastolic ?? '') !== ''}
      begun={draft}
      save={(measured) => bridge().results.record({ patientId, kind, ...measured })}
      onClose={onClose}
      lead={
        <>
          {draft?.kind === kind && (
            <p className={css.told} data-testid="vital-typed-before">
              {t('Typed {when}. It is recorded as taken when you save it.', {
                when: formatWhen(draft.changedAt, new Date()),
              })}
            </p>
          )}
          <KindPicker kind={kind} onKind={choose} />
        </>
      }
    />
  );
}

function nothingOf(kind: VitalKind): Typed {
  return { value: '', diastolic: kind === 'blood-pressure' ? '' : null };
}

function KindPicker({ kind, onKind }: { readonly kind: VitalKind; readonly onKind: (kind: VitalKind) => void }) {
  const id = useId();
  return (
    <div className={fields.field}>
      <label htmlFor={id}>{t('What')}</label>
      <select
        id={id}
        className={fields.input}
        value={kind}
        onChange={(event) => onKind(event.currentTarget.value as VitalKind)}
        data-testid="vital-kind"
      >
        {VITALS.map((one) => (
          <option key={one.kind} value={one.kind}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}

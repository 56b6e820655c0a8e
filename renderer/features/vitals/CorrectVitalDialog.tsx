import { useState } from 'react';
import type { ObservationItem } from '../../../preload/contract/chart.ts';
import { bridge } from '../../app/bridge.ts';
import { useLeave } from '../../app/leaving.tsx';
import { Button } from '../../parts/Button.tsx';
import { Dialog, DialogFoot } from '../../parts/Dialog.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { t } from '../../words/t.ts';
import { DraftGate } from '../drafts/DraftGate.tsx';
import { MeasureForm, type VitalDraft } from './MeasureForm.tsx';
import css from './vitals.module.css';
import { draftObstacle, shownMeasure, type Typed } from './vitals.ts';

interface Props {
  readonly patientId: string;
  /** Who it is, so that nobody writes into the wrong chart. */
  readonly patient: string;
  readonly observationId: string;
  /** The value as it was when the dialog was opened; null where it is not there any more, and a draft of it is. */
  readonly item: ObservationItem | null;
  /** The values as they are now. */
  readonly among: readonly ObservationItem[];
  readonly onClose: () => void;
}

/** Corrects the number of a vital sign; what it said before stays in the record's history. */
export function CorrectVitalDialog({ patientId, patient, observationId, item, among, onClose }: Props) {
  const leave = useLeave();
  return (
    <Dialog
      title={item ? t('Correct: {name}', { name: item.name }) : t('Correct a vital sign')}
      asks
      onClose={() => leave(onClose)}
      testId="correct-vital-dialog"
    >
      <p className="wl-muted">
        <bdi>{patient}</bdi>
        {item && `, ${item.value} ${item.unit ?? ''}, ${formatDateTime(item.effective)}`}
      </p>
      <DraftGate
        patientId={patientId}
        resourceType="Observation"
        resourceId={observationId}
        obstacle={({ body }) => draftObstacle(item, body)}
      >
        {(draft) =>
          item ? (
            <CorrectForm patientId={patientId} item={item} among={among} draft={draft} onClose={onClose} />
          ) : (
            <Gone onClose={onClose} />
          )
        }
      </DraftGate>
    </Dialog>
  );
}

interface FormProps extends Pick<Props, 'patientId' | 'among' | 'onClose'> {
  readonly item: ObservationItem;
  readonly draft: VitalDraft | null;
}

function CorrectForm({ patientId, item, among, draft, onClose }: FormProps) {
  const now = asItIsNow(item, among);
  const first = shownMeasure(item.value) ?? { value: '', diastolic: null };
  const [typed, setTyped] = useState<Typed>(draft?.body ?? first);
  // A draft of an earlier version counts as one of it until whatever is there now was read.
  const [earlier, setEarlier] = useState(draft && draft.versionId !== now.versionId ? draft.versionId : null);
  const versionId = earlier ?? now.versionId;
  return (
    <MeasureForm
      record={{
        patientId,
        resourceType: 'Observation',
        resourceId: now.id,
        kind: null,
        versionId,
        title: item.name,
      }}
      unit={item.unit ?? ''}
      typed={typed}
      onTyped={setTyped}
      dirty={earlier !== null || typed.value !== first.value || typed.diastolic !== first.diastolic}
      begun={draft}
      save={(measured) => bridge().results.correct({ patientId, observationId: now.id, versionId, ...measured })}
      onClose={onClose}
      lead={earlier !== null && <NewerValue item={item} onTake={() => setEarlier(null)} />}
    />
  );
}

/** Somebody else's value is read before it is replaced. */
function NewerValue({ item, onTake }: { readonly item: ObservationItem; readonly onTake: () => void }) {
  return (
    <section className={css.told} aria-label={t('Newer version of the value')} data-testid="vital-newer">
      <p role="alert">
        <strong>{t('A newer version of this value came since you typed yours.')}</strong>{' '}
        {t('It says {value} {unit}. Yours is still below.', { value: item.value, unit: item.unit ?? '' })}
      </p>
      <div>
        <Button onClick={onTake} data-testid="vital-take-newer">
          {t('I have read it, go on with mine')}
        </Button>
      </div>
    </section>
  );
}

function Gone({ onClose }: Pick<Props, 'onClose'>) {
  return (
    <>
      <p>{t('The value is not among the newest any more, and there is no draft of it.')}</p>
      <DialogFoot>
        <Button onClick={onClose}>{t('Close')}</Button>
      </DialogFoot>
    </>
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

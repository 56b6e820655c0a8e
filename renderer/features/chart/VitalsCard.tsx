import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ObservationItem } from '../../../preload/contract/chart.ts';
import { usePast } from '../../app/past.ts';
import { Button } from '../../parts/Button.tsx';
import { formatName } from '../../parts/names.ts';
import { t } from '../../words/t.ts';
import { useWrite } from '../charting/write.ts';
import { DraftRows } from '../drafts/DraftRows.tsx';
import { CorrectVitalDialog } from '../vitals/CorrectVitalDialog.tsx';
import { EarlyWarning } from '../vitals/EarlyWarning.tsx';
import { RecordVitalDialog } from '../vitals/RecordVitalDialog.tsx';
import css from './chart.module.css';
import { identityLine } from './identity.ts';
import { ObservationsCard } from './ObservationsCard.tsx';
import type { SectionProps } from './sectionProps.ts';

/** The open dialog. A draft may be of a value that is not among the newest any more: then `item` is null. */
type OpenVital =
  | { readonly kind: 'record' }
  | { readonly kind: 'correct'; readonly id: string; readonly item: ObservationItem | null }
  | null;

/** The newest vital signs, and where they are recorded and corrected: not in a look at the past. */
export function VitalsCard(props: SectionProps) {
  const { chart, now, onResult } = props;
  if (usePast() === null) return <WritableVitals {...props} />;
  return (
    <ObservationsCard
      patientId={chart.patient.id}
      title={t('Latest vitals')}
      testId="section-vitals"
      section={chart.vitals}
      now={now}
      onResult={onResult}
    />
  );
}

function WritableVitals({ chart, now, start, onResult }: SectionProps) {
  const { patient, vitals } = chart;
  const blocked = useWrite()?.blocked ?? null;
  const find = (id: string) => vitals.items.find((item) => item.id === id) ?? null;
  const draftOf = (id: string | null): OpenVital =>
    id === null ? { kind: 'record' } : { kind: 'correct', id, item: find(id) };
  const correctionOf = (item: ObservationItem | null): OpenVital => item && { kind: 'correct', id: item.id, item };
  const [open, setOpen] = useState<OpenVital>(() => {
    if (start?.kind === 'vital-draft') return draftOf(start.observationId);
    return start?.kind === 'correct-vital' ? correctionOf(find(start.observationId)) : null;
  });
  const isGone = start?.kind === 'correct-vital' && !find(start.observationId);
  const about = {
    patientId: patient.id,
    patient: `${formatName(patient.name)}, ${identityLine(patient, now)}`,
    onClose: () => setOpen(null),
  };
  return (
    <>
      <ObservationsCard
        patientId={patient.id}
        title={t('Latest vitals')}
        testId="section-vitals"
        section={vitals}
        now={now}
        onResult={onResult}
        {...(blocked === null && { onCorrect: (item: ObservationItem) => setOpen(correctionOf(item)) })}
        drafts={
          <>
            <EarlyWarning patientId={patient.id} now={now} />
            <DraftRows
              patientId={patient.id}
              resourceType="Observation"
              now={now}
              onOpen={(id) => setOpen(draftOf(id))}
            />
          </>
        }
        lead={
          isGone && (
            <p className={css.leadWarn} role="alert">
              {t('The value to be corrected is not among the newest. Withdraw it under Sync, and record it anew.')}
            </p>
          )
        }
        action={
          <Button
            size="tiny"
            icon={<IconPlus size={14} aria-hidden />}
            disabled={blocked !== null}
            title={blocked ?? t('Record a vital sign')}
            onClick={() => setOpen({ kind: 'record' })}
            data-testid="record-vital"
          >
            {t('Record')}
          </Button>
        }
      />
      {open?.kind === 'record' && <RecordVitalDialog {...about} />}
      {open?.kind === 'correct' && (
        <CorrectVitalDialog {...about} observationId={open.id} item={open.item} among={vitals.items} />
      )}
    </>
  );
}

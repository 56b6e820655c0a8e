import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ChartSummary, ObservationItem } from '../../../preload/contract/chart.ts';
import { Button } from '../../parts/Button.tsx';
import { formatName } from '../../parts/names.ts';
import { CorrectVitalDialog, RecordVitalDialog } from '../vitals/VitalDialog.tsx';
import css from './chart.module.css';
import { ObservationsCard } from './ObservationsCard.tsx';

interface Props {
  readonly chart: ChartSummary;
  readonly now: Date;
  /** The value that somebody came to correct. */
  readonly correcting: string | null;
  readonly onResult: (code: string) => void;
}

/** The newest vital signs, and where they are recorded and corrected. */
export function VitalsCard({ chart, now, correcting, onResult }: Props) {
  const { patient, vitals } = chart;
  const [recording, setRecording] = useState(false);
  const [correct, setCorrect] = useState<ObservationItem | null>(
    () => vitals.items.find(({ id }) => id === correcting) ?? null,
  );
  const isGone = correcting !== null && !vitals.items.some(({ id }) => id === correcting);
  const about = { patientId: patient.id, patient: formatName(patient.name) };
  return (
    <>
      <ObservationsCard
        title="Latest vitals"
        testId="section-vitals"
        section={vitals}
        now={now}
        onResult={onResult}
        onCorrect={setCorrect}
        lead={
          isGone && (
            <p className={css.leadWarn} role="alert">
              The value to be corrected is not among the newest. Withdraw it under Sync, and record it anew.
            </p>
          )
        }
        action={
          <Button
            size="tiny"
            icon={<IconPlus size={14} aria-hidden />}
            onClick={() => setRecording(true)}
            data-testid="record-vital"
          >
            Record
          </Button>
        }
      />
      {recording && <RecordVitalDialog {...about} onClose={() => setRecording(false)} />}
      {correct && (
        <CorrectVitalDialog {...about} item={correct} among={vitals.items} onClose={() => setCorrect(null)} />
      )}
    </>
  );
}

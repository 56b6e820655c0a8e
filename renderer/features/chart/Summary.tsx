import type { ChartSummary } from '../../../preload/contract/chart.ts';
import type { ChartStart } from '../../app/place.ts';
import { t } from '../../words/t.ts';
import { AllergiesCard } from './AllergiesCard.tsx';
import css from './chart.module.css';
import { EncountersCard } from './EncountersCard.tsx';
import { MedicationsCard } from './MedicationsCard.tsx';
import { NotesCard } from './NotesCard.tsx';
import { ObservationsCard } from './ObservationsCard.tsx';
import { ProblemsCard } from './ProblemsCard.tsx';
import { VitalsCard } from './VitalsCard.tsx';

interface Props {
  readonly chart: ChartSummary;
  readonly now: Date;
  /** What somebody came for. */
  readonly start: ChartStart | null;
  readonly onResult: (code: string) => void;
  readonly onNote: (noteId: string) => void;
}

/** The chart at a glance. Cards keep their place, so that the eye learns where to look. */
export function Summary({ chart, now, start, onResult, onNote }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={css.summary} tabIndex={0} aria-label={t('Summary')}>
      <div className={css.columns}>
        <div className={css.column}>
          <AllergiesCard
            patientId={chart.patient.id}
            section={chart.allergies}
            statement={chart.allergyStatement}
            now={now}
          />
          <ProblemsCard patientId={chart.patient.id} section={chart.problems} now={now} />
        </div>
        <div className={css.middle}>
          <div className={css.column}>
            <MedicationsCard patientId={chart.patient.id} section={chart.medications} now={now} />
          </div>
          <div className={css.column}>
            <EncountersCard patientId={chart.patient.id} section={chart.encounters} now={now} />
            <NotesCard section={chart.notes} now={now} onNote={onNote} />
          </div>
        </div>
        <div className={css.column}>
          <VitalsCard chart={chart} now={now} start={start} onResult={onResult} />
          <ObservationsCard
            patientId={chart.patient.id}
            title={t('Latest results')}
            testId="section-results"
            section={chart.results}
            now={now}
            onResult={onResult}
          />
        </div>
      </div>
    </section>
  );
}

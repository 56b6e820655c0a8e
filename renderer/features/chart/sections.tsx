import type { ReactNode } from 'react';
import { t } from '../../words/t.ts';
import { AllergiesCard } from './AllergiesCard.tsx';
import { CareTeamCard } from './CareTeamCard.tsx';
import { DevicesCard } from './DevicesCard.tsx';
import { EncountersCard } from './EncountersCard.tsx';
import { FamilyCard } from './FamilyCard.tsx';
import { ImmunizationsCard } from './ImmunizationsCard.tsx';
import { MedicationsCard } from './MedicationsCard.tsx';
import { NotesCard } from './NotesCard.tsx';
import { ObservationsCard } from './ObservationsCard.tsx';
import { CarePlansCard, GoalsCard } from './PlansCards.tsx';
import { ProblemsCard } from './ProblemsCard.tsx';
import { SocialCard } from './SocialCard.tsx';
import type { SectionProps } from './sectionProps.ts';
import { VitalsCard } from './VitalsCard.tsx';

/** A section of the summary: its name in the answer (`ChartSummary`), and how it is drawn. */
interface Section {
  readonly name: string;
  readonly Card: (props: SectionProps) => ReactNode;
}

/**
 * The summary's layout. Four columns on a wide screen; on one of 1280 pixels the two in the middle are one, on a narrow one
 * all stand below each other. What is dangerous not to know stands first in each.
 */
export const COLUMNS: {
  readonly first: readonly Section[];
  readonly middle: readonly (readonly Section[])[];
  readonly last: readonly Section[];
} = {
  first: [
    {
      name: 'allergies',
      Card: ({ chart, now }) => (
        <AllergiesCard
          patientId={chart.patient.id}
          section={chart.allergies}
          statement={chart.allergyStatement}
          now={now}
        />
      ),
    },
    {
      name: 'problems',
      Card: ({ chart, now }) => <ProblemsCard patientId={chart.patient.id} section={chart.problems} now={now} />,
    },
    { name: 'devices', Card: DevicesCard },
    { name: 'social', Card: SocialCard },
    { name: 'family', Card: FamilyCard },
  ],
  middle: [
    [
      {
        name: 'medications',
        Card: ({ chart, now }) => (
          <MedicationsCard patientId={chart.patient.id} section={chart.medications} now={now} />
        ),
      },
      { name: 'immunizations', Card: ImmunizationsCard },
    ],
    [
      {
        name: 'encounters',
        Card: ({ chart, now }) => <EncountersCard patientId={chart.patient.id} section={chart.encounters} now={now} />,
      },
      {
        name: 'notes',
        Card: ({ chart, now, onNote }) => <NotesCard section={chart.notes} now={now} onNote={onNote} />,
      },
      { name: 'careTeam', Card: CareTeamCard },
    ],
  ],
  last: [
    { name: 'vitals', Card: VitalsCard },
    {
      name: 'results',
      Card: ({ chart, now, onResult }) => (
        <ObservationsCard
          patientId={chart.patient.id}
          title={t('Latest results')}
          testId="section-results"
          section={chart.results}
          now={now}
          onResult={onResult}
        />
      ),
    },
    { name: 'goals', Card: GoalsCard },
    { name: 'carePlans', Card: CarePlansCard },
  ],
};

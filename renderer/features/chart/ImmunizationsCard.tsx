import { useState } from 'react';
import type { Immunization } from '../../../preload/contract/background.ts';
import { PlainButton } from '../../parts/Button.tsx';
import { statusWords } from '../../parts/codeWords.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';
import { RecordLine } from './RecordLine.tsx';
import type { SectionProps } from './sectionProps.ts';

/** Immunisations, newest first as main sends them; one that was not given says so before its name is believed. */
export function ImmunizationsCard({ chart, now }: SectionProps) {
  const { immunizations, patient } = chart;
  const [details, setDetails] = useState(false);
  const hasDetails = immunizations.items.some(({ lot }) => lot !== null);
  return (
    <SectionCard
      title={t('Immunisations')}
      testId="section-immunizations"
      now={now}
      section={immunizations}
      action={
        hasDetails && (
          <PlainButton className={css.headLink} aria-pressed={details} onClick={() => setDetails(!details)}>
            {details ? t('Hide lots') : t('Show lots')}
          </PlainButton>
        )
      }
    >
      <FoldedList
        items={immunizations.items}
        total={immunizations.total}
        short={5}
        render={(item) => (
          <RecordLine
            key={item.id}
            patientId={patient.id}
            type="Immunization"
            item={item}
            title={item.status === 'not-done' ? t('Not given: {vaccine}', { vaccine: item.vaccine }) : item.vaccine}
            struck={item.status === 'entered-in-error'}
            aside={formatDate(item.date)}
            details={detailsOf(item, details)}
          />
        )}
      />
    </SectionCard>
  );
}

function detailsOf({ status, reason, dose, series, lot }: Immunization, details: boolean): (string | null | false)[] {
  return [
    status === 'completed' || status === 'not-done' ? null : statusWords(status),
    reason,
    dose !== null && (series === null ? t('dose {dose}', { dose }) : t('dose {dose} of {series}', { dose, series })),
    details && (lot === null ? t('lot not recorded') : t('lot {lot}', { lot })),
  ];
}

import type { ObservationItem } from '../../../preload/contract/chart.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';
import { latestOfEach } from './latest.ts';
import { RecordLine } from './RecordLine.tsx';
import type { SectionProps } from './sectionProps.ts';

/** Smoking, alcohol and occupation (LOINC), in this order, before all else that a survey asks. */
const FIRST = ['72166-2', '11367-0', '74013-4', '11331-6', '11341-5', '74165-2', '86188-0'];

/** The newest answer of each kind. */
export function SocialCard({ chart, now }: SectionProps) {
  const { social, patient } = chart;
  const latest = latestOfEach(social.items).toSorted((a, b) => rankOf(a) - rankOf(b));
  return (
    <SectionCard title={t('Social history')} testId="section-social" now={now} section={social}>
      {latest.length === 0 && <p className={css.lead}>{t('Only values that were entered in error or cancelled')}</p>}
      <FoldedList
        items={latest}
        short={5}
        render={(item) => (
          <RecordLine
            key={item.id}
            patientId={patient.id}
            type="Observation"
            item={item}
            title={item.unit === null ? item.value : `${item.value} ${item.unit}`}
            aside={formatDate(item.effective)}
            details={[item.name]}
          />
        )}
      />
    </SectionCard>
  );
}

function rankOf({ code }: ObservationItem): number {
  const rank = FIRST.indexOf(code.slice(code.lastIndexOf('|') + 1));
  return rank < 0 ? FIRST.length : rank;
}

import type { FamilyMember } from '../../../preload/contract/background.ts';
import { statusWords } from '../../parts/codeWords.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import { FoldedList } from './FoldedList.tsx';
import { RecordLine } from './RecordLine.tsx';
import type { SectionProps } from './sectionProps.ts';

/** What relatives had, and at which age. */
export function FamilyCard({ chart, now }: SectionProps) {
  const { family, patient } = chart;
  return (
    <SectionCard title={t('Family history')} testId="section-family" now={now} section={family}>
      <FoldedList
        items={family.items}
        total={family.total}
        short={5}
        render={(item) => (
          <RecordLine
            key={item.id}
            patientId={patient.id}
            type="FamilyMemberHistory"
            item={item}
            title={item.relationship}
            struck={item.status === 'entered-in-error'}
            aside={item.deceased ? 'deceased' : ''}
            details={[conditionsOf(item), item.status !== 'completed' && statusWords(item.status)]}
          />
        )}
      />
    </SectionCard>
  );
}

function conditionsOf({ conditions }: FamilyMember): string {
  if (conditions.length === 0) return t('No problem recorded');
  return conditions
    .map(({ text, onset }) => (onset === null ? text : t('{text} (onset {onset})', { text, onset })))
    .join('; ');
}

import type { ReactNode } from 'react';
import type { CarePlanItem, GoalItem } from '../../../preload/contract/background.ts';
import { statusWords } from '../../parts/codeWords.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';
import { FoldedAway } from './ItemList.tsx';
import { RecordLine } from './RecordLine.tsx';
import type { SectionProps } from './sectionProps.ts';
import { isOver } from './words.ts';

/** What the patient and the team aim at: what holds, then what is over, folded away. */
export function GoalsCard({ chart, now }: SectionProps) {
  const { goals, patient } = chart;
  const line = (item: GoalItem) => (
    <RecordLine
      key={item.id}
      patientId={patient.id}
      type="Goal"
      item={item}
      title={item.text}
      struck={item.status === 'entered-in-error'}
      aside={item.due === null ? '' : t('due {date}', { date: formatDate(item.due) })}
      details={[
        statusWords(item.status),
        item.achievement,
        item.start !== null && t('since {date}', { date: formatDate(item.start) }),
      ]}
    />
  );
  return (
    <SectionCard title={t('Goals')} testId="section-goals" now={now} section={goals}>
      <CurrentAndOver section={goals} line={line} />
    </SectionCard>
  );
}

/** Plans of care with what is done for them. */
export function CarePlansCard({ chart, now }: SectionProps) {
  const { carePlans, patient } = chart;
  const line = (item: CarePlanItem) => (
    <RecordLine
      key={item.id}
      patientId={patient.id}
      type="CarePlan"
      item={item}
      title={item.title}
      struck={item.status === 'entered-in-error'}
      aside={item.start === null ? '' : t('since {date}', { date: formatDate(item.start) })}
      details={[statusWords(item.status), item.end !== null && t('until {date}', { date: formatDate(item.end) })]}
    >
      {item.activities.map((activity) => (
        <p key={activity} className={css.sub}>
          <bdi>{activity}</bdi>
        </p>
      ))}
    </RecordLine>
  );
  return (
    <SectionCard title={t('Care plans')} testId="section-carePlans" now={now} section={carePlans}>
      <CurrentAndOver section={carePlans} line={line} />
    </SectionCard>
  );
}

interface ListProps<Item> {
  readonly section: { readonly items: readonly Item[]; readonly withheld: Parameters<typeof isWithheld>[0] };
  readonly line: (item: Item) => ReactNode;
}

function CurrentAndOver<Item extends { readonly status: string }>({ section, line }: ListProps<Item>) {
  const current = section.items.filter(({ status }) => !isOver(status));
  const over = section.items.filter(({ status }) => isOver(status));
  return (
    <>
      {current.length === 0 && (
        <p className={css.lead}>
          {isWithheld(section.withheld) ? t('None current that may be shown') : t('None current')}
        </p>
      )}
      <FoldedList items={current} short={5} render={line} />
      <FoldedAway
        words={t('Completed, ended or entered in error ({count})', { count: over.length })}
        items={over}
        render={line}
      />
    </>
  );
}

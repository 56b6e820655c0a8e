import type { ChartSummary, Problem } from '../../../preload/contract/chart.ts';
import { codeWords, statusWords } from '../../parts/codeWords.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { problemItem } from '../charting/itemDeeds.ts';
import { FormDrafts, WriteButton } from '../charting/WriteButton.tsx';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';
import { Details } from './Details.tsx';
import { FoldedAway, ItemList } from './ItemList.tsx';
import { sortProblems } from './problems.ts';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['problems'];
  readonly now: Date;
}

/** Problems: active ones, then those of the past, folded away. */
export function ProblemsCard({ patientId, section, now }: Props) {
  const { active, past } = sortProblems(section.items);
  const line = (problem: Problem) => <ProblemItem key={problem.id} patientId={patientId} problem={problem} />;
  return (
    <SectionCard
      title={t('Problems')}
      testId="section-problems"
      now={now}
      section={section}
      action={<WriteButton kind="problem" words={t('Record a problem')} />}
      drafts={<FormDrafts type="Condition" now={now} />}
    >
      {active.length === 0 && (
        <p className={css.lead}>
          {isWithheld(section.withheld) ? t('None active that may be shown') : t('None active')}
        </p>
      )}
      <ItemList items={active} render={line} />
      <FoldedAway
        words={t('Not active, refuted or entered in error ({count})', { count: past.length })}
        items={past}
        render={line}
      />
    </SectionCard>
  );
}

interface ItemProps {
  readonly patientId: string;
  readonly problem: Problem;
}

/** A problem as the card shows it. */
export function ProblemItem({ patientId, problem }: ItemProps) {
  const { text, clinicalStatus, verificationStatus, onset, abatement, recorded, recorder } = problem;
  const details = [
    abatement ? t('until {date}', { date: formatDate(abatement) }) : null,
    recorded ? t('recorded {date}', { date: formatDate(recorded) }) : null,
    recorder && t('by {recorder}', { recorder }),
    clinicalStatus === 'active'
      ? null
      : clinicalStatus === 'unknown'
        ? t('status not recorded')
        : statusWords(clinicalStatus),
    certaintyWords(verificationStatus),
  ];
  return (
    <li className={css.item}>
      <p className={css.pair}>
        <span>
          <bdi className={verificationStatus === 'entered-in-error' ? css.struck : css.strong}>{text}</bdi>
          <ItemActions item={problemItem(problem)} />
        </span>
        <SealedParts patientId={patientId} type="Condition" id={problem.id} paths={problem.encrypted} />
        <span className={css.sub}>
          {onset ? t('since {date}', { date: formatDate(onset) }) : t('onset not recorded')}
        </span>
      </p>
      <Details parts={details} />
    </li>
  );
}

function certaintyWords(status: string): string | null {
  if (status === 'confirmed') return null;
  return codeWords('verification', status);
}

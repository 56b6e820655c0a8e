import type { ChartSummary, Problem } from '../../../preload/contract/chart.ts';
import { formatDate } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { isWithheld } from '../../parts/withheldWords.ts';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';
import { sortProblems } from './problems.ts';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['problems'];
  readonly now: Date;
}

/** Problems: active ones, then those of the past, folded away. */
export function ProblemsCard({ patientId, section, now }: Props) {
  const { active, past } = sortProblems(section.items);
  return (
    <SectionCard title={t('Problems')} testId="section-problems" now={now} section={section}>
      {active.length === 0 && (
        <p className={css.lead}>
          {isWithheld(section.withheld) ? t('None active that may be shown') : t('None active')}
        </p>
      )}
      <ul className={css.items}>
        {active.map((problem) => (
          <ProblemItem key={problem.id} patientId={patientId} problem={problem} />
        ))}
      </ul>
      {past.length > 0 && (
        <details className={css.fold}>
          <summary>{t('Not active, refuted or entered in error ({count})', { count: past.length })}</summary>
          <ul className={css.items}>
            {past.map((problem) => (
              <ProblemItem key={problem.id} patientId={patientId} problem={problem} />
            ))}
          </ul>
        </details>
      )}
    </SectionCard>
  );
}

interface ItemProps {
  readonly patientId: string;
  readonly problem: Problem;
}

function ProblemItem({ patientId, problem }: ItemProps) {
  const { text, clinicalStatus, verificationStatus, onset, abatement, recorded } = problem;
  const details = [
    onset ? t('since {date}', { date: formatDate(onset) }) : null,
    abatement ? t('until {date}', { date: formatDate(abatement) }) : null,
    !onset && recorded ? t('recorded {date}', { date: formatDate(recorded) }) : null,
    clinicalStatus === 'active' ? null : clinicalStatus,
    verificationStatus === 'confirmed' ? null : verificationStatus.replaceAll('-', ' '),
  ].filter(Boolean);
  return (
    <li className={css.item}>
      <p className={css.pair}>
        <span className={verificationStatus === 'entered-in-error' ? css.struck : css.strong}>{text}</span>
        <SealedParts patientId={patientId} type="Condition" id={problem.id} paths={problem.encrypted} />
        <span className={css.sub}>{details.join(' · ')}</span>
      </p>
    </li>
  );
}

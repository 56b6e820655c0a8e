import { type ReactNode, useId } from 'react';
import type { SectionState, Withheld } from '../../preload/contract/chart.ts';
import { DataAge } from './DataAge.tsx';
import css from './parts.module.css';
import { cappedWords, noneWords, omittedWords } from './sectionWords.ts';
import { WithheldNotice } from './WithheldNotice.tsx';

interface Props {
  readonly title: string;
  readonly testId: string;
  readonly now: Date;
  readonly section: {
    readonly state: SectionState;
    readonly asOf: string | null;
    readonly items: readonly unknown[];
    readonly total: number;
    readonly omittedSince: string | null;
    readonly deletionsUnknown: boolean;
    readonly withheld: Withheld;
  };
  /** In place of the usual words where nothing is listed. */
  readonly emptyWords?: string;
  /** What can be done with the section, at the end of its head. */
  readonly action?: ReactNode;
  /** Shown first, whatever there is in the section. */
  readonly drafts?: ReactNode;
  /** Shown even where the section is empty. */
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** One kind of record of a patient, with its state, its age and, where it is empty, the reason. */
export function SectionCard({ title, testId, now, section, emptyWords, action, drafts, lead, children }: Props) {
  const headingId = useId();
  const capped = cappedWords(section.items.length, section.total);
  const omitted = omittedWords(section);
  return (
    <section className={css.card} aria-labelledby={headingId} data-testid={testId} data-state={section.state}>
      <header className={css.cardHead}>
        <h2 id={headingId}>{title}</h2>
        {capped && <span className={css.count}>{capped}</span>}
        <DataAge
          state={section.state}
          asOf={section.asOf}
          deletionsUnknown={section.deletionsUnknown}
          now={now}
          brief
        />
        {action}
      </header>
      <WithheldNotice withheld={section.withheld} about={title} />
      {drafts}
      {lead}
      {section.items.length > 0 ? (
        children
      ) : lead ? null : (
        <p className={css.none}>{emptyWords ?? noneWords(section)}</p>
      )}
      {omitted && (
        <p className={css.omitted} data-testid="section-omitted">
          {omitted}
        </p>
      )}
    </section>
  );
}

import type { ChartSummary } from '../../../preload/contract/chart.ts';
import { PlainButton } from '../../parts/Button.tsx';
import { formatDateTime } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { UnsentBadge } from '../../parts/UnsentBadge.tsx';
import { t } from '../../words/t.ts';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';

interface Props {
  readonly section: ChartSummary['notes'];
  readonly now: Date;
  readonly onNote: (noteId: string) => void;
}

/** Titles of the newest notes; each leads to its text. */
export function NotesCard({ section, now, onNote }: Props) {
  return (
    <SectionCard title={t('Notes')} testId="section-notes" now={now} section={section}>
      <FoldedList
        items={section.items}
        total={section.total}
        short={6}
        render={({ id, title, author, date, status, unsent }) => (
          <li key={id} className={css.item}>
            <p className={css.pair}>
              <PlainButton className={css.link} onClick={() => onNote(id)}>
                {title}
              </PlainButton>
              <UnsentBadge unsent={unsent} />
              {status === 'entered-in-error' && <span className={css.tag}>{t('entered in error')}</span>}
              <span className={css.sub}>{formatDateTime(date)}</span>
            </p>
            {author && <p className={css.sub}>{author}</p>}
          </li>
        )}
      />
    </SectionCard>
  );
}

import type { ChartSummary, EncounterItem } from '../../../preload/contract/chart.ts';
import { codeWords, statusWords } from '../../parts/codeWords.ts';
import { formatDate, formatDateTime } from '../../parts/dates.ts';
import { SectionCard } from '../../parts/SectionCard.tsx';
import { t } from '../../words/t.ts';
import { ItemActions } from '../charting/ItemActions.tsx';
import { visitItem } from '../charting/itemDeeds.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './chart.module.css';
import { FoldedList } from './FoldedList.tsx';

interface Props {
  readonly patientId: string;
  readonly section: ChartSummary['encounters'];
  readonly now: Date;
}

/** Stays and visits, newest first as main sends them. */
export function EncountersCard({ patientId, section, now }: Props) {
  return (
    <SectionCard title={t('Encounters')} testId="section-encounters" now={now} section={section}>
      <FoldedList
        items={section.items}
        total={section.total}
        short={6}
        render={(item) => <Encounter key={item.id} patientId={patientId} item={item} />}
      />
    </SectionCard>
  );
}

function Encounter({ patientId, item }: Pick<Props, 'patientId'> & { readonly item: EncounterItem }) {
  const { type, class: kind, classCode, status, start, end, location, reason, number, voidNumbers } = item;
  const visit = number === null ? null : t('Visit {number}', { number });
  const words = codeWords('encounterClass', classCode ?? kind, kind);
  const details = [visit, words, location, reason].filter(Boolean);
  return (
    <li className={css.item}>
      <p className={css.pair}>
        <span className={status === 'entered-in-error' ? css.struck : css.strong}>{type}</span>
        <span className={css.sub}>{period(start, end)}</span>
      </p>
      <p className={css.sub}>
        {status !== 'finished' && <span className={css.leadTag}>{statusWords(status)}</span>}
        {details.join(' · ')} <VoidLabels numbers={voidNumbers} /> <ItemActions item={visitItem(item)} />
        <SealedParts patientId={patientId} type="Encounter" id={item.id} paths={item.encrypted} />
      </p>
    </li>
  );
}

/** Labels and papers with these may still lie about, and name another patient. */
function VoidLabels({ numbers }: { readonly numbers: readonly string[] }) {
  if (numbers.length === 0) return null;
  return (
    <strong className={css.void} data-testid="void-label">
      {t('The label {numbers} is void: destroy it.', { numbers: numbers.join(', ') })}
    </strong>
  );
}

function period(start: string | null, end: string | null): string {
  if (start === null) return end === null ? t('No date') : t('until {date}', { date: formatDate(end) });
  if (end === null) return t('since {dateTime}', { dateTime: formatDateTime(start) });
  return formatDate(start) === formatDate(end)
    ? formatDate(start)
    : t('{date} to {date2}', { date: formatDate(start), date2: formatDate(end) });
}

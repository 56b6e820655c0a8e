import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ChartSummary, ObservationItem } from '../../../preload/contract/chart.ts';
import { formatDateTime } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { SectionCard } from '../../parts/SectionCard.tsx';
import css from './chart.module.css';
import { latestOfEach } from './latest.ts';

const SHORT = 12;

interface Props {
  readonly title: string;
  readonly testId: string;
  readonly section: ChartSummary['vitals'];
  readonly now: Date;
  readonly onResult: (code: string) => void;
}

/** The newest value of each measurement; its name leads to the trend. */
export function ObservationsCard({ title, testId, section, now, onResult }: Props) {
  const [all, setAll] = useState(false);
  const latest = latestOfEach(section.items);
  const shown = all ? latest : latest.slice(0, SHORT);
  return (
    <SectionCard title={title} testId={testId} now={now} section={section}>
      {latest.length === 0 && <p className={css.lead}>Only values that were entered in error or cancelled</p>}
      <table className={css.values}>
        <thead className={css.hiddenHead}>
          <tr>
            <th scope="col">Name and time</th>
            <th scope="col">Value and reference range</th>
            <th scope="col">Flag</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => (
            <ValueRow key={item.id} item={item} onResult={onResult} />
          ))}
        </tbody>
      </table>
      {latest.length > SHORT && (
        <UnstyledButton className={css.more} onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? 'Show fewer' : `Show all ${latest.length}`}
        </UnstyledButton>
      )}
    </SectionCard>
  );
}

function ValueRow({ item, onResult }: { readonly item: ObservationItem; readonly onResult: (code: string) => void }) {
  const { code, name, value, unit, flag, range, effective, status } = item;
  return (
    <tr>
      <th scope="row">
        <UnstyledButton className={css.link} onClick={() => onResult(code)} title={`${name}: trend`}>
          {name}
        </UnstyledButton>
        {status === 'preliminary' && <span className={css.tag}>preliminary</span>}
        <span className={css.sub}>{formatDateTime(effective)}</span>
      </th>
      <td>
        <strong>{value}</strong> {unit}
        {range && <span className={css.sub}>range {range}</span>}
      </td>
      <td>
        <FlagBadge flag={flag} />
      </td>
    </tr>
  );
}

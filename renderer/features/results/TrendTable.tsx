import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { formatMoment } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import css from './results.module.css';
import type { TableRow } from './trend.ts';

const ROW_HEIGHT = 28;

/** Every value that is drawn, newest first. Only the rows in sight are in the page. */
export function TrendTable({ rows, name }: { readonly rows: readonly TableRow[]; readonly name: string }) {
  const several = new Set(rows.map((row) => row.name)).size > 1;
  const titles = ['Time', ...(several ? ['Part'] : []), 'Value', 'Unit', 'Flag', 'Status'];
  const scroller = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section ref={scroller} className={css.tableBox} tabIndex={0} aria-label={`Values of ${name}`}>
      <table
        className={css.table}
        aria-rowcount={rows.length + 1}
        data-several={several || undefined}
        data-testid="trend-table"
      >
        <thead>
          <tr aria-rowindex={1}>
            {titles.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr aria-hidden style={{ height: items[0]?.start ?? 0 }} />
          {items.map(({ index }) => {
            const row = rows[index];
            return row && <ValueLine key={index} row={row} index={index} several={several} />;
          })}
          <tr aria-hidden style={{ height: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) }} />
        </tbody>
      </table>
    </section>
  );
}

interface LineProps {
  readonly row: TableRow;
  readonly index: number;
  readonly several: boolean;
}

function ValueLine({ row, index, several }: LineProps) {
  const { point, name, unit } = row;
  return (
    <tr className={css.tableRow} aria-rowindex={index + 2}>
      <td>{formatMoment(point.time)}</td>
      {several && <td title={name}>{name}</td>}
      <td>
        <strong>{point.text}</strong>
      </td>
      <td>{unit}</td>
      <td>
        <FlagBadge flag={point.flag} />
      </td>
      <td>{point.status}</td>
    </tr>
  );
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { TrendPoint } from '../../../preload/contract/results.ts';
import { statusWords } from '../../parts/codeWords.ts';
import { formatMoment } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { t } from '../../words/t.ts';
import { SealedParts } from '../documents/SealedParts.tsx';
import css from './results.module.css';
import { flagFromWords } from './resultWords.ts';
import { type MaskedValue, rowTime, type TableRow } from './trend.ts';

const ROW_HEIGHT = 28;

interface Props {
  readonly patientId: string;
  readonly rows: readonly TableRow[];
  readonly name: string;
}

/** Every value that may be seen, newest first; those that are encrypted are opened one by one. Only the rows in sight are in the page. */
export function TrendTable({ patientId, rows, name }: Props) {
  const several = new Set(rows.map((row) => row.name)).size > 1;
  const titles = [t('Time'), ...(several ? [t('Part')] : []), t('Value'), t('Unit'), t('Flag'), t('Status')];
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
    <section ref={scroller} className={css.tableBox} tabIndex={0} aria-label={t('Values of {name}', { name })}>
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
            return row && <ValueLine key={index} {...{ patientId, row, index, several }} />;
          })}
          <tr aria-hidden style={{ height: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) }} />
        </tbody>
      </table>
    </section>
  );
}

interface LineProps {
  readonly patientId: string;
  readonly row: TableRow;
  readonly index: number;
  readonly several: boolean;
}

function ValueLine({ patientId, row, index, several }: LineProps) {
  const { name } = row;
  const time = rowTime(row);
  return (
    <tr
      className={css.tableRow}
      aria-rowindex={index + 2}
      data-masked={'masked' in row || undefined}
      data-withdrawn={'withdrawn' in row || undefined}
    >
      <td>{time === null ? t('No date') : formatMoment(time)}</td>
      {several && <td title={name}>{name}</td>}
      <ValueCells patientId={patientId} row={row} />
    </tr>
  );
}

function ValueCells({ patientId, row }: Pick<LineProps, 'patientId' | 'row'>) {
  if ('point' in row) return <PointCells point={row.point} unit={row.unit} />;
  if ('withdrawn' in row) {
    return (
      <>
        <td colSpan={3}>
          <s>{row.withdrawn.text}</s>
        </td>
        <td>{statusWords(row.withdrawn.status)}</td>
      </>
    );
  }
  if ('worded' in row) {
    const { text, flag, flagFrom, status } = row.worded;
    return (
      <>
        <td colSpan={2}>{text}</td>
        <td title={flagFromWords(flag, flagFrom) ?? undefined}>
          <FlagBadge flag={flag} />
        </td>
        <td>{statusWords(status)}</td>
      </>
    );
  }
  return (
    <>
      <td colSpan={3}>
        <MaskedCell patientId={patientId} value={row.masked} />
      </td>
      <td>{statusWords(row.masked.status)}</td>
    </>
  );
}

function PointCells({ point, unit }: { readonly point: TrendPoint; readonly unit: string }) {
  const { text, original, flag, flagFrom, status, was } = point;
  return (
    <>
      <td>
        <strong>{text}</strong>
        {original && (
          <span className={css.original} title={t('Converted from {original}', { original })}>
            {t(' from {original}', { original })}
          </span>
        )}
      </td>
      <td>
        <bdi>{unit}</bdi>
      </td>
      <td title={flagFromWords(flag, flagFrom) ?? undefined}>
        <FlagBadge flag={flag} />
      </td>
      <td>{was === null ? statusWords(status) : t('{status}, was {was}', { status: statusWords(status), was })}</td>
    </>
  );
}

function MaskedCell({ patientId, value }: { readonly patientId: string; readonly value: MaskedValue }) {
  const { id, text, encrypted } = value;
  // What somebody else has masked has nothing in it.
  if (encrypted.length === 0) return <span className="wl-muted">{text}</span>;
  return <SealedParts patientId={patientId} type="Observation" id={id} paths={encrypted} masked={text} />;
}

import { useVirtualizer } from '@tanstack/react-virtual';
import { Fragment, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { PlainButton } from '../../parts/Button.tsx';
import { statusWords } from '../../parts/codeWords.ts';
import { formatDate, formatTime } from '../../parts/dates.ts';
import { FlagBadge } from '../../parts/FlagBadge.tsx';
import { ltr } from '../../parts/ltr.ts';
import { t } from '../../words/t.ts';
import css from './cumulative.module.css';
import { type Cell, type Cumulative, nextCell, type Row } from './cumulative.ts';
import { flagFromWords, isCorrected } from './resultWords.ts';

const COLUMN_WIDTH = 118;
const NAME_WIDTH = 260;

interface Props {
  readonly sections: Cumulative['sections'];
  readonly times: readonly number[];
  readonly now: Date;
  readonly onCode: (code: string) => void;
}

/** Row and column that the keys are at; column 0 is the name of the test. */
type Place = readonly [row: number, column: number];

/** Values of many tests and times. Only the columns in sight are in the page; heads stay where they are. */
export function CumulativeTable({ sections, times, onCode }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Place>([0, 0]);
  const isMoved = useRef(false);
  const virtualizer = useVirtualizer({
    horizontal: true,
    count: times.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => COLUMN_WIDTH,
    scrollPaddingStart: NAME_WIDTH,
    overscan: 4,
  });
  const rows = sections.flatMap((section) => section.rows);

  useEffect(() => {
    if (!isMoved.current) return;
    isMoved.current = false;
    scroller.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    const to = nextCell(event, active, [rows.length, times.length + 1]);
    if (!to) return;
    event.preventDefault();
    if (to[1] > 0) virtualizer.scrollToIndex(to[1] - 1);
    else scroller.current?.scrollTo?.({ left: 0 });
    isMoved.current = true;
    setActive(to);
  };
  const shown = virtualizer.getVirtualItems().map(({ index }) => index);
  // The cell with the focus stays in the page, wherever the mouse has scrolled to.
  const columns = columnsWith(shown, active[1] - 1);
  const line = { columns, times, active, onActive: setActive, onCode };
  const index = new Map(rows.map((row, place) => [row.key, place]));
  return (
    <div ref={scroller} className={css.box} data-testid="cumulative-scroller">
      <table
        className={css.table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the keys go from cell to cell
        role="grid"
        aria-label={t('Results by test and time')}
        aria-rowcount={rows.length + 1}
        aria-colcount={times.length + 1}
        onKeyDown={onKeyDown}
        style={{ width: NAME_WIDTH + times.length * COLUMN_WIDTH }}
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" className={css.name} aria-colindex={1}>
              {t('Test')}
            </th>
            <Columns columns={columns}>
              {(column) => <TimeHead key={column} time={times[column]} column={column} />}
            </Columns>
          </tr>
        </thead>
        <tbody>
          {sections.map((section) => (
            <Fragment key={section.title}>
              <tr className={css.section}>
                <th scope="rowgroup" className={css.name}>
                  {section.title}
                </th>
                <td aria-hidden colSpan={times.length} />
              </tr>
              {section.rows.map((row) => (
                <TestRow key={row.key} row={row} place={index.get(row.key) ?? 0} {...line} />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Columns in sight and the one with the focus, in order. */
function columnsWith(shown: readonly number[], focused: number): readonly number[] {
  if (focused < 0 || shown.includes(focused)) return shown;
  return [...shown, focused].toSorted((a, b) => a - b);
}

interface ColumnsProps {
  readonly columns: readonly number[];
  readonly children: (column: number) => React.ReactNode;
}

/** What is out of sight is one empty cell as wide as all of it. */
function Columns({ columns, children }: ColumnsProps) {
  let before = 0;
  return columns.map((column) => {
    const gap = column - before;
    before = column + 1;
    return (
      <Fragment key={column}>
        {gap > 0 && <td aria-hidden colSpan={gap} style={{ width: gap * COLUMN_WIDTH }} />}
        {children(column)}
      </Fragment>
    );
  });
}

function TimeHead({ time = 0, column }: { readonly time: number | undefined; readonly column: number }) {
  const moment = new Date(time);
  return (
    <th scope="col" aria-colindex={column + 2} style={{ width: COLUMN_WIDTH }}>
      {formatDate(moment.toISOString())}
      <span className={css.clock}>{formatTime(moment)}</span>
    </th>
  );
}

interface RowProps {
  readonly row: Row;
  readonly place: number;
  readonly columns: readonly number[];
  readonly times: readonly number[];
  readonly active: Place;
  readonly onActive: (place: Place) => void;
  readonly onCode: (code: string) => void;
}

function TestRow({ row, place, columns, times, active, onActive, onCode }: RowProps) {
  const tab = (column: number) => (active[0] === place && active[1] === column ? 0 : -1);
  return (
    <tr aria-rowindex={place + 2} data-testid="cumulative-row" data-code={row.code}>
      <th scope="row" className={css.name} aria-colindex={1}>
        <PlainButton
          className={css.test}
          tabIndex={tab(0)}
          onFocus={() => onActive([place, 0])}
          onClick={() => onCode(row.code)}
          title={t('Trend of {name}', { name: row.name })}
        >
          {row.name}
        </PlainButton>
        <span className={css.unit}>
          <bdi>{row.range === null ? row.unit : ltr(row.range)}</bdi>
        </span>
      </th>
      <Columns columns={columns}>
        {(column) => (
          <td
            key={column}
            aria-colindex={column + 2}
            tabIndex={tab(column + 1)}
            onFocus={() => onActive([place, column + 1])}
          >
            {row.cells.get(times[column] ?? 0)?.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the values of a cell never change their order
              <CellValue key={at} cell={cell} />
            ))}
          </td>
        )}
      </Columns>
    </tr>
  );
}

function CellValue({ cell }: { readonly cell: Cell }) {
  const { text, kind, flag, flagFrom, original, was } = cell;
  const status = statusWords(cell.status);
  if (kind === 'withdrawn') {
    return (
      <s className={css.withdrawn} title={status}>
        {text}
        <span className="wl-said"> {status}</span>
      </s>
    );
  }
  if (kind === 'masked') return <span className={css.withdrawn}>{text}</span>;
  const told = [
    flagFromWords(flag, flagFrom),
    original && t('converted from {original}', { original }),
    was === null ? null : t('was {was}', { was }),
  ].filter(Boolean);
  return (
    <span className={css.value} title={told.join('; ') || undefined}>
      <strong>{text}</strong> <FlagBadge flag={flag} />
      {isCorrected(cell.status) && (
        <span className={css.mark}>
          <span aria-hidden>{t('corr.')}</span>
          <span className="wl-said">{was === null ? status : t('{status}, was {was}', { status, was })}</span>
        </span>
      )}
      {original && (
        <span className={css.mark}>
          <span aria-hidden>{t('conv.')}</span>
          <span className="wl-said">{t('converted from {original}', { original })}</span>
        </span>
      )}
    </span>
  );
}

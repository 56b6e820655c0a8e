import type { Flag } from '../../../preload/contract/chart.ts';
import type { FlagFrom, ResultGroup, Trend } from '../../../preload/contract/results.ts';
import { shortName } from '../../parts/codeNames.ts';
import { inSections } from './groups.ts';
import { plotsOf, rangeWords } from './trend.ts';

/** One value in the table. `withdrawn` ones are struck out, `masked` ones have no value here. */
export interface Cell {
  readonly text: string;
  readonly kind: 'value' | 'masked' | 'withdrawn';
  readonly flag: Flag | null;
  readonly flagFrom: FlagFrom;
  readonly status: string;
  readonly original: string | null;
  readonly was: string | null;
}

/** Values of one test and one unit over all times. */
export interface Row {
  readonly key: string;
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  readonly range: string | null;
  /** By the time of the column; several where several were taken at once. */
  readonly cells: ReadonlyMap<number, readonly Cell[]>;
}

export interface Cumulative {
  readonly sections: readonly { readonly title: string; readonly rows: readonly Row[] }[];
  /** Times of which there is a value, oldest first. */
  readonly times: readonly number[];
  /** Values without a time, which have no column. */
  readonly untimed: number;
}

/** Tests below each other in their panels, times side by side. Each row has one unit (design rule 10). */
export function cumulative(trends: readonly Trend[], groups: readonly ResultGroup[]): Cumulative {
  const byCode = new Map(trends.map((trend) => [trend.code, trend]));
  const sections = inSections(groups.filter(({ code }) => byCode.has(code))).map(({ title, groups: own }) => ({
    title,
    rows: own.flatMap(({ code }) => rowsOf(byCode.get(code))),
  }));
  const rows = sections.flatMap((section) => section.rows);
  const times = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))].toSorted((a, b) => a - b);
  return { sections: sections.filter(({ rows: own }) => own.length > 0), times, untimed: untimedOf(trends) };
}

function untimedOf(trends: readonly Trend[]): number {
  return trends.flatMap(({ masked, worded }) => [...masked, ...worded]).filter(({ time }) => time === null).length;
}

function rowsOf(trend: Trend | undefined): Row[] {
  if (!trend) return [];
  const name = shortName(trend);
  const drawn = plotsOf(trend).map((series): Row => {
    const cells = new Map<number, Cell[]>();
    for (const point of series.points) add(cells, point.time, { ...point, kind: 'value' });
    const own = series.name === trend.name ? name : `${name}: ${series.name}`;
    const { unit } = series;
    return {
      key: `${trend.code} ${series.name} ${unit}`,
      code: trend.code,
      name: own,
      unit,
      range: rangeWords(series),
      cells,
    };
  });
  const others = otherCells(trend);
  const [first, ...rest] = drawn;
  if (others.size === 0) return drawn;
  if (!first) return [{ key: trend.code, code: trend.code, name, unit: '', range: null, cells: others }];
  // What has no number and no unit stands with the newest unit; a value never moves there.
  const cells = new Map(first.cells);
  for (const [time, own] of others) cells.set(time, [...(cells.get(time) ?? []), ...own]);
  return [{ ...first, cells }, ...rest];
}

function otherCells({ masked, worded, withdrawn }: Trend): Map<number, Cell[]> {
  const cells = new Map<number, Cell[]>();
  const none = { flag: null, flagFrom: null, original: null, was: null } as const;
  for (const one of masked) add(cells, one.time, { ...none, ...one, kind: 'masked' });
  for (const one of worded) add(cells, one.time, { ...none, ...one, kind: 'value' });
  for (const one of withdrawn) add(cells, one.time, { ...none, ...one, kind: 'withdrawn' });
  return cells;
}

function add(cells: Map<number, Cell[]>, time: number | null, cell: Cell): void {
  if (time === null) return;
  const known = cells.get(time);
  if (known) known.push(cell);
  else cells.set(time, [cell]);
}

/** Where a key leads in the table; null where it is none of the table's. Column 0 is the name of the test. */
export function nextCell(
  { key, ctrlKey }: { readonly key: string; readonly ctrlKey: boolean },
  [row, column]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): readonly [number, number] | null {
  const last: readonly [number, number] = [rows - 1, columns - 1];
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    PageUp: [row, column - 10],
    PageDown: [row, column + 10],
    Home: [ctrlKey ? 0 : row, 0],
    End: [ctrlKey ? last[0] : row, last[1]],
  };
  const to = Object.hasOwn(moves, key) ? moves[key] : undefined;
  if (!to || rows === 0 || columns === 0) return null;
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  return [clamp(to[0], last[0]), clamp(to[1], last[1])];
}

import {
  BLOCKS_MAX,
  type Block,
  type Cell,
  type Emphasis,
  LEVELS_MAX,
  RICH_TEXT_MAX,
  type RichText,
  RUNS_MAX,
  type Run,
} from '../../../../preload/contract/rich.ts';

/** How the block begins into which text goes next. */
export type Opening =
  | { readonly kind: 'text' | 'lines' }
  | { readonly kind: 'heading'; readonly rank: number }
  | { readonly kind: 'item'; readonly number: number | null };

/** Gathers blocks from what a reader of HTML tells, in its order. */
export interface Builder {
  text(text: string, as: readonly Emphasis[], isLiteral: boolean): void;
  lineBreak(): void;
  /** Ends the block; the next text begins one of this kind at this level. */
  begin(opening: Opening, level: number): void;
  rule(): void;
  beginTable(): void;
  beginRow(): void;
  beginCell(header: boolean, columns: number, rows: number): void;
  beginCaption(): void;
  endTable(): void;
  omit(): void;
  end(): RichText;
}

const ROWS_MAX = 10_000;
const CELLS_MAX = 200;

interface Table {
  readonly caption: Run[];
  readonly rows: Cell[][];
}

export function createBuilder(): Builder {
  const blocks: Block[] = [];
  let [opening, level]: [Opening, number] = [{ kind: 'text' }, 0];
  let runs: Run[] = [];
  let table: Table | null = null;
  /** Tables around: what stands in one within another is told in lines of its cell. */
  let depth = 0;
  /** Where text goes: a cell, a caption, or the block. */
  let target: Run[] = runs;
  let [left, omitted, cut] = [RICH_TEXT_MAX, 0, false];

  const add = (block: Block) => {
    if (blocks.length < BLOCKS_MAX) blocks.push(block);
    else cut = true;
  };

  function flush(): void {
    const said = trimmed(runs, opening.kind === 'lines');
    const isSaid = said.length > 0;
    if (isSaid && opening.kind === 'heading') add({ ...opening, runs: said });
    else if (isSaid) add({ ...opening, level, runs: said } as Block);
    runs = [];
    if (!table) target = runs;
  }

  /** Within a table lines take the place of blocks. */
  function newLine(): void {
    if (target.length > 0 && !endsWith(target, '\n')) write('\n', []);
  }

  function write(text: string, as: readonly Emphasis[]): void {
    const told = text.slice(0, left);
    left -= told.length;
    if (told.length < text.length || target.length >= RUNS_MAX) cut = true;
    if (told === '' || target.length >= RUNS_MAX) return;
    const last = target.at(-1);
    if (last && String(last.as ?? '') === String(as)) last.text += told;
    else target.push(as.length === 0 ? { text: told } : { text: told, as: [...as] });
  }

  function begin(next: Opening, at: number): void {
    if (table) {
      newLine();
      return;
    }
    flush();
    [opening, level] = [next, Math.min(at, LEVELS_MAX)];
  }

  function endTable(): void {
    depth = Math.max(0, depth - 1);
    if (!table) return;
    if (depth > 0) {
      newLine();
      return;
    }
    const caption = trimmed(table.caption, false);
    const rows = table.rows.filter(({ length }) => length > 0);
    for (const row of rows) for (const cell of row) cell.runs = trimmed(cell.runs, false);
    table = null;
    target = runs;
    if (rows.length > 0) add({ kind: 'table', caption, rows });
    else if (caption.length > 0) add({ kind: 'text', level: 0, runs: caption });
  }

  return {
    text(text, as, isLiteral) {
      const isFull = !table && runs.length >= RUNS_MAX;
      if (isFull) begin({ kind: opening.kind === 'lines' ? 'lines' : 'text' }, level);
      const plain = isLiteral ? text : text.replace(/[ \t\r\n\f]+/g, ' ');
      const isAfterSpace = target.length === 0 || endsWith(target, ' ') || endsWith(target, '\n');
      write(isAfterSpace && !isLiteral ? plain.replace(/^ /, '') : plain, as);
    },
    lineBreak: () => write('\n', []),
    begin,
    rule() {
      begin({ kind: 'text' }, level);
      if (!table) add({ kind: 'rule' });
    },
    beginTable() {
      begin({ kind: 'text' }, level);
      depth += 1;
      if (table) return;
      table = { caption: [], rows: [] };
      // What stands beside rows and cells is not lost.
      target = table.caption;
    },
    beginRow() {
      if (!table) return;
      if (depth > 1) newLine();
      else if (table.rows.length < ROWS_MAX) table.rows.push([]);
      else cut = true;
    },
    beginCell(header, columns, rows) {
      if (!table) return;
      if (depth > 1) {
        if (target.length > 0 && !endsWith(target, '\n')) write(' · ', []);
        return;
      }
      if (table.rows.length === 0) table.rows.push([]);
      const row = table.rows.at(-1);
      if (!row || row.length >= CELLS_MAX) {
        cut = true;
        return;
      }
      const cell: Cell = { header, columns, rows, runs: [] };
      row.push(cell);
      target = cell.runs;
    },
    beginCaption() {
      if (table && depth === 1) target = table.caption;
    },
    endTable,
    omit() {
      omitted += 1;
    },
    end() {
      depth = 1;
      endTable();
      flush();
      return { blocks, omitted, cut };
    },
  };
}

function endsWith(runs: readonly Run[], character: string): boolean {
  return runs.at(-1)?.text.endsWith(character) ?? false;
}

/** Without the white space at both ends, and without what is then empty. */
function trimmed(runs: Run[], isLiteral: boolean): Run[] {
  const said = runs.map((run) => ({ ...run }));
  const [first, last] = [said[0], said.at(-1)];
  if (first) first.text = isLiteral ? first.text.replace(/^\n/, '') : first.text.replace(/^[ \n]+/, '');
  if (last) last.text = last.text.replace(/[ \n]+$/, '');
  const kept = said.filter(({ text }) => text !== '');
  return kept.some(({ text }) => text.trim() !== '') ? kept : [];
}

/** How loud something is said on paper, where there is no colour to rely on. */
export type Tone = 'plain' | 'strong' | 'alert' | 'note';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

/** Columns of a table; each has widths of its own (html.ts). */
export type Table =
  | 'patients'
  | 'allergies'
  | 'alerts'
  | 'problems'
  | 'medicines'
  | 'vitals'
  | 'results'
  | 'changes'
  | 'numbers'
  | 'identity';

/** A part of a sheet that is never divided between two pages. */
export type Block =
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'columns'; readonly table: Table; readonly cells: readonly string[] }
  | {
      readonly kind: 'row';
      readonly table: Table;
      readonly cells: readonly Cell[];
      /** It goes on with what the row before could not hold. */
      readonly continues: boolean;
      /** Hours to sign for below it. */
      readonly hours?: readonly string[];
      /** The sheet whose first page is told at its end. */
      readonly pageOf?: number;
    }
  | { readonly kind: 'line'; readonly text: string; readonly tone: Tone }
  /** Empty lines to write on, each with its labels. */
  | { readonly kind: 'blank'; readonly labels: readonly string[] };

/** What stands on the top of each page of a sheet. */
export interface RunningHead {
  readonly name: string;
  /** Such as `Born 12-Mar-1961`; the first two tell who it is. */
  readonly facts: readonly string[];
  /** Above every page of medicines, too; null where it is of no patient. */
  readonly allergies: string | null;
  readonly line: string;
  readonly alert: string | null;
}

export interface SheetOfBlocks {
  readonly head: RunningHead;
  readonly blocks: readonly Block[];
}

/** What fits into a narrow column without filling a page, whatever its letters are. */
export const PIECE_MAX = 400;

/** Cuts a long text into pieces, between words where it can; put together again they are the text. */
export function piecesOf(text: string, max = PIECE_MAX): string[] {
  const letters = Array.from(text);
  const pieces: string[] = [];
  for (let at = 0; at < letters.length; ) {
    let end = Math.min(at + max, letters.length);
    if (end < letters.length) {
      const space = letters.lastIndexOf(' ', end - 1);
      if (space > at + max / 2) end = space + 1;
    }
    pieces.push(letters.slice(at, end).join(''));
    at = end;
  }
  return pieces.length === 0 ? [''] : pieces;
}

type RowRest = Pick<Extract<Block, { kind: 'row' }>, 'hours' | 'pageOf'>;

/** A row, or as many as a long text in one of its cells needs; hours to sign for come after the last. */
export function rowsOf(table: Table, cells: readonly Cell[], rest: RowRest = {}): Block[] {
  const pieces = cells.map(({ text }) => piecesOf(text));
  const count = Math.max(...pieces.map(({ length }) => length));
  return Array.from({ length: count }, (_, index): Block => {
    const parts = cells.map((cell, column) => ({ ...cell, text: pieces[column]?.[index] ?? '' }));
    const isLast = index === count - 1;
    return { kind: 'row', table, cells: parts, continues: index > 0, ...(isLast && rest) };
  });
}

/** A line, or as many as a long text needs. */
export function linesOf(text: string, tone: Tone = 'plain'): Block[] {
  return piecesOf(text, 1_000).map((piece): Block => ({ kind: 'line', text: piece, tone }));
}

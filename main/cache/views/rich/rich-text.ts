import { Parser } from 'htmlparser2';
import { type Emphasis, LEVELS_MAX, type RichText } from '../../../../preload/contract/rich.ts';
import { type Builder, createBuilder, type Opening } from './builder.ts';
import { BLOCKS, EMPHASIS, fieldText, isStruck, rankOf, SHOWN_OTHERWISE, UNREAD, VOID } from './elements.ts';

/** Nobody writes deeper, and what is read of the elements around stays short. */
const DEPTH_MAX = 200;

const INDENTED: ReadonlySet<string> = new Set(['ol', 'ul', 'blockquote', 'dd']);

class TooDeep extends Error {}

/** An element around what is read. */
interface Around {
  readonly name: string;
  readonly as: Emphasis | null;
  /** Lists and quotations deeper. */
  readonly level: number;
  /** The number of the last item; null where items have none, or it is no list. */
  count: number | null;
  readonly isLiteral: boolean;
  readonly isUnread: boolean;
}

/**
 * What HTML says, as blocks of text; null where it is nested so deep that only its text can be read. Nothing of it goes on
 * as HTML: no attribute, address, style or id, and no element but those that the page makes of blocks by itself.
 */
export function richTextOf(html: string): RichText | null {
  const builder = createBuilder();
  const parser = new Parser(createHandler(builder), { decodeEntities: true, recognizeSelfClosing: true });
  try {
    parser.end(html);
  } catch (error) {
    if (error instanceof TooDeep) return null;
    throw error;
  }
  return builder.end();
}

function createHandler(builder: Builder) {
  const around: Around[] = [];
  const isUnread = () => around.at(-1)?.isUnread ?? false;
  const emphases = () => [...new Set(around.flatMap(({ as }) => as ?? []))];
  const isLiteral = () => around.at(-1)?.isLiteral ?? false;
  const levelOf = () => Math.max(0, around.at(-1)?.level ?? 0);
  const plain = (): Opening => ({ kind: isLiteral() ? 'lines' : 'text' });

  function open(name: string, attributes: Readonly<Record<string, string>>): void {
    const rank = rankOf(name);
    if (rank !== null) builder.begin({ kind: 'heading', rank }, levelOf());
    else if (name === 'li') builder.begin({ kind: 'item', number: nextNumber(attributes) }, levelOf());
    else if (name === 'br') builder.lineBreak();
    else if (name === 'hr') builder.rule();
    else if (name === 'table') builder.beginTable();
    else if (name === 'tr') builder.beginRow();
    else if (name === 'td' || name === 'th')
      builder.beginCell(name === 'th', spanOf(attributes['colspan']), spanOf(attributes['rowspan']));
    else if (name === 'caption') builder.beginCaption();
    else if (name === 'input') builder.text(fieldText(attributes), emphases(), false);
    else if (isBlock(name)) builder.begin(plain(), levelOf());
  }

  function nextNumber({ value }: Readonly<Record<string, string>>): number | null {
    const list = around.findLast(({ name }) => name === 'ol' || name === 'ul');
    if (!list || list.count === null) return null;
    list.count = numberOf(value) ?? list.count + 1;
    return list.count;
  }

  /** A picture is told of by what stands for it. */
  function omit(name: string, { alt }: Readonly<Record<string, string>>): void {
    builder.omit();
    if ((name === 'img' || name === 'image') && alt) builder.text(alt, [...emphases(), 'alt'], false);
  }

  return {
    onopentag(name: string, attributes: Readonly<Record<string, string>>) {
      const above = isUnread();
      const isOmitted = SHOWN_OTHERWISE.has(name);
      const deeper = INDENTED.has(name) ? 1 : 0;
      if (around.length >= DEPTH_MAX) throw new TooDeep();
      if (!above && isOmitted) omit(name, attributes);
      around.push({
        name,
        as: EMPHASIS[name] ?? (isStruck(attributes['style']) ? 'deleted' : null),
        level: Math.min(LEVELS_MAX, levelOf() + deeper),
        count: name === 'ol' ? (numberOf(attributes['start']) ?? 1) - 1 : null,
        isLiteral: isLiteral() || name === 'pre' || name === 'textarea',
        isUnread: above || UNREAD.has(name) || (isOmitted && !VOID.has(name)),
      });
      if (!isUnread()) open(name, attributes);
    },
    ontext(text: string) {
      if (!isUnread()) builder.text(text, emphases(), isLiteral());
    },
    onclosetag(name: string) {
      const closed = around.pop();
      if (closed?.isUnread) return;
      if (name === 'table') builder.endTable();
      else if (name === 'li' || rankOf(name) !== null || isBlock(name)) builder.begin(plain(), levelOf());
    },
  };
}

function isBlock(name: string): boolean {
  return BLOCKS.has(name) || ['ol', 'ul', 'blockquote', 'pre', 'caption'].includes(name);
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,5}$/.test(text.trim()) ? Number(text) : null;
}

function spanOf(text: string | undefined): number {
  return Math.min(100, Math.max(1, numberOf(text) ?? 1));
}

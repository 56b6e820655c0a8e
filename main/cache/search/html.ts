import { HTML_MAX } from '../decoded.ts';
import { readHtml } from '../html.ts';

/** What is no text between its tags, or has `>` in it. */
const ODD = /<(?:script|style|!)/i;
const TAG = /<[^<>]*>/g;
const ENTITY = /&(?:#(\d{1,7});|#x([0-9a-f]{1,6});|(\w{2,6});|)/gi;

const entities: Readonly<{ [name: string]: string }> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Words of HTML: scripts and styles dropped, each tag a space; of so many letters at most. */
export function htmlWords(html: string, max: number): string {
  const bounded = html.length > HTML_MAX ? html.slice(0, HTML_MAX) : html;
  const text = plainWords(bounded) ?? parsedWords(bounded);
  return text.replace(/\s+/g, ' ').trim().slice(0, max);
}

/** Most narratives are so plain that a few expressions read them, in less time than a parser; null of any other. */
function plainWords(html: string): string | null {
  if (ODD.test(html)) return null;
  const text = html.replace(TAG, ' ');
  if (text.includes('<')) return null;
  if (!text.includes('&')) return text;
  let isOdd = false;
  const decoded = text.replace(ENTITY, (_whole, decimal, hex, name) => {
    const found = name === undefined ? character(decimal, hex) : entities[name];
    isOdd ||= found === undefined;
    return found ?? ' ';
  });
  return isOdd ? null : decoded;
}

/** HTML takes the numbers from 128 to 159, and those of no character, for others: the parser knows them. */
function character(decimal: string | undefined, hex: string | undefined): string | undefined {
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const isPlain = (code > 0 && code < 0x80) || (code >= 0xa0 && code < 0xd800);
  return isPlain ? String.fromCodePoint(code) : undefined;
}

const unread: ReadonlySet<string> = new Set(['script', 'style']);

function parsedWords(html: string): string {
  const words: string[] = [];
  const space = () => void words.push(' ');
  readHtml(html, unread, { text: (text) => void words.push(text), opened: space, closed: space, comment: space });
  return words.join('');
}

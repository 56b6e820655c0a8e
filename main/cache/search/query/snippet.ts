import { fold } from '../../fold.ts';
import { fullTextOf } from '../text.ts';

/** A piece of a record's text around the first word that was searched for. Plain text, never HTML. */
export interface Snippet {
  readonly text: string;
  /** Where the words that were searched for stand in it: from, to. */
  readonly marks: readonly (readonly [from: number, to: number])[];
}

const AROUND = 80;
const WORD = /[\p{L}\p{N}]+/gu;

/** Words of a full-text search, folded; `*` at the end for a beginning. */
export function wordsOf(value: string): string[] {
  return value
    .split(/[\s,"]+/)
    .filter((word) => !/^(AND|OR|NOT)$/.test(word) && !word.startsWith('-'))
    .flatMap((word) => [...fold(word).matchAll(/[\p{L}\p{N}]+\*?/gu)].map(([found]) => found));
}

/** The snippet of a record, or null where none of the words stands in its own text. */
export function snippetOf(
  type: string,
  resource: unknown,
  words: readonly string[],
  narrative: boolean,
): Snippet | null {
  const full = fullTextOf(type, resource);
  const texts = narrative ? [full.narrative] : [full.content, full.narrative];
  for (const text of texts) {
    const found = marksIn(text, words);
    const [first] = found;
    if (first) return cut(text, first[0], found);
  }
  return null;
}

function marksIn(text: string, words: readonly string[]): [number, number][] {
  const marks: [number, number][] = [];
  for (const match of text.matchAll(WORD)) {
    const folded = isPlain(match[0]) ? match[0].toLowerCase() : fold(match[0]);
    const hit = words.some((word) => (word.endsWith('*') ? folded.startsWith(word.slice(0, -1)) : folded === word));
    if (hit) marks.push([match.index, match.index + match[0].length]);
  }
  return marks;
}

/** Most words need no folding, which takes its time. */
function isPlain(word: string): boolean {
  return /^[a-z0-9]+$/i.test(word);
}

function cut(text: string, at: number, marks: readonly [number, number][]): Snippet {
  const from = boundary(text, Math.max(0, at - AROUND));
  const to = boundary(text, Math.min(text.length, at + 2 * AROUND));
  return {
    text: text.slice(from, to),
    marks: marks.filter(([start, end]) => start >= from && end <= to).map(([start, end]) => [start - from, end - from]),
  };
}

/** Never inside a surrogate pair. */
function boundary(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at + 1 : at;
}

import { fold } from '../../fold.ts';
import { fullTextOf } from '../text.ts';

/** A piece of a record's text around the first word that was searched for. Plain text, never HTML. */
export interface Snippet {
  readonly text: string;
  /** Where the words that were searched for stand in it: from, to. */
  readonly marks: readonly (readonly [from: number, to: number])[];
}

/** Words that follow one another, folded; the last may be a beginning only. */
export interface Phrase {
  readonly words: readonly string[];
  readonly begins: boolean;
}

const AROUND = 80;
const MARKS_MAX = 100;
/** With the accents that are written after their letter. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** Words of a full-text search as FHIR writes it: `*` at the end stands for a beginning. */
export function wordsOf(value: string): Phrase[] {
  return value
    .split(/[\s,"]+/)
    .filter((word) => !/^(AND|OR|NOT)$/.test(word) && !word.startsWith('-'))
    .flatMap((word) => [...fold(word).matchAll(/([\p{L}\p{N}]+)(\*?)/gu)])
    .map(([, word = '', star]) => ({ words: [word], begins: star === '*' }));
}

/** The words of a text, folded. */
export function foldedWords(text: string): string[] {
  return [...text.matchAll(WORD)].map(([word]) => foldWord(word));
}

/** The snippet of a record, or null where none of the words stands in its own text. */
export function snippetOf(
  type: string,
  resource: unknown,
  phrases: readonly Phrase[],
  narrative: boolean,
): Snippet | null {
  const full = fullTextOf(type, resource);
  const texts = narrative ? [full.narrative] : [full.content, full.narrative];
  for (const text of texts) {
    const snippet = snippetIn(text, phrases);
    if (snippet) return snippet;
  }
  return null;
}

/** The snippet of a text, or null where nothing that was searched for stands in it. */
export function snippetIn(text: string, phrases: readonly Phrase[]): Snippet | null {
  const marks = marksIn(text, phrases);
  const [first] = marks;
  return first ? cut(text, first[0], marks) : null;
}

interface Word {
  readonly start: number;
  readonly end: number;
  readonly folded: string;
}

/** The first marks, as far as a snippet reaches: a long text needn't be read to its end. */
function marksIn(text: string, phrases: readonly Phrase[]): [number, number][] {
  const longest = Math.max(0, ...phrases.map(({ words }) => words.length));
  const marks: [number, number][] = [];
  const ahead: Word[] = [];
  const look = () => {
    const [first] = ahead;
    const length = Math.max(0, ...phrases.map((phrase) => (isAt(phrase, ahead) ? phrase.words.length : 0)));
    const last = ahead[length - 1];
    if (first && last) marks.push([first.start, last.end]);
    ahead.splice(0, Math.max(1, length));
  };
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (marks[0] && (index > marks[0][0] + 2 * AROUND || marks.length >= MARKS_MAX)) break;
    ahead.push({ start: index, end: index + word.length, folded: foldWord(word) });
    if (ahead.length >= longest) look();
  }
  while (ahead.length > 0) look();
  return marks;
}

/** Whether words begin with a phrase. */
export function isAt({ words, begins }: Phrase, at: readonly Pick<Word, 'folded'>[]): boolean {
  return words.every((word, index) => {
    const folded = at[index]?.folded;
    if (folded === undefined) return false;
    return begins && index === words.length - 1 ? folded.startsWith(word) : folded === word;
  });
}

/** Most words need no folding, which takes its time. */
function foldWord(word: string): string {
  return /^[a-z0-9]+$/i.test(word) ? word.toLowerCase() : fold(word);
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

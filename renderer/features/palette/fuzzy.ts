import { folded } from '../../parts/folded.ts';

const WORD = /[\p{L}\p{N}]+/gu;

/**
 * How well a text answers what was typed; null where it doesn't. Each word that was typed begins a word, or stands in one,
 * or has its letters in one in their order; what is typed without spaces may be the first letters of the words.
 */
export function fuzzyScore(typed: string, text: string): number | null {
  const words = folded(text).match(WORD) ?? [];
  const wanted = folded(typed).match(WORD) ?? [];
  let score = 0;
  for (const part of wanted) {
    const best = Math.max(...words.map((word) => wordScore(part, word)), initialsScore(part, words));
    if (best <= 0) return null;
    score += best;
  }
  return score / Math.max(1, wanted.length);
}

function wordScore(part: string, word: string): number {
  if (word === part) return 4;
  if (word.startsWith(part)) return 3;
  if (part.length > 1 && word.includes(part)) return 2;
  return part.length > 2 && isSubsequence(part, word) ? 1 : 0;
}

function initialsScore(part: string, words: readonly string[]): number {
  const initials = words.map((word) => word[0] ?? '').join('');
  return part.length > 1 && initials.startsWith(part) ? 2 : 0;
}

function isSubsequence(part: string, word: string): boolean {
  let at = 0;
  for (const letter of word) if (letter === part[at]) at += 1;
  return at === part.length && word[0] === part[0];
}

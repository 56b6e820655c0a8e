import { doubleMetaphone } from 'double-metaphone';
import { fold } from './fold.ts';

/** Shorter words sound like too many others. */
const LENGTH_MIN = 3;
const WORD = /^[a-z]+$/;

/**
 * What words sound like (Double Metaphone, of Latin letters): `Smyth` as `Schmidt`, `Catherine` as `Kathryn`. Words of
 * other scripts and numbers have no sound, and are found as they are written alone.
 */
export function soundsOf(values: readonly string[]): ReadonlySet<string> {
  const words = values.flatMap((value) => fold(value).split(/[^\p{L}]+/u));
  return new Set(words.flatMap((word) => soundsOfWord(word)));
}

/** Both sounds that a word may have; none where it is too short, or no Latin word. */
export function soundsOfWord(word: string): readonly string[] {
  if (word.length < LENGTH_MIN || !WORD.test(word)) return [];
  return [...new Set(doubleMetaphone(word))].filter((sound) => sound.length > 1);
}

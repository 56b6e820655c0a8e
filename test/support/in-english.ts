import { phrasesIn } from '../../preload/contract/phrases.ts';
import { allInWords } from '../../preload/contract/placeholders.ts';

/** What main hands over, as an English page says it. */
export function inEnglish<Value>(value: Value): Value {
  return allInWords(value, phrasesIn('en'));
}

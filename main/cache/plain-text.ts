/*
 * What can't be seen but changes what is read: control characters, and those that turn the order of the letters round
 * them (Unicode Technical Report 36). Each is shown as a sign that something is there. The marks that only say how a
 * neutral character runs (LRM, RLM, ALM), and a soft hyphen, go without a word; joiners stay, words of some languages
 * need them.
 */
const HIDDEN =
  /(?![\n\t])[\p{Cc}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;
const SILENT = /^[\u00AD\u061C\u200E\u200F]$/;
/** Latin letters, their accents, and what is written between them. */
const PRINTABLE = /^[\n\t -~\u00A1-\u00AC\u00AE-\u024F\u2010-\u2027]*$/;
const SIGN = '\uFFFD';
const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** A text in which everything can be seen. Lines and tabs stay. */
export function plainText(text: string): string {
  // Nearly all are.
  if (PRINTABLE.test(text)) return text;
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return lines.replace(HIDDEN, (one) => (SILENT.test(one) ? '' : SIGN)).replace(LONE, SIGN);
}

/** By which a record is asked for: never shown, and no longer the same if it were changed. */
const KEYS: ReadonlySet<string> = new Set(['id', 'code', 'versionId']);

/** An answer of plain JSON with each of its texts as it can be shown. */
export function plainTexts<Value>(value: Value): Value {
  return plain(value, '') as Value;
}

/** What needs no change is the same object: nearly all answers are read once more and not copied. */
function plain(value: unknown, key: string): unknown {
  if (typeof value === 'string') return KEYS.has(key) ? value : plainText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const shown = value.map((one) => plain(one, key));
    return shown.every((one, at) => one === value[at]) ? value : shown;
  }
  let changed: Record<string, unknown> | null = null;
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    const shown = plain(member, name);
    if (shown !== member) changed = { ...(changed ?? value), [name]: shown };
  }
  return changed ?? value;
}

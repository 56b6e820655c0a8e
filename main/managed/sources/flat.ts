import { isGroupOfSettings, settingsList } from '../list.ts';
import { type Group, placeOf } from '../paths.ts';
import { jsonValue } from './json.ts';

/**
 * A document of values that stand side by side under their keys, as a registry or preferences have them: numbers for
 * switches, texts for what has no type of its own there, and for everything that an installer was given. What can't be read
 * as its setting stays as it is, and is malformed there.
 */
export function nested(flat: Iterable<readonly [string, unknown]>): Group {
  // Without a prototype: a name may be any.
  const document: Group = Object.create(null);
  for (const [key, value] of flat) {
    const row = settingsList.find((one) => one.key === key);
    if (row) {
      const { group, name } = placeOf(document, key.split('.'));
      group[name] = typed(row.type, value);
    }
    // What no setting is called stays one name, and is told as that; it takes no group's place.
    else document[isGroupOfSettings(key) ? `${key}.` : key] = value;
  }
  return document;
}

function typed(type: (typeof settingsList)[number]['type'], value: unknown): unknown {
  if (type === 'boolean') return switchOf(value);
  if (type === 'number' || type === 'integer') return isDigits(value) ? Number(value) : value;
  if (type === 'list') return typeof value === 'string' ? entriesOf(value) : value;
  const text = Array.isArray(value) ? value.join('\n') : value;
  return type === 'json' && typeof text === 'string' ? jsonOr(text, text) : text;
}

const isDigits = (value: unknown) => typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);

/** Numbers are Group Policy's; words are what an installer was given. */
function switchOf(value: unknown): unknown {
  if (value === 0 || value === '0' || value === 'false') return false;
  return value === 1 || value === '1' || value === 'true' ? true : value;
}

/** A list in one text: in JSON where an entry has a semicolon in it, otherwise with semicolons between. */
function entriesOf(text: string): unknown {
  if (text.startsWith('[')) return jsonOr(text, text);
  const entries = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return entries.length > 0 ? entries : text;
}

function jsonOr(text: string, otherwise: unknown): unknown {
  try {
    return jsonValue(text);
  } catch {
    return otherwise;
  }
}

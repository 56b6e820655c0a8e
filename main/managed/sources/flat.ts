import { isGroupOfSettings, settingsList } from '../list.ts';
import { type Group, placeOf } from '../paths.ts';
import { jsonValue } from './json.ts';

/**
 * A document of values that stand side by side under their keys, as a registry or preferences have them: numbers for
 * switches, texts for what has no type of its own there. What can't be read as its setting stays as it is, and is malformed
 * there.
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
  if (type === 'boolean') return value === 0 ? false : value === 1 ? true : value;
  if (type === 'number') return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  if (type === 'list') return value;
  const text = Array.isArray(value) ? value.join('\n') : value;
  if (type !== 'json' || typeof text !== 'string') return text;
  try {
    return jsonValue(text);
  } catch {
    return text;
  }
}

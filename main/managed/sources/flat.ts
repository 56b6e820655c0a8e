import { settingsList } from '../list.ts';
import { type Group, placeOf } from '../paths.ts';

/**
 * A document of values that stand side by side under their keys, as a registry or preferences have them: numbers for
 * switches, texts for what has no type of its own there. What can't be read as its setting stays as it is, and is malformed
 * there.
 */
export function nested(flat: Readonly<Record<string, unknown>>): Group {
  const document: Group = {};
  for (const [key, value] of Object.entries(flat)) {
    const row = settingsList.find((one) => one.key === key);
    // What no setting is called stays one name, and is told as that.
    const { group, name } = placeOf(document, row ? key.split('.') : [key]);
    group[name] = row ? typed(row.type, value) : value;
  }
  return document;
}

function typed(type: (typeof settingsList)[number]['type'], value: unknown): unknown {
  if (type === 'boolean') return value === 0 ? false : value === 1 ? true : value;
  if (type === 'number') return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (type === 'list') return value;
  const text = Array.isArray(value) ? value.join('\n') : value;
  if (type !== 'json' || typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

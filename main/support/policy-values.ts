import type { Setting } from '../managed/list.ts';

/** A setting as it holds, told without what may name somebody or something. */
export interface ToldSetting {
  readonly key: string;
  readonly managed: boolean;
  /** A number, a switch, or one of a list of choices. Of all else only whether it is set, and of a list how long it is. */
  readonly value: number | boolean | string | null;
}

/**
 * Addresses, paths, keys, names and texts of IT stay on the workstation. The type of a setting decides, so that a new one
 * can't be forgotten.
 */
export function toldSetting({ key, type, values }: Setting, value: unknown, managed: boolean): ToldSetting {
  const told = (shown: ToldSetting['value']) => ({ key, managed, value: shown });
  if (value === null || value === undefined) return told(null);
  switch (type) {
    case 'boolean':
      return told(value === true);
    case 'integer':
    case 'number':
      return told(Number(value));
    case 'choice':
      return told(values.includes(String(value)) ? String(value) : 'set');
    case 'list':
      return told(`set (${Array.isArray(value) ? value.length : 0})`);
    default:
      return told('set');
  }
}

import type { FormUnknown } from '../../preload/contract/forms.ts';

/** Something that nobody here knows, which is never the same as nothing. */
export interface Unknown {
  readonly unknown: FormUnknown;
}

export function isUnknown(given: unknown): given is Unknown {
  return typeof given === 'object' && given !== null && !Array.isArray(given) && 'unknown' in given;
}

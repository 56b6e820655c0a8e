import { readFileSync } from 'node:fs';
import type { Inspected, Intake } from '../../../../main/documents/types.ts';

/** Knows two kinds, by their first byte. */
function kindOf(bytes: Uint8Array): Inspected {
  return bytes[0] === 0x25
    ? { contentType: 'application/pdf', kind: 'pdf' }
    : { contentType: 'text/plain', kind: 'text' };
}

/** Looks at the first byte, and takes nothing out. */
export const plainIntake: Intake = {
  inspect: async (path) => ({ ok: true, value: kindOf(readFileSync(path)) }),
  strip: () => null,
  kindOf: async (bytes) => kindOf(bytes),
  excessOf: async () => null,
};

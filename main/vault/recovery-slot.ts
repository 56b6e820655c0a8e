import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const envelope = z.object({ content: z.string() });
const kinds = z.object({ slots: z.array(z.object({ kind: z.string() })) });

/** True where the organisation's recovery key can open the unsent work of a profile without its device secret. */
export async function hasRecoverySlot(folder: string): Promise<boolean> {
  try {
    const outer = envelope.parse(JSON.parse(await readFile(join(folder, 'slots.json'), 'utf8')));
    return kinds.parse(JSON.parse(outer.content)).slots.some(({ kind }) => kind === 'recovery');
  } catch {
    return false;
  }
}

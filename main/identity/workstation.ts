import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** System of the identifier by which a workstation's Device is known on a server. */
export const WORKSTATION_SYSTEM = 'urn:wardlight:workstation';

const stored = z.strictObject({ version: z.literal(1), id: z.uuid() });

export interface WorkstationOptions {
  file: string;
  /** Replaces a file whole or not at all. */
  write: (file: string, content: string) => Promise<void>;
}

/**
 * The identifier of this workstation and OS account, made with the first enrolment. It is no secret. A file that can't be
 * read any more is replaced: an order for the old identifier is then found by the Device of the new one only, which IT
 * sees beside the old.
 */
export function createWorkstation({ file, write }: WorkstationOptions): () => Promise<string> {
  let known: Promise<string> | null = null;

  async function load(): Promise<string> {
    const text = await readFile(file, 'utf8').catch(() => '');
    const parsed = stored.safeParse(parse(text));
    if (parsed.success) return parsed.data.id;
    const id = randomUUID();
    await write(file, JSON.stringify({ version: 1, id }));
    return id;
  }

  return () => {
    known ??= load().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

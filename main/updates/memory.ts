import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import { programVersion, updateKey } from '../../preload/contract/updates.ts';
import type { KeyStore } from '../vault/key-store.ts';
import { refused } from './refused.ts';
import { sha256 } from './signed.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What was seen before. Everything in it only ever goes forward, but for what a person has put off. */
const memory = z.strictObject({
  version: z.literal(1),
  /** Of the keys that the package or machine policy has; with others the feed is another one. */
  roots: hash,
  /** The list of keys in force; 0 for the roots themselves. */
  keysVersion: z.int().min(0),
  keys: z.array(updateKey).max(10),
  seen: z.strictObject({ serial: z.int().min(1), digest: hash, version: programVersion, files: hash }).nullable(),
  /** The newest version that has run here. */
  newest: programVersion,
  /** Milliseconds: the latest time that a document was good at. */
  time: z.number().min(0),
  offered: z.strictObject({ version: programVersion, at: z.number(), putOffUntil: z.number().nullable() }).nullable(),
});
export type Memory = z.infer<typeof memory>;

/** The keychain entry with the SHA-256 of the file; two of them while it is being replaced. */
export const MEMORY_ACCOUNT = 'updates/seen';
/** Stands for a file that isn't there yet, while the first one is being written. */
const NO_FILE = 'none';

export type MemoryError = 'memory-changed' | 'memory-unavailable' | 'store-failed';

export interface MemoryStore {
  /** Null where nothing was ever seen. */
  read(): Promise<Result<Memory | null, MemoryError>>;
  write(next: Memory): Promise<Result<void, MemoryError>>;
}

export interface MemoryOptions {
  readonly keyStore: Pick<KeyStore, 'get' | 'set'>;
  /** Text of the file; null where there is none. */
  readonly readFile: () => Promise<string | null>;
  /** Replaces it whole or not at all. */
  readonly writeFile: (text: string) => Promise<void>;
}

/**
 * Keeps what was seen in a file, and in the keychain what that file is. A file that is missing, changed, or laid back from a
 * copy is told from one that never was: then nothing is updated until IT has looked, as the oldest release would do otherwise.
 */
export function createMemory({ keyStore, readFile, writeFile }: MemoryOptions): MemoryStore {
  async function hashes(): Promise<Result<string[] | null, MemoryError>> {
    const kept = await keyStore.get(MEMORY_ACCOUNT);
    if (!kept.ok) return refused('memory-unavailable');
    return { ok: true, value: kept.value?.split(' ') ?? null };
  }

  async function keep(values: readonly string[]): Promise<boolean> {
    return (await keyStore.set(MEMORY_ACCOUNT, values.join(' '))).ok;
  }

  return {
    async read() {
      const known = await hashes();
      if (!known.ok) return known;
      const text = await readFile();
      if (text === null && known.value === null) return { ok: true, value: null };
      if (!known.value?.includes(hashOf(text))) return refused('memory-changed');
      if (text === null) return { ok: true, value: null };
      const read = parsed(text);
      return read ? { ok: true, value: read } : refused('memory-changed');
    },

    async write(next) {
      const before = hashOf(await readFile());
      const text = JSON.stringify(next);
      const after = hashOf(text);
      // Both, so that the file is known whenever this is cut off.
      if (!(await keep([before, after]))) return refused('memory-unavailable');
      try {
        await writeFile(text);
      } catch {
        return refused('store-failed');
      }
      return (await keep([after])) ? { ok: true, value: undefined } : refused('memory-unavailable');
    },
  };
}

const hashOf = (text: string | null): string => (text === null ? NO_FILE : sha256(text));

function parsed(text: string): Memory | null {
  try {
    const read = memory.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

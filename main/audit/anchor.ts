import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import * as z from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError } from '../../preload/contract/session.ts';
import type { KeyStore } from '../vault/key-store.ts';
import type { Anchor } from './checkpoints.ts';

const hash = z.string().length(44);

const anchorSchema = z.strictObject({
  origin: z.string().max(200),
  size: z.int().min(0),
  root: hash,
  chain: hash,
  time: z.string().max(40),
});

/** How the log stood when it was last signed, kept in the OS keychain. */
export interface AnchorStore {
  /** Null where there is none, or none that can be read. */
  get(): Promise<Result<Anchor | null, KeyringError>>;
  set(anchor: Anchor): Promise<Result<void, KeyringError>>;
}

/** An OS account may have several data folders, each with a log of its own: one entry for each. */
export function createAnchorStore(keyStore: Pick<KeyStore, 'get' | 'set'>, folder: string): AnchorStore {
  const account = anchorAccount(folder);
  return {
    async get() {
      const stored = await keyStore.get(account);
      if (!stored.ok || stored.value === null) return stored as Result<null, KeyringError>;
      return { ok: true, value: read(stored.value) };
    },
    set: (anchor) => keyStore.set(account, JSON.stringify(anchor)),
  };
}

/** The keychain entry of the log in a folder. */
export function anchorAccount(folder: string): string {
  const place = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  return `audit/anchor/${place}`;
}

function read(text: string): Anchor | null {
  try {
    return anchorSchema.parse(JSON.parse(text));
  } catch {
    // As good as none: the log tells that there was one.
    return null;
  }
}

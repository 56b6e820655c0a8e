import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { KeyStore } from '../../vault/key-store.ts';
import { credentialsAccount, credentialsSchema } from './credentials.ts';
import { openSealed } from './seal.ts';

/* What IT does with sealed segments and targets from the command line. */

export interface OpenedFile {
  readonly file: string;
  /** Where it is in the clear; null where it did not open, and `code` says why. */
  readonly out: string | null;
  readonly code: string | null;
}

/** Opens sealed segments with the organisation's private key into a folder, for the verifier and for export. */
export async function openSegments(
  files: readonly string[],
  privateKey: string,
  folder: string,
): Promise<OpenedFile[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const all: OpenedFile[] = [];
  for (const file of files) all.push(await openOne(file, privateKey, folder));
  return all;
}

async function openOne(file: string, privateKey: string, folder: string): Promise<OpenedFile> {
  const failed = (code: string): OpenedFile => ({ file, out: null, code });
  try {
    const opened = await openSealed(readFileSync(file, 'ascii').trim(), privateKey);
    if (!opened.ok) return failed(opened.error.code);
    // By the name that is sealed in, and not by the one that the file was given since.
    const out = join(folder, basename(opened.value.name).replace(/\.jwe$/, '.ndjson'));
    writeFileSync(out, opened.value.text, { mode: 0o600, flag: 'wx' });
    return { file, out, code: null };
  } catch (error) {
    return failed((error as NodeJS.ErrnoException).code === 'EEXIST' ? 'out-exists' : 'file-unreadable');
  }
}

/** Puts the credentials of a bucket into the keychain of this account; a code where that can't be. */
export async function keepCredentials(
  target: string,
  text: string,
  keyStore: Pick<KeyStore, 'set'>,
): Promise<string | null> {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return 'credentials-invalid';
  }
  const credentials = credentialsSchema.safeParse(said);
  if (!credentials.success || !/^[a-z0-9-]{1,32}$/.test(target)) return 'credentials-invalid';
  const kept = await keyStore.set(credentialsAccount(target), JSON.stringify(credentials.data));
  return kept.ok ? null : kept.error.code;
}

import * as z from 'zod';
import type { Result } from '../../../preload/contract/channel.ts';
import type { KeyringError } from '../../../preload/contract/session.ts';
import type { KeyStore } from '../../vault/key-store.ts';
import type { S3Credentials } from './s3-client.ts';

/** What IT puts into the keychain for a bucket: a key that may add and read, and may not delete. */
export const credentialsSchema = z.strictObject({
  accessKeyId: z.string().min(1).max(128),
  secretAccessKey: z.string().min(1).max(256),
});

export type CredentialsError = KeyringError | 'credentials-missing';

/** Entry of the keychain with the credentials for a target. */
export function credentialsAccount(target: string): string {
  return `audit/target/${target}`;
}

/** The credentials of a target; read each time, as IT may have changed them. */
export async function readCredentials(
  keyStore: Pick<KeyStore, 'get'>,
  target: string,
): Promise<Result<S3Credentials, CredentialsError>> {
  const stored = await keyStore.get(credentialsAccount(target));
  if (!stored.ok) return stored;
  const read = credentialsSchema.safeParse(parsed(stored.value));
  return read.success ? { ok: true, value: read.data } : { ok: false, error: { code: 'credentials-missing' } };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { ReadDb, WriteDb } from '../open.ts';
import { sql } from '../statements.ts';
import { CodedError } from '../store-error.ts';

/*
 * The key of marked fields: 32 random bytes that stand in the cache wrapped by a key that is derived from the cache's
 * own. The thread that writes unwraps it. Those that read have nothing to unwrap it with, but for the one request with
 * which main hands it over.
 */

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** The key by which the fields' key is wrapped, of the cache's key. */
export function fieldWrappingKey(cacheKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', cacheKey, '', 'wardlight marked fields', KEY_BYTES));
}

function wrap(key: Uint8Array, wrapping: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce);
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
}

/** @throws `cache-damaged` where it was wrapped by another key, or is none. */
function unwrap(wrapped: Uint8Array, wrapping: Uint8Array): Buffer {
  if (wrapped.length !== WRAPPED_BYTES) throw new CodedError('cache-damaged');
  const decipher = createDecipheriv('aes-256-gcm', wrapping, wrapped.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new CodedError('cache-damaged');
  }
}

/** The fields' key; null where no field was ever marked or sealed. */
export function readFieldKey(db: ReadDb, wrapping: Uint8Array): Buffer | null {
  const row = sql(db, 'SELECT wrapped FROM field_key').get() as { wrapped: Uint8Array } | undefined;
  return row ? unwrap(row.wrapped, wrapping) : null;
}

/** The fields' key, made at its first use. */
export function ensureFieldKey(db: WriteDb, wrapping: Uint8Array): Buffer {
  const known = readFieldKey(db, wrapping);
  if (known) return known;
  const key = randomBytes(KEY_BYTES);
  sql(db, 'INSERT INTO field_key (id, wrapped) VALUES (1, ?)').run(wrap(key, wrapping));
  return key;
}

/** Wraps the fields' key for another key of the cache, in a copy that changes its key. */
export function rewrapFieldKey(db: WriteDb, [from, to]: readonly [Uint8Array, Uint8Array]): void {
  if (!sql(db, `SELECT 1 FROM sqlite_schema WHERE name = 'field_key'`).get()) return;
  const key = readFieldKey(db, fieldWrappingKey(from));
  if (key) sql(db, 'UPDATE field_key SET wrapped = ?').run(wrap(key, fieldWrappingKey(to)));
}

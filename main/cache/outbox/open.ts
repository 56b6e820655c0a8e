import type { Result } from '../../../preload/contract/channel.ts';
import type { StoreError } from '../../../preload/contract/session.ts';
import { getMeta, setMeta } from '../meta.ts';
import type { openDatabase, WriteDb } from '../open.ts';
import type { OpenRequest } from '../operations.ts';
import { outboxMigrations } from './schema/index.ts';

/** Kept in the cache once the profile has an outbox: from then on one that is missing is never made anew. */
const MADE = 'outbox.made';

const codes: Partial<Record<StoreError, StoreError>> = {
  'cache-damaged': 'outbox-damaged',
  'cache-missing': 'outbox-missing',
  'cache-key-wrong': 'outbox-key-wrong',
  'cache-newer-schema': 'outbox-newer-schema',
};

/**
 * Opens the outbox beside a cache, or makes it for a profile that has none yet. A cache that is made anew knows nothing of
 * an outbox: there was one. `beforeChange`: see `openDatabase`.
 */
export function openOutbox(
  open: typeof openDatabase,
  cache: WriteDb,
  { outbox, anew = [], nativeBinding }: OpenRequest,
  beforeChange: (db: WriteDb) => void,
): Result<WriteDb, StoreError> {
  const isNoted = getMeta(cache, MADE) !== null;
  const made = !anew.includes('outbox') && (isNoted || anew.includes('cache'));
  const { file, key } = outbox;
  const mode = made ? 'write' : 'create';
  const opened = open({ file, key, mode, migrations: outboxMigrations, beforeChange, nativeBinding });
  if (!opened.ok) return { ok: false, error: { code: codes[opened.error.code] ?? opened.error.code } };
  if (!isNoted) setMeta(cache, MADE, 'true');
  return opened;
}

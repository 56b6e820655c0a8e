import type { StoreError } from '../../preload/contract/session.ts';

/** An expected failure that crosses a process boundary: the code travels, the message never does (it may quote data). */
export class CodedError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = 'CodedError';
    this.code = code;
  }
}

const byCode: ReadonlyMap<string, StoreError> = new Map(
  Object.entries({
    ENOSPC: 'disk-full',
    EDQUOT: 'disk-full',
    SQLITE_FULL: 'disk-full',
    EROFS: 'disk-read-only',
    EACCES: 'disk-read-only',
    EPERM: 'disk-read-only',
    SQLITE_PERM: 'disk-read-only',
    ENOENT: 'cache-missing',
  } as const),
);

const byPrefix: readonly (readonly [string, StoreError])[] = [
  ['SQLITE_READONLY', 'disk-read-only'],
  ['SQLITE_NOTADB', 'cache-damaged'],
  ['SQLITE_CORRUPT', 'cache-damaged'],
];

/** The code of an exception of SQLite or the file system, for the clinician's sentence and for IT. */
export function storeErrorOf(error: unknown): StoreError {
  const code = codeOf(error);
  return byCode.get(code) ?? byPrefix.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'store-failed';
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

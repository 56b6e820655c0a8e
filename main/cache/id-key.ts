import type { Database } from 'better-sqlite3-multiple-ciphers';

/**
 * A number of 32 bits that stands for an id or a reference in an index. Ids come at random, so that a commit touches
 * nearly every page of an index of them; such numbers need a third of the pages. Two texts may share one: whoever looks
 * one up compares the text too. The numbers are kept in the database: a change needs a migration.
 */
export function idKey(text: string): number {
  // FNV-1a, with the last step of MurmurHash3 so that all bits depend on all.
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** Gives a connection `id_key(text)`, for queries that get the text from another table. */
export function defineIdKey(db: Database): void {
  db.function('id_key', { deterministic: true, directOnly: true }, (text: unknown) => idKey(String(text)));
}

import { existsSync, statSync } from 'node:fs';
import type { Finding, FindingCode } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import { openDatabase, type WriteDb } from '../cache/open.ts';
import { setAside } from '../cache/set-aside.ts';
import { sql } from '../cache/statements.ts';
import { storeErrorOf } from '../cache/store-error.ts';
import { createUpgrade } from '../cache/upgrade.ts';
import { type Anchor, anchoredSize, anchorOf, lastCheckpoint, type StoredCheckpoint, trusted } from './checkpoints.ts';
import { entriesIn, rangeAt } from './entries.ts';
import { keepFinding } from './findings.ts';
import { originOf } from './log/entry.ts';
import { rootOf } from './log/merkle.ts';
import { createSigner, type NoteSigner, type NoteVerifier, readVerifier } from './log/note.ts';
import { createWalk, type Head, startOf } from './log/verify.ts';
import { auditMigrations, type LogIdentity } from './schema.ts';

export interface LogRequest {
  readonly file: string;
  /** Of the database; overwritten once it is open. */
  readonly key: Uint8Array;
  /** Of the signing key; overwritten too. */
  readonly seed: Uint8Array;
  /** What was kept outside of the log when it was last signed. */
  readonly anchor: Anchor | null;
  /** Of a log that is made now. */
  readonly logId: string;
  /** Of the program. */
  readonly version?: string | undefined;
  /** The file was found damaged while it was open. */
  readonly damaged: boolean;
  readonly nativeBinding: string | undefined;
}

/** A log that entries can be added to. */
export interface OpenLog {
  readonly db: WriteDb;
  readonly identity: LogIdentity;
  readonly signer: NoteSigner;
  readonly verifier: NoteVerifier;
  readonly head: Head;
}

/** Why entries can't be added to a log any more, with what is known of where it stood. */
interface Untrusted {
  readonly finding: Finding;
  readonly lastKnown: Anchor | null;
}

type Opened = { log: OpenLog } | { error: StoreError } | { untrusted: Untrusted };

/**
 * Opens the log, and compares its newest part with its signatures and with what is kept outside of it. A log that can't
 * be gone on with is set aside, and a new one is begun in its place; what was found is kept there.
 */
export function openLog(request: LogRequest): Result<OpenLog, StoreError> {
  const found: Finding[] = [];
  const { file, anchor } = request;
  const isThere = existsSync(file) && statSync(file).size > 0;
  let opened: Opened;
  if (isThere) opened = request.damaged ? { untrusted: untrusted('log-damaged', anchor) } : openPresent(request, found);
  else if (anchor) opened = { untrusted: untrusted('log-missing', anchor) };
  else opened = create(request, null);
  if ('untrusted' in opened) {
    const { finding, lastKnown } = opened.untrusted;
    found.push(finding);
    setAside(file);
    opened = create(request, lastKnown);
  }
  if ('error' in opened) return { ok: false, error: { code: opened.error } };
  if ('untrusted' in opened) return { ok: false, error: { code: 'store-failed' } };
  for (const finding of found) keepFinding(opened.log.db, finding);
  return { ok: true, value: opened.log };
}

function untrusted(code: FindingCode, lastKnown: Anchor | null): Untrusted {
  const finding = { code, log: lastKnown?.origin ?? '', first: 0, end: lastKnown?.size ?? 0 };
  return { finding, lastKnown };
}

function create(request: LogRequest, predecessor: Anchor | null): Opened {
  const opened = open(request, predecessor);
  if (!opened.ok) return { error: opened.error.code };
  const log = describe(opened.value, request);
  if (!log) return { error: 'store-failed' };
  return { log: { ...log, head: startOf(log.identity.origin) } };
}

function open(request: LogRequest, predecessor: Anchor | null): Result<WriteDb, StoreError> {
  const { file, key, seed, logId, version = '', nativeBinding } = request;
  const origin = originOf(logId);
  const { vkey } = createSigner(origin, seed);
  const identity = { origin, vkey, predecessor: predecessor && JSON.stringify(predecessor) };
  // `create` also where a file is: one whose creation was cut short is empty. What holds anything is opened as it is.
  const migrations = auditMigrations(identity);
  // A version that can't go on with the log leaves it as it was: what is recorded meanwhile waits in the reserve.
  const upgrade = createUpgrade({ files: [file], note: `${file}.upgrade`, version });
  try {
    if (upgrade.begin()) return { ok: false, error: { code: 'upgrade-failed' } };
    const beforeChange = (db: WriteDb) => upgrade.beforeChange(file, db, null);
    const opened = openDatabase({ file, key, mode: 'create', migrations, beforeChange, nativeBinding });
    if (opened.ok) {
      upgrade.done();
      return opened;
    }
    const isFinal = opened.error.code === 'store-failed';
    return upgrade.takeBack(isFinal) && isFinal ? { ok: false, error: { code: 'upgrade-failed' } } : opened;
  } catch (error) {
    return { ok: false, error: { code: storeErrorOf(error) } };
  }
}

/** Whose log it is; null where its signing key is another one. */
function describe(db: WriteDb, { seed }: LogRequest): Omit<OpenLog, 'head'> | null {
  const identity = sql(db, 'SELECT origin, vkey, predecessor FROM log').get() as LogIdentity;
  const signer = createSigner(identity.origin, seed);
  const verifier = readVerifier(identity.vkey);
  return verifier && signer.vkey === identity.vkey ? { db, identity, signer, verifier } : null;
}

function openPresent(request: LogRequest, found: Finding[]): Opened {
  const opened = open(request, null);
  if (!opened.ok) {
    const { code } = opened.error;
    return code === 'cache-damaged' ? { untrusted: untrusted('log-damaged', request.anchor) } : { error: code };
  }
  const db = opened.value;
  try {
    const checked = check(db, request, found);
    if ('untrusted' in checked) db.close();
    return checked;
  } catch (error) {
    db.close();
    // A disk that can't be read or written now says nothing of the log; everything else that can't be read is damage.
    const code = storeErrorOf(error);
    const isOfDisk =
      code.startsWith('disk-') ||
      /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN)/.test(String((error as { code?: unknown }).code));
    return isOfDisk ? { error: code } : { untrusted: untrusted('log-damaged', request.anchor) };
  }
}

/** Compares the newest part of a log with its signatures, and all of it with the anchor. */
function check(db: WriteDb, request: LogRequest, found: Finding[]): Opened {
  const { anchor } = request;
  const origin = sql(db, 'SELECT origin FROM log').pluck().get() as string | undefined;
  if (origin === undefined || (anchor && anchor.origin !== origin))
    return { untrusted: untrusted('log-replaced', anchor) };
  const newest = lastCheckpoint(db);
  const log = describe(db, request);
  if (!log) return { untrusted: about('device-key-changed', 0, newest?.size ?? 0, anchor, origin) };
  const start = newest ? startAt(newest, log) : startOf(origin);
  if (!start) return { untrusted: about('checkpoint-signature', newest?.size ?? 0, newest?.size ?? 0, anchor, origin) };
  const { head, finding } = replay(db, start);
  const lastKnown =
    anchor ?? anchorOf({ origin, size: start.range.size, root: rootOf(start.range), chain: start.chain, time: '' });
  if (!head || finding) return { untrusted: { finding: { log: origin, ...(finding as Found) }, lastKnown } };
  const mismatch = anchor && againstAnchor(db, head, anchor);
  if (mismatch) return { untrusted: { finding: { log: origin, ...mismatch }, lastKnown } };
  for (const one of aroundAnchor(db, anchor)) found.push({ log: origin, ...one });
  return { log: { ...log, head } };
}

type Found = Omit<Finding, 'log'>;

function about(code: FindingCode, first: number, end: number, lastKnown: Anchor | null, log: string): Untrusted {
  return { finding: { code, log, first, end }, lastKnown };
}

/** Where the newest checkpoint says that the log stood; null where that can't be trusted. */
function startAt(newest: StoredCheckpoint, { verifier }: Pick<OpenLog, 'verifier'>): Head | null {
  const checkpoint = trusted(newest, verifier);
  if (!checkpoint || !rootOf(newest.frontier).equals(checkpoint.root)) return null;
  return { range: newest.frontier, chain: checkpoint.chain };
}

/** Goes through what was added since the newest checkpoint. */
function replay(db: WriteDb, start: Head): { head: Head | null; finding: Found | null } {
  let finding: Found | null = null;
  const walk = createWalk({
    start,
    onFinding(code, first, end) {
      finding ??= { code, first, end };
    },
  });
  const count = (sql(db, 'SELECT max(seq) + 1 FROM entry').pluck().get() as number | null) ?? 0;
  if (count < start.range.size)
    return { head: null, finding: { code: 'log-truncated', first: count, end: start.range.size } };
  for (const { seq, leaf, hash } of entriesIn(db, start.range.size, count)) walk.entry(seq, leaf, hash);
  return { head: walk.head(), finding };
}

/** Whether the log has at least the entries that the anchor is of. */
function againstAnchor(db: WriteDb, { range }: Head, anchor: Anchor): Found | null {
  if (anchor.size > range.size) return { code: 'log-truncated', first: range.size, end: anchor.size };
  const kept = lastCheckpoint(db, anchor.size);
  const then = kept?.size === anchor.size ? kept.frontier : rangeAt(db, anchor.size);
  return rootOf(then).toString('base64') === anchor.root ? null : { code: 'log-differs', first: 0, end: anchor.size };
}

/** What is wrong about the anchor, or about its checkpoint, while the log goes on from it. */
function* aroundAnchor(db: WriteDb, anchor: Anchor | null): Generator<Found> {
  const anchored = anchoredSize(db);
  if (!anchor) {
    if (anchored !== null) yield { code: 'anchor-missing', first: 0, end: anchored };
    return;
  }
  if (anchored !== null && anchored > anchor.size) yield { code: 'anchor-behind', first: anchor.size, end: anchored };
  if (lastCheckpoint(db, anchor.size)?.size !== anchor.size) {
    yield { code: 'checkpoint-missing', first: anchor.size, end: anchor.size };
  }
}

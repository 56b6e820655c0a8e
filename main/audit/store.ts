import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditFilter } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, StoreError } from '../../preload/contract/session.ts';
import { type Caller, type ChildPort, createCaller } from '../cache/rpc.ts';
import { CodedError, storeErrorOf } from '../cache/store-error.ts';
import type { KeyStore } from '../vault/key-store.ts';
import { type AnchorStore, createAnchorStore } from './anchor.ts';
import type { SignedCheckpoint } from './checkpoints.ts';
import type { SegmentOperations } from './delivery/segments.ts';
import type { EnrolmentOperations, KnownLog } from './enrolment/compare.ts';
import type { StoredEntry } from './entries.ts';
import type { KnownFinding, PendingFinding } from './findings.ts';
import type { LogOperations, OpenedLog, VerificationProgress } from './log.ts';
import type { SendingOperations } from './sending/operations.ts';

/** The keychain entry of the database's key. */
export const DATABASE_KEY = 'audit/database-key';
const DEVICE_KEY = 'audit/device-key';
const KEY_BYTES = 32;

/** Operations of the audit process, as they are asked for. */
type Asked<Operations extends { readonly [Name in keyof Operations]: (...args: never[]) => unknown }> = {
  readonly [Name in keyof Operations]: (
    ...args: Parameters<Operations[Name]>
  ) => Promise<Awaited<ReturnType<Operations[Name]>>>;
};
/** Sealing and delivery. */
export type Segments = Asked<SegmentOperations>;
/** What becomes of alarms. */
export type Sendings = Asked<SendingOperations>;

/** The open log, as main and whatever builds on it see it. All of it rejects with a CodedError. */
export interface AuditStore {
  readonly segments: Segments;
  readonly sendings: Sendings;
  readonly identity: Pick<OpenedLog, 'origin' | 'vkey' | 'predecessor'>;
  /** Entries that there were when it was opened. */
  readonly openedSize: number;
  /** When it was last signed before; ISO instant by the workstation's clock of then. */
  readonly signedAt: string | null;
  /** Resolves once the event is on disk. */
  append(event: string): Promise<{ seq: number }>;
  /** All of them or none; `seq` is that of the first. */
  appendAll(events: readonly string[]): Promise<{ seq: number }>;
  /** Signs how the log stands, and anchors it in the keychain; null where nothing was added since the last time. */
  checkpoint(): Promise<SignedCheckpoint | null>;
  query(filter: AuditFilter): Promise<StoredEntry[]>;
  alarms(limit: number): Promise<StoredEntry[]>;
  people(patient: string, limit: number): Promise<string[]>;
  knownFindings(limit: number): Promise<KnownFinding[]>;
  /** Entries from `first` to before `end`. */
  range(first: number, end: number): Promise<StoredEntry[]>;
  /** The newest checkpoint, of at most `size` entries. */
  newestCheckpoint(size?: number): Promise<{ size: number; note: string } | null>;
  /** Proofs, in base64 (`LogOperations`). */
  inclusion(seqs: readonly number[], size: number): Promise<string[][]>;
  consistency(from: number, to: number): Promise<string[]>;
  frontier(first: number): Promise<string[]>;
  /** What a server knows of this workstation's logs, compared with this one (`EnrolmentOperations`). */
  compareKnown(request: {
    server: string;
    known: readonly KnownLog[];
  }): Promise<ReturnType<EnrolmentOperations['compareKnown']>>;
  enrolled(request: { server: string; size: number }): Promise<void>;
  /** What was found wrong and no entry tells of yet. */
  findings(): Promise<PendingFinding[]>;
  settleFinding(id: number, seq: number): Promise<void>;
  /** One slice of a verification of the whole log. */
  verify(anew: boolean): Promise<VerificationProgress>;
  close(): Promise<void>;
}

export interface AuditStoreOptions {
  fork: () => ChildPort;
  folder: string;
  /** Of the program. */
  version?: string;
  keyStore: Pick<KeyStore, 'get' | 'set'>;
  binding: string | undefined;
  now: () => number;
  /** A UUID. */
  newId: () => string;
}

type OpenError = KeyringError | StoreError;

/** A key of the log's own, of no clinician. A new one is made only where none can have been used yet. */
async function keyOf(
  keyStore: AuditStoreOptions['keyStore'],
  account: string,
  mayMake: boolean,
): Promise<Result<Buffer, OpenError>> {
  const stored = await keyStore.get(account);
  if (!stored.ok) return stored;
  if (stored.value !== null) {
    const key = Buffer.from(stored.value, 'base64');
    return key.length === KEY_BYTES ? { ok: true, value: key } : failed('keyring-entry-wrong');
  }
  if (!mayMake) return failed('keyring-entry-missing');
  const key = randomBytes(KEY_BYTES);
  const kept = await keyStore.set(account, key.toString('base64'));
  return kept.ok ? { ok: true, value: key } : kept;
}

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}

/**
 * Opens the audit log in its own process; makes it where there is none. `damaged`: it was found so while it was open, and
 * is set aside.
 */
export async function openAuditStore(
  options: AuditStoreOptions,
  damaged = false,
): Promise<Result<AuditStore, OpenError>> {
  const { folder, version, keyStore, binding, now, newId } = options;
  const file = join(folder, 'audit.db');
  const anchors = createAnchorStore(keyStore, folder);
  const anchor = await anchors.get();
  if (!anchor.ok) return anchor;
  const key = await keyOf(keyStore, DATABASE_KEY, !existsSync(file));
  if (!key.ok) return key;
  // A missing one is replaced: the log that it has signed is then told from the one that begins.
  const seed = await keyOf(keyStore, DEVICE_KEY, true);
  if (!seed.ok) return seed;
  const port = options.fork();
  const caller = createCaller(port);
  const ended = new Promise<void>((resolve) => {
    port.on('exit', () => {
      caller.fail('process-ended');
      resolve();
    });
  });
  const request: Parameters<LogOperations['open']>[0] = {
    file,
    key: key.value,
    seed: seed.value,
    anchor: anchor.value,
    logId: newId(),
    version,
    damaged,
    time: new Date(now()).toISOString(),
    nativeBinding: binding,
  };
  const opened = (await caller.call('open', request).catch((error) => failed(storeErrorOf(error)))) as Result<
    OpenedLog,
    StoreError
  >;
  key.value.fill(0);
  seed.value.fill(0);
  if (!opened.ok) {
    port.kill();
    return opened;
  }
  const store = storeOver(caller, opened.value, { anchors, now });
  if (opened.value.checkpoint) await store.anchor(opened.value.checkpoint);
  return {
    ok: true,
    value: {
      ...store.operations,
      async close() {
        await caller.call('close').catch(() => undefined);
        port.kill();
        await ended;
      },
    },
  };
}

function storeOver(caller: Caller, opened: OpenedLog, { anchors, now }: { anchors: AnchorStore; now: () => number }) {
  type Args<Name extends keyof LogOperations> = Parameters<LogOperations[Name]>[0];
  type Value<Name extends keyof LogOperations> = Promise<Awaited<ReturnType<LogOperations[Name]>>>;
  const ask = <Name extends keyof LogOperations>(name: Name, args?: Args<Name>) =>
    caller.call(name, args) as Value<Name>;
  let signing: Promise<unknown> = Promise.resolve();

  /** A keychain that can't be written now is written at the next checkpoint. */
  async function anchor({ anchor: now }: SignedCheckpoint): Promise<void> {
    const kept = await anchors.set(now);
    if (kept.ok) await ask('anchored', { size: now.size });
  }

  async function sign(): Promise<SignedCheckpoint | null> {
    const signed = await ask('checkpoint', { time: new Date(now()).toISOString() });
    if (signed) await anchor(signed);
    return signed;
  }

  const operations: Omit<AuditStore, 'close'> = {
    identity: opened,
    segments: {
      seal: (request) => ask('seal', request),
      sealed: () => ask('sealed'),
      undelivered: (request) => ask('undelivered', request),
      sealedBody: (request) => ask('sealedBody', request),
      events: (request) => ask('events', request),
      keepReceipt: (request) => ask('keepReceipt', request),
      receipts: (request) => ask('receipts', request),
    },
    sendings: {
      alarmsDue: (request) => ask('alarmsDue', request),
      keepOutcome: (request) => ask('keepOutcome', request),
      outcomes: (request) => ask('outcomes', request),
      signRequest: (request) => ask('signRequest', request),
    },
    openedSize: opened.size,
    signedAt: opened.signedAt,
    append: (event) => ask('append', event),
    appendAll: (events) => ask('appendAll', events),
    checkpoint() {
      // One after the other, so that an older one never replaces a newer one in the keychain.
      const signed = signing.then(sign, sign);
      signing = signed.catch(() => undefined);
      return signed;
    },
    query: (filter) => ask('query', filter),
    alarms: (limit) => ask('alarms', { limit }),
    people: (patient, limit) => ask('people', { patient, limit }),
    knownFindings: (limit) => ask('knownFindings', { limit }),
    range: (first, end) => ask('range', { first, end }),
    newestCheckpoint: (size) => ask('newestCheckpoint', { size: size ?? null }),
    inclusion: (seqs, size) => ask('inclusion', { seqs, size }),
    consistency: (from, to) => ask('consistency', { from, to }),
    frontier: (first) => ask('frontier', { first }),
    compareKnown: (request) => ask('compareKnown', request),
    enrolled: (request) => ask('enrolled', request),
    findings: () => ask('findings'),
    settleFinding: (id, seq) => ask('settleFinding', { id, seq }),
    async verify(anew) {
      if (!anew) return ask('verify', { anew: null });
      const kept = await anchors.get();
      if (!kept.ok) throw new CodedError(kept.error.code);
      return ask('verify', { anew: { anchor: kept.value } });
    },
  };
  return { operations, anchor };
}

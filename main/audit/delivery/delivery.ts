import type { FhirClient } from '../../fhir/client.ts';
import type { DeliveryPolicy, TargetPolicy, TargetPolicyOf } from '../../managed/audit-delivery.ts';
import type { KeyStore } from '../../vault/key-store.ts';
import type { AuditStore } from '../store.ts';
import { readCredentials } from './credentials.ts';
import { createDirectoryTarget } from './directory.ts';
import { createFhirTarget } from './fhir.ts';
import { createQueue, type DeliveryFinding, type TargetStatus } from './queue.ts';
import { type Delivered, type Target, undelivered } from './receipt.ts';
import type { DeliveryTimers } from './rounds.ts';
import { createSealing } from './sealing.ts';

export interface DeliveryOptions {
  readonly policy: DeliveryPolicy;
  /** The open log; null where it can't be opened now. */
  readonly store: () => Promise<Pick<AuditStore, 'checkpoint' | 'segments'> | null>;
  readonly keyStore: Pick<KeyStore, 'get'>;
  readonly fetch: typeof globalThis.fetch;
  /** The client of whoever has unlocked; null while nobody has. */
  readonly fhir: () => FhirClient | null;
  readonly timers: DeliveryTimers;
  readonly now: () => number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  readonly onStatus: (status: TargetStatus) => void;
  readonly onFinding: (finding: DeliveryFinding) => void;
  /** Why the log could not be sealed, as a code. */
  readonly onSealFailure: (code: string) => void;
}

/** The log's way out of the workstation. */
export interface Delivery {
  /** Brings what is left from last time, and seals by time from now on. */
  begin(): void;
  /** Seals what there is, and lets it go: at lock and at exit. */
  seal(): Promise<void>;
  /** Somebody has signed in, or the network is back. */
  wake(): void;
  status(): readonly TargetStatus[];
  /** Seals what there is, and stops what is under way; it goes on at the next start. */
  close(): Promise<void>;
}

/** Delivers nothing where policy names no target. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { policy, store, now, timers, random, onStatus, onFinding, onSealFailure } = options;
  const { organisationKey, targets, segmentMinutes } = policy;
  const queues = targets.map((one) =>
    createQueue({
      segments: async () => (await store())?.segments ?? null,
      target: targetOf(one, options),
      timers,
      random,
      onStatus,
      onFinding,
    }),
  );
  const wake = () => {
    for (const queue of queues) queue.wake();
  };
  const sealing =
    organisationKey === null || targets.length === 0
      ? null
      : createSealing({
          store,
          organisationKey,
          everyMs: segmentMinutes * 60_000,
          now,
          timers,
          onDone: wake,
          onFailure: onSealFailure,
        });

  return {
    begin() {
      sealing?.begin();
      void sealing?.seal();
    },
    seal: async () => sealing?.seal(),
    wake,
    status: () => queues.map((queue) => queue.status()),
    async close() {
      await sealing?.seal();
      await sealing?.stop();
      await Promise.all(queues.map((queue) => queue.stop()));
    },
  };
}

function targetOf(target: TargetPolicy, { policy, keyStore, fetch, fhir, now }: DeliveryOptions): Target {
  const { name } = target;
  switch (target.kind) {
    case 's3':
      return s3Target(target, { keyStore, fetch, now, retentionDays: policy.retentionDays });
    case 'fhir':
      return createFhirTarget({ name, server: target.server, client: fhir, now });
    case 'directory':
      return createDirectoryTarget({ name, path: target.path, now });
  }
}

interface S3Parts extends Pick<DeliveryOptions, 'keyStore' | 'fetch' | 'now'> {
  readonly retentionDays: number;
}

/** Half of what a server lets pass. */
const SKEW_MS = 7 * 60_000;

/** The client is large: loaded with the first segment. */
function s3Target(policy: TargetPolicyOf<'s3'>, { keyStore, fetch, now, retentionDays }: S3Parts): Target {
  const { name, bucket } = policy;
  let offset = 0;
  const serverNow = () => now() + offset;
  async function client() {
    const credentials = await readCredentials(keyStore, name);
    if (!credentials.ok) {
      return undelivered(credentials.error.code === 'credentials-missing' ? 'credentials-missing' : 'keychain-closed');
    }
    const { createS3Client } = await import('./s3-client.ts');
    const onServerTime = (time: number) => {
      offset = time - now();
    };
    const value = createS3Client({ policy, credentials: credentials.value, fetch, clockOffset: offset, onServerTime });
    return { ok: true as const, value };
  }
  let loading: Promise<Target> | null = null;
  const load = () => {
    loading ??= import('./s3.ts').then(({ createS3Target }) =>
      createS3Target({ name, bucket, retentionDays, client, now: serverNow }),
    );
    return loading;
  };
  /** Once more where the clock is what was wrong: the answer to a HEAD can't say so. */
  async function inServerTime<Value>(work: (target: Target) => Promise<Delivered<Value>>): Promise<Delivered<Value>> {
    const before = offset;
    const answer = await work(await load());
    return !answer.ok && Math.abs(offset - before) > SKEW_MS ? work(await load()) : answer;
  }
  return {
    name,
    deliver: (...args) => inServerTime((target) => target.deliver(...args)),
    confirm: (...args) => inServerTime((target) => target.confirm(...args)),
  };
}

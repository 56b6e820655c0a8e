import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeliveryHealth, HealthFacts, ProfileHealth, UpdateHealth } from '../../preload/contract/health.ts';
import type { ManagedState } from '../../preload/contract/managed.ts';
import type { UpdateState } from '../../preload/contract/updates.ts';
import type { TargetStatus } from '../audit/delivery/queue.ts';
import type { AuditStore } from '../audit/store.ts';
import type { FoundProfiles } from '../identity/profiles.ts';
import type { TargetPolicy } from '../managed/audit-delivery.ts';
import type { KeyStore } from '../vault/key-store.ts';
import { type KnownProfile, NOTHING_KNOWN } from './kept-status.ts';

/* What can be seen of a workstation without a key, and without changing anything. */

/** An entry that nobody makes. */
const NO_ENTRY = 'health';

/** Whether the keychain answers. It is asked for what isn't there, so that no secret is read. */
export async function lookAtKeyring(keyStore: Pick<KeyStore, 'get'>): Promise<HealthFacts['keyring']> {
  const answer = await keyStore.get(NO_ENTRY);
  return answer.ok ? 'reachable' : answer.error.code;
}

export interface ProfilesLook {
  /** Folder of the profiles. */
  readonly root: string;
  readonly found: FoundProfiles;
  readonly known: ReadonlyMap<string, KnownProfile>;
  /** Id of the profile that is open. */
  readonly open: string | null;
  readonly now: number;
}

/** The profiles, in the order of the names of their folders; nothing of theirs is opened. */
export function lookAtProfiles({ root, found, known, open, now }: ProfilesLook): Promise<ProfileHealth[]> {
  const names = [...found.profiles.map(({ id }) => id), ...found.damaged].sort();
  return Promise.all(
    names.map(async (name) => {
      const { schema, lastSync, backlog } = known.get(name) ?? NOTHING_KNOWN;
      const age = lastSync === null ? null : Math.round((now - Date.parse(lastSync)) / 1_000);
      return {
        state: found.damaged.includes(name) ? 'damaged' : 'ok',
        open: name === open,
        cache: { ...(await databaseAt(join(root, name, 'cache.db'))), schema },
        outbox: await databaseAt(join(root, name, 'outbox.db')),
        lastSync,
        // The server's clock may be ahead.
        lastSyncAgeSeconds: age === null ? null : Math.max(0, age),
        backlog,
      };
    }),
  );
}

async function databaseAt(file: string): Promise<{ exists: boolean; bytes: number }> {
  const sizes = await Promise.all([file, `${file}-wal`].map(sizeOf));
  return { exists: sizes[0] !== null, bytes: (sizes[0] ?? 0) + (sizes[1] ?? 0) };
}

const sizeOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ size }) => size,
    () => null,
  );

/** Bytes that this account may still write; null where that can't be asked. */
export const freeBytes = (folder: string): Promise<number | null> =>
  statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );

/** What IT has set, and whether it can be used. */
export function policyHealth({ source, problems }: ManagedState): HealthFacts['policy'] {
  const isWhole = problems.some(({ code }) => code !== 'unknown-key' && code !== 'malformed');
  const state = isWhole ? 'not-believed' : problems.length > 0 ? 'problems' : source === 'none' ? 'none' : 'in-force';
  return { source, state, problems: problems.length };
}

const PENDING_MAX = 1_000;

/** How the record of accesses leaves the workstation, target by target; by number, as their names are IT's own. */
export function lookAtDelivery(
  targets: readonly TargetPolicy[],
  status: readonly TargetStatus[],
  store: Pick<AuditStore, 'segments'> | null,
): Promise<DeliveryHealth[]> {
  return Promise.all(
    targets.map(async ({ kind, name: target }) => {
      const stands = status.find((one) => one.target === target);
      const [waiting, [newest]] = store
        ? await Promise.all([
            store.segments.undelivered({ target, limit: PENDING_MAX }),
            store.segments.receipts({ target, limit: 1 }),
          ])
        : [null, []];
      return {
        kind,
        pending: waiting?.length ?? null,
        lastDelivered: newest?.receipt.time ?? null,
        lastFailure: stands?.problem ?? null,
        needsIt: stands?.needsIt ?? false,
      };
    }),
  );
}

/** The same before anything is known of them. */
export const undeliveredYet = (targets: readonly TargetPolicy[]): DeliveryHealth[] =>
  targets.map(({ kind }) => ({ kind, pending: null, lastDelivered: null, lastFailure: null, needsIt: false }));

/** What monitoring is told of updates. */
export function updateHealthOf({ mode, stage, offer, holds, checkedAt, problem }: UpdateState): UpdateHealth {
  const [offered, required] = [offer?.version ?? null, offer?.isRequired ?? false];
  return { mode, stage, offered, required, holds, checkedAt, problem };
}

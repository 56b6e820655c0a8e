import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app } from 'electron';
import { type HealthFacts, healthCode, type UpdateHealth } from '../../preload/contract/health.ts';
import type { SyncStatus } from '../../preload/contract/sync.ts';
import type { Audit } from '../audit/audit.ts';
import type { Delivery } from '../audit/delivery/delivery.ts';
import { diskErrorOf } from '../documents/errors.ts';
import { profilesFolder } from '../identity/folders.ts';
import type { FoundProfiles, Profiles } from '../identity/profiles.ts';
import type { Managed } from '../managed/managed.ts';
import type { FileDialogs } from '../shell/file-dialogs.ts';
import { type Bundles, createBundles } from '../support/bundle.ts';
import { type Crashes, countCrashes, readCrashes } from '../support/crashes.ts';
import { reportOf } from '../support/judge.ts';
import {
  type KeptStatus,
  type KnownProfile,
  readKept,
  statusFile,
  supportFolder,
  writeKept,
  writeStatus,
} from '../support/kept-status.ts';
import {
  freeBytes,
  lookAtDelivery,
  lookAtKeyring,
  lookAtProfiles,
  policyHealth,
  undeliveredYet,
} from '../support/looking.ts';
import { createNotices, type Notices } from '../support/notices.ts';
import { createStatus } from '../support/status.ts';
import { makePrivateFolder } from '../vault/durable.ts';
import type { KeyStore } from '../vault/key-store.ts';
import type { Session } from '../vault/session-options.ts';
import type { Base } from './base.ts';

const MINUTE_MS = 60_000;
/** What doesn't answer by then is told as not answering. */
const PATIENCE_MS = 5_000;

/** Wardlight's and its runtime's versions, and what it runs on. */
export function aboutProgram() {
  const { platform, arch, versions } = process;
  return {
    version: app.getVersion(),
    electron: versions.electron ?? 'unknown',
    chromium: versions['chrome'] ?? 'unknown',
    platform: platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other',
    arch,
    packaged: app.isPackaged,
  } as const;
}

/** What a look at the keychain comes to, within reason. */
export const keyringHealth = (keyStore: KeyStore): Promise<HealthFacts['keyring']> =>
  soon(lookAtKeyring(keyStore), 'keyring-timeout');

/** What stays the same whoever looks: from the disk and from policy. */
export async function commonFacts(options: {
  readonly data: string;
  readonly managed: Managed;
  readonly found: FoundProfiles;
  readonly known: ReadonlyMap<string, KnownProfile>;
  readonly open: string | null;
  readonly now: number;
}) {
  const { data, managed, found, known, open, now } = options;
  return {
    policy: policyHealth(managed.state()),
    profiles: await lookAtProfiles({ root: profilesFolder(data), found, known, open, now }),
    crashes: countCrashes(readCrashes(data), now),
    disk: { freeBytes: await freeBytes(data) },
  };
}

export interface SupportOptions extends Pick<Base, 'data' | 'policy' | 'log' | 'now' | 'newId' | 'after' | 'keyStore'> {
  readonly crashes: Crashes;
  readonly managed: Managed;
  readonly profiles: Profiles;
  readonly session: () => Session;
  readonly audit: Pick<Audit, 'status' | 'store'>;
  readonly delivery: Pick<Delivery, 'status'>;
  readonly fileDialogs: FileDialogs;
  readonly every: (ms: number, callback: () => void) => () => void;
  /** How updates stand. */
  readonly update: () => UpdateHealth;
}

/** What the running program tells of itself to monitoring and to support. */
export interface Support {
  readonly bundles: Bundles;
  readonly notices: Notices;
  /** Finds out how the program ended last, and says from now on how it stands. */
  begin(): Promise<void>;
  /** Something is another way. */
  changed(): void;
  /** A profile was opened, by a version of the cache's schema. */
  opened(id: string, schema: number): void;
  synced(id: string, status: SyncStatus): void;
  close(): Promise<void>;
}

export function composeSupport(options: SupportOptions): Support {
  const { data, policy, log, now, newId, after, every, keyStore, crashes, managed, profiles } = options;
  const { session, audit, delivery, fileDialogs, update } = options;
  const startedAt = new Date(now()).toISOString();
  let keyring: HealthFacts['keyring'] = 'unknown';

  const openId = () => {
    const state = session().state();
    return state.phase === 'unlocked' ? state.profile.id : null;
  };

  async function report(running: boolean) {
    const state = session().state();
    const found = await profiles.list();
    // The end of the program doesn't wait for a keychain.
    if (running) keyring = await keyringHealth(keyStore);
    const { targets } = policy.audit.delivery;
    const looked = async () =>
      lookAtDelivery(targets, delivery.status(), targets.length > 0 ? await audit.store() : null);
    const time = now();
    const facts: HealthFacts = {
      program: {
        ...aboutProgram(),
        state: running ? 'running' : 'stopped',
        phase: running ? state.phase : null,
        problem: running && state.phase === 'blocked' ? state.problem : null,
        startedAt,
        heartbeatAt: new Date(time).toISOString(),
      },
      keyring,
      audit: {
        degraded: codeOrOther(audit.status().degraded),
        delivery: await soon(looked(), undeliveredYet(targets)),
      },
      update: update(),
      ...(await commonFacts({ data, managed, found, known: status.known(), open: openId(), now: time })),
    };
    return reportOf(facts, time);
  }

  const status = createStatus({
    report,
    async write(current, known) {
      await makePrivateFolder(supportFolder(data));
      await writeKept(data, { report: current, profiles: known, open: openId() });
      await writeStatus(statusFile(data), current);
      const { statusFolder } = policy.health;
      if (statusFolder !== null) await writeStatus(statusFileOf(statusFolder, data), current);
    },
    after,
    every,
    everyMs: MINUTE_MS,
    onFailure: () => log.warn('health.not-written'),
  });

  return {
    bundles: createBundles({
      gather: async () => (await import('./bundle-contents.ts')).contentsOf(data, managed, () => report(true)),
      askWhere: fileDialogs.saveBundle,
      write: (file, bytes) => writeFile(file, bytes, { mode: 0o600 }),
      diskErrorOf,
      onSaved: (count) => log.info('support.saved', { count }),
      newId,
      now,
    }),
    notices: createNotices(process.resourcesPath),
    async begin() {
      const last = await readKept(data);
      if (last) {
        // What was erased is remembered no longer.
        const { profiles: found, damaged } = await profiles.list();
        const ids = [...found.map(({ id }) => id), ...damaged];
        status.remember(Object.fromEntries(Object.entries(last.profiles).filter(([id]) => ids.includes(id))));
        recordEnd(last, crashes);
      }
      await status.begin();
    },
    changed: status.changed,
    opened(id, schema) {
      status.learn(id, { schema });
      status.changed();
    },
    synced(id, { asOf, changes: { waiting, conflicts, parked } }) {
      const lastSync = asOf === null ? {} : { lastSync: new Date(asOf).toISOString() };
      status.learn(id, { ...lastSync, backlog: { waiting, conflicts, parked } });
      status.changed();
    },
    close: status.close,
  };
}

/** Who ran and has not said that it ends was killed, has crashed, or lost its power. */
function recordEnd({ report: { time, program } }: KeptStatus, { record }: Crashes): void {
  if (program.state === 'running') record('main', 'ended', { time, version: program.version });
}

/** One file for each account of the workstation, named by nobody's name. */
export function statusFileOf(folder: string, data: string): string {
  return join(folder, `wardlight-${createHash('sha256').update(data).digest('hex').slice(0, 12)}.json`);
}

function codeOrOther(code: string | null): string | null {
  return code === null || healthCode.safeParse(code).success ? code : 'other';
}

/** The outcome, or another one where it takes too long or fails. */
async function soon<Value>(work: Promise<Value>, otherwise: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PATIENCE_MS);
  });
  try {
    return await Promise.race([work.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}

import { join } from 'node:path';
import { policyEntry } from '../access/policy/recorded.ts';
import { createCache } from '../cache/client.ts';
import { fieldWrappingKey } from '../cache/fields/key.ts';
import type { Spare } from '../cache/spare.ts';
import { binderKey } from '../downtime/store.ts';
import type { Profile } from '../identity/profiles.ts';
import { askServer } from '../identity/server-contact.ts';
import type { SessionOptions } from '../vault/session-options.ts';
import type { Around } from './around.ts';
import { keptFiles } from './base.ts';
import { endAll } from './ending.ts';
import { composeProfileServer } from './profile-server.ts';
import { fhirClients } from './servers.ts';
import { composeWorkspace, type Opened } from './workspace.ts';

type OpenWorkspace = SessionOptions['openWorkspace'];

export interface OpenAmong {
  /** Cache processes that wait for their profile. */
  readonly caches: Spare;
  /** The profile that is open; null while none is. */
  readonly current: () => Opened | null;
  readonly become: (opened: Opened | null) => void;
}

/** Anew at each unlock, as IT may have changed them; what was compiled of them is kept. */
async function loadAccessPolicies({ data, policy }: Around) {
  const { loadPolicies } = await import('../access/policy/load.ts');
  const { bundle: file, signingKey } = policy.access;
  const kept = join(data, 'access', 'last-good.json');
  return loadPolicies({ file, signingKey, kept, ...keptFiles });
}

/** With what encrypts and signs: only where it is used. */
const loadDocuments = async ({ policy }: Around) =>
  policy.documents ? (await import('./documents.ts')).composeDocuments : null;

/** Loads what an unlock then needn't. */
export async function prepareOpening(around: Around): Promise<void> {
  // What is wrong with them is told at the unlock.
  await loadAccessPolicies(around).catch(() => undefined);
  await loadDocuments(around);
}

/** Lets a profile be opened by its lease, or else by asking its server. */
async function admit({ servers, leases, log, newId }: Around, profile: Profile) {
  const { fetch, closedTokens } = servers;
  const tokens = closedTokens(profile);
  const admitted = await leases().admit(profile.id, async () => {
    const { createFhirClient } = await fhirClients();
    const accessToken = (refused?: string) => tokens.access(refused);
    const fhir = createFhirClient({ base: profile.server, fetch, accessToken, requestId: newId });
    return askServer(fhir, profile.practitioner);
  });
  tokens.clear();
  if (!admitted.ok) log.warn('lease.refused', { code: admitted.error.code });
  return admitted;
}

/** Opens the databases of a profile, and makes what works on them. */
export async function openProfile(
  around: Around,
  { profile, keys, create, anew, check, onEnd }: Parameters<OpenWorkspace>[0],
  { caches, current, become }: OpenAmong,
): ReturnType<OpenWorkspace> {
  const { version, policy, log, binding, audit, delivery, sending, leases } = around;
  const { server, practitioner } = profile;
  // First of all: without them nothing could be decided, and nothing is opened.
  const policies = await loadAccessPolicies(around);
  if (policies.alarm) log.warn('access.policy-alarm', { code: policies.alarm });
  const policiesRecorded = audit.record(policyEntry(policies, { practitioner, server }));
  const admitted = await admit(around, profile);
  if (!admitted.ok) return admitted;
  const cache = createCache({ fork: caches.take });
  // Before the session wipes the key. It opens marked fields one request at a time, and stays in this process.
  const wrapping = fieldWrappingKey(keys.cacheKey);
  const ofBinders = binderKey(keys.cacheKey);
  const files = await cache.open({
    file: join(profile.folder, 'cache.db'),
    key: keys.cacheKey,
    create,
    anew,
    check,
    nativeBinding: binding,
    version,
    marks: policy.documents?.fields ?? [],
    outbox: {
      file: join(profile.folder, 'outbox.db'),
      key: keys.outboxKey,
      neverMerge: policy.neverMerge,
    },
  });
  if (!files.ok) {
    const { code, detail } = files.error;
    log.warn('cache.open-failed', { code, ...(code === 'upgrade-failed' && detail && { version: detail }) });
    await cache.close();
    wrapping.fill(0);
    ofBinders.fill(0);
    return files;
  }
  around.onOpened(profile.id, files.value.schema);
  cache.onExit(() => onEnd('process-ended'));
  cache.onDamage(() => onEnd('damaged'));
  const compose = async () => {
    const ofServer = await composeProfileServer(around, profile, cache);
    await policiesRecorded;
    const opened = await composeWorkspace(around, {
      profile,
      cache,
      policies,
      ofServer,
      documentsFor: await loadDocuments(around),
      downtimeFor: (await import('./downtime.ts')).composeDowntime,
      outboxAnew: anew.includes('outbox'),
      wrapping,
      ofBinders,
    });
    return { mine: opened, ...ofServer };
  };
  const { mine, tokens, enrolment } = await compose().catch(async (error: unknown) => {
    // Nobody else would close what is open by now.
    await cache.close();
    wrapping.fill(0);
    ofBinders.fill(0);
    throw error;
  });
  become(mine);
  delivery.wake();
  sending.wake();
  return {
    ok: true,
    value: {
      rebuilt: files.value.rebuilt,
      adoptTokens: (signedIn) => tokens.replace(signedIn.tokens),
      start: () => mine.sync.start(),
      async close() {
        if (current() === mine) become(null);
        // At once: who unlocks next needn't wait for this one's end and then for another's start.
        caches.prepare();
        let stopping: Promise<unknown> = Promise.resolve();
        const steps = {
          opening: () => mine.opening.close(),
          forms: () => mine.forms.close(),
          downtime: () => mine.openDowntime.close(),
          binders: () => ofBinders.fill(0),
          documents: () => mine.openDocuments?.close(),
          tokens: () => tokens.clear(),
          sync() {
            stopping = Promise.allSettled([mine.sync.stop(), enrolment.close()]);
          },
          cache: () => cache.close(),
          fields: () => wrapping.fill(0),
          stopping: () => stopping,
          lease: () => leases().settle(profile.id),
        };
        await endAll(steps, log);
      },
    },
  };
}

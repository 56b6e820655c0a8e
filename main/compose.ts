import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { app, type BrowserWindow, nativeTheme, type Session, shell, utilityProcess } from 'electron';
import { createAccess } from './access/access.ts';
import { createReads, type Reads } from './access/reads.ts';
import { createServerDecisions, type ServerDecisions } from './access/server.ts';
import { createWrites, type Writes } from './access/writes.ts';
import { createAudit } from './audit/audit.ts';
import { openAuditStore } from './audit/store.ts';
import { type Cache, createCache } from './cache/client.ts';
import { createSpare } from './cache/spare.ts';
import { createBulkClient } from './fhir/bulk.ts';
import { acknowledgeWipe } from './identity/acknowledge.ts';
import { confirmToken, contactServer } from './identity/contact.ts';
import { createLaunch } from './identity/launch.ts';
import { practitionerName } from './identity/practitioner.ts';
import { createProfiles } from './identity/profiles.ts';
import { createRevocation } from './identity/revocation.ts';
import { createGrant, parseScopes } from './identity/scopes.ts';
import { parseServerAddress } from './identity/server-address.ts';
import { createSmart } from './identity/smart.ts';
import { createTokenHolder, renewToken } from './identity/tokens.ts';
import { createWipe } from './identity/wipe.ts';
import { createWipeMarks } from './identity/wipe-marks.ts';
import { createWorkstation } from './identity/workstation.ts';
import { bindContract, createEmit } from './ipc/bind.ts';
import type { Gate } from './ipc/gate.ts';
import { createHandlers } from './ipc/handlers.ts';
import { loadPolicy } from './managed/load.ts';
import { askForCertificate } from './shell/ask-certificate.ts';
import { withClientCertificate } from './shell/client-certificate.ts';
import type { DeepLinks } from './shell/deep-links.ts';
import { manageLifecycle, setMenu } from './shell/lifecycle.ts';
import { createLog } from './shell/log.ts';
import { createServerSession } from './shell/page-session.ts';
import { loadPreferences } from './shell/preferences.ts';
import { isTrustedSender, pageShown } from './shell/window.ts';
import { createRunTimers, createSync, type Sync, type Timers } from './sync/sync.ts';
import { makePrivateFolder, writeDurably } from './vault/durable.ts';
import { hasRecoverySlot } from './vault/recovery-slot.ts';
import { createSession, type SessionOptions } from './vault/session.ts';
import { createSystemKeyStore } from './vault/system-key-store.ts';
import { createVault } from './vault/vault.ts';

/** Path of a SQLCipher module for the development runtime; null in a package. Put in by the build. */
declare const __SQLITE_BINDING__: string | null;

const SIGN_IN_TIMEOUT_MS = 10 * 60_000;
const FIRST_KEYS_MS = 300;

/** Where the cache keeps what the server has granted last. */
const GRANT = 'identity.scope';

/** The parts that work on one unlocked profile. */
interface Opened {
  cache: Cache;
  reads: Reads;
  writes: Writes;
  server: ServerDecisions;
  sync: Sync;
}

/** What stands before the rest of main is loaded. */
export interface Front {
  first: BrowserWindow;
  openWindow: () => BrowserWindow;
  /** Keeps the page's calls until there are handlers for them. */
  gate: Gate;
  /** Links by which an EHR launches Wardlight. */
  links: DeepLinks;
  /** Where the built entries of main's other processes lie. */
  folder: string;
}

/** Makes every part and hands the parts to each other: the whole wiring of the program. */
export async function compose({ first, openWindow, gate, links, folder }: Front): Promise<void> {
  const data = app.getPath('userData');
  const now = () => Date.now();
  const newId = () => randomUUID();
  const log = createLog({ folder: join(data, 'logs'), now });
  const preferences = await loadPreferences({ file: join(data, 'preferences.json'), write: writeDurably });
  nativeTheme.themeSource = preferences.theme();
  const policy = await loadPolicy(app.isPackaged ? '' : app.commandLine.getSwitchValue('wardlight-policy'));

  let window = first;
  const page = () => (window.isDestroyed() ? null : window.webContents);
  if (page()) window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff');
  const emit = createEmit(page);

  let serverSession: Session | undefined;
  const serversSession = () => {
    serverSession ??= createServerSession();
    return serverSession;
  };
  const fetch = withClientCertificate(
    ((input: string, init?: RequestInit) => serversSession().fetch(input, init)) as typeof globalThis.fetch,
    { session: serversSession, choose: (host, certificates) => askForCertificate(window, host, certificates) },
  );
  /** Large, and not on the way to the first screen: loaded behind it. */
  const fhirClients = () => import('./fhir/client.ts');
  const smart = createSmart({
    fetch,
    openExternal: (url) => shell.openExternal(url),
    now,
    timeoutMs: SIGN_IN_TIMEOUT_MS,
  });
  const keyStore = createSystemKeyStore();
  const profiles = createProfiles({ root: join(data, 'profiles'), write: writeDurably, now });
  const workstation = createWorkstation({ file: join(data, 'workstation.json'), write: writeDurably });
  const vault = createVault({ keyStore });
  const refreshTokens = (id: string) => {
    const account = `${id}/refresh-token`;
    return {
      get: () => keyStore.get(account),
      set: (token: string) => keyStore.set(account, token),
      delete: () => keyStore.delete(account),
    };
  };
  /** A client that has one token, and no other when it is refused. */
  const clientWith = (base: string) => async (token: string) => {
    const { createFhirClient } = await fhirClients();
    return createFhirClient({ base, fetch, accessToken: async () => ({ ok: true, value: token }), requestId: newId });
  };

  const fork = (entry: string) => () =>
    utilityProcess.fork(join(folder, entry), [], { serviceName: 'Wardlight database', stdio: 'ignore' });
  const binding = __SQLITE_BINDING__ ?? undefined;
  const auditStore = { fork: fork('audit/process.js'), folder: join(data, 'audit'), keyStore, binding };
  const audit = createAudit({ open: () => openAuditStore(auditStore), now, newId });

  const caches = createSpare(fork('cache/process.js'));
  let opened: Opened | null = null;

  const openWorkspace: SessionOptions['openWorkspace'] = async ({ profile, keys, create, onEnd }) => {
    const { server, practitioner } = profile;
    const cache = createCache({ fork: caches.take });
    const open = await cache.open({
      file: join(profile.folder, 'cache.db'),
      key: keys.cacheKey,
      create,
      nativeBinding: binding,
      outbox: {
        file: join(profile.folder, 'outbox.db'),
        key: keys.outboxKey,
        neverMerge: policy.neverMerge,
      },
    });
    if (!open.ok) {
      log.warn('cache.open-failed', { code: open.error.code });
      await cache.close();
      return open;
    }
    cache.onExit(onEnd);
    const grant = await createGrant({
      get: async () => (await cache.read.getMeta({ key: GRANT })) || null,
      set: (value) => cache.write.setMeta({ key: GRANT, value }),
    });
    const revocation = createRevocation({
      server,
      clientFor: clientWith(server),
      scopes: grant,
      workstation,
      deviceName: `Wardlight on ${hostname()}`,
      onWipe: (order) => void session.wipe(order),
    });
    const tokens = createTokenHolder({
      smart,
      server,
      now,
      grant,
      confirm: (token) => confirmToken(revocation, token),
      store: refreshTokens(profile.id),
    });
    const { createFhirClient } = await fhirClients();
    const timers: Timers = { now, after: (ms, callback) => cancelable(setTimeout(callback, ms)) };
    const retry = { wait: createRunTimers(timers).wait, random: Math.random };
    const accessToken = (refused?: string) => tokens.access(refused);
    const fhir = createFhirClient({ base: server, fetch, accessToken, requestId: newId, retry });
    const sync = createSync({
      cache,
      fhir,
      bulk: createBulkClient({ base: server, fetch, accessToken, requestId: newId, after: timers.after }),
      practitioner,
      policy,
      scopes: grant,
      contact: () => contactServer(tokens, revocation),
      random: Math.random,
      timers,
      onStatus: (status) => {
        if (status.error) log.warn('sync.failed', { code: status.error.code });
        if (status.error?.code === 'sign-in-needed') session.needSignIn();
        emit('sync', 'changed', status);
      },
      onChanged: (patients) => emit('patients', 'changed', { patients: patients === 'all' ? patients : [...patients] }),
      onChanges: () => emit('sync', 'changesChanged', {}),
    });
    const access = createAccess({ cache });
    const reads = createReads({ access, audit, cache, practitioner, server });
    const { composer } = await import('./writing/composer.ts');
    const writes = createWrites({
      access,
      audit,
      cache,
      composer,
      scopes: grant,
      practitioner,
      display: profile.display,
      server,
      now,
      offsetMinutes: (time) => -new Date(time).getTimezoneOffset(),
      newId,
      onWritten: (patients) => {
        emit('patients', 'changed', { patients: [...patients] });
        emit('sync', 'changesChanged', {});
        sync.changed();
      },
    });
    const decisions = createServerDecisions({ audit, sync, practitioner, server });
    const mine: Opened = { cache, reads, writes, server: decisions, sync };
    opened = mine;
    return {
      ok: true,
      value: {
        adoptTokens: (signedIn) => tokens.replace(signedIn.tokens),
        start: () => sync.start(),
        async close() {
          if (opened === mine) opened = null;
          tokens.clear();
          const stopping = sync.stop();
          await cache.close();
          await stopping;
          caches.prepare();
        },
      },
    };
  };

  const wipe = createWipe({
    marks: createWipeMarks({ folder: join(data, 'wipes'), makeFolder: makePrivateFolder, write: writeDurably }),
    profiles,
    vault,
    hasRecoverySlot,
    remove: (path) => rm(path, { recursive: true, force: true }),
    tell: ({ task, profile: { id, server } }, token) =>
      acknowledgeWipe(task, token, {
        renew: () => renewToken(smart, server, refreshTokens(id)),
        clientFor: clientWith(server),
      }),
    forgetTokens: (id) => refreshTokens(id).delete(),
    async record(profile) {
      await audit.record({ action: 'wipe', ...profile });
    },
  });

  const session = createSession({
    vault,
    keyStore,
    profiles,
    wipe,
    smart,
    parseServer: (typed) => parseServerAddress(typed, { allowLoopback: !app.isPackaged }),
    suggestedServer: app.commandLine.getSwitchValue('wardlight-server'),
    openWorkspace,
    async displayName(server, { practitioner, name, tokens }) {
      const isReadable = parseScopes(tokens.scope ?? '').allows('Practitioner', 'r');
      const known = isReadable
        ? await practitionerName(await clientWith(server)(tokens.accessToken), practitioner)
        : null;
      return known ?? name ?? practitioner;
    },
    async record(action, { practitioner, server }) {
      log.info(`session.${action}`);
      await audit.record({ action, practitioner, server });
    },
    onState: (state) => emit('session', 'changed', state),
    reloadPage: () => page()?.reload(),
    newId,
    now,
  });

  const launch = createLaunch({
    issuers: policy.launchIssuers,
    allowLoopback: !app.isPackaged,
    openFor() {
      const state = session.state();
      return state.phase === 'unlocked' ? state.profile.display : null;
    },
    signIn: session.launch,
    cancelSignIn: session.cancelSignIn,
    switchToLaunched: session.switchToLaunched,
    async recordRefusal(host) {
      log.warn('launch.refused', {});
      await audit.record({ action: 'launch-refused', practitioner: null, server: host ?? '' });
    },
    onState: (state) => emit('launch', 'changed', state),
  });

  bindContract({
    ipcMain: gate,
    handlers: createHandlers({
      session,
      launch,
      opened: () => opened,
      preferences,
      setThemeSource: (theme) => {
        nativeTheme.themeSource = theme;
      },
      about: {
        version: app.getVersion(),
        electron: process.versions.electron ?? '',
        chromium: process.versions['chrome'] ?? '',
        developmentRuntime: !app.isPackaged,
      },
    }),
    isTrusted: (event) => isTrustedSender(event, page()),
    onCall: ({ feature, name, code, ms }) => log.info('call', { feature, name, code, ms: Math.round(ms) }),
    now: () => performance.now(),
  });

  setMenu();
  manageLifecycle({
    window: () => (window.isDestroyed() ? null : window),
    reopen() {
      window = openWindow();
    },
    async close() {
      await session.lock();
      caches.end();
      await audit.close();
      await log.flush();
    },
  });
  // Not held up by a keychain that is slow to answer: the page hears of the state by its event.
  gate.open();
  void session.begin();
  links.take((link) => void launch.open(link));
  void behindFirstScreen();

  /** What the first unlock and the first read need, once the screen had the processor to itself for its first keys. */
  async function behindFirstScreen(): Promise<void> {
    await pageShown(window);
    await new Promise((resolve) => setTimeout(resolve, FIRST_KEYS_MS));
    if (session.state().phase !== 'unlocked') caches.prepare();
    audit.prepare();
    await fhirClients();
  }
}

function cancelable(timer: NodeJS.Timeout): () => void {
  return () => clearTimeout(timer);
}

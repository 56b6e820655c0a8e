import { createHash, randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { app, type BrowserWindow, nativeTheme, type Session, shell, utilityProcess } from 'electron';
import { createAccess } from './access/access.ts';
import { type Copies, createCopies } from './access/copies.ts';
import { createDrafts, type Drafts } from './access/drafts.ts';
import { createOpening, type Opening } from './access/opening.ts';
import { policyEntry } from './access/policy/recorded.ts';
import { createReads, type Reads } from './access/reads.ts';
import { createServerDecisions, type ServerDecisions } from './access/server.ts';
import { createWrites, type Writes } from './access/writes.ts';
import { isOfAlarms } from './audit/alarms/facts.ts';
import { createReplayedMemory } from './audit/alarms/memory.ts';
import { eventsBetween } from './audit/alarms/replay.ts';
import { createAlarmWatch } from './audit/alarms/watch.ts';
import { createAudit } from './audit/audit.ts';
import { createDelivery } from './audit/delivery/delivery.ts';
import { createEnrolment } from './audit/enrolment/enrolment.ts';
import { recordLeaving, recordReceived } from './audit/events/sync.ts';
import { createProgramRecord } from './audit/program.ts';
import { createReserve } from './audit/reserve.ts';
import { createReview, type Review } from './audit/review.ts';
import { COMMUNICATION_SCOPE, createSending } from './audit/sending/sending.ts';
import { openAuditStore } from './audit/store.ts';
import { type Cache, createCache } from './cache/client.ts';
import { createMaintenance } from './cache/maintenance.ts';
import { createSpare } from './cache/spare.ts';
import { createBulkClient } from './fhir/bulk.ts';
import type { FhirClient } from './fhir/client.ts';
import { acknowledgeWipe } from './identity/acknowledge.ts';
import { confirmToken, contactServer } from './identity/contact.ts';
import { createWorkstationDevice } from './identity/device.ts';
import { createLaunch } from './identity/launch.ts';
import { practitionerName } from './identity/practitioner.ts';
import { createProfiles, type Profile } from './identity/profiles.ts';
import { createRevocation } from './identity/revocation.ts';
import { createGrant, parseScopes } from './identity/scopes.ts';
import { parseServerAddress } from './identity/server-address.ts';
import { askServer, withContacts } from './identity/server-contact.ts';
import { createSmart } from './identity/smart.ts';
import { createTokenHolder, renewToken } from './identity/tokens.ts';
import { createWipe } from './identity/wipe.ts';
import { createWipeMarks } from './identity/wipe-marks.ts';
import { createWorkstation, WORKSTATION_SYSTEM } from './identity/workstation.ts';
import { bindContract, createEmit } from './ipc/bind.ts';
import type { Gate } from './ipc/gate.ts';
import { createHandlers } from './ipc/handlers.ts';
import { loadPolicy } from './managed/load.ts';
import { askForCertificate } from './shell/ask-certificate.ts';
import { withClientCertificate } from './shell/client-certificate.ts';
import { createCover } from './shell/cover.ts';
import type { DeepLinks } from './shell/deep-links.ts';
import { createLastWords } from './shell/last-words.ts';
import { closeAfter, manageLifecycle, setMenu } from './shell/lifecycle.ts';
import { createLockTriggers } from './shell/lock-triggers.ts';
import { createLog } from './shell/log.ts';
import { createServerSession } from './shell/page-session.ts';
import { loadPreferences } from './shell/preferences.ts';
import { createScreen } from './shell/screen.ts';
import { followDesktop, followHotkey, followInput, followSystem } from './shell/system-events.ts';
import { isTrustedSender, pageShown } from './shell/window.ts';
import { createRunTimers, createSync, type Sync, type Timers } from './sync/sync.ts';
import { createDatabaseKeys } from './vault/database-keys.ts';
import { makePrivateFolder, writeDurably } from './vault/durable.ts';
import { forgetEntries } from './vault/forget.ts';
import { serverTimeNow } from './vault/lease.ts';
import { createLeases } from './vault/leases.ts';
import { hasRecoverySlot } from './vault/recovery-slot.ts';
import { createSession } from './vault/session.ts';
import type { SessionOptions } from './vault/session-options.ts';
import { createStrength } from './vault/strength.ts';
import { createSystemKeyStore } from './vault/system-key-store.ts';
import { createVault } from './vault/vault.ts';

/** Path of a SQLCipher module for the development runtime; null in a package. Put in by the build. */
declare const __SQLITE_BINDING__: string | null;

const SIGN_IN_TIMEOUT_MS = 10 * 60_000;
const FIRST_KEYS_MS = 300;
const LEASE_TICK_MS = 1_000;

/** What recording accesses on the FHIR server takes, where policy wants that. */
const AUDIT_SCOPE = 'user/AuditEvent.c';

/** Where the cache keeps what the server has granted last. */
const GRANT = 'identity.scope';

/** The parts that work on one unlocked profile. */
interface Opened {
  cache: Cache;
  reads: Reads;
  writes: Writes;
  opening: Opening;
  drafts: Drafts;
  copies: Copies;
  review: Review;
  server: ServerDecisions;
  sync: Sync;
  fhir: FhirClient;
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
  const clocks = { wall: now, uptime: () => uptime() * 1000 };
  const newId = () => randomUUID();
  const log = createLog({ folder: join(data, 'logs'), now });
  const preferences = await loadPreferences({ file: join(data, 'preferences.json'), write: writeDurably });
  nativeTheme.themeSource = preferences.theme();
  const policy = await loadPolicy(app.isPackaged ? '' : app.commandLine.getSwitchValue('wardlight-policy'));

  let window = first;
  const page = () => (window.isDestroyed() ? null : window.webContents);
  if (page()) window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? '#1a1b1e' : '#ffffff');
  const emit = createEmit(page);
  const after: Timers['after'] = (ms, callback) => cancelable(setTimeout(callback, ms));
  const screen = createScreen({
    policy: policy.screen,
    platform: process.platform,
    onShade: () => emit('lock', 'screenChanged', screen.state()),
    after,
  });
  const lastWords = createLastWords({
    ask() {
      if (page()) emit('drafts', 'flush', {});
      return page() !== null;
    },
    after,
  });
  const cover = createCover(() => (window.isDestroyed() ? null : window));

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
    uptime: clocks.uptime,
    timeoutMs: SIGN_IN_TIMEOUT_MS,
    moreScopes: [
      ...(policy.audit.delivery.targets.some(({ kind }) => kind === 'fhir') ? [AUDIT_SCOPE] : []),
      ...(policy.audit.alarms.recipients.length > 0 ? [COMMUNICATION_SCOPE] : []),
    ],
  });
  const keyStore = createSystemKeyStore();
  const profiles = createProfiles({ root: join(data, 'profiles'), write: writeDurably, now });
  const workstation = createWorkstation({ file: join(data, 'workstation.json'), write: writeDurably });
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
  const auditStore = { fork: fork('audit/process.js'), folder: join(data, 'audit'), keyStore, binding, now, newId };
  const audit = createAudit({
    open: (damaged) => openAuditStore(auditStore, damaged),
    reserve: createReserve({ file: join(data, 'audit', 'reserve'), keyStore }),
    recorder: async () => ({
      id: await workstation().catch(() => 'unknown'),
      system: WORKSTATION_SYSTEM,
      host: hostname(),
      version: app.getVersion(),
    }),
    now,
    newId,
    after,
    checkpointMs: policy.audit.checkpointMs,
    onStatus(status) {
      if (status.degraded) log.warn('audit.degraded', { code: status.degraded });
      emit('audit', 'changed', status);
    },
    onRecorded(events) {
      alarms.observe(events);
      if (!events.some(isOfAlarms)) return;
      sending.wake();
      alarmsChanged();
    },
  });
  /** What is recorded from now on is judged as it comes, and not learned before. */
  const startedAt = new Date(now()).toISOString();
  const alarms = createAlarmWatch({
    policy: policy.audit.alarms,
    memory: createReplayedMemory({
      policy: policy.audit.alarms,
      offsetMinutes,
      now,
      async *query(since) {
        const store = await audit.store();
        if (store) yield* eventsBetween(store, since, startedAt);
      },
    }),
    offsetMinutes,
    note: audit.note,
  });
  const program = createProgramRecord({
    audit,
    version: app.getVersion(),
    policy: createHash('sha256').update(JSON.stringify(policy)).digest('hex'),
    ...keptText(join(data, 'audit', 'last-start.json')),
    clocks,
    async lastSigned() {
      const signedAt = (await audit.store())?.signedAt ?? null;
      return signedAt === null ? null : Date.parse(signedAt);
    },
    clockJumpMs: policy.audit.clockJumpMs,
  });

  const delivery = createDelivery({
    policy: policy.audit.delivery,
    store: () => audit.store(),
    keyStore,
    fetch,
    fhir: () => opened?.fhir ?? null,
    timers: { after },
    now,
    random: Math.random,
    onStatus({ problem }) {
      if (problem) log.warn('audit.delivery', { code: problem });
      alarmsChanged();
    },
    onFinding({ code, target, first, end }) {
      const details = { code, first: String(first), end: String(end) };
      log.warn('audit.delivery-finding', { code });
      void audit.record({ action: 'log-finding', practitioner: null, server: '', view: `delivery.${target}`, details });
    },
    onSealFailure: (code) => log.warn('audit.not-sealed', { code }),
  });
  /** An alarm has rung, or how what leaves the workstation stands is another way: for the page, if it may know. */
  const alarmsChanged = () => void opened?.review.alarmsChanged().catch(() => undefined);
  const sending = createSending({
    policy: policy.audit.alarms,
    store: () => audit.store(),
    fhir: () => opened?.fhir ?? null,
    fetch,
    timers: { after },
    now,
    random: Math.random,
    onStatus({ problem }) {
      if (problem) log.warn('audit.sending', { code: problem });
      alarmsChanged();
    },
  });

  const leases = createLeases({
    keyStore,
    terms: { ...policy.lease, toleranceMs: policy.clockLimitMs },
    clocks,
    async destroy(id) {
      const profile = await profileOf(id);
      if (!profile) return false;
      await audit.record({ action: 'keys-destroyed', practitioner: profile.practitioner, server: profile.server });
      log.warn('lease.keys-destroyed');
      return (await vault.destroy(profile)).ok;
    },
    onStatus(id) {
      const state = session.state();
      if (state.phase === 'unlocked' && state.profile.id === id) emit('lock', 'leaseChanged', leases.status(id));
    },
  });
  const profileOf = async (id: string) => (await profiles.list()).profiles.find((one) => one.id === id) ?? null;

  /** Anew at each unlock, as IT may have changed them; what was compiled of them is kept. */
  const loadAccessPolicies = async () => {
    const { loadPolicies } = await import('./access/policy/load.ts');
    const { bundle: file, signingKey } = policy.access;
    const kept = join(data, 'access', 'last-good.json');
    return loadPolicies({ file, signingKey, kept, ...policyFiles });
  };

  const caches = createSpare(fork('cache/process.js'));
  let opened: Opened | null = null;

  /** Tokens of a profile that is closed: nothing is shown or sent with them, and what they grant is not kept. */
  const closedTokens = ({ id, server }: { id: string; server: string }) =>
    createTokenHolder({
      smart,
      server,
      now,
      grant: { take: async () => undefined },
      confirm: async () => ({ ok: true, value: undefined }),
      store: refreshTokens(id),
    });

  /** Lets a profile be opened by its lease, or else by asking its server. */
  async function admit(profile: Profile) {
    const tokens = closedTokens(profile);
    const admitted = await leases.admit(profile.id, async () => {
      const { createFhirClient } = await fhirClients();
      const accessToken = (refused?: string) => tokens.access(refused);
      const fhir = createFhirClient({ base: profile.server, fetch, accessToken, requestId: newId });
      return askServer(fhir, profile.practitioner);
    });
    tokens.clear();
    if (!admitted.ok) log.warn('lease.refused', { code: admitted.error.code });
    return admitted;
  }

  const openWorkspace: SessionOptions['openWorkspace'] = async ({ profile, keys, create, anew, check, onEnd }) => {
    const { server, practitioner } = profile;
    // First of all: without them nothing could be decided, and nothing is opened.
    const policies = await loadAccessPolicies();
    if (policies.alarm) log.warn('access.policy-alarm', { code: policies.alarm });
    const policiesRecorded = audit.record(policyEntry(policies, { practitioner, server }));
    const admitted = await admit(profile);
    if (!admitted.ok) return admitted;
    const cache = createCache({ fork: caches.take });
    const open = await cache.open({
      file: join(profile.folder, 'cache.db'),
      key: keys.cacheKey,
      create,
      anew,
      check,
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
    cache.onExit(() => onEnd('process-ended'));
    cache.onDamage(() => onEnd('damaged'));
    const grant = await createGrant({
      get: async () => (await cache.read.getMeta({ key: GRANT })) || null,
      set: (value) => cache.write.setMeta({ key: GRANT, value }),
    });
    const device = createWorkstationDevice({ scopes: grant, workstation, name: `Wardlight on ${hostname()}` });
    const revocation = createRevocation({
      server,
      clientFor: clientWith(server),
      scopes: grant,
      workstation,
      device,
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
    await policiesRecorded;
    const timers: Timers = { now, after };
    const retry = { wait: createRunTimers(timers).wait, random: Math.random };
    const accessToken = (refused?: string) => tokens.access(refused);
    const client = createFhirClient({ base: server, fetch, accessToken, requestId: newId, retry });
    const enrolment = createEnrolment({
      audit,
      fhir: client,
      device,
      scopes: grant,
      monotonic: () => performance.now(),
      onState: (code) => log.info('audit.enrolment', { code }),
    });
    const fhir = withContacts(client, (serverTime) => void leases.renew(profile.id, serverTime));
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
      announce: (changes) => recordLeaving(audit, changes, { practitioner, server, newId }),
      onReceived: (received) => recordReceived(audit, received, { practitioner, server }),
      onStatus: (status) => {
        program.serverClock(status.clockOffsetMs, server);
        if (status.error) log.warn('sync.failed', { code: status.error.code });
        else if (status.online === true && status.activity === 'idle') enrolment.synced();
        if (status.error?.code === 'sign-in-needed') session.needSignIn();
        emit('sync', 'changed', status);
      },
      onChanged: (patients) => void tell(patients),
      onChanges: () => emit('sync', 'changesChanged', {}),
    });
    /** Whose records are other ones now, as far as the page may hear of them. */
    async function tell(patients: readonly string[] | 'all'): Promise<void> {
      const heard = patients === 'all' ? patients : await access.audible(patients).catch(() => []);
      emit('patients', 'changed', { patients: heard });
    }
    const access = createAccess({
      cache,
      engine: policies.engine,
      practitioner,
      scopes: grant.words,
      // Not known to be online counts as offline. Machine policy will say that the workstation is managed.
      conditions: () => ({ offline: sync.status().online !== true, managed: false, hour: new Date(now()).getHours() }),
      grantOf: (patientId) => opening.grantOf(patientId),
      now: () => new Date(now()).toISOString(),
    });
    const opening: Opening = createOpening({
      cache,
      audit,
      policies,
      access,
      reauthenticate: (passphrase) => session.reauthenticate(passphrase),
      times: { now, monotonic: () => performance.now(), after: timers.after },
      emergencyMs: policy.access.emergencyMs,
      practitioner,
      server,
      onState: (state) => emit('access', 'changed', state),
      onChanged: (patientId) => emit('patients', 'changed', { patients: [patientId] }),
    });
    const reads = createReads({ access, audit, cache, practitioner, server, now, newId });
    const { composer } = await import('./writing/composer.ts');
    const writes = createWrites({
      access,
      audit,
      cache,
      composer,
      practitioner,
      display: profile.display,
      server,
      now,
      offsetMinutes,
      newId,
      onWritten: (patients) => {
        void tell(patients);
        emit('sync', 'changesChanged', {});
        sync.changed();
      },
    });
    const decisions = createServerDecisions({ audit, sync, practitioner, server });
    const drafts = createDrafts({ access, audit, cache, practitioner, server, now, newId });
    const copies = createCopies({ access, audit, screen, practitioner, server, now });
    const review = createReview({
      access,
      audit,
      names: cache.read.names,
      leaving: () => ({ delivery: [...delivery.status()], sending: [...sending.status()] }),
      sendings: sending.sendings,
      enrolment: enrolment.state,
      onAlarms: (open) => emit('audit', 'alarmsChanged', { open }),
      practitioner,
      server,
    });
    const mine: Opened = { cache, reads, writes, opening, drafts, copies, server: decisions, review, sync, fhir };
    opened = mine;
    delivery.wake();
    sending.wake();
    return {
      ok: true,
      value: {
        rebuilt: open.value.rebuilt,
        adoptTokens: (signedIn) => tokens.replace(signedIn.tokens),
        start: () => sync.start(),
        async close() {
          if (opened === mine) opened = null;
          // At once: who unlocks next needn't wait for this one's end and then for another's start.
          caches.prepare();
          await opening.close();
          tokens.clear();
          const stopping = Promise.all([sync.stop(), enrolment.close()]);
          await cache.close();
          await stopping;
          await leases.settle(profile.id);
        },
      },
    };
  };

  const maintenance = createMaintenance({ fork: fork('cache/maintenance-process.js'), every });
  const vault = createVault({
    keyStore,
    policy: policy.unlock,
    databases: createDatabaseKeys(maintenance, binding),
    write: writeDurably,
    monotonic: () => performance.now(),
    onRecoveryKey: (code) => log.warn('vault.recovery-key', { code }),
  });

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
    forgetTokens: (id) => forgetEntries(keyStore, id),
    async record(profile) {
      await audit.record({ action: 'wipe', ...profile });
    },
  });

  const session = createSession({
    vault,
    strength: createStrength(policy.unlock),
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
    async record(action, { practitioner, server }, reason) {
      log.info(`session.${action}`, reason && { code: reason });
      await audit.record({ action, practitioner, server, ...(reason && { view: 'lock', details: { code: reason } }) });
      if (action === 'lock') void audit.checkpoint().then(() => delivery.seal());
    },
    leaseProblem: ({ id }) => leases.problem(id),
    beginLease: ({ id }, { issued }) => leases.renew(id, serverTimeNow(issued, clocks)),
    async renewLease({ id, server, practitioner }, { tokens: signedIn }) {
      const tokens = closedTokens({ id, server });
      const kept = await tokens.replace(signedIn);
      const answer = await askServer(await clientWith(server)(signedIn.accessToken), practitioner);
      tokens.clear();
      if (typeof answer !== 'object') return answer;
      await leases.renew(id, answer.serverTime);
      return kept.ok ? null : 'lease-sign-in';
    },
    beforeLock: lastWords.collect,
    onState(state) {
      if (state.phase !== 'unlocked') void screen.clear();
      triggers.setOpen(state.phase === 'unlocked');
      emit('session', 'changed', state);
    },
    reloadPage: cover.reload,
    newId,
    now,
  });

  /** Closes what has no lease any more, and says of a closed profile what becomes of it. */
  async function judgeLease(): Promise<void> {
    const state = session.state();
    if (state.phase !== 'unlocked' && state.phase !== 'locked') return;
    const problem = await leases.tick(state.profile.id);
    if (state.phase === 'locked') session.showLease(problem);
    // A clock that is set back closes nothing: the time that passes is known while the program runs.
    else if (problem !== null && problem !== 'lease-clock') await session.lock('lease-expired');
  }
  setInterval(() => {
    program.tick();
    void judgeLease();
  }, LEASE_TICK_MS);

  const triggers = createLockTriggers({
    policy: policy.lock,
    clocks,
    judgeLease,
    every(ms, callback) {
      const timer = setInterval(callback, ms);
      return () => clearInterval(timer);
    },
    lock: (reason) => session.lock(reason),
    warn: (remainingMs) => emit('lock', 'idleWarning', { remainingMs }),
    cover,
  });
  const follow = (shown: BrowserWindow) => {
    screen.watch(shown);
    followInput(shown, triggers);
    followHotkey(shown, () => session.lock());
    closeAfter(shown, async () => {
      if (session.state().phase === 'unlocked') await lastWords.collect();
    });
  };
  if (page()) follow(window);
  followSystem(triggers);

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
      async recordSetting(name, value) {
        const state = session.state();
        const { practitioner, server } = (state.phase === 'unlocked' && (await profileOf(state.profile.id))) || nobody;
        await program.setting({ practitioner, server }, name, value);
      },
      about: {
        version: app.getVersion(),
        electron: process.versions.electron ?? '',
        chromium: process.versions['chrome'] ?? '',
        developmentRuntime: !app.isPackaged,
      },
      flushed: lastWords.done,
      screen,
      lease() {
        const state = session.state();
        return state.phase === 'unlocked' ? leases.status(state.profile.id) : null;
      },
      audit,
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
      follow(window);
    },
    async close() {
      await session.lock();
      await screen.clear();
      caches.end();
      await program.stopped();
      await alarms.close();
      await sending.close();
      await delivery.close();
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
    delivery.begin();
    sending.wake();
    void program.started();
    for (const code of await followDesktop(triggers)) log.warn('lock.not-told', { code });
    await fhirClients();
    // What is wrong with them is told at the unlock.
    await loadAccessPolicies().catch(() => undefined);
  }
}

function every(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
}

const nobody = { practitioner: null, server: '' } as const;

const offsetMinutes = (time: number) => -new Date(time).getTimezoneOffset();

const keptText = (file: string) => ({
  read: () => policyFiles.read(file),
  write: (text: string) => policyFiles.write(file, text),
});

const policyFiles = {
  read: (file: string) =>
    readFile(file, 'utf8').then(
      (text) => text,
      () => null,
    ),
  async write(file: string, text: string): Promise<void> {
    await makePrivateFolder(dirname(file));
    await writeDurably(file, text);
  },
};

function cancelable(timer: NodeJS.Timeout): () => void {
  return () => clearTimeout(timer);
}

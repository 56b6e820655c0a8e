import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { app, type BrowserWindow, nativeTheme, powerMonitor, utilityProcess } from 'electron';
import type { CrashProcess } from '../preload/contract/health.ts';
import type { ChannelNames } from '../preload/contract/index.ts';
import type { Language } from '../preload/contract/languages.ts';
import { createMaintenance } from './cache/maintenance.ts';
import type { Base } from './compose/base.ts';
import { composeNumbers } from './compose/numbers.ts';
import { composeRecord } from './compose/record.ts';
import { composeServers, fhirClients } from './compose/servers.ts';
import { composeSupport, type Support } from './compose/support.ts';
import { composeUpdates } from './compose/updates.ts';
import { composeWorkspaces } from './compose/workspaces.ts';
import { clearHandedOver } from './documents/leaving.ts';
import { acknowledgeWipe } from './identity/acknowledge.ts';
import { profilesFolder, wipesFolder } from './identity/folders.ts';
import { createLaunch } from './identity/launch.ts';
import { nameFromReference, practitionerName } from './identity/practitioner.ts';
import { createProfiles } from './identity/profiles.ts';
import { parseScopes } from './identity/scopes.ts';
import { allowedServer } from './identity/server-address.ts';
import { askServer } from './identity/server-contact.ts';
import { renewToken } from './identity/tokens.ts';
import { createWipe } from './identity/wipe.ts';
import { createWipeMarks } from './identity/wipe-marks.ts';
import { createWorkstation } from './identity/workstation.ts';
import { bindContract, createEmit, loadContract } from './ipc/bind.ts';
import type { Gate } from './ipc/gate.ts';
import { createHandlers } from './ipc/handlers.ts';
import { policySource } from './managed/load.ts';
import { createManaged } from './managed/managed.ts';
import type { Camera } from './shell/camera-use.ts';
import { forbidCoreDumps } from './shell/core-dumps.ts';
import { createCover } from './shell/cover.ts';
import { watchCrashes, watchPage, watchProcess } from './shell/crash-watch.ts';
import type { DeepLinks } from './shell/deep-links.ts';
import { createFileDialogs } from './shell/file-dialogs.ts';
import { createLastWords } from './shell/last-words.ts';
import { closeAfter, manageLifecycle } from './shell/lifecycle.ts';
import { createLockTriggers } from './shell/lock-triggers.ts';
import { createLog } from './shell/log.ts';
import { setMenu } from './shell/menu.ts';
import { pageLanguage, preferencesFile } from './shell/page-preferences.ts';
import { createPaper } from './shell/paper.ts';
import { loadPreferences } from './shell/preferences.ts';
import { createScreen } from './shell/screen.ts';
import { followDesktop, followHotkey, followInput, followSystem } from './shell/system-events.ts';
import type { ViewerContent } from './shell/viewer-content.ts';
import { createViewerInput } from './shell/viewer-input.ts';
import { watchViewer } from './shell/viewer-processes.ts';
import { isTrustedSender, keepPage, pageShown } from './shell/window.ts';
import { createCrashes } from './support/crashes.ts';
import { updateHealthOf } from './support/looking.ts';
import type { Timers } from './sync/sync.ts';
import { createDatabaseKeys } from './vault/database-keys.ts';
import { makePrivateFolder, writeDurably } from './vault/durable.ts';
import { forgetEntries } from './vault/forget.ts';
import { serverTimeNow } from './vault/lease.ts';
import { createLeases } from './vault/leases.ts';
import { hasRecoverySlot } from './vault/recovery-slot.ts';
import { createSession } from './vault/session.ts';
import { createStrength } from './vault/strength.ts';
import { createSystemKeyStore } from './vault/system-key-store.ts';
import { createVault } from './vault/vault.ts';

/** Path of a SQLCipher module for the development runtime; null in a package. Put in by the build. */
declare const __SQLITE_BINDING__: string | null;

const FIRST_KEYS_MS = 300;
const LEASE_TICK_MS = 1_000;

/** What stands before the rest of main is loaded. */
export interface Front {
  first: BrowserWindow;
  openWindow: () => BrowserWindow;
  /** Of the contract. */
  names: ChannelNames;
  /** Keeps the page's calls until there are handlers for them. */
  gate: Gate;
  /** Links by which an EHR launches Wardlight. */
  links: DeepLinks;
  /** By which the viewer reads documents that are open. */
  viewerContent: ViewerContent;
  /** By which photos come from the frame that takes them. */
  camera: Camera;
  /** Where the built entries of main's other processes lie. */
  folder: string;
  /** Whether the installed program is open to a debugger, as machine policy allows. */
  isDebugged: boolean;
}

/** Makes every part and hands the parts to each other: the whole wiring of the program. */
export async function compose(front: Front): Promise<void> {
  const { first, openWindow, names, gate, links, viewerContent, camera, folder, isDebugged } = front;
  const data = app.getPath('userData');
  const now = () => Date.now();
  const clocks = { wall: now, uptime: () => uptime() * 1000 };
  const newId = () => randomUUID();
  let support: Support | undefined;
  const preferences = await loadPreferences({ file: preferencesFile(data), write: writeDurably });
  nativeTheme.themeSource = preferences.theme();
  const managed = await createManaged({
    source: policySource(process.platform, app.isPackaged ? '' : app.commandLine.getSwitchValue('wardlight-policy')),
    every,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onChange(state) {
      for (const { code } of state.problems) log.warn('policy.problem', { code });
      log.tidy();
      screen.apply(window);
      void program.policyChanged();
      support?.changed();
      emit('managed', 'changed', state);
    },
  });
  const { policy } = managed;
  const log = createLog({ folder: join(data, 'logs'), now, rules: () => policy.log });
  for (const { code } of managed.state().problems) log.warn('policy.problem', { code });
  const crashes = createCrashes({
    data,
    version: app.getVersion(),
    now,
    onCrash({ process: name, code }) {
      log.warn('crash', { name, code });
      support?.changed();
    },
  });
  watchCrashes(app, crashes.record);

  let window = first;
  const page = () => (window.isDestroyed() ? null : window.webContents);
  const emit = createEmit(page);
  const after: Timers['after'] = (ms, callback) => cancelable(setTimeout(callback, ms));
  const screen = createScreen({
    policy: policy.screen,
    mayCopy: () => policy.output.copy,
    platform: process.platform,
    onState: () => emit('lock', 'screenChanged', screen.state()),
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

  const keyStore = createSystemKeyStore();
  const profiles = createProfiles({ root: profilesFolder(data), write: writeDurably, now });
  clearHandedOver(profilesFolder(data)).catch(() => log.warn('documents.handed-over'));
  const workstation = createWorkstation({ file: join(data, 'workstation.json'), write: writeDurably });
  const base: Base = {
    data,
    version: app.getVersion(),
    policy,
    isManaged: managed.isManaged,
    log,
    emit,
    now,
    clocks,
    newId,
    after,
    keyStore,
    workstation,
    fork: (entry) => () => {
      const name = PROCESSES[entry] ?? 'other';
      const started = utilityProcess.fork(join(folder, entry), [], {
        serviceName: `Wardlight ${name}`,
        stdio: 'ignore',
      });
      return watchProcess(started, name, crashes.record);
    },
    binding: __SQLITE_BINDING__ ?? undefined,
  };
  const servers = composeServers(base, () => window);
  const record = composeRecord({ ...base, fetch: servers.fetch }, () => workspaces.opened());
  const { audit, alarms, program, delivery, sending } = record;
  const language = () => pageLanguage(preferencesFile(data), app.getPreferredSystemLanguages());
  const fileDialogs = createFileDialogs(() => window, language);
  const workspaces = composeWorkspaces({
    ...base,
    ...record,
    servers,
    screen,
    fileDialogs,
    language,
    onOpened: (id, schema) => support?.opened(id, schema),
    onSynced: (id, status) => support?.synced(id, status),
    paper: createPaper(),
    viewerContent,
    camera,
    numbers: composeNumbers(base, audit),
    leases: () => leases,
    session: () => session,
  });
  const updates = composeUpdates(base, servers.fetch, workspaces.opened, () => support?.changed());
  const { smart, clientWith, closedTokens, refreshTokens } = servers;

  const leases = createLeases({
    keyStore,
    terms: {
      get offlineMs() {
        return policy.lease.offlineMs;
      },
      get graceMs() {
        return policy.lease.graceMs;
      },
      get noticeMs() {
        return policy.lease.noticeMs;
      },
      get toleranceMs() {
        return policy.clockLimitMs;
      },
    },
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

  const maintenance = createMaintenance({ fork: base.fork('cache/maintenance-process.js'), every });
  const vault = createVault({
    keyStore,
    policy: policy.unlock,
    databases: createDatabaseKeys(maintenance, base.binding),
    write: writeDurably,
    monotonic: () => performance.now(),
    onRecoveryKey: (code) => log.warn('vault.recovery-key', { code }),
  });

  const wipe = createWipe({
    marks: createWipeMarks({ folder: wipesFolder(data), makeFolder: makePrivateFolder, write: writeDurably }),
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

  let forbidding: Promise<void> | undefined;
  /** Before anything is unlocked, and before the processes are there that will have records in their memory. */
  const forbidDumps = () => {
    forbidding ??= forbidCoreDumps().then((done) => void (done || log.warn('core-dumps.not-forbidden')));
    return forbidding;
  };

  const session = createSession({
    vault: {
      ...vault,
      async unlock(...asked) {
        await forbidDumps();
        return vault.unlock(...asked);
      },
    },
    strength: createStrength(policy.unlock),
    keyStore,
    profiles,
    wipe,
    smart,
    parseServer: (typed) => allowedServer(typed, { allowLoopback: !app.isPackaged, allowed: policy.servers.allowed }),
    // What IT has decided comes before what a start says.
    suggestedServer: policy.servers.suggested ?? app.commandLine.getSwitchValue('wardlight-server'),
    openWorkspace: workspaces.open,
    async displayName(server, { practitioner, name, tokens }) {
      const isReadable = parseScopes(tokens.scope ?? '').allows('Practitioner', 'r');
      const known = isReadable
        ? await practitionerName(await clientWith(server)(tokens.accessToken), practitioner)
        : null;
      return known ?? name ?? nameFromReference(practitioner);
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
      // Who unlocks next works by what holds then.
      if (state.phase !== 'unlocked') void managed.refresh();
      triggers.setOpen(state.phase === 'unlocked');
      support?.changed();
      emit('session', 'changed', state);
    },
    reloadPage: cover.reload,
    newId,
    now,
  });

  support = composeSupport({
    ...base,
    ...{ crashes, managed, profiles, audit, delivery, fileDialogs, every },
    session: () => session,
    update: () => updateHealthOf(updates.state()),
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
    seen();
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
  const seen = createViewerInput({
    idleSeconds: () => powerMonitor.getSystemIdleTime(),
    isInFront: () => !window.isDestroyed() && window.isFocused() && workspaces.opened()?.isShowing() === true,
    input: triggers.input,
  });
  /** What is typed is kept before the page goes, be it for a moment. */
  const handOver = async () => {
    if (session.state().phase === 'unlocked') await lastWords.collect();
  };
  const follow = (shown: BrowserWindow) => {
    screen.watch(shown);
    watchViewer(shown);
    watchPage(shown, { record: crashes.record, reload: cover.reload, now });
    keepPage(shown, cover.reload);
    followInput(shown, triggers);
    followHotkey(shown, () => session.lock());
    closeAfter(shown, handOver);
  };
  if (page()) follow(window);
  followSystem(triggers);

  const launch = createLaunch({
    get issuers() {
      return policy.launchIssuers;
    },
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

  const settings = async (language: Language) =>
    (await import('./managed/shown.ts')).managedSettings(managed, language);
  bindContract({
    ipcMain: gate,
    names,
    handlers: createHandlers({
      session,
      launch,
      opened: workspaces.opened,
      preferences,
      setThemeSource: (theme) => {
        nativeTheme.themeSource = theme;
      },
      async reloadPage() {
        await handOver();
        cover.reload();
      },
      async recordSetting(name, value) {
        const state = session.state();
        const { practitioner, server } = (state.phase === 'unlocked' && (await profileOf(state.profile.id))) || nobody;
        await program.setting({ practitioner, server }, name, value);
      },
      about: {
        version: base.version,
        electron: process.versions.electron ?? '',
        chromium: process.versions['chrome'] ?? '',
        developmentRuntime: !app.isPackaged,
        remoteDebugging: isDebugged,
      },
      flushed: lastWords.done,
      screen,
      lease() {
        const state = session.state();
        return state.phase === 'unlocked' ? leases.status(state.profile.id) : null;
      },
      audit,
      support,
      updates,
      managed: { state: managed.state, settings },
    }),
    isTrusted: (event) => isTrustedSender(event, page()),
    opened: workspaces.opened,
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
      updates.end();
      const install = await updates.beforeClosing();
      await session.lock();
      await screen.clear();
      workspaces.caches.end();
      await support?.close();
      await program.stopped();
      await alarms.close();
      await sending.close();
      await delivery.close();
      await audit.close();
      // Nobody is there to be told: it is offered again at the next start.
      if ((await install?.()) === false) log.warn('updates.not-installed');
      await log.flush();
    },
  });
  // Not held up by a keychain that is slow to answer: the page hears of the state by its event. What it asks of a profile
  // that it was told of at the first look waits until the session has looked.
  void session.begin();
  gate.open();
  links.take((link) => void launch.open(link));
  void behindFirstScreen();

  /** What the first unlock and the first read need, once the screen had the processor to itself for its first keys. */
  async function behindFirstScreen(): Promise<void> {
    await pageShown(window);
    await new Promise((resolve) => setTimeout(resolve, FIRST_KEYS_MS));
    await forbidDumps();
    void loadContract();
    if (session.state().phase !== 'unlocked') workspaces.caches.prepare();
    audit.prepare();
    delivery.begin();
    updates.begin();
    sending.wake();
    void program.started();
    void support?.begin();
    if (isDebugged) void program.setting(nobody, 'remote-debugging', 'on');
    for (const code of await followDesktop(triggers)) log.warn('lock.not-told', { code });
    await fhirClients();
    await workspaces.prepare();
  }
}

function every(ms: number, callback: () => void): () => void {
  const timer = setInterval(callback, ms);
  return () => clearInterval(timer);
}

/** Processes of main's own, by their built entries. */
const PROCESSES: Readonly<Record<string, CrashProcess>> = {
  'cache/process.js': 'cache',
  'cache/maintenance-process.js': 'maintenance',
  'audit/process.js': 'audit',
  'documents/process.js': 'documents',
  'forms/process.js': 'forms',
};

const nobody = { practitioner: null, server: '' } as const;

function cancelable(timer: NodeJS.Timeout): () => void {
  return () => clearTimeout(timer);
}

import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntime } from '../../build/runtime.mjs';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import { type Crash, type HealthReport, healthReport } from '../../preload/contract/health.ts';
import { bundleParts } from '../../preload/contract/support.ts';
import type { DevServer } from '../server/index.ts';
import { inMain, type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { type Canary, keyCanary, matches, scanFiles, textCanary } from '../support/canaries.ts';
import { project } from '../support/desktop.ts';
import { panelOf } from '../support/expected.ts';
import {
  enrol,
  newUserData,
  openChart,
  PASSPHRASE,
  profilesOf,
  smallServer,
  synced,
  unlock,
  writeUnsentNote,
} from '../support/journey.ts';
import { patientCanaries } from '../support/phi.ts';
import { childPids } from '../support/processes.ts';
import { profileSecrets } from '../support/profile-files.ts';
import { shot } from '../support/shots.ts';

const NOTE = 'Canary of a note that support must never read';
const FOREIGN = 'Canary in the log that Wardlight has not written';
const ISSUER = 'https://canary-issuer.example/r4';
const share = mkdtempSync(sessionFolder('canary-share-'));
const statusFolder = mkdtempSync(sessionFolder('canary-monitoring-'));
const policyFile = join(mkdtempSync(sessionFolder('canary-policy-')), 'policy.json');

const { publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 3072,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
writeFileSync(
  policyFile,
  JSON.stringify({
    unlock: { kdfTargetMs: 0 },
    launchIssuers: [ISSUER],
    health: { statusFolder },
    audit: {
      delivery: { organisationKey: publicKey, targets: [{ kind: 'directory', name: 'canary-target', path: share }] },
    },
  }),
);

const tokens = new Set<string>();
function collectToken(message: unknown): void {
  const { authorization } = (message as { request: IncomingMessage }).request.headers;
  if (authorization?.startsWith('Bearer ')) tokens.add(authorization.slice('Bearer '.length));
}

let server: DevServer;
let running: RunningApp;
let userData: string;

const start = () => startApp({ userData, server: server.url, args: [`--wardlight-policy=${policyFile}`] });

/** Asks the built program on the command line, as an agent without a display does, and where it says so without a bus. */
function ask(question: string, folder = userData, hasBus = true): { code: number | null; said: string } {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', ...(hasBus ? [] : ['DBUS_SESSION_BUS_ADDRESS'])]) delete env[name];
  const args = [project, `--user-data-dir=${folder}`, `--wardlight-policy=${policyFile}`, question];
  const { status, stdout } = spawnSync(findRuntime().executable, args, { env, encoding: 'utf8', timeout: 60_000 });
  return { code: status, said: stdout };
}

function health(folder?: string, hasBus?: boolean): HealthReport & { code: number | null } {
  const { code, said } = ask('--health', folder, hasBus);
  return { ...healthReport.parse(JSON.parse(said)), code };
}

/** What the running program has written down. */
function status(): HealthReport {
  return healthReport.parse(JSON.parse(readFileSync(join(userData, 'health', 'status.json'), 'utf8')));
}

function crashes(): Crash[] {
  const lines = readFileSync(join(userData, 'health', 'crashes.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** Each file below a folder, with its size and when it was changed. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    });
}

/** Everything that may name a patient, a clinician, a server, a workstation or a path. */
async function everyCanary(): Promise<Canary[]> {
  const [profile = ''] = readdirSync(profilesOf(userData));
  const secrets = await profileSecrets(userData, profile);
  const workstation = JSON.parse(readFileSync(join(userData, 'workstation.json'), 'utf8')).id;
  const texts = {
    note: NOTE,
    'line of the log': FOREIGN,
    passphrase: PASSPHRASE,
    'user name': 'osei',
    clinician: 'Amara Osei',
    practitioner: 'dev-osei',
    server: new URL(server.url).host,
    issuer: 'canary-issuer',
    target: 'canary-target',
    share: 'canary-share',
    monitoring: 'canary-monitoring',
    policy: 'canary-policy',
    'organisation’s key': publicKey.split('\n')[2] ?? '',
    data: userData,
    home: homedir(),
    temporary: process.env['TMPDIR'] ?? '/tmp',
    // As values: they may be as short as any two bytes of what is compressed.
    account: JSON.stringify(userInfo().username),
    host: JSON.stringify(hostname()),
    profile,
    workstation,
    'refresh token': secrets.refreshToken,
  };
  return [
    ...patientCanaries(server),
    ...panelOf(server).map((id) => textCanary(`patient ${id}`, id)),
    ...Object.entries(texts).map(([name, text]) => textCanary(name, text)),
    ...[...tokens].map((token) => textCanary('access token', token)),
    keyCanary('device secret', secrets.deviceSecret),
    keyCanary('cache key', secrets.cacheKey),
    keyCanary('outbox key', secrets.outboxKey),
    keyCanary('audit key', secrets.auditKey),
  ];
}

beforeAll(async () => {
  subscribe('http.server.request.start', collectToken);
  server = await smallServer();
  userData = newUserData();
  running = await start();
  await enrol(running.page);
  await synced(running.page);
});
afterAll(async () => {
  unsubscribe('http.server.request.start', collectToken);
  await running.app.close().catch(() => undefined);
  await server.stop();
});

describe('--health', () => {
  it('tells of a workstation on which nobody has worked, without a display, and makes nothing', () => {
    const folder = newUserData();
    const told = health(folder);
    expect(told).toMatchObject({ health: 'healthy', code: 0, keyring: 'reachable', profiles: [] });
    expect(told.program.state).toBe('never-started');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells beside the running program what waits, how old the data is, and of which schema', async () => {
    const { page } = running;
    await openChart(page, panelOf(server)[0] ?? '');
    await writeUnsentNote(page, server, NOTE);
    await expect.poll(() => status().profiles[0]?.backlog?.waiting).toBe(1);
    const told = health();
    expect(told).toMatchObject({
      health: 'healthy',
      code: 0,
      update: { mode: 'repository', stage: 'none', problem: null },
    });
    expect(told.program).toMatchObject({ state: 'running', phase: 'unlocked', packaged: false });
    const [profile] = told.profiles;
    expect(profile).toMatchObject({ state: 'ok', open: true, backlog: { waiting: 1, conflicts: 0, parked: 0 } });
    expect(profile?.cache).toMatchObject({ exists: true, schema: cacheMigrations.length });
    expect(profile?.cache.bytes).toBeGreaterThan(10_000);
    expect(profile?.lastSyncAgeSeconds).not.toBeNull();
    expect(told.audit.delivery).toMatchObject([{ kind: 'directory', needsIt: false }]);
    // The program has a way to the keychain, and has said so.
    expect(health(userData, false)).toMatchObject({ keyring: 'reachable', code: 0 });
    await page.getByTestId('frame').waitFor();
  });

  it('is written where IT wants it too, and readable there by others', async () => {
    const [name = ''] = readdirSync(statusFolder);
    expect(name).toMatch(/^wardlight-[0-9a-f]{12}\.json$/);
    expect(healthReport.parse(JSON.parse(readFileSync(join(statusFolder, name), 'utf8'))).program.state).toBe(
      'running',
    );
    if (process.platform !== 'win32') expect(statSync(join(statusFolder, name)).mode & 0o777).toBe(0o644);
  });

  it('tells the same of a program that has ended, leaves its data as it is, and hears of no crash', async () => {
    await running.app.close();
    expect(status().program).toMatchObject({ state: 'stopped', phase: null });
    const before = filesOf(userData);
    const told = health();
    expect(told.program.state).toBe('stopped');
    expect(told.profiles[0]).toMatchObject({
      open: false,
      backlog: { waiting: 1 },
      cache: { schema: cacheMigrations.length },
    });
    expect(told.crashes).toEqual({ lastDay: 0, lastMonth: 0, last: null });
    expect(filesOf(userData)).toEqual(before);
    if (process.platform !== 'linux') return;
    const reasons = [{ code: 'keyring-unreachable', level: 'unhealthy', profile: null }];
    expect(health(userData, false)).toMatchObject({ keyring: 'keyring-absent', reasons, code: 2 });
  });

  it('says what is wrong, and exits with it', () => {
    const folder = newUserData();
    const bad = join(mkdtempSync(sessionFolder('policy-')), 'policy.json');
    writeFileSync(bad, '[]');
    const args = [project, `--user-data-dir=${folder}`, `--wardlight-policy=${bad}`, '--health'];
    const { status: code, stdout } = spawnSync(findRuntime().executable, args, { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ health: 'degraded', policy: { state: 'not-believed' } });
    expect(code).toBe(1);
  });
});

/** Opens the review screen by its keys, and answers the parts that it shows. */
async function review(page: Page): Promise<Record<string, string>> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+p');
  await page.getByTestId('palette-field').fill('support bundle');
  await page.keyboard.press('Enter');
  await page.getByTestId('support-parts').waitFor();
  const shown = await page.locator('[data-testid="support-parts"] pre').allTextContents();
  return Object.fromEntries(bundleParts.map((name, at) => [name, shown[at] ?? '']));
}

async function chooseFile({ app }: RunningApp, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, path);
}

describe('a support bundle', () => {
  const file = join(mkdtempSync(sessionFolder('bundle-')), 'bundle.json.gz');

  it('is shown in full, saved without the part that was left out, and what was shown stands in it', async () => {
    const log = join(userData, 'logs', 'main.log');
    const line = { level: 40, time: '2026-11-26T03:00:00.000Z', event: 'sync.failed', code: 'offline', note: FOREIGN };
    appendFileSync(log, `${JSON.stringify(line)}\n${FOREIGN}\n`);
    running = await start();
    const { page } = running;
    await unlock(page);
    await page.getByTestId('frame').waitFor();
    await openChart(page, panelOf(server)[0] ?? '');
    const shown = await review(page);
    await shot(page, 'support-review');
    await page.getByTestId('support-part-calls').click();
    await shot(page, 'support-left-out');
    await chooseFile(running, file);
    await page.getByTestId('support-save').click();
    await page.getByTestId('support-said').getByText('Saved').waitFor();
    const saved = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
    expect(Object.keys(saved.parts)).toEqual(bundleParts.filter((name) => name !== 'calls'));
    for (const [name, value] of Object.entries(saved.parts)) expect(JSON.parse(shown[name] ?? '')).toEqual(value);
    expect(saved.parts.health.program.state).toBe('running');
    expect(saved.parts.system.logLinesLeftOut).toBe(2);
    expect(saved.parts.log.length).toBeGreaterThan(20);
    expect(saved.parts.policy.length).toBeGreaterThan(40);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    await page.keyboard.press('Escape');
  });

  it('security: none of it, on any way out, names a patient, a clinician, a server, a secret or a path', async () => {
    const canaries = await everyCanary();
    expect(canaries.length).toBeGreaterThan(60);
    expect(tokens.size).toBeGreaterThan(0);
    const shown = Object.values(await review(running.page)).join('\n');
    await chooseFile(running, file);
    await running.page.getByTestId('support-save').click();
    await running.page.getByTestId('support-said').getByText('Saved').waitFor();
    await running.page.keyboard.press('Escape');
    const [name = ''] = readdirSync(statusFolder);
    const outlets: Record<string, Buffer> = {
      'on the screen': Buffer.from(shown),
      'the file': readFileSync(file),
      'in the file': gunzipSync(readFileSync(file)),
      '--support-bundle': Buffer.from(ask('--support-bundle').said),
      '--health': Buffer.from(ask('--health').said),
      'the status file': readFileSync(join(userData, 'health', 'status.json')),
      'the status file of IT': readFileSync(join(statusFolder, name)),
    };
    for (const [outlet, content] of Object.entries(outlets)) {
      expect(content.length, outlet).toBeGreaterThan(500);
      expect(matches(content, canaries), outlet).toEqual([]);
    }
  });

  it('has versions and licences beside it, and says where they are in an installed program', async () => {
    const { page } = running;
    await page.keyboard.press('?');
    await page.getByTestId('help-notices').waitFor();
    await shot(page, 'support-help');
    await page.getByTestId('help-notices').click();
    await page.getByTestId('notices-missing').waitFor();
    expect(await page.getByTestId('versions').textContent()).toMatch(/^Wardlight \S+ · Electron \S+ · Chromium \S+/);
    await shot(page, 'support-notices');
    await page.keyboard.press('Escape');
  });

  it('is reviewed in Spanish', async () => {
    const { page } = running;
    await page.getByTestId('speak-es').click();
    await page.locator('html[lang=es]').waitFor();
    await page.getByTestId('frame').waitFor();
    await page.keyboard.press('?');
    await page.getByTestId('help-support').click();
    await page.getByTestId('support-parts').waitFor();
    await shot(page, 'support-review-es');
    await page.keyboard.press('Escape');
    await page.getByTestId('speak-en').click();
    await page.locator('html[lang=en]').waitFor();
    await page.getByTestId('frame').waitFor();
  });
});

/** Process ids by what Chromium calls the processes. */
const processes = () =>
  inMain(running.app, ({ app }) =>
    app.getAppMetrics().map(({ pid, type, name, serviceName }) => ({ pid, names: [type, name, serviceName] })),
  );
const ofPage = () =>
  inMain(running.app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0);

/** Ends a process as a fault of its own would, and waits until that is recorded. */
async function crash(pid: number, named: string): Promise<void> {
  expect(pid, named).toBeGreaterThan(0);
  // V8 survives the first SIGSEGV that is sent to it: it takes that for one of WebAssembly's.
  process.kill(pid, 'SIGABRT');
  await expect.poll(() => crashes().map((one) => one.process)).toContain(named);
}

async function crashOf(what: string, named: string): Promise<void> {
  await crash((await processes()).find(({ names }) => names.includes(what))?.pid ?? 0, named);
}

/** What a crash may leave of a process's memory. */
const dumpsIn = (folders: readonly string[]) =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.dmp$|\.mdmp$|(?:^|\/)core(?:\.\d+)?$|Crashpad\/.+\/./.test(name),
    ),
  );

describe.runIf(process.platform === 'linux')('security: a crash', () => {
  // Where the program writes, and where it was started.
  const folders = ['HOME', 'TMPDIR', 'XDG_RUNTIME_DIR'].flatMap((name) => process.env[name] ?? []);

  beforeAll(async () => {
    await running.app.close();
    running = await start();
    await unlock(running.page);
    await running.page.getByTestId('frame').waitFor();
  });

  it('can leave no memory behind: the OS may write none of any process to a disk', async () => {
    const main = running.app.process().pid ?? 0;
    const limitOf = (pid: number) =>
      /^Max core file size +(\S+) +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
    const limited = () => [main, ...childPids(main)].map((pid) => limitOf(pid)?.slice(1).join(' '));
    await expect.poll(() => new Set(limited()), { timeout: 10_000 }).toEqual(new Set(['0 0']));
    expect(limited().length).toBeGreaterThan(6);
  });

  it('of each process is recorded by what it was, and the page comes back by itself', async () => {
    const { page } = running;
    await openChart(page, panelOf(server)[0] ?? '');
    await crashOf('Wardlight audit', 'audit');
    await crashOf('GPU', 'graphics');
    await crashOf('network.mojom.NetworkService', 'network');
    await crashOf('Wardlight cache', 'cache');
    await page.getByTestId('unlock-passphrase').waitFor();
    const asked = () => readFileSync(join(userData, 'logs', 'main.log'), 'utf8').split('"name":"state"').length;
    const before = asked();
    await crash(await ofPage(), 'page');
    await expect.poll(asked).toBeGreaterThan(before);
    expect(crashes().map((one) => one.process)).toEqual(['audit', 'graphics', 'network', 'cache', 'page']);
    for (const one of crashes()) expect(one.code).toMatch(/^(?:crashed|abnormal-exit)$/);
    await expect.poll(() => status().crashes.lastDay).toBe(5);
    expect(health()).toMatchObject({ code: 1, reasons: [{ code: 'crashed' }], crashes: { last: { process: 'page' } } });
  });

  it('of the program itself is found at the next start', async () => {
    const child = running.app.process();
    await running.app.evaluate(() => void setImmediate(() => process.crash())).catch(() => undefined);
    await expect.poll(() => child.exitCode ?? child.signalCode).not.toBeNull();
    running = await start();
    await running.page.getByTestId('unlock-passphrase').waitFor();
    await expect.poll(() => crashes().at(-1)).toMatchObject({ process: 'main', code: 'ended', version: '0.1.0' });
    await running.app.close();
  });

  it('leaves no memory of any process behind', async () => {
    expect(dumpsIn([...folders, userData])).toEqual([]);
    expect(scanFiles(folders, [...patientCanaries(server), textCanary('note', NOTE)])).toEqual([]);
  });
});

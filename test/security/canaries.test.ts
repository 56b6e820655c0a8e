import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuntime } from '../../build/runtime.mjs';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { type Canary, entropy, keyCanary, scanFiles, scanProcesses, textCanary } from '../support/canaries.ts';
import { project } from '../support/desktop.ts';
import { panelOf } from '../support/expected.ts';
import {
  changingClinician,
  enrol,
  newUserData,
  PASSPHRASE,
  profilesOf,
  smallServer,
  synced,
  unlock,
} from '../support/journey.ts';
import { patientCanaries } from '../support/phi.ts';
import { childPids } from '../support/processes.ts';
import { type ProfileSecrets, profileSecrets } from '../support/profile-files.ts';

/** Bearer tokens as they reach the server. */
const tokens = new Set<string>();
function collectToken(message: unknown): void {
  const { authorization } = (message as { request: IncomingMessage }).request.headers;
  if (authorization?.startsWith('Bearer ')) tokens.add(authorization.slice('Bearer '.length));
}

const SAVED = 'Canary of a note that is saved and was never sent';
const DRAFT = 'Canary of a draft that nobody has saved';

/** A note that waits in the outbox, and text that is on the screen alone. */
async function writeNotes({ page }: RunningApp, server: DevServer): Promise<void> {
  server.faults.add({ kind: 'dropBefore' });
  await page.getByTestId('note-new').click();
  await page.getByTestId('note-text').fill(SAVED);
  await page.getByTestId('note-save').click();
  await page.locator('article [data-testid="unsent-badge"]').waitFor();
  await page.getByTestId('note-new').click();
  await page.getByTestId('note-text').fill(DRAFT);
}

const THEIRS = 'the passphrase of another clinician';

/** A second clinician enrols, and the first comes back. */
async function switchBothWays({ page }: RunningApp, is: (username: string) => void): Promise<void> {
  await page.getByTestId('switch-button').click();
  await page.getByTestId('add-clinician').click();
  is('lindqvist');
  await enrol(page, THEIRS);
  await synced(page);
  await page.getByTestId('switch-button').click();
  await unlock(page);
  await synced(page);
  is('osei');
}

/** The EHR launches Wardlight for a patient, whose chart opens; answers what it has handed over. */
async function launched({ page }: RunningApp, server: DevServer, userData: string, patientId: string): Promise<string> {
  const launch = server.offerLaunch(patientId);
  const link = `wardlight://launch?iss=${encodeURIComponent(server.url)}&launch=${launch}`;
  const second = spawn(findRuntime().executable, [project, `--user-data-dir=${userData}`, link], { stdio: 'ignore' });
  await once(second, 'exit');
  await page.getByTestId('launch-accept').click();
  await page.getByTestId('patient-banner').waitFor();
  await page.getByTestId('section-allergies').waitFor();
  return launch;
}

/** Keys and tokens of a profile. */
function secretCanaries(who: string, secrets: ProfileSecrets): Canary[] {
  return [
    textCanary(`refresh token of ${who}`, secrets.refreshToken),
    keyCanary(`device secret of ${who}`, secrets.deviceSecret),
    keyCanary(`cache key of ${who}`, secrets.cacheKey),
    keyCanary(`outbox key of ${who}`, secrets.outboxKey),
  ];
}

/** The text as it is typed, and as it stands in the resource; base64 of the whole begins alike whatever follows. */
function typedCanaries(text: string): Canary[] {
  return [textCanary(text, text), textCanary(`${text}, as base64`, Buffer.from(text).toString('base64').slice(0, 40))];
}

// Where the program writes: the session's home, its temporary folder with the profile in it, and its runtime folder.
const folders = ['HOME', 'TMPDIR', 'XDG_RUNTIME_DIR'].flatMap((name) => process.env[name] ?? []);

describe.runIf(process.platform === 'linux')('PHI and secrets', () => {
  let server: DevServer;
  let running: RunningApp;
  let userData: string;
  let canaries: Canary[];
  let folder: string;

  beforeAll(async () => {
    subscribe('http.server.request.start', collectToken);
    server = await smallServer();
    userData = newUserData();
    const clinician = changingClinician();
    clinician.is('osei');
    const policy = { launchIssuers: [server.url] };
    running = await startApp({ userData, server: server.url, env: clinician.env, policy });
    await enrol(running.page);
    await synced(running.page);
    const [mine = ''] = readdirSync(profilesOf(userData));
    await switchBothWays(running, clinician.is);
    const theirs = readdirSync(profilesOf(userData)).find((id) => id !== mine);
    const [patientId = ''] = panelOf(server);
    const launch = await launched(running, server, userData, patientId);
    await running.page.getByTestId('tab-notes').click();
    await running.page.getByTestId('note-row').first().click();
    await running.page.getByTestId('note-body').waitFor();
    await writeNotes(running, server);
    const secrets = await profileSecrets(userData, mine);
    folder = secrets.folder;
    canaries = [
      ...patientCanaries(server),
      ...typedCanaries(SAVED),
      ...typedCanaries(DRAFT),
      textCanary('passphrase', PASSPHRASE),
      textCanary('passphrase of the other', THEIRS),
      textCanary('launch', launch),
      ...[...tokens].map((token) => textCanary('access token', token)),
      ...secretCanaries('osei', secrets),
      ...secretCanaries('lindqvist', await profileSecrets(userData, theirs, THEIRS)),
      keyCanary('audit key', secrets.auditKey),
    ];
  });
  afterAll(async () => {
    unsubscribe('http.server.request.start', collectToken);
    await running.app.close();
    await server.stop();
  });

  it('are known to the scan, which finds each form of them', () => {
    expect(tokens.size).toBeGreaterThan(2);
    expect(canaries.length).toBeGreaterThan(30);
  });

  it('are in no file, deleted file, argument or environment while a chart is open', async () => {
    const pid = running.app.process().pid ?? 0;
    expect(await scanProcesses([pid, ...childPids(pid)], canaries)).toEqual([]);
    expect(scanFiles(folders, canaries)).toEqual([]);
  });

  it('are in no file after the program has ended', async () => {
    await running.app.close();
    expect(scanFiles(folders, canaries)).toEqual([]);
  });

  it('lie in databases without a SQLite header, of full entropy, that only their owner can read', () => {
    for (const file of [join(folder, 'cache.db'), join(folder, 'outbox.db'), join(userData, 'audit', 'audit.db')]) {
      const content = readFileSync(file);
      expect(content.subarray(0, 16).toString('latin1')).not.toBe('SQLite format 3\0');
      expect(entropy(content)).toBeGreaterThan(content.length > 1_000_000 ? 7.999 : 7.9);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

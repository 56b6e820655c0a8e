import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RELEASE_TOOLS } from '../../build/release/debian-tools.ts';
import { KEYRING, makeRepository } from '../../build/release/repo.ts';
import { signRelease } from '../../build/release/sign.ts';
import { installDebianPackages } from '../../build/setup/debian.mjs';
import { project } from '../../build/setup/places.mjs';
import { type DevServer, startServer } from '../server/index.ts';
import { buildPackages } from '../support/built-package.ts';
import { createAuthority } from '../support/certificates.ts';
import { startInstalled, trustAuthority, userDataAt } from '../support/installed.ts';
import { enrol, openChart, synced, unlock, writeUnsentNote } from '../support/journey.ts';
import { type Machine, type Seat, sitDown, startMachine } from '../support/machine.ts';
import { makeSigner } from '../support/small-release.ts';
import { runTour, type StepResult } from '../tour/tour.ts';

const { version: OLD } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
const NEW = '99.0.0';
const NOTE = 'Written before the upgrade, not sent.';
const NOTE_LEFT = 'Written before the program was removed, not sent.';
const TIMEOUT_MS = 15 * 60_000;

const isPossible = process.getuid?.() === 0 && process.platform === 'linux';

/** A hospital's workstation from its bare system to the day the program is removed from it; each test is the next step. */
describe.runIf(isPossible)('installed on a workstation', () => {
  const work = mkdtempSync('/var/tmp/wardlight-installed-');
  const authority = createAuthority('Hospital CA');
  const tls = authority.server();
  let signer: ReturnType<typeof makeSigner>;
  let machine: Machine;

  /** Both versions in one signed repository, as IT has it. */
  beforeAll(async () => {
    installDebianPackages(() => undefined, RELEASE_TOOLS);
    signer = makeSigner('release');
    for (const [name, version] of Object.entries({ old: OLD, new: NEW })) {
      // Of its own: beside those of the whole run lie packages for other systems, which are signed otherwise.
      const from = join(work, name);
      buildPackages(from, 'deb', { version });
      signRelease(from, join(work, `signed-${name}`), signer);
      const to = join(work, `repository-${name}`);
      const options = { from: join(work, `signed-${name}`), to, validDays: 30, now: new Date(), development: true };
      await makeRepository(signer, options);
    }
    machine = await startMachine();
  }, TIMEOUT_MS);
  afterAll(async () => {
    await machine?.end();
    signer?.end();
    for (const folder of [work, dirname(authority.caFile)]) rmSync(folder, { recursive: true, force: true });
  });

  /** What IT puts on its workstations: where the packages are, whose they are, and its policy. */
  function setUp(policy: object): void {
    const names = ['old', 'new'];
    for (const name of names) {
      const repository = join(work, `repository-${name}`);
      const source = readFileSync(join(repository, 'wardlight.sources'), 'utf8');
      const own = source.replace('https://REPOSITORY', `file:${repository}`).replace(KEYRING, `${name}-${KEYRING}`);
      writeFileSync(machine.path(`/etc/apt/sources.list.d/wardlight-${name}.sources`), own);
      const keyring = readFileSync(join(repository, KEYRING));
      writeFileSync(machine.path(`/usr/share/keyrings/${name}-${KEYRING}`), keyring);
    }
    mkdirSync(machine.path('/etc/wardlight'), { recursive: true });
    writeFileSync(machine.path('/etc/wardlight/policy.json'), JSON.stringify(policy));
  }

  /** Of our repositories alone, be others reached or not. */
  const apt = (...args: string[]) =>
    machine.run('apt-get', ['-o', 'APT::Sandbox::User=root', '-y', ...args], { DEBIAN_FRONTEND: 'noninteractive' });
  const updateLists = () =>
    ['old', 'new'].map((name) =>
      apt(
        ...['-o', `Dir::Etc::sourcelist=/etc/apt/sources.list.d/wardlight-${name}.sources`],
        ...['-o', 'Dir::Etc::sourceparts=-', '-o', 'APT::Get::List-Cleanup=0'],
        ...['-o', 'APT::Update::Error-Mode=any', 'update'],
      ),
    );
  const installedVersion = () => /^Version: (.*)$/m.exec(machine.run('dpkg', ['-s', 'wardlight']).said)?.[1];

  /** How often a note is on the server. */
  const onServer = (server: DevServer, note: string) =>
    server.store.list('DocumentReference').filter((one) => {
      const data = Reflect.get(one, 'content')?.[0]?.attachment?.data;
      return typeof data === 'string' && Buffer.from(data, 'base64').toString().includes(note);
    }).length;

  /** The clinician's home, as the system knows it, is where she sits. */
  function homeAt(seat: Seat): void {
    const accounts = machine.path('/etc/passwd');
    const own = /^(wardlight-dev:(?:[^:]*:){4})[^:]*/m;
    writeFileSync(accounts, readFileSync(accounts, 'utf8').replace(own, `$1${seat.env['HOME']}`));
  }

  it('is installed by apt from the signed repository', () => {
    setUp({ remoteDebugging: true });
    for (const { status, said } of updateLists()) expect(said, said).toSatisfy(() => status === 0);
    const { status, said } = apt('install', `wardlight=${OLD}`);
    expect(said, said).toSatisfy(() => status === 0);
    expect(installedVersion()).toBe(OLD);
    expect(machine.run('dpkg', ['--verify', 'wardlight'])).toEqual({ status: 0, said: '' });
    expect(statSync(machine.path('/usr/bin/wardlight')).mode & 0o022).toBe(0);
  });

  it('takes a clinician through her first day, with what policy says and no question', async () => {
    const seat = await sitDown(machine, project);
    const steps: StepResult[] = [];
    try {
      const trusted = trustAuthority(machine, seat, authority.ca);
      const passed = await runTour({
        out: join(work, 'tour'),
        tls,
        async start(url) {
          const policy = { remoteDebugging: true, servers: { suggested: url, allowed: [url] } };
          writeFileSync(machine.path('/etc/wardlight/policy.json'), JSON.stringify(policy));
          return { ...(await startInstalled(machine, seat, trusted)), app: null };
        },
        onStep: (step) => steps.push(step),
        onProgress: () => undefined,
      });
      expect(steps.filter(({ ok }) => !ok)).toEqual([]);
      expect(passed).toBe(true);
    } finally {
      await seat.end();
    }
  });

  it('is upgraded with a locked cache and unsent work in it, and loses nothing', async () => {
    const server: DevServer = await startServer({ patients: 4, seed: 7, now: '2026-11-01T08:00:00Z', tls });
    const seat = await sitDown(machine, project);
    try {
      const trusted = trustAuthority(machine, seat, authority.ca);
      setUp({ remoteDebugging: true, servers: { suggested: server.url } });
      const before = await startInstalled(machine, seat, trusted);
      await enrol(before.page);
      await synced(before.page);
      const row = before.page.getByTestId('patient-row').first();
      const patientId = (await row.getAttribute('data-patient-id')) ?? '';
      await openChart(before.page, patientId);
      await writeUnsentNote(before.page, server, NOTE);
      await before.page.getByTestId('lock-button').click();
      await before.page.getByTestId('unlock-passphrase').waitFor();
      // The program goes on meanwhile, as on a workstation at night; what is new holds from its next start.
      const { status, said } = apt('install', `wardlight=${NEW}`);
      expect(said, said).toSatisfy(() => status === 0);
      expect(installedVersion()).toBe(NEW);
      await before.close();

      server.faults.clear();
      const after = await startInstalled(machine, seat, trusted);
      await unlock(after.page);
      await after.page.getByTestId('patient-row').first().waitFor();
      await expect.poll(() => onServer(server, NOTE), { timeout: 60_000 }).toBe(1);
      await after.page.locator('[data-testid="sync-strip"][data-complete="true"][data-activity="idle"]').waitFor();
      expect(onServer(server, NOTE)).toBe(1);
      await after.close();
      expect(readdirSync(join(userDataAt(machine, seat), 'profiles'))).toHaveLength(1);
    } finally {
      await seat.end();
      await server.stop();
    }
  });

  it('is removed with the records where policy says so, and sends what was not sent once it is back', async () => {
    const server: DevServer = await startServer({ patients: 4, seed: 8, now: '2026-11-01T08:00:00Z', tls });
    const seat = await sitDown(machine, project);
    const accounts = readFileSync(machine.path('/etc/passwd'));
    try {
      const trusted = trustAuthority(machine, seat, authority.ca);
      homeAt(seat);
      const open = { remoteDebugging: true, servers: { suggested: server.url } };
      setUp({ ...open, removal: { userData: 'keep-unsent' } });
      const before = await startInstalled(machine, seat, trusted);
      await enrol(before.page);
      await synced(before.page);
      const row = before.page.getByTestId('patient-row').first();
      await openChart(before.page, (await row.getAttribute('data-patient-id')) ?? '');
      await writeUnsentNote(before.page, server, NOTE_LEFT);
      await before.close();

      const { said } = apt('purge', 'wardlight');
      expect(said).toContain('data of wardlight-dev: destroyed (keep-unsent)');
      const profiles = join(userDataAt(machine, seat), 'profiles');
      const left = readdirSync(join(profiles, readdirSync(profiles)[0] ?? ''));
      expect(left).toEqual(expect.arrayContaining(['outbox.db', 'slots.json']));
      expect(left.filter((name) => name.startsWith('cache.db'))).toEqual([]);

      expect(apt('install', `wardlight=${NEW}`).status).toBe(0);
      server.faults.clear();
      const after = await startInstalled(machine, seat, trusted);
      await unlock(after.page);
      await expect.poll(() => onServer(server, NOTE_LEFT), { timeout: 60_000 }).toBe(1);
      await after.close();
    } finally {
      writeFileSync(machine.path('/etc/passwd'), accounts);
      await seat.end();
      await server.stop();
    }
  });

  it('security: isn’t put back to an older version unless somebody insists', () => {
    const { status, said } = apt('install', `wardlight=${OLD}`);
    expect(status).not.toBe(0);
    expect(said).toContain('downgraded');
    expect(installedVersion()).toBe(NEW);
  });

  it('is removed with every file of the program, and with a clinician’s only once policy says so', () => {
    const files = machine.run('dpkg', ['-L', 'wardlight']).said.trim().split('\n');
    const account = machine.run('getent', ['passwd', 'wardlight-dev']).said.split(':');
    const home = join(account[5] ?? '', '.config', 'Wardlight');
    mkdirSync(machine.path(home), { recursive: true });
    writeFileSync(machine.path(`${home}/cache.db`), 'kept');
    machine.run('chown', ['-R', 'wardlight-dev:', account[5] ?? '']);
    setUp({});
    expect(apt('remove', 'wardlight').status).toBe(0);
    expect(readFileSync(machine.path(`${home}/cache.db`), 'utf8')).toBe('kept');
    setUp({ removal: { userData: 'destroy' } });
    expect(apt('purge', 'wardlight').status).toBe(0);
    const owned = files.filter((file) => /wardlight/i.test(file));
    expect(owned.length).toBeGreaterThan(20);
    expect(
      machine
        .run('ls', ['-d', ...owned])
        .said.split('\n')
        .filter((line) => line.startsWith('/')),
    ).toEqual([]);
    expect(existsSync(machine.path(home))).toBe(false);
  });
});

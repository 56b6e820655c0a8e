import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEYRING, makeRepository } from '../../build/release/repo.ts';
import { verifyFile } from '../../build/release/verify-signatures.ts';
import { flipByte, keyringOf, makeSigner, makeSmallRelease } from '../support/small-release.ts';

const work = mkdtempSync('/var/tmp/wardlight-repo-');
const [LISTS, PACKAGES] = ['apt/dists/stable', 'apt/dists/stable/main/binary-amd64/Packages'];
const DAY_MS = 86_400_000;

let ours: ReturnType<typeof makeSigner>;
let stranger: ReturnType<typeof makeSigner>;
let repository: string;
let expired: string;

/** A repository as it was made so many days ago. */
async function made(name: string, from: string, daysAgo: number): Promise<string> {
  const to = join(work, name);
  // Date.now is the clock of the workstation, by which apt judges.
  const now = new Date(Date.now() - daysAgo * DAY_MS);
  await makeRepository(ours, { from, to, validDays: 30, now, development: false });
  return to;
}

beforeAll(async () => {
  ours = makeSigner('archive');
  stranger = makeSigner('stranger');
  const release = await makeSmallRelease(join(work, 'release'), { signer: ours });
  repository = await made('repository', release, 0);
  expired = await made('expired', release, 31);
});
afterAll(() => {
  for (const signer of [ours, stranger]) signer?.end();
  rmSync(work, { recursive: true, force: true });
});

let machines = 0;
/** apt of a workstation that knows this repository only, and nothing of the machine's own. */
function workstation(folder: string, keyring = join(folder, KEYRING)) {
  machines += 1;
  const own = join(work, `machine-${machines}`);
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(own, name), { recursive: true });
  const sources = join(own, 'wardlight.sources');
  const written = readFileSync(join(folder, 'wardlight.sources'), 'utf8');
  writeFileSync(
    sources,
    written.replace('https://REPOSITORY', `file:${folder}`).replace(/Signed-By: .*/, `Signed-By: ${keyring}`),
  );
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '-',
    'Dir::State::lists': join(own, 'lists'),
    'Dir::Cache': join(own, 'cache'),
    // Machines that install from a copy of old archives have these off.
    'Acquire::Check-Date': 'true',
    'Acquire::Check-Valid-Until': 'true',
    'APT::Sandbox::User': 'root',
    'APT::Update::Error-Mode': 'any',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('apt-get', [...options, ...args], { cwd: own, encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}`, files: readdirSync(own) };
  };
}

function copyOf(name: string): string {
  const folder = join(work, name);
  cpSync(repository, folder, { recursive: true });
  return folder;
}
const rewrite = (file: string, change: (text: string) => string) =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

it('gives apt the package', () => {
  const apt = workstation(repository);
  expect(apt('update')).toMatchObject({ status: 0 });
  const { status, files } = apt('download', 'wardlight');
  expect(status).toBe(0);
  expect(files.filter((name) => name.endsWith('.deb'))).toHaveLength(1);
});

it('is signed for dnf too', () => {
  const keyring = join(repository, KEYRING);
  const metadata = join(repository, 'yum', 'repodata', 'repomd.xml');
  verifyFile({ keyring }, metadata);
  expect(readFileSync(join(repository, 'wardlight.repo'), 'utf8')).toMatch(/^gpgcheck=1\nrepo_gpgcheck=1$/m);
  const copy = join(copyOf('yum-changed'), 'yum', 'repodata', 'repomd.xml');
  rewrite(copy, (text) => text.replace('<revision>', '<revision>1'));
  expect(() => verifyFile({ keyring }, copy)).toThrow('BADSIG');
});

describe('security: apt refuses a repository', () => {
  it('that was changed', () => {
    const folder = copyOf('changed');
    rewrite(join(folder, LISTS, 'InRelease'), (text) => text.replace('Label: Wardlight', 'Label: wardlight'));
    const { status, said } = workstation(folder)('update');
    expect(status).not.toBe(0);
    expect(said).toContain('BADSIG');
  });

  it('that somebody else has signed', () => {
    const keyring = keyringOf(join(work, 'other.gpg'), stranger);
    const { status, said } = workstation(repository, keyring)('update');
    expect(status).not.toBe(0);
    expect(said).toContain('NO_PUBKEY');
  });

  it('that isn’t signed', () => {
    const folder = copyOf('unsigned');
    for (const name of ['InRelease', 'Release.gpg']) rmSync(join(folder, LISTS, name));
    const { status, said } = workstation(folder)('update');
    expect(status).not.toBe(0);
    expect(said).toContain('is not signed');
  });

  it('that is older than it may be, be it well signed', () => {
    const { status, said } = workstation(expired)('update');
    expect(status).not.toBe(0);
    expect(said).toMatch(/Release file .* is expired/);
  });

  it('whose list of packages was changed', () => {
    const folder = copyOf('list');
    for (const ending of ['', '.gz']) {
      if (ending) rmSync(join(folder, `${PACKAGES}${ending}`));
      else rewrite(join(folder, PACKAGES), (text) => text.replace('Version: 1.0.0', 'Version: 1.0.1'));
    }
    expect(workstation(folder)('update').status).not.toBe(0);
  });

  it('whose package was changed', () => {
    const folder = copyOf('pool');
    const pool = join(folder, 'apt', 'pool', 'main', 'w', 'wardlight');
    flipByte(join(pool, readdirSync(pool)[0] ?? ''), 0.5);
    const apt = workstation(folder);
    expect(apt('update').status).toBe(0);
    const { status, said } = apt('download', 'wardlight');
    expect(status).not.toBe(0);
    expect(said).toContain('Hash Sum mismatch');
  });
});

it('security: is not made of a release that doesn’t hold', async () => {
  const release = await makeSmallRelease(join(work, 'theirs'), { signer: stranger });
  await expect(made('refused', release, 0)).rejects.toThrow('the signature is refused (NO_PUBKEY)');
  expect(readdirSync(work)).not.toContain('refused');
});

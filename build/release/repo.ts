// `npm run repo -- --in DIR --out DIR`: a signed APT and YUM repository of a release, as files for any web server.
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { clearSign, exportKey, type Signer, signerFromEnvironment, signFile } from './signing.ts';
import { endWith, inFolder, ReleaseError, run } from './tools.ts';
import { verifyRelease } from './verify.ts';
import { CODE_OPTIONS, type CodeTrust, codeTrustOf } from './verify-code.ts';

const SUITE = 'stable';
const DAY_MS = 86_400_000;
export const KEYRING = 'wardlight-archive-keyring.gpg';

export interface RepoOptions {
  readonly from: string;
  readonly to: string;
  /** After which a workstation no longer believes this state of the repository: an old one can't be kept from it. */
  readonly validDays: number;
  readonly now: Date;
  readonly development: boolean;
  /** Where the release has packages for Windows as well. */
  readonly code?: CodeTrust | null;
}

function copyInto(folder: string, from: string, ending: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(from).filter((one) => one.endsWith(ending))) {
    copyFileSync(join(from, name), join(folder, name));
  }
}

function makeApt(signer: Signer, { from, to, validDays, now }: RepoOptions): void {
  const root = join(to, 'apt');
  const dist = join(root, 'dists', SUITE);
  const binary = join(dist, 'main', 'binary-amd64');
  copyInto(join(root, 'pool', 'main', 'w', 'wardlight'), from, '.deb');
  mkdirSync(binary, { recursive: true });
  const packages = run('bash', ['-c', 'cd "$1" && apt-ftparchive packages pool', 'bash', root]);
  writeFileSync(join(binary, 'Packages'), packages);
  writeFileSync(join(binary, 'Packages.gz'), gzipSync(packages));
  const until = new Date(now.getTime() + validDays * DAY_MS);
  const fields = {
    Origin: 'Wardlight',
    Label: 'Wardlight',
    Suite: SUITE,
    Codename: SUITE,
    Architectures: 'amd64',
    Components: 'main',
    Date: now.toUTCString(),
    'Valid-Until': until.toUTCString(),
  };
  const strong = ['MD5', 'SHA1'].flatMap((name) => ['-o', `APT::FTPArchive::${name}=false`]);
  const listed = run('apt-ftparchive', [...strong, 'release', dist]).toString();
  const release = join(dist, 'Release');
  // apt-ftparchive leaves out fields that it doesn't know, Valid-Until among them: only its hashes are used.
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(release, `${head.join('')}${listed.slice(listed.indexOf('SHA256:'))}`);
  clearSign(signer, release, join(dist, 'InRelease'));
  signFile(signer, release, join(dist, 'Release.gpg'));
}

function makeYum(signer: Signer, { from, to }: RepoOptions): void {
  const root = join(to, 'yum');
  copyInto(root, from, '.rpm');
  run('createrepo_c', ['--quiet', '--checksum', 'sha256', root]);
  signFile(signer, join(root, 'repodata', 'repomd.xml'));
}

/** What IT puts on its workstations, with its own address in it. */
const SOURCES = `Types: deb
URIs: https://REPOSITORY/apt
Suites: ${SUITE}
Components: main
Architectures: amd64
Signed-By: /usr/share/keyrings/${KEYRING}
`;
const REPO = `[wardlight]
name=Wardlight
baseurl=https://REPOSITORY/yum
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=https://REPOSITORY/wardlight-archive-keyring.asc
`;

/** Nothing that doesn't hold as a release becomes a repository. */
export async function makeRepository(signer: Signer, options: RepoOptions): Promise<void> {
  const { from, to, development, code = null } = options;
  const keyring = exportKey(signer, false);
  const findings = await inFolder((folder) => {
    const file = join(folder, KEYRING);
    writeFileSync(file, keyring);
    return verifyRelease(from, { keyring: file, development, code });
  });
  const refused = findings.find(({ problem }) => problem !== null);
  if (refused) throw new ReleaseError(`${refused.file}: ${refused.check}: ${refused.problem}`);
  mkdirSync(to, { recursive: true });
  makeApt(signer, options);
  makeYum(signer, options);
  writeFileSync(join(to, KEYRING), keyring);
  writeFileSync(join(to, 'wardlight-archive-keyring.asc'), exportKey(signer, true));
  writeFileSync(join(to, 'wardlight.sources'), SOURCES);
  writeFileSync(join(to, 'wardlight.repo'), REPO);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      in: { type: 'string', default: '' },
      out: { type: 'string', default: '' },
      'valid-days': { type: 'string', default: '30' },
      development: { type: 'boolean', default: false },
      ...CODE_OPTIONS,
    },
  });
  const validDays = Number(values['valid-days']);
  if (!existsSync(values.in) || values.out === '' || !(validDays > 0)) {
    throw new ReleaseError(
      'usage: npm run repo -- --in DIR --out DIR [--valid-days 30] [--code-ca FILE] [--publisher NAME] [--development]',
    );
  }
  const [from, to] = [resolve(values.in), resolve(values.out)];
  if (existsSync(to) && readdirSync(to).length > 0) throw new ReleaseError(`${to} is not empty`);
  const signer = signerFromEnvironment();
  const { development } = values;
  await makeRepository(signer, { from, to, validDays, now: new Date(), development, code: codeTrustOf(values) });
  process.stdout.write(`repo: signed, in ${to}; valid for ${validDays} days\n`);
}

if (process.argv[1] === import.meta.filename) await endWith('repo', main);

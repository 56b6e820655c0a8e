import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRelease } from '../../build/release/sign.ts';
import { type Signer, signDeb, signFile, signRpm } from '../../build/release/signing.ts';
import { type Finding, verifyRelease } from '../../build/release/verify.ts';
import type { CodeTrust } from '../../build/release/verify-code.ts';
import { type CodeSigning, signCode } from '../../build/windows/signing.ts';
import { type CodeAuthority, makeCodeAuthority } from '../support/code-signing.ts';
import {
  flipByte,
  keyringOf,
  makeSigner,
  makeSmallRelease,
  SHIPPED,
  type SmallRelease,
  tool,
} from '../support/small-release.ts';

const work = mkdtempSync('/var/tmp/wardlight-verify-');
const [DEB, RPM, BOM] = ['wardlight-1.0.0.deb', 'wardlight-1.0.0.rpm', 'wardlight-1.0.0.cdx.json'];
const [TAR, EXE, MSI] = ['wardlight-1.0.0.tar.gz', 'wardlight-1.0.0-x64.exe', 'wardlight-1.0.0-x64.msi'];
const PUBLISHER = 'The Wardlight authors';
const [SUMS, PROVENANCE] = ['SHA256SUMS', 'wardlight.provenance.json'];
const EXPIRED_AT = '20200101T000000';

let ours: ReturnType<typeof makeSigner>;
let stranger: ReturnType<typeof makeSigner>;
let expired: ReturnType<typeof makeSigner>;
let keyring: string;
let authority: CodeAuthority;
let strangers: CodeAuthority;
/** Who signs code for Windows. */
let publisher: CodeSigning;
let code: CodeTrust;
let release: string;
let unsigned: string;

beforeAll(async () => {
  ours = makeSigner('release');
  stranger = makeSigner('stranger');
  expired = makeSigner('expired', EXPIRED_AT);
  // The stranger's key is not in it; that of the expired one once was a good one.
  keyring = keyringOf(join(work, 'keyring.gpg'), ours, expired);
  [authority, strangers] = await Promise.all([makeCodeAuthority('code'), makeCodeAuthority('others')]);
  publisher = authority.signer(PUBLISHER);
  code = { ca: authority.ca, publisher: PUBLISHER };
  unsigned = await makeSmallRelease(join(work, 'unsigned'), { code: null });
  release = await makeSmallRelease(join(work, 'release'), { signer: ours, code: publisher });
}, 120_000);
afterAll(() => {
  for (const one of [ours, stranger, expired, authority, strangers]) one?.end();
  rmSync(work, { recursive: true, force: true });
});

let copies = 0;
function copyOf(folder: string): string {
  copies += 1;
  const copy = join(work, `copy-${copies}`);
  cpSync(folder, copy, { recursive: true });
  return copy;
}

const problems = (findings: Finding[]) => findings.filter(({ problem }) => problem !== null);
const refusals = (findings: Finding[]) => problems(findings).map(({ check, file }) => `${check} ${file}`);

/** A signature by the key that has expired since, as it was made when it hadn't. */
function signAsExpired(file: string, signature: string, armor: string[]): void {
  const time = ['--faked-system-time', '20200102T000000'];
  const gpg = ['--homedir', expired.home, '--batch', '--yes', ...time, '--local-user', expired.key];
  tool('gpg', [...gpg, ...armor, '--detach-sign', '--output', signature, file]);
}

/** As somebody would who has the key, and no authority for time stamps. */
function signWithoutStamp(file: string, signed: string): void {
  if (publisher.tool !== 'osslsigncode') throw new Error('not that tool');
  const key = ['-certs', publisher.certificates, '-key', publisher.key, '-h', 'sha256'];
  rmSync(signed, { force: true });
  tool('osslsigncode', [
    'sign',
    ...key,
    ...(file.endsWith('.msi') ? ['-add-msi-dse'] : []),
    '-in',
    file,
    '-out',
    signed,
  ]);
}

const rewrite = (file: string, change: (text: string) => string) =>
  writeFileSync(file, change(readFileSync(file, 'utf8')));

it('takes a release that is whole', async () => {
  expect(problems(await verifyRelease(release, { keyring, code }))).toEqual([]);
});

it('signs packages as the tools of others expect it', () => {
  const [policies, keyrings] = [join(work, 'policies'), join(work, 'keyrings')];
  const id = ours.key.slice(-16);
  const policy = `<?xml version="1.0"?><!DOCTYPE Policy SYSTEM "https://www.debian.org/debsig/1.0/policy.dtd">
<Policy xmlns="https://www.debian.org/debsig/1.0/"><Origin Name="w" id="${id}" Description="w"/>
<Selection><Required Type="origin" File="k.gpg" id="${id}"/></Selection>
<Verification MinOptional="0"><Required Type="origin" File="k.gpg" id="${id}"/></Verification></Policy>`;
  tool('mkdir', ['-p', join(policies, id), join(keyrings, id)]);
  writeFileSync(join(policies, id, 'w.pol'), policy);
  copyFileSync(keyring, join(keyrings, id, 'k.gpg'));
  const verify = ['--policies-dir', policies, '--keyrings-dir', keyrings];
  tool('debsig-verify', [...verify, join(release, DEB)]);
  expect(() => tool('debsig-verify', [...verify, join(unsigned, DEB)])).toThrow();
});

describe('security: a release is refused', () => {
  type Row = [what: string, refused: string, change: (folder: string) => void];
  const resigned = (folder: string, signer: Signer) => signFile(signer, join(folder, SUMS));
  const rows: Row[] = [
    ['a deb that was changed', `signature ${DEB}`, (folder) => flipByte(join(folder, DEB), 0.5)],
    ['a deb without a signature', `signature ${DEB}`, (folder) => copyFileSync(join(unsigned, DEB), join(folder, DEB))],
    ['a deb signed by somebody else', `signature ${DEB}`, (folder) => signDeb(stranger, join(folder, DEB))],
    [
      'a deb whose signature has expired',
      `signature ${DEB}`,
      (folder) => {
        const [signed, member] = [join(work, 'signed'), join(work, '_gpgorigin')];
        const parts = tool('ar', ['t', join(unsigned, DEB)])
          .trim()
          .split('\n')
          .join(' ');
        tool('bash', [
          '-c',
          `for part in ${parts}; do ar p "$1" "$part"; done > "$2"`,
          'bash',
          join(unsigned, DEB),
          signed,
        ]);
        signAsExpired(signed, member, []);
        copyFileSync(join(unsigned, DEB), join(folder, DEB));
        tool('ar', ['q', join(folder, DEB), member]);
      },
    ],
    [
      'a deb with something beside what is signed',
      `signature ${DEB}`,
      (folder) => {
        writeFileSync(join(work, '_more'), 'more');
        tool('ar', ['q', join(folder, DEB), join(work, '_more')]);
      },
    ],
    ['an rpm that was changed', `signature ${RPM}`, (folder) => flipByte(join(folder, RPM), 0.98)],
    [
      'an rpm without a signature',
      `signature ${RPM}`,
      (folder) => copyFileSync(join(unsigned, RPM), join(folder, RPM)),
    ],
    [
      'an rpm signed by somebody else',
      `signature ${RPM}`,
      (folder) => {
        copyFileSync(join(unsigned, RPM), join(folder, RPM));
        signRpm(stranger, join(folder, RPM));
      },
    ],
    [
      'a list of hashes that was changed',
      `signature ${SUMS}`,
      (folder) => rewrite(join(folder, SUMS), (text) => text.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))),
    ],
    ['a list without a signature', `signature ${SUMS}`, (folder) => rmSync(join(folder, `${SUMS}.asc`))],
    ['a list signed by somebody else', `signature ${SUMS}`, (folder) => resigned(folder, stranger)],
    [
      'a list whose signature has expired',
      `signature ${SUMS}`,
      (folder) => signAsExpired(join(folder, SUMS), join(folder, `${SUMS}.asc`), ['--armor']),
    ],
    ['a file that is not listed', `hashes ${SUMS}`, (folder) => writeFileSync(join(folder, 'setup.sh'), '')],
    ['a file that is missing', `hashes ${SUMS}`, (folder) => rmSync(join(folder, RPM))],
    [
      'a statement of its origin that was changed',
      `provenance ${PROVENANCE}`,
      (folder) =>
        rewrite(join(folder, PROVENANCE), (text) => {
          const sealed = JSON.parse(text);
          const said = Buffer.from(sealed.payload, 'base64').toString().replace('1790000000', '1790000001');
          return JSON.stringify({ ...sealed, payload: Buffer.from(said).toString('base64') });
        }),
    ],
    [
      'a statement without a signature',
      `provenance ${PROVENANCE}`,
      (folder) => rewrite(join(folder, PROVENANCE), (text) => JSON.stringify({ ...JSON.parse(text), signatures: [] })),
    ],
    [
      'a statement of somebody else',
      `provenance ${PROVENANCE}`,
      (folder) => {
        const other = join(work, 'statement');
        signRelease(unsigned, other, stranger);
        copyFileSync(join(other, PROVENANCE), join(folder, PROVENANCE));
      },
    ],
    [
      'a list of parts that was changed',
      `hashes ${SUMS}`,
      (folder) => rewrite(join(folder, BOM), (text) => text.replace('"1.0.0"', '"1.0.1"')),
    ],
    ['an archive that was changed', `signature ${TAR}`, (folder) => flipByte(join(folder, TAR), 0.5)],
    ['an archive without a signature', `signature ${TAR}`, (folder) => rmSync(join(folder, `${TAR}.asc`))],
    ['an archive signed by somebody else', `signature ${TAR}`, (folder) => signFile(stranger, join(folder, TAR))],
    ...[EXE, MSI].flatMap((name): Row[] => [
      [`${name} that was changed`, `signature ${name}`, (folder) => flipByte(join(folder, name), 0.5)],
      [
        `${name} without a signature`,
        `signature ${name}`,
        (folder) => copyFileSync(join(unsigned, name), join(folder, name)),
      ],
      [
        `${name} of an authority that isn’t trusted`,
        `signature ${name}`,
        (folder) => signCode(strangers.signer(PUBLISHER), join(folder, name)),
      ],
      [
        `${name} signed by somebody else whom the same authority knows`,
        `signature ${name}`,
        (folder) => signCode(authority.signer('Somebody'), join(folder, name)),
      ],
      [
        `${name} whose signer had expired when it was signed`,
        `signature ${name}`,
        (folder) => signCode(authority.signer(PUBLISHER, { expired: true }), join(folder, name)),
      ],
      [
        `${name} without a time stamp`,
        `signature ${name}`,
        (folder) => signWithoutStamp(join(unsigned, name), join(folder, name)),
      ],
    ]),
    [
      'no list of parts for Windows',
      `sbom ${MSI}`,
      (folder) => rmSync(join(folder, 'wardlight-1.0.0-windows.cdx.json')),
    ],
    ['no list of parts', `sbom ${DEB}`, (folder) => rmSync(join(folder, BOM))],
  ];

  it.each(rows)('for %s', async (_what, refused, change) => {
    const folder = copyOf(release);
    change(folder);
    expect(refusals(await verifyRelease(folder, { keyring, code }))).toContain(refused);
  });

  const made: [string, string, SmallRelease][] = [
    ['a fuse that is not set', `fuses ${DEB}`, { fuses: '11001100' }],
    ['a file that has no business in it', `files ${RPM}`, { extra: { 'opt/Wardlight/resources/app/main.mjs': '' } }],
    ['a file elsewhere in the system', `files ${DEB}`, { extra: { 'etc/cron.d/wardlight': '' } }],
    ['a list of parts without the runtime', `sbom ${RPM}`, { shipped: SHIPPED.slice(1) }],
    [
      'a file that has no business in the program for Windows',
      `files ${EXE}`,
      { extraForWindows: { 'resources/app/main.mjs': '' } },
    ],
    ['the same in its MSI', `files ${MSI}`, { extraForWindows: { 'resources/app/main.mjs': '' } }],
    ['a fuse that is not set in the program for Windows', `fuses ${EXE}`, { fuses: '11001100' }],
    ['a runtime for development', `provenance ${PROVENANCE}`, { development: true }],
  ];
  it.each(made)('for %s, though all of it is well signed', async (_what, refused, options) => {
    copies += 1;
    const folder = await makeSmallRelease(join(work, `made-${copies}`), { ...options, signer: ours, code: publisher });
    const found = refusals(await verifyRelease(folder, { keyring, code }));
    expect(found).toContain(refused);
    expect(found.filter((one) => one.startsWith('signature'))).toEqual([]);
  });

  it('for each file of Windows that isn’t signed, though what holds it is', async () => {
    const folder = copyOf(release);
    for (const name of [EXE, MSI]) {
      copyFileSync(join(unsigned, name), join(folder, name));
      signCode(publisher, join(folder, name));
    }
    const found = refusals(await verifyRelease(folder, { keyring, code }));
    expect(found).toEqual(expect.arrayContaining([`code ${EXE}`, `code ${MSI}`]));
    expect(found).not.toContain(`signature ${EXE}`);
  });

  it('for packages for Windows where nobody is named who may have signed them', async () => {
    const found = refusals(await verifyRelease(release, { keyring }));
    expect(found).toEqual([`signature ${EXE}`, `code ${EXE}`, `signature ${MSI}`, `code ${MSI}`]);
  });
});

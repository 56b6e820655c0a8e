// `npm run verify-release -- DIR --keyring FILE`: what IT checks before it hands a release on, with public tools.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RELEASE_FILE } from '../../main/updates/documents.ts';
import { bomName, isBomOf } from '../packaging/sbom.ts';
import { verifyFeed } from './feed.ts';
import { unseal } from './provenance.ts';
import { PACKAGE, PROVENANCE, SUMS } from './sign.ts';
import { endWith, hashOf, inFolder, ReleaseError } from './tools.ts';
import { CODE_OPTIONS, type CodeTrust, codeTrustOf, verifyAllCode, verifyCode } from './verify-code.ts';
import { filesToSign, kindOf, type Opened, open, verifyBom, verifyFiles, verifyFuses } from './verify-contents.ts';
import { type Trust, verifyBytes, verifyDeb, verifyFile, verifyRpm } from './verify-signatures.ts';

export interface Finding {
  readonly check: string;
  readonly file: string;
  /** Null where it holds. */
  readonly problem: string | null;
}

export interface VerifyOptions extends Trust {
  /** Accepts a package with the stand-in runtime, to try out. */
  readonly development?: boolean;
  /** Public keys by which a feed beside the packages is signed. */
  readonly updateKeys?: readonly string[];
  /** Packages for Windows are refused where nobody is named who may have signed them. */
  readonly code?: CodeTrust | null;
}

async function attempt(check: string, file: string, work: () => unknown): Promise<Finding> {
  try {
    await work();
    return { check, file, problem: null };
  } catch (error) {
    return { check, file, problem: error instanceof Error ? error.message : 'it can’t be read' };
  }
}

const FEED_FILE = /^(?:release|keys-\d+)\.json$/;

/** Every file of the folder is listed with its hash, and no other. */
function verifySums(folder: string, names: readonly string[]): void {
  const lines = readFileSync(join(folder, SUMS), 'utf8').split('\n').filter(Boolean);
  const listed = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  // What belongs to a feed is signed by itself, and often anew.
  const others = names.filter((name) => name !== SUMS && name !== `${SUMS}.asc` && !FEED_FILE.test(name));
  const unlisted = others.filter((name) => !listed.has(name));
  if (unlisted.length > 0) throw new ReleaseError(`not in the list: ${unlisted.join(', ')}`);
  for (const [name, hash] of listed) {
    if (!others.includes(name)) throw new ReleaseError(`missing: ${name}`);
    if (hashOf(join(folder, name)) !== hash) throw new ReleaseError(`changed: ${name}`);
  }
}

function verifyProvenance(folder: string, names: readonly string[], options: VerifyOptions): void {
  const sealed = readFileSync(join(folder, PROVENANCE), 'utf8');
  const { subject, predicate } = unseal(sealed, (data, signature) => verifyBytes(options, data, signature));
  if (predicate.buildDefinition.externalParameters.development && options.development !== true) {
    throw new ReleaseError('it has a runtime for development; it is not to be released');
  }
  const hashes = new Map(subject.map(({ name, digest }) => [name, digest.sha256]));
  for (const name of names.filter((one) => PACKAGE.test(one) || one.endsWith('.cdx.json'))) {
    if (hashes.get(name) !== hashOf(join(folder, name))) throw new ReleaseError(`it says nothing of this ${name}`);
  }
}

/** The package's own signature, as its kind has it. */
function verifySignature(kind: string, file: string, options: VerifyOptions): void {
  if (kind === '.deb') verifyDeb(options, file);
  else if (kind === '.rpm') verifyRpm(options, file);
  else if (kind === '.tar.gz') verifyFile(options, file);
  else verifyCode(trustOf(options), file);
}

function trustOf({ code }: VerifyOptions): CodeTrust {
  if (!code) throw new ReleaseError('name who may have signed it: --code-ca FILE --publisher NAME');
  return code;
}

async function verifyPackage(folder: string, name: string, kind: string, options: VerifyOptions): Promise<Finding[]> {
  const file = join(folder, name);
  const signature = await attempt('signature', name, () => verifySignature(kind, file, options));
  return inFolder(async (work) => {
    let opened: Opened | null = null;
    const opening = await attempt('unpack', name, () => {
      opened = open(file, work);
    });
    if (opened === null) return [signature, opening];
    const inside: Opened = opened;
    const bom = readdirSync(folder).find((one) => isBomOf(one, inside.system)) ?? bomName('VERSION', inside.system);
    return [
      signature,
      await attempt('files', name, () => verifyFiles(inside)),
      await attempt('fuses', name, () => verifyFuses(inside)),
      await attempt('sbom', name, () => verifyBom(join(folder, bom), inside)),
      ...(inside.system === 'win32'
        ? [await attempt('code', name, () => verifyAllCode(trustOf(options), filesToSign(inside)))]
        : []),
    ];
  });
}

/** All checks of a release in a folder; it holds if no finding has a problem. */
export async function verifyRelease(folder: string, options: VerifyOptions): Promise<Finding[]> {
  const names = readdirSync(folder);
  const packages = names.flatMap((name) => {
    const kind = kindOf(name);
    return kind === null ? [] : [{ name, kind }];
  });
  const findings = [
    await attempt('signature', SUMS, () => verifyFile(options, join(folder, SUMS))),
    await attempt('hashes', SUMS, () => verifySums(folder, names)),
    await attempt('provenance', PROVENANCE, () => verifyProvenance(folder, names, options)),
  ];
  if (packages.length === 0) findings.push({ check: 'files', file: folder, problem: 'there is no package' });
  if (names.includes(RELEASE_FILE)) {
    const keys = options.updateKeys ?? [];
    findings.push(await attempt('feed', RELEASE_FILE, () => verifyFeed(folder, keys, new Date())));
  }
  for (const { name, kind } of packages) findings.push(...(await verifyPackage(folder, name, kind, options)));
  return findings;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      keyring: { type: 'string', default: process.env['WARDLIGHT_RELEASE_KEYRING'] ?? '' },
      'update-key': { type: 'string', multiple: true, default: [] },
      ...CODE_OPTIONS,
      development: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [folder = ''] = positionals;
  if (!existsSync(folder) || !existsSync(values.keyring)) {
    process.stderr.write(
      'usage: npm run verify-release -- DIR --keyring FILE [--update-key KEY] [--code-ca FILE] [--publisher NAME] [--development] [--json]\n',
    );
    process.exitCode = 2;
    return;
  }
  const { development, 'update-key': updateKeys } = values;
  const options = { keyring: resolve(values.keyring), development, updateKeys, code: codeTrustOf(values) };
  const findings = await verifyRelease(resolve(folder), options);
  const isGood = findings.every(({ problem }) => problem === null);
  if (values.json) process.stdout.write(`${JSON.stringify({ ok: isGood, findings })}\n`);
  else {
    for (const { check, file, problem } of findings) {
      process.stdout.write(
        `${problem === null ? 'ok    ' : 'REFUSED'} ${check} ${file}${problem ? `: ${problem}` : ''}\n`,
      );
    }
  }
  process.exitCode = isGood ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) await endWith('verify-release', main);

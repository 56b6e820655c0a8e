// `npm run sign-release -- DIR`: signs what `npm run package` has built, where the key is.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildDefinition, seal, statementOf } from './provenance.ts';
import { type Signer, sign, signDeb, signerFromEnvironment, signFile, signRpm } from './signing.ts';
import { hashOf, ReleaseError } from './tools.ts';

/** What people install. */
export const PACKAGE = /\.(?:deb|rpm|tar\.gz)$/;
export const SUMS = 'SHA256SUMS';
export const PROVENANCE = 'wardlight.provenance.json';
/** Left behind by the build for us: no part of a release. */
export const BUILD = 'build.json';
const releaseFile = /\.(?:deb|rpm|tar\.gz|cdx\.json)$/;

/** Signs packages, says in a sealed statement what they were built from, and lists all of it in a signed list. */
export function signRelease(folder: string, signer: Signer): void {
  const names = readdirSync(folder).filter((name) => releaseFile.test(name));
  if (!names.some((name) => PACKAGE.test(name))) throw new ReleaseError(`there is no package in ${folder}`);
  for (const name of names) {
    if (name.endsWith('.deb')) signDeb(signer, join(folder, name));
    if (name.endsWith('.rpm')) signRpm(signer, join(folder, name));
  }
  const build = buildDefinition.parse(JSON.parse(readFileSync(join(folder, BUILD), 'utf8')));
  const sealed = seal(statementOf(folder, names, build), signer.key, (data) => sign(signer, data));
  writeFileSync(join(folder, PROVENANCE), sealed);
  const lines = [...names, PROVENANCE].sort().map((name) => `${hashOf(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, SUMS), lines.join(''));
  signFile(signer, join(folder, SUMS));
}

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2);
  try {
    if (!folder) throw new ReleaseError('usage: npm run sign-release -- DIR');
    signRelease(resolve(folder), signerFromEnvironment());
    process.stdout.write(`sign-release: signed ${folder}\n`);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    process.stderr.write(`sign-release: ${error.message}\n`);
    process.exitCode = 1;
  }
}

// `npm run sign-release -- --in DIR --out DIR`: makes a release of what `npm run package` has built, where the key is.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDefinition, seal, statementOf } from './provenance.ts';
import { type Signer, sign, signDeb, signerFromEnvironment, signFile, signRpm } from './signing.ts';
import { endWith, hashOf, ReleaseError } from './tools.ts';

/** What people install. */
export const PACKAGE = /\.(?:deb|rpm|tar\.gz|exe|msi)$/;
export const SUMS = 'SHA256SUMS';
export const PROVENANCE = 'wardlight.provenance.json';
/** Left by the build for the statement. */
const BUILD = 'build.json';
const isReleased = (name: string) => PACKAGE.test(name) || name.endsWith('.cdx.json');

/** Signs packages, says in a sealed statement what they were built from, and lists all of it in a signed list. */
export function signRelease(from: string, folder: string, signer: Signer): void {
  const names = readdirSync(from).filter(isReleased);
  if (!names.some((name) => PACKAGE.test(name))) throw new ReleaseError(`there is no package in ${from}`);
  mkdirSync(folder, { recursive: true });
  for (const name of names) copyFileSync(join(from, name), join(folder, name));
  for (const name of names) {
    if (name.endsWith('.deb')) signDeb(signer, join(folder, name));
    if (name.endsWith('.rpm')) signRpm(signer, join(folder, name));
  }
  // Windows' were signed where they were built, from the inside out: what Windows checks is its own kind of signature.
  const archives = names.filter((name) => name.endsWith('.tar.gz'));
  for (const name of archives) signFile(signer, join(folder, name));
  const build = buildDefinition.parse(JSON.parse(readFileSync(join(from, BUILD), 'utf8')));
  const sealed = seal(statementOf(folder, names, build), signer.key, (data) => sign(signer, data));
  writeFileSync(join(folder, PROVENANCE), sealed);
  const lines = [...names, ...archives.map((name) => `${name}.asc`), PROVENANCE]
    .sort()
    .map((name) => `${hashOf(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, SUMS), lines.join(''));
  signFile(signer, join(folder, SUMS));
}

function main(): void {
  const { values } = parseArgs({
    options: { in: { type: 'string', default: '' }, out: { type: 'string', default: '' } },
  });
  if (!existsSync(values.in) || values.out === '') {
    throw new ReleaseError('usage: npm run sign-release -- --in DIR --out DIR');
  }
  const [from, to] = [resolve(values.in), resolve(values.out)];
  if (existsSync(to) && readdirSync(to).length > 0) throw new ReleaseError(`${to} is not empty`);
  signRelease(from, to, signerFromEnvironment());
  process.stdout.write(`sign-release: signed, in ${to}\n`);
}

if (process.argv[1] === import.meta.filename) await endWith('sign-release', main);

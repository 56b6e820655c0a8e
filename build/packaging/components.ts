import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules, project } from '../setup/places.mjs';
import { nativePackages } from '../windows/runtime.ts';
import { packageAt, readBundled } from './bundled.ts';
import { standardText } from './standard-texts.ts';

/** Something that ships, with its licence. */
export interface Component {
  readonly type: 'application' | 'framework' | 'library';
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  readonly purl: string;
  /** Texts of its licence and notices. */
  readonly texts: readonly string[];
}

const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** Licences that stand in a package's files only, or that are its own. */
const UNDECLARED: Readonly<Record<string, string>> = {
  'combine-errors': 'MIT',
  '@lhncbc/ucum-lhc': 'LicenseRef-UCUM-LHC',
  // BSD-3-Clause in other words, with a request to be cited.
  fhirpath: 'LicenseRef-fhirpath',
};

function licenseOf(declared: unknown, name: string): string {
  const license = UNDECLARED[name] ?? declared;
  if (typeof license === 'string' && !/^SEE /.test(license)) return license;
  throw new Error(`The licence of ${name} is not known: read its files and name it in build/packaging/components.ts`);
}

/** Files of a package whose texts have to travel with it. */
function textsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^(?:licen[cs]e|copying|notice|copyright)(?:[.-].*)?$/i.test(name) && !/\.(?:js|ts)$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
}

function npmComponent(folder: string): Component {
  const { name, version, license: declared, author } = packageAt(folder);
  const license = licenseOf(declared, name);
  const texts = textsIn(folder);
  const apache = license === 'Apache-2.0' ? [readFileSync(join(project, 'LICENSE'), 'utf8').trim()] : [];
  return {
    type: 'library',
    name,
    version,
    license,
    purl: purlOf(name, version),
    texts: texts.length > 0 ? texts : [...apache, ...standardText(license, author, name)],
  };
}

function defined(text: string, name: string): string {
  const value = new RegExp(`#define ${name}\\s+"[^"]*?(\\d+(?:\\.\\d+)+)"`).exec(text)?.[1];
  if (!value) throw new Error(`${name} is not in the driver's sources`);
  return value;
}

/** The database inside the driver's module, which no package of its own stands for. */
function databaseComponents(): Component[] {
  const header = join(modules, 'better-sqlite3-multiple-ciphers', 'deps', 'sqlite3', 'sqlite3.h');
  const text = readFileSync(header, 'utf8');
  const [sqlite, ciphers] = [defined(text, 'SQLITE_VERSION'), defined(text, 'SQLITE3MC_VERSION_STRING')];
  const type = 'library';
  const name = 'SQLite3MultipleCiphers';
  const purl = `pkg:github/utelle/${name}@v${ciphers}`;
  const texts = standardText('MIT', 'Ulrich Telle', name);
  return [
    { type, name: 'sqlite', version: sqlite, license: 'blessing', purl: `pkg:generic/sqlite@${sqlite}`, texts: [] },
    { type, name, version: ciphers, license: 'MIT', purl, texts },
  ];
}

export interface RuntimeVersions {
  readonly electron: string;
  readonly chrome: string;
  readonly node: string;
  readonly v8: string;
}

/** Chromium's and Electron's own notices lie beside the program, as files of their distribution. */
function runtimeComponents({ electron, chrome, node, v8 }: RuntimeVersions): Component[] {
  const parts = [
    ['framework', 'electron', electron, 'MIT', `pkg:npm/electron@${electron}`],
    ['framework', 'chromium', chrome, 'BSD-3-Clause', `pkg:generic/chromium@${chrome}`],
    ['framework', 'node', node, 'MIT', `pkg:generic/node@${node}`],
    ['library', 'v8', v8, 'BSD-3-Clause', `pkg:generic/v8@${v8}`],
  ] as const;
  return parts.map(([type, name, version, license, purl]) => ({ type, name, version, license, purl, texts: [] }));
}

/** Folders of packages that lie in the archive as they are, among its files. */
function unbundled(archived: readonly string[]): string[] {
  const folders = archived.map((name) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(name)?.[1]);
  return folders.filter((folder) => folder !== undefined);
}

/** Where a package of the archive lies: npm installs another system's elsewhere. */
function placeOf(folder: string): string[] {
  const places = [join(project, folder), join(nativePackages, folder.slice('node_modules/'.length))];
  return places.filter((place) => existsSync(place)).slice(0, 1);
}

/** Everything that ships, in order of names. `archived`: the files in app.asar. */
export function componentsOf(archived: readonly string[], versions: RuntimeVersions): Component[] {
  const folders = new Set([...readBundled(), ...unbundled(archived)]);
  const packages = [...folders].flatMap(placeOf).map(npmComponent);
  const all = [...packages, ...databaseComponents(), ...runtimeComponents(versions)];
  const byPurl = new Map(all.map((component) => [component.purl, component]));
  return [...byPurl.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

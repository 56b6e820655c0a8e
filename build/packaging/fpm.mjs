#!/usr/bin/env node
// Builds deb and rpm from the arguments that electron-builder has for fpm, with Debian's own dpkg-deb and rpmbuild:
// fpm itself comes as a download only. The same input gives the same bytes: all times are SOURCE_DATE_EPOCH, all owners
// root, and one thread compresses.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const list = { type: 'string', multiple: true, default: [] };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    s: { ...text, short: 's' },
    t: { ...text, short: 't' },
    d: { ...list, short: 'd' },
    force: { type: 'boolean' },
    'deb-recommends': list,
    'deb-compression': text,
    'deb-priority': text,
    'rpm-os': text,
    'rpm-compression': text,
    'rpm-summary': text,
    'after-install': text,
    'after-remove': text,
    'config-files': list,
    architecture: text,
    category: text,
    description: text,
    iteration: text,
    license: text,
    maintainer: text,
    name: text,
    package: text,
    url: text,
    vendor: text,
    version: text,
  },
});

const epoch = Number(process.env.SOURCE_DATE_EPOCH);
if (!Number.isInteger(epoch)) throw new Error('fpm: SOURCE_DATE_EPOCH is missing');

function run(command, args) {
  const { status, stderr, stdout, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`fpm: ${command}: ${error?.message ?? `${stderr}${stdout}`}`);
}

/** Copies `source=target` of the arguments to where they will be installed. A source that ends in / is its content. */
function stage(root) {
  for (const mapping of positionals) {
    const cut = mapping.lastIndexOf('=');
    const target = join(root, mapping.slice(cut + 1));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(resolve(mapping.slice(0, cut)), target, { recursive: true, verbatimSymlinks: true });
  }
}

/** One mode for what may be run, one for the rest, whatever the umask and whoever has built; one time for all. */
function settle(path) {
  const found = lstatSync(path);
  if (!found.isSymbolicLink()) chmodSync(path, found.isDirectory() || found.mode & 0o111 ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of readdirSync(path)) settle(join(path, name));
  lutimesSync(path, epoch, epoch);
}

function sizeOf(path) {
  const found = lstatSync(path);
  if (!found.isDirectory()) return Math.ceil(found.size / 1024);
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 1);
}

function buildDeb(root) {
  const [synopsis = '', ...body] = values.description.trim().split('\n');
  const recommended = values['deb-recommends'];
  const fields = [
    ['Package', values.name],
    ['Version', values.version],
    ['Section', values.category ?? 'misc'],
    ['Priority', values['deb-priority'] ?? 'optional'],
    ['Architecture', values.architecture],
    ['Maintainer', values.maintainer],
    ['Installed-Size', sizeOf(root)],
    ['Depends', values.d.join(', ')],
    ...(recommended.length > 0 ? [['Recommends', recommended.join(', ')]] : []),
    ['Homepage', values.url],
    ['Description', [synopsis, ...body.map((line) => ` ${line.trim()}`)].join('\n')],
  ];
  const control = join(root, 'DEBIAN');
  mkdirSync(control);
  writeFileSync(join(control, 'control'), fields.map(([name, value]) => `${name}: ${value}\n`).join(''));
  if (values['config-files'].length > 0) {
    writeFileSync(join(control, 'conffiles'), values['config-files'].map((path) => `${path}\n`).join(''));
  }
  for (const [name, option] of [
    ['postinst', 'after-install'],
    ['postrm', 'after-remove'],
  ]) {
    writeFileSync(join(control, name), readFileSync(values[option]), { mode: 0o755 });
  }
  settle(root);
  const compression = values['deb-compression'] === 'gz' ? ['-Zgzip', '-z1'] : ['-Zxz', '--threads-max=1'];
  run('dpkg-deb', ['--root-owner-group', ...compression, '--build', root, values.package]);
}

/** What the package owns: its files, and the folders of its own, not those of the system. */
function ownedBy(root) {
  const owned = [];
  const walk = (path) => {
    for (const name of readdirSync(join(root, path)).sort()) {
      const inside = `${path}/${name}`;
      const isFolder = lstatSync(join(root, inside)).isDirectory();
      if (isFolder && inside.startsWith('/opt/')) owned.push(`%dir "${inside}"`);
      if (isFolder) walk(inside);
      else owned.push(`${values['config-files'].includes(inside) ? '%config(noreplace) ' : ''}"${inside}"`);
    }
  };
  walk('');
  return owned;
}

/** A script as rpmbuild gives it to root: what it would take for macros of its own is written twice. */
const scriptlet = (option) => readFileSync(values[option], 'utf8').replaceAll('%', '%%');

/** electron-builder hands over Debian's names. */
const rpmNames = { amd64: 'x86_64', arm64: 'aarch64' };

function buildRpm(root, work) {
  const [release, version] = [values.iteration ?? '1', values.version];
  const spec = `
%undefine _debugsource_packages
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _buildhost localhost
Name: ${values.name}
Version: ${version}
Release: ${release}
Summary: ${values['rpm-summary'] ?? values.description.split('\n')[0]}
License: ${values.license}
Group: ${values.category ?? 'Applications'}
Vendor: ${values.vendor}
Packager: ${values.maintainer}
URL: ${values.url}
AutoReqProv: no
${values.d.map((name) => `Requires: ${name}`).join('\n')}
%description
${values.description}
%post
${scriptlet('after-install')}
%postun
${scriptlet('after-remove')}
%files
%defattr(-,root,root,-)
${ownedBy(root).join('\n')}
`;
  const file = join(work, 'package.spec');
  writeFileSync(file, spec);
  settle(root);
  const payload = values['rpm-compression'] === 'gzip' ? 'w1.gzdio' : 'w6.xzdio';
  const arch = rpmNames[values.architecture] ?? values.architecture;
  const defines = [`_topdir ${join(work, 'rpm')}`, `_binary_payload ${payload}`, '_source_payload w1.gzdio'];
  run('rpmbuild', ['-bb', `--target=${arch}`, `--buildroot=${root}`, ...defines.flatMap((one) => ['-D', one]), file]);
  cpSync(join(work, 'rpm', 'RPMS', arch, `${values.name}-${version}-${release}.${arch}.rpm`), values.package);
}

const work = mkdtempSync(join(existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), 'wardlight-fpm-'));
try {
  const root = join(work, 'root');
  mkdirSync(root, { mode: 0o755 });
  stage(root);
  if (values.t === 'deb') buildDeb(root);
  else if (values.t === 'rpm') buildRpm(root, work);
  else throw new Error(`fpm: no package of the kind ${values.t} is built`);
  statSync(values.package);
} finally {
  rmSync(work, { recursive: true, force: true });
}

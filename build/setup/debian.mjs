import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isRoot } from './places.mjs';
import { run } from './report.mjs';

/** What Chromium, a private D-Bus session with GNOME Keyring and a virtual display need on Debian 12. */
const packages = [
  'xvfb',
  'xauth',
  'dbus',
  'dbus-x11',
  'gnome-keyring',
  'libsecret-1-0',
  'libglib2.0-bin',
  'libgtk-3-0',
  'libnss3',
  // Certificates for the tests of TLS: Chromium on Linux takes its own from an NSS database.
  'libnss3-tools',
  'openssl',
  // Tokens for the tests of keys (PKCS#11): this one, and that of libnss3.
  'softhsm2',
  // A scanner for the tests of scanning: its backend `test`.
  'sane-utils',
  'libasound2',
  'libgbm1',
  'libxss1',
  'libnotify4',
  'libatspi2.0-0',
  'fonts-dejavu-core',
  'ca-certificates',
];

/** Only where the SQLCipher module must be compiled for the development runtime. */
export const compilerPackages = ['g++', 'make', 'python3'];

export const isDebian = process.platform === 'linux' && existsSync('/usr/bin/dpkg-query');

function missingOf(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own notation
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  });
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/** Installs what is missing where it may, and otherwise names it: the program may still run on a full desktop. */
export function installDebianPackages(say, names = packages) {
  if (process.platform !== 'linux') return 'not needed on this system';
  if (!isDebian) return `not a Debian system; the equivalents are needed of: ${names.join(' ')}`;
  const missing = missingOf(names);
  if (missing.length === 0) return 'all there';
  if (!isRoot) return `missing, please install: sudo apt-get install ${missing.join(' ')}`;
  say(`installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  return 'installed';
}

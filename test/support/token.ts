import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tool } from './small-release.ts';

/** Debian packages by which osslsigncode and GnuPG reach a key in a token. */
export const TOKEN_TOOLS = ['gnupg-pkcs11-scd', 'libengine-pkcs11-openssl', 'opensc', 'softhsm2'];

/** The PKCS#11 module that stands in for an HSM. */
export const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
export const PIN = '567890';

/** A token with one RSA key and its certificate, both named by `label`; answers what finds it in the environment. */
export function makeToken(folder: string, label: string, key: string, certificate: string): Record<string, string> {
  const tokens = join(folder, 'tokens');
  const [settings, der, plain] = [join(folder, 'softhsm2.conf'), join(folder, 'token.der'), join(folder, 'token.pem')];
  mkdirSync(tokens, { recursive: true });
  writeFileSync(settings, `directories.tokendir = ${tokens}\nobjectstore.backend = file\n`);
  const found = { SOFTHSM2_CONF: settings };
  const env = { ...process.env, ...found };
  const pins = ['--so-pin', '1234', '--pin', PIN];
  tool('softhsm2-util', ['--init-token', '--free', '--label', 'release', ...pins], env);
  tool('openssl', ['pkcs8', '-topk8', '-nocrypt', '-in', key, '-out', plain]);
  const object = ['--label', label, '--id', '01', '--pin', PIN];
  tool('softhsm2-util', ['--import', plain, '--token', 'release', ...object], env);
  tool('openssl', ['x509', '-in', certificate, '-outform', 'der', '-out', der]);
  const into = ['--module', MODULE, '--token-label', 'release', '--login'];
  tool('pkcs11-tool', [...into, '--write-object', der, '--type', 'cert', ...object], env);
  return found;
}

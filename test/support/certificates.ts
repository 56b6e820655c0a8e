import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerTls } from '../server/index.ts';
import { sessionFolder } from './app.ts';

/** An authority of the test's own, and what it has certified. */
export interface Authority {
  /** Path of its certificate. */
  readonly caFile: string;
  readonly ca: string;
  server(): ServerTls;
  /** A certificate of a workstation, as a PKCS #12 file without a password. */
  client(name: string): string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export function createAuthority(name: string): Authority {
  const folder = mkdtempSync(sessionFolder('authority-'));
  const path = (file: string) => join(folder, file);
  const text = (file: string) => readFileSync(path(file), 'utf8');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const subject = ['-subj', `/CN=${name}`];
  openssl('req', '-x509', ...CURVE, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', ...subject);

  function certify(who: string, extension: string): void {
    writeFileSync(path(`${who}.ext`), extension);
    openssl('req', ...CURVE, '-keyout', `${who}.key`, '-out', `${who}.csr`, '-subj', `/CN=${who}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30'];
    openssl('x509', '-req', '-in', `${who}.csr`, ...by, '-extfile', `${who}.ext`, '-out', `${who}.pem`);
  }

  return {
    caFile: path('ca.pem'),
    ca: text('ca.pem'),
    server() {
      certify('server', 'subjectAltName=IP:127.0.0.1');
      return { key: text('server.key'), cert: text('server.pem') };
    },
    client(who) {
      certify(who, 'extendedKeyUsage=clientAuth');
      const into = ['-export', '-inkey', `${who}.key`, '-in', `${who}.pem`, '-out', `${who}.p12`, '-name', who];
      openssl('pkcs12', ...into, '-passout', 'pass:');
      return path(`${who}.p12`);
    },
  };
}

/** The certificates of the session's user, where Chromium looks for them on Linux. */
export function createCertificateStore() {
  const folder = join(process.env['HOME'] ?? '', '.pki', 'nssdb');
  const store = `sql:${folder}`;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'cert9.db'))) {
    execFileSync('certutil', ['-N', '--empty-password', '-d', store], { stdio: 'pipe' });
  }
  return {
    trust: (name: string, caFile: string) =>
      execFileSync('certutil', ['-A', '-n', name, '-t', 'C,,', '-i', caFile, '-d', store], { stdio: 'pipe' }),
    add: (pkcs12: string) =>
      execFileSync('pk12util', ['-i', pkcs12, '-d', store, '-W', '', '-K', ''], { stdio: 'pipe' }),
  };
}

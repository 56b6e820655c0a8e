import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSigning } from '../../build/windows/signing.ts';
import { tool } from './small-release.ts';

/** An authority for signatures of code and for time stamps, made on the fly; its keys exist nowhere else. */
export interface CodeAuthority {
  /** PEM of its root. */
  readonly ca: string;
  readonly folder: string;
  /** A signer of its own; `expired` since long, with time stamps only where the authority for them was asked in time. */
  signer(name: string, options?: { readonly expired?: boolean }): CodeSigning;
  end(): void;
}

const KEY = ['-newkey', 'rsa:2048', '-nodes'];

export async function makeCodeAuthority(name: string): Promise<CodeAuthority> {
  const folder = mkdtempSync('/var/tmp/wardlight-code-');
  const path = (file: string) => join(folder, file);
  const openssl = (...args: string[]) => tool('openssl', args);
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
    '-days',
    '30',
    '-subj',
    `/CN=${name}`,
  );

  function certify(who: string, subject: string, usage: string, period: readonly string[]): void {
    const extensions = path(`${who}.ext`);
    writeFileSync(extensions, `keyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\n`);
    openssl('req', ...KEY, '-keyout', path(`${who}.key`), '-out', path(`${who}.csr`), '-subj', `/CN=${subject}`);
    const by = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', ...period];
    openssl('x509', '-req', '-in', path(`${who}.csr`), ...by, '-extfile', extensions, '-out', path(`${who}.pem`));
  }

  certify('tsa', `${name} time`, 'critical,timeStamping', ['-days', '30']);
  copyFileSync(path('ca.pem'), path('chain.pem'));
  const stamps = spawn(process.execPath, [join(import.meta.dirname, 'time-stamps.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve) => {
    stamps.stdout.once('data', (said) => resolve(String(said).trim()));
  });
  let signers = 0;
  return {
    ca: path('ca.pem'),
    folder,
    signer(subject, { expired = false } = {}) {
      signers += 1;
      const who = `signer-${signers}`;
      // OpenSSL takes a period that is over by its ends only from version 3.4 on; a negative one by days from always.
      certify(who, subject, 'codeSigning', ['-days', expired ? '-1' : '30']);
      const file = path(`${who}.json`);
      const signing = {
        tool: 'osslsigncode' as const,
        certificates: path(`${who}.pem`),
        key: path(`${who}.key`),
        timestamp: `http://127.0.0.1:${port}`,
      };
      writeFileSync(file, JSON.stringify(signing));
      return { ...signing, file };
    },
    end() {
      stamps.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { inFolder, ReleaseError, run } from './tools.ts';

/** Whose signatures of code for Windows are trusted (Authenticode). */
export interface CodeTrust {
  /** PEM of the roots that are trusted for signers and for time stamps. */
  readonly ca: string;
  /** The signer's common name: an authority certifies many. */
  readonly publisher: string;
}

/** By which a command is told whom to trust. */
export const CODE_OPTIONS = {
  'code-ca': { type: 'string', default: '' },
  publisher: { type: 'string', default: 'The Wardlight authors' },
} as const;

/**
 * Null where nobody is named.
 * @throws ReleaseError where the file is missing
 */
export function codeTrustOf(values: { readonly 'code-ca': string; readonly publisher: string }): CodeTrust | null {
  const ca = values['code-ca'];
  if (ca === '') return null;
  if (!existsSync(ca)) throw new ReleaseError(`${ca} is missing`);
  return { ca: resolve(ca), publisher: values.publisher };
}

/** The certificates that a signed file carries. */
function certificatesOf(file: string): X509Certificate[] {
  return inFolder((folder) => {
    const signature = join(folder, 'signature.pem');
    run('osslsigncode', ['extract-signature', '-pem', '-in', file, '-out', signature]);
    const printed = run('openssl', ['pkcs7', '-in', signature, '-print_certs']).toString();
    const found = printed.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return found.map((pem) => new X509Certificate(pem));
  });
}

/**
 * Refuses a file whose signature isn't good, has no time stamp (it would end with its certificate), or is somebody else's.
 * @throws ReleaseError with the reason
 */
export function verifyCode({ ca, publisher }: CodeTrust, file: string): void {
  let said: string;
  try {
    said = run('osslsigncode', ['verify', '-CAfile', ca, '-TSA-CAfile', ca, '-in', file]).toString();
  } catch {
    throw new ReleaseError('it has no good signature');
  }
  if (!/^Number of verified signatures: 1$/m.test(said)) throw new ReleaseError('it has more than one signature');
  if (!/^Timestamp Server Signature verification: ok$/m.test(said)) throw new ReleaseError('it has no time stamp');
  const serial = /^Signer's certificate:.*?Signer #0:.*?Serial ?: ([0-9A-F]+)/ms.exec(said)?.[1];
  const signer = certificatesOf(file).find(({ serialNumber }) => serialNumber === serial);
  if (!signer?.subject.split('\n').includes(`CN=${publisher}`)) throw new ReleaseError('it is signed by somebody else');
}

/** Each file that Windows would run or load. */
export function verifyAllCode(trust: CodeTrust, files: readonly string[]): void {
  for (const file of files) {
    try {
      verifyCode(trust, file);
    } catch (error) {
      throw new ReleaseError(`${basename(file)}: ${error instanceof Error ? error.message : 'it can’t be read'}`);
    }
  }
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEB_SIGNATURE, inFolder, ReleaseError, run, signedPartsOf } from './tools.ts';

/**
 * The key is GnuPG's: in the folder that GNUPGHOME names, or on a token (PKCS#11 by gnupg-pkcs11-scd, or a smart card)
 * that its agent speaks to. Nothing of it passes through here.
 */
export interface Signer {
  readonly home: string;
  /** Its fingerprint. */
  readonly key: string;
}

export function signerFromEnvironment(env = process.env): Signer {
  const home = env['GNUPGHOME'];
  const key = env['WARDLIGHT_SIGNING_KEY']?.replaceAll(' ', '').toUpperCase();
  if (!home || !key || !/^[0-9A-F]{40,64}$/.test(key)) {
    throw new ReleaseError('set GNUPGHOME, and WARDLIGHT_SIGNING_KEY to the fingerprint of the key');
  }
  return { home, key };
}

/** SHA-512, as GnuPG's own choice may be SHA-1, which verifiers refuse. */
const gpg = ({ home, key }: Signer, args: readonly string[], input?: Uint8Array) =>
  run(
    'gpg',
    ['--homedir', home, '--batch', '--yes', '--local-user', key, '--digest-algo', 'SHA512', ...args],
    input && { input },
  );

/** A detached signature in binary. */
export const sign = (signer: Signer, data: Uint8Array) => gpg(signer, ['--detach-sign', '--output', '-'], data);

/** A detached signature beside a file, with the ending that tools look for. */
export function signFile(signer: Signer, file: string, signature = `${file}.asc`): void {
  gpg(signer, ['--armor', '--detach-sign', '--output', signature, file]);
}

export const clearSign = (signer: Signer, file: string, output: string) =>
  gpg(signer, ['--clearsign', '--output', output, file]);

/** The public half, as verifiers take it. */
export function exportKey(signer: Signer, armored: boolean): Buffer {
  return gpg(signer, [...(armored ? ['--armor'] : []), '--export', signer.key]);
}

/** Signs as debsigs does: one more member in the archive, which dpkg overlooks and debsig-verify asks for. */
export function signDeb(signer: Signer, deb: string): void {
  inFolder((folder) => {
    const member = join(folder, DEB_SIGNATURE);
    if (run('ar', ['t', deb]).toString().includes(DEB_SIGNATURE)) run('ar', ['d', deb, DEB_SIGNATURE]);
    writeFileSync(member, sign(signer, signedPartsOf(deb)));
    run('ar', ['q', deb, member]);
  });
}

export function signRpm({ home, key }: Signer, rpm: string): void {
  const defines = ['__gpg /usr/bin/gpg', `_gpg_name ${key}`, `_gpg_path ${home}`, '_gpg_digest_algo sha512'];
  run('rpmsign', [...defines.flatMap((one) => ['--define', one]), '--addsign', rpm]);
}

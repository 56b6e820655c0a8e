import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEB_SIGNATURE, inFolder, ReleaseError, run, signedPartsOf } from './tools.ts';

/** The public keys that are trusted: a binary keyring, as apt and gpgv take it. */
export interface Trust {
  readonly keyring: string;
}

/** What gpgv says of a signature that isn't good; the most telling first. */
const BAD = ['BADSIG', 'NO_PUBKEY', 'REVKEYSIG', 'EXPKEYSIG', 'EXPSIG', 'ERRSIG'];

/**
 * gpgv takes a signature of an expired key for good, and says so in its status only: one good signature, and none that
 * isn't, is what counts.
 */
function judge(status: string): void {
  const words = status.split('\n').flatMap((line) => /\[GNUPG:\] (\w+)/.exec(line)?.[1] ?? []);
  const bad = BAD.find((word) => words.includes(word));
  if (bad) throw new ReleaseError(`the signature is refused (${bad})`);
  if (!words.includes('GOODSIG') || words.filter((word) => word === 'VALIDSIG').length !== 1) {
    throw new ReleaseError('there is no good signature');
  }
}

function gpgv({ keyring }: Trust, args: readonly string[]): void {
  const { status, stdout, error } = spawnSync('gpgv', ['--status-fd', '1', '--keyring', keyring, ...args], {
    encoding: 'utf8',
  });
  if (error) throw new ReleaseError(`gpgv: ${error.message}`);
  judge(stdout);
  if (status !== 0) throw new ReleaseError('the signature is refused');
}

/** A detached signature of bytes. */
export function verifyBytes(trust: Trust, data: Uint8Array, signature: Uint8Array): void {
  inFolder((folder) => {
    const [signed, detached] = [join(folder, 'data'), join(folder, 'data.sig')];
    writeFileSync(signed, data);
    writeFileSync(detached, signature);
    gpgv(trust, [detached, signed]);
  });
}

export function verifyFile(trust: Trust, file: string, signature = `${file}.asc`): void {
  if (!existsSync(signature)) throw new ReleaseError('it is not signed');
  gpgv(trust, [signature, file]);
}

export function verifyDeb(trust: Trust, deb: string): void {
  const members = run('ar', ['t', deb]).toString().trim().split('\n');
  const packed = members.filter((name) => name !== DEB_SIGNATURE);
  // Something else beside these would be no part of what is signed.
  if (packed.length !== 3 || new Set(members).size !== members.length) throw new ReleaseError('it has other members');
  if (!members.includes(DEB_SIGNATURE)) throw new ReleaseError('it is not signed');
  verifyBytes(trust, signedPartsOf(deb), run('ar', ['p', deb, DEB_SIGNATURE]));
}

export function verifyRpm({ keyring }: Trust, rpm: string): void {
  inFolder((folder) => {
    const home = join(folder, 'gnupg');
    mkdirSync(home, { mode: 0o700 });
    const key = join(folder, 'key.asc');
    const export_ = ['--homedir', home, '--no-default-keyring', '--keyring', keyring, '--armor', '--export'];
    writeFileSync(key, run('gpg', export_));
    run('rpm', ['--dbpath', folder, '--import', key]);
    // Without the level, a package without a signature passes.
    const said = run('rpm', ['--dbpath', folder, '--define', '_pkgverify_level signature', '-K', rpm]).toString();
    if (!/: digests signatures OK$/m.test(said)) throw new ReleaseError('it is not signed');
  });
}

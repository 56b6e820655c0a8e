import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../packaging/archive.ts';
import { ReleaseError } from '../release/tools.ts';
import { SIGNED } from './installable.ts';
import { buildMsi } from './msi.ts';
import { buildNsis } from './nsis.ts';
import { type CodeSigning, signCode } from './signing.ts';

export interface WindowsBuild {
  /** Where electron-builder has unpacked the program, and where the installers go. */
  readonly out: string;
  readonly version: string;
  readonly targets: readonly string[];
  readonly fast: boolean;
  readonly signing: CodeSigning | null;
}

/**
 * Makes of the unpacked program what people install. Signed from the inside out: the program's files, then what holds
 * them.
 * @throws ReleaseError for what can't be made
 */
export function buildForWindows({ out, version, targets, fast, signing }: WindowsBuild): void {
  if (!/^\d{1,3}\.\d{1,3}\.\d{1,5}$/.test(version)) {
    throw new ReleaseError(`${version}: installers for Windows know versions of three numbers only`);
  }
  const folder = join(out, 'win-unpacked');
  if (!existsSync(folder)) throw new ReleaseError(`${folder} is missing`);
  if (signing) {
    for (const name of filesBelow(folder).filter((one) => SIGNED.test(one))) signCode(signing, join(folder, name));
  }
  const installable = (ending: string) => ({
    folder,
    version,
    fast,
    out: join(out, `wardlight-${version}-x64.${ending}`),
  });
  if (targets.includes('nsis')) buildNsis(installable('exe'), signing);
  if (targets.includes('msi')) buildMsi(installable('msi'), signing);
}

import { join } from 'node:path';
import { filesBelow } from '../packaging/archive.ts';
import { run } from '../release/tools.ts';
import { forgetOn, type Installable, kibibytesOf } from './installable.ts';
import { CONFIGURATION, type CodeSigning, signCode } from './signing.ts';

/** How NSIS calls our signing for the uninstaller, which exists only within its compiler. */
const signCommand = () => `"${process.execPath}" "${join(import.meta.dirname, 'sign-file.ts')}"`;

/**
 * Builds the installer (NSIS): per machine, with pages, or silent with `/S`.
 * @throws ReleaseError with what makensis said
 */
export function buildNsis({ folder, version, out, fast }: Installable, signing: CodeSigning | null): void {
  const defines = {
    VERSION: version,
    FILES: folder,
    OUT: out,
    ICON: join(import.meta.dirname, '..', 'icon.ico'),
    SIZE: String(kibibytesOf(folder, filesBelow(folder))),
    COMPRESSOR: fast ? 'zlib' : 'lzma',
    // The uninstaller puts the drive there.
    FORGET: forgetOn('$0'),
    ...(signing && { SIGN: signCommand() }),
  };
  const args = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
  const script = join(import.meta.dirname, 'installer.nsi');
  const env = signing ? { [CONFIGURATION]: signing.file } : {};
  run('makensis', ['-V2', '-WX', '-INPUTCHARSET', 'UTF8', ...args, script], { env });
  if (signing) signCode(signing, out);
}

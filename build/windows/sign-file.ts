// NSIS calls this for the uninstaller, which lies in a file of its own only while the installer is being built.
import { endWith, ReleaseError } from '../release/tools.ts';
import { CONFIGURATION, codeSigningFromEnvironment, signCode } from './signing.ts';

function main(): void {
  const [, , file] = process.argv;
  const signing = codeSigningFromEnvironment();
  if (!file || !signing) throw new ReleaseError(`usage: ${CONFIGURATION}=FILE sign-file.ts FILE`);
  signCode(signing, file);
}

await endWith('sign-file', main);

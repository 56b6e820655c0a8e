import { RELEASE_TOOLS } from '../../build/release/debian-tools.ts';
import { installDebianPackages } from '../../build/setup/debian.mjs';
import { STAND_IN_TOOLS } from '../../build/windows/tools.ts';
import { TOKEN_TOOLS } from './token.ts';

/** Once for all tests of releases: set-up alone does not install what they need. */
export default function setup(): void {
  installDebianPackages(
    (message: string) => process.stdout.write(`tools: ${message}\n`),
    [...RELEASE_TOOLS, ...STAND_IN_TOOLS, ...TOKEN_TOOLS],
  );
}

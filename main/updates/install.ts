import { join } from 'node:path';
import type { Offer } from './check.ts';

export interface InstallOptions {
  /** `process.resourcesPath`: on Linux root's, so that nobody else can have changed what lies there. */
  readonly resources: string;
  /** Runs a program without a shell; answers its exit code, null where it could not be started. */
  readonly run: (program: string, args: readonly string[]) => Promise<number | null>;
  readonly nsis: (path: string, offer: Offer) => Promise<boolean>;
}

/**
 * Hands a verified file to what installs it. On Linux electron-updater is not used: it has root install a file that any
 * program of this account can still replace. Ours is copied by root to where nobody can, and hashed there.
 */
export function createInstall({ resources, run, nsis }: InstallOptions) {
  return async (path: string, offer: Offer): Promise<boolean> => {
    const { platform, sha512 } = offer.artifact;
    if (platform === 'win32') return nsis(path, offer);
    const helper = join(resources, 'install-update');
    return (await run('/usr/bin/pkexec', ['--disable-internal-agent', helper, path, sha512])) === 0;
  };
}

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppUpdater } from 'electron-updater';
import type { Offer } from './check.ts';
import { isAsSigned } from './feed.ts';

export interface NsisOptions {
  /** Folder of our own, for what electron-updater keeps. */
  readonly folder: string;
  readonly installed: string;
  readonly quit: () => void;
}

/**
 * Has electron-updater run an installer that was verified. It is given no way to the network: in the place of its downloads
 * stands a copy of our file, which is hashed once more, and in the place of its feed what the signed document says.
 *
 * @returns false where it refuses the file or can't start it.
 */
export async function installNsis(path: string, offer: Offer, options: NsisOptions): Promise<boolean> {
  const { NsisUpdater } = await import('electron-updater');
  const { folder, installed, quit } = options;
  const config = join(folder, 'app-update.yml');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // JSON is YAML. Without it, its folder would be in a place that others of this account share.
  await writeFile(config, JSON.stringify({ updaterCacheDirName: 'installer' }), { mode: 0o600 });
  const updater = new NsisUpdater(null, {
    version: installed,
    name: 'Wardlight',
    isPackaged: true,
    appUpdateConfigPath: config,
    userDataPath: folder,
    baseCachePath: folder,
    whenReady: async () => undefined,
    relaunch: () => undefined,
    quit,
    onQuit: () => undefined,
  });
  updater.logger = null;
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = false;
  updater.disableDifferentialDownload = true;
  updater.disableWebInstaller = true;
  // An error is told by the promise; without a listener it would be thrown, too.
  updater.on('error', () => undefined);
  giveCopies(updater, path);
  updater.setFeedURL({ provider: 'custom', updateProvider: providerOf(offer) } as never);
  try {
    if (!(await updater.checkForUpdates())?.isUpdateAvailable) return false;
    const [copy] = await updater.downloadUpdate();
    if (copy === undefined || !(await isAsSigned(copy, offer.artifact))) return false;
    // Nobody is asked anything, and the program starts again.
    return updater.install(true, true);
  } catch {
    return false;
  }
}

/** The one thing that it can "download" is our file. */
function giveCopies(updater: AppUpdater, path: string): void {
  const download = async (_url: URL, destination: string) => {
    await copyFile(path, destination);
    return destination;
  };
  Object.assign(updater, { httpExecutor: { download } });
}

/** What its feed would have said. The address leads nowhere, and nothing asks for it. */
function providerOf({ version, releasedAt, artifact }: Offer) {
  const sha512 = Buffer.from(artifact.sha512, 'hex').toString('base64');
  const file = { url: artifact.file, size: artifact.size, sha512, isAdminRightsRequired: true };
  return class {
    readonly fileExtraDownloadHeaders = null;
    setRequestHeaders(): void {
      // Nothing is asked for.
    }
    async getLatestVersion() {
      return { version, files: [file], path: artifact.file, sha512, releaseDate: releasedAt };
    }
    resolveFiles() {
      return [{ url: new URL(`https://updates.invalid/${artifact.file}`), info: file }];
    }
  };
}

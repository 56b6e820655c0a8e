import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { app } from 'electron';
import type { UpdateHold } from '../../preload/contract/updates.ts';
import { checkFeed } from '../updates/check.ts';
import type { Place } from '../updates/documents.ts';
import { createFeed, isAsSigned } from '../updates/feed.ts';
import { holdsOf } from '../updates/holds.ts';
import { createInstall } from '../updates/install.ts';
import { createMemory } from '../updates/memory.ts';
import { installNsis } from '../updates/nsis.ts';
import { createOnDisk, type PlainFiles } from '../updates/on-disk.ts';
import { refused } from '../updates/refused.ts';
import { createUpdates, type Updates } from '../updates/updates.ts';
import { type Base, keptText } from './base.ts';
import type { Opened } from './workspace.ts';

/** Public keys of the package's own feed, put in by the build (build/release/update-keys.json). */
declare const __UPDATE_KEYS__: readonly string[];

/** Updates of the program. `opened`: the parts of whoever has unlocked; `onChange`: they stand another way. */
export function composeUpdates(
  { data, version, policy, log, emit, now, after, keyStore, workstation }: Base,
  fetch: typeof globalThis.fetch,
  opened: () => Opened | null,
  onChange: () => void,
): Updates {
  const folder = join(data, 'updates');
  const seen = keptText(join(folder, 'seen.json'));
  const memory = createMemory({ keyStore, readFile: seen.read, writeFile: seen.write });
  const feed = () => {
    const base = policy.updates.feed;
    return base === null ? null : createFeed({ base: base.endsWith('/') ? base : `${base}/`, fetch, after });
  };
  const plainFiles = createRequire(import.meta.url)('original-fs').promises as PlainFiles;
  // A development build has no archive, and nobody replaces it.
  const onDisk = createOnDisk(join(process.resourcesPath, 'app.asar'), version, plainFiles);

  /** What would be interrupted. While locked nothing is: what is kept then is kept for as long as anybody likes. */
  async function holds(): Promise<UpdateHold[]> {
    const mine = opened();
    if (!mine) return [];
    const { outbox } = mine.cache;
    const [drafts, transfers] = await Promise.all([outbox.drafts({}), outbox.transfers()]);
    return holdsOf({ sync: mine.sync.status(), drafts: drafts.length, transfers });
  }

  return createUpdates({
    policy: policy.updates,
    installed: version,
    async checkFeed() {
      const from = feed();
      const place = placeOf();
      if (!from) return refused('feed-unreachable');
      if (!place) return refused('no-file');
      const device = await workstation();
      const here = { place, installed: version, ring: policy.updates.ring, device };
      return checkFeed({ feed: from, memory, roots: policy.updates.keys ?? __UPDATE_KEYS__, here, now });
    },
    fetchFile: async ({ artifact }) =>
      (await feed()?.file(artifact, join(folder, 'file'))) ?? refused('feed-unreachable'),
    isAsSigned,
    async keepPutOff(until) {
      const kept = await memory.read();
      if (!kept.ok) return kept;
      if (!kept.value?.offered) return refused('memory-changed');
      return memory.write({ ...kept.value, offered: { ...kept.value.offered, putOffUntil: until } });
    },
    onDisk,
    holds,
    install: createInstall({
      resources: process.resourcesPath,
      run,
      nsis: (path, offer) =>
        installNsis(path, offer, { folder: join(folder, 'installer'), installed: version, quit: () => app.quit() }),
    }),
    restart() {
      // The installer for Windows starts the program itself, once it has replaced it.
      if (process.platform !== 'win32' || policy.updates.mode !== 'feed') app.relaunch();
      app.quit();
    },
    now,
    after,
    onState(state) {
      if (state.problem) log.warn('updates.problem', { code: state.problem });
      emit('updates', 'changed', state);
      onChange();
    },
  });
}

/** What of a release is for this workstation; null where Wardlight doesn't update itself. */
function placeOf(): Place | null {
  const { platform, arch } = process;
  if (arch !== 'x64' && arch !== 'arm64') return null;
  if (platform === 'win32') return { platform, arch, kind: 'nsis' };
  if (platform !== 'linux') return null;
  return { platform, arch, kind: existsSync('/var/lib/dpkg/info/wardlight.list') ? 'deb' : 'rpm' };
}

function run(program: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    execFile(program, [...args], (error) => {
      const code = error === null ? 0 : error.code;
      resolve(typeof code === 'number' ? code : null);
    });
  });
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError } from '../../preload/contract/session.ts';
import type { Profile, Profiles } from './profiles.ts';
import type { WipeOrder } from './revocation.ts';
import type { WipeMark, WipeMarks } from './wipe-marks.ts';

/** What of a profile may outlive it, sealed for the organisation's recovery key: an outbox that was set aside too. */
const isSealed = (name: string) => name === 'slots.json' || name.startsWith('outbox.db');

export interface Wiped {
  readonly display: string;
  readonly server: string;
  readonly unsent: 'kept' | 'removed';
}

export interface WipeReport {
  /** What a person has not read of yet. */
  readonly wiped: readonly Wiped[];
  /** Why it could not be finished; the next start goes on. */
  readonly problem: KeyringError | 'store-failed' | null;
}

/** Erases profiles because their server ordered it. Every step can be repeated; a start goes on where another ended. */
export interface Wipe {
  /** The durable beginning: from now on no profile of that server on this workstation is unlocked. */
  mark(order: Pick<WipeOrder, 'task' | 'server'>): Promise<void>;
  /** Erases what is marked: keys, then files. Nothing of it waits for a server. */
  erase(): Promise<WipeReport>;
  /** Tells the servers what was erased, and then forgets the tokens, which are needed for that. */
  acknowledge(accessToken?: string): Promise<void>;
  /** Ids of profiles that are marked, and so are none any more. */
  marked(): Promise<ReadonlySet<string>>;
  /** A person has read the report. */
  dismiss(): Promise<void>;
}

export interface WipeOptions {
  marks: WipeMarks;
  profiles: Pick<Profiles, 'list' | 'folderOf'>;
  vault: { destroy: (profile: Pick<Profile, 'id' | 'folder'>) => Promise<Result<void, KeyringError>> };
  hasRecoverySlot: (folder: string) => Promise<boolean>;
  /** Removes a file or a folder with all in it; one that is gone already is no failure. */
  remove: (path: string) => Promise<void>;
  /** Says to the server that it is done; `later` where it could not be reached. */
  tell: (mark: WipeMark, accessToken: string | undefined) => Promise<'done' | 'later'>;
  /** Takes the profile's tokens out of the keychain. */
  forgetTokens: (id: string) => Promise<Result<void, KeyringError>>;
  /** The durable record of it; what can't be recorded is erased all the same. */
  record: (profile: Pick<Profile, 'practitioner' | 'server'>) => Promise<void>;
}

export function createWipe(options: WipeOptions): Wipe {
  const { marks, profiles, vault, hasRecoverySlot, remove, tell, forgetTokens, record } = options;

  const ids = async () => new Set((await marks.list()).map(({ profile }) => profile.id));

  /** Keys first: without them the files are noise, whatever else can't be done. */
  async function destroyKeys({ profile }: WipeMark): Promise<KeyringError | null> {
    await record(profile);
    const destroyed = await vault.destroy({ id: profile.id, folder: profiles.folderOf(profile.id) });
    return destroyed.ok ? null : destroyed.error.code;
  }

  async function removeFiles(mark: WipeMark): Promise<WipeMark> {
    const folder = profiles.folderOf(mark.profile.id);
    const isKept = await hasRecoverySlot(folder);
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      if (!isKept || !isSealed(name)) await remove(join(folder, name));
    }
    if (!isKept) await remove(folder);
    return { ...mark, erased: true, unsent: isKept ? 'kept' : 'removed' };
  }

  async function mark({ task, server }: Pick<WipeOrder, 'task' | 'server'>): Promise<void> {
    const marked = await ids();
    const { profiles: known } = await profiles.list();
    for (const { id, display, practitioner, server: of } of known) {
      if (of !== server || marked.has(id)) continue;
      const profile = { id, display, practitioner, server };
      const fresh = { erased: false, unsent: null, acknowledged: false, seen: false };
      // A disk that takes no mark is no reason to keep a key.
      await marks
        .put({ version: 1, profile, task, ...fresh })
        .catch(() => vault.destroy({ id, folder: profiles.folderOf(id) }));
    }
  }

  async function open(): Promise<WipeMark[]> {
    return (await marks.list()).filter(({ erased }) => !erased);
  }

  async function erase(): Promise<WipeReport> {
    let problem: WipeReport['problem'] = null;
    const bare: WipeMark[] = [];
    // Those that a crash left out, when only the first of several was marked.
    for (const { task, profile } of await open()) await mark({ task, server: profile.server });
    for (const each of await open()) {
      const failure = await destroyKeys(each);
      problem ??= failure;
      if (failure === null) bare.push(each);
    }
    for (const each of bare) {
      await removeFiles(each)
        .then((erased) => marks.put(erased))
        .catch(() => {
          problem ??= 'store-failed';
        });
    }
    const told = (await marks.list()).filter(({ seen }) => !seen);
    return { wiped: told.map(({ profile, unsent }) => ({ ...shown(profile), unsent: unsent ?? 'removed' })), problem };
  }

  async function acknowledgeOne(mark: WipeMark, accessToken: string | undefined): Promise<void> {
    if (!mark.acknowledged && (await tell(mark, accessToken)) === 'later') return;
    if (!(await forgetTokens(mark.profile.id)).ok) return;
    // A person may have read the report meanwhile.
    const left = (await marks.list()).find(({ profile }) => profile.id === mark.profile.id);
    if (left?.seen) await marks.remove(mark.profile.id);
    else if (left) await marks.put({ ...left, acknowledged: true });
  }

  return {
    erase,
    async acknowledge(accessToken) {
      const all = await marks.list();
      // An order is carried out once all of it is: until then the server is told nothing.
      if (all.some(({ erased }) => !erased)) return;
      for (const mark of all) await acknowledgeOne(mark, accessToken);
    },
    mark,
    marked: ids,
    async dismiss() {
      for (const mark of await marks.list()) {
        if (!mark.erased) continue;
        // The server still has to hear of it.
        if (mark.acknowledged) await marks.remove(mark.profile.id);
        else await marks.put({ ...mark, seen: true });
      }
    },
  };
}

function shown({ display, server }: WipeMark['profile']): Pick<Wiped, 'display' | 'server'> {
  return { display: display || 'unknown', server: server || 'unknown' };
}

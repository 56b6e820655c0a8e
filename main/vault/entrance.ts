import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, Profile as PublicProfile, SessionState } from '../../preload/contract/session.ts';
import type { FoundProfiles, Profile, Profiles } from '../identity/profiles.ts';
import type { Wipe, WipeReport } from '../identity/wipe.ts';
import type { KeyStore } from './key-store.ts';

/** Where a workstation without an open profile stands, and whose profile is to be unlocked. */
export interface Place {
  readonly state: SessionState;
  readonly profile: Profile | null;
}

export interface EntranceOptions {
  profiles: Profiles;
  keyStore: Pick<KeyStore, 'get'>;
  wipe: Pick<Wipe, 'erase' | 'acknowledge' | 'marked'>;
  /** Filled in on the sign-in screen. */
  suggestedServer: string;
}

/** What stands before the unlock: which clinicians this workstation knows, and what was erased of them. */
export interface Entrance {
  /** Goes on with an erasure that was cut off, then looks at who is here. */
  look(): Promise<Place>;
  /** Who it is to be, other than the one who was here; without the question where there is one other only. */
  others(than: Profile | null): Promise<Place>;
  find(match: (profile: Profile) => boolean): Promise<Profile | null>;
  /** Asked before anybody types anything: without a keychain there is nowhere to keep a key. */
  signIn(): Promise<Result<Place, KeyringError>>;
  /** Erases what is marked, and says what a person is to know of it. */
  erase(): Promise<Place>;
}

export function createEntrance({ profiles, keyStore, wipe, suggestedServer }: EntranceOptions): Entrance {
  async function known(): Promise<FoundProfiles> {
    const [{ profiles: found, damaged }, marked] = await Promise.all([profiles.list(), wipe.marked()]);
    return {
      profiles: found.filter(({ id }) => !marked.has(id)),
      damaged: damaged.filter((id) => !marked.has(id)),
    };
  }

  async function signIn(): Promise<Result<Place, KeyringError>> {
    const probe = await keyStore.get('probe');
    if (!probe.ok) return probe;
    const { profiles: found } = await known();
    const state: SessionState = { phase: 'signed-out', server: suggestedServer, hasProfiles: found.length > 0 };
    return { ok: true, value: { state, profile: null } };
  }

  return {
    signIn,
    erase: async () => erased(await wipe.erase()),
    async look() {
      const { wiped, problem } = await wipe.erase();
      // Servers may be slow to answer, and nobody here waits for them.
      void wipe.acknowledge().catch(() => undefined);
      if (wiped.length > 0 || problem) return erased({ wiped, problem });
      const found = await known();
      const [only] = found.profiles;
      if (only) return found.profiles.length + found.damaged.length === 1 ? unlocking(only) : choosing(found);
      if (found.damaged.length > 0) return blocked('profile-damaged');
      const first = await signIn();
      return first.ok ? first.value : blocked(first.error.code);
    },
    async others(than) {
      const found = await known();
      const left = found.profiles.filter(({ id }) => id !== than?.id);
      const [only] = left;
      return than && only && left.length + found.damaged.length === 1 ? unlocking(only) : choosing(found);
    },
    find: async (match) => (await known()).profiles.find(match) ?? null,
  };
}

/** What the page may know of a profile. */
export function shownProfile({ id, display, server }: Profile): PublicProfile {
  return { id, display, server };
}

function unlocking(profile: Profile): Place {
  return { state: { phase: 'locked', profile: shownProfile(profile), reason: 'started', problem: null }, profile };
}

function choosing({ profiles, damaged }: FoundProfiles): Place {
  const listed = profiles.map((profile) => ({ ...shownProfile(profile), lastUsed: profile.lastUsed }));
  return { state: { phase: 'choosing', profiles: listed, damaged: [...damaged] }, profile: null };
}

function erased({ wiped, problem }: WipeReport): Place {
  return { state: { phase: 'wiped', profiles: [...wiped], problem }, profile: null };
}

function blocked(problem: Extract<SessionState, { phase: 'blocked' }>['problem']): Place {
  return { state: { phase: 'blocked', problem }, profile: null };
}

import { createSpare, type Spare } from '../cache/spare.ts';
import type { SessionOptions } from '../vault/session-options.ts';
import type { Around } from './around.ts';
import type { Opened } from './workspace.ts';

export interface Workspaces {
  readonly open: SessionOptions['openWorkspace'];
  /** The parts of the profile that is open; null while none is. */
  opened(): Opened | null;
  /** Cache processes that wait for their profile. */
  readonly caches: Spare;
  /** Loads what opens a profile, so that an unlock needn't. */
  prepare(): Promise<void>;
}

/** Opens profiles, one at a time. What that takes is half of main, and is loaded behind the first screen. */
export function composeWorkspaces(around: Around): Workspaces {
  const { fork, viewerContent, camera } = around;
  const caches = createSpare(fork('cache/process.js'));
  let opened: Opened | null = null;
  const opening = () => import('./open-profile.ts');

  function become(one: Opened | null) {
    opened = one;
    viewerContent.serve(one?.content ?? null);
    camera.serve(one?.openDocuments?.camera ?? null);
  }

  return {
    open: async (asked) => (await opening()).openProfile(around, asked, { caches, current: () => opened, become }),
    opened: () => opened,
    caches,
    prepare: async () => (await opening()).prepareOpening(around),
  };
}

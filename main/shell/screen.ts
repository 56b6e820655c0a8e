import { type BrowserWindow, clipboard } from 'electron';
import type { ScreenState } from '../../preload/contract/lock.ts';
import type { Policy } from '../managed/policy.ts';
import { type ClipboardGuard, createClipboardGuard, type GuardedClipboard } from './clipboard-guard.ts';

/** Electron can keep a window out of captures on these. */
const PROTECTS = new Set(['darwin', 'win32']);

type CopiedTo = 'clipboard' | 'selection';

export interface ScreenOptions {
  policy: Policy['screen'];
  /** Policy lets what is shown be copied. */
  mayCopy: () => boolean;
  platform: string;
  /** The page is to be covered, or no longer, or policy is another one. */
  onState: () => void;
  after: (ms: number, callback: () => void) => () => void;
}

/** What keeps the screen and the clipboard from giving records away. */
export interface Screen {
  /** Begins with a window that was opened. */
  watch(window: BrowserWindow): void;
  /** Policy is another one. */
  apply(window: BrowserWindow): void;
  state(): ScreenState;
  copied(where: CopiedTo): void;
  mayCopy(): boolean;
  /** Whether what gets there can be pasted. */
  canPaste(where: CopiedTo): boolean;
  /** Clears what was copied and is still there. */
  clear(): Promise<void>;
}

export function createScreen({ policy, mayCopy, platform, onState, after }: ScreenOptions): Screen {
  let shaded = false;
  const ms = () => policy.clipboardMs;
  const guards: Partial<Record<CopiedTo, ClipboardGuard>> = {
    clipboard: createClipboardGuard({ clipboard, ms, after }),
    // On X11 and Wayland what is selected can be pasted too, without having been copied.
    ...(platform === 'linux' && { selection: createClipboardGuard({ clipboard: selection(), ms, after }) }),
  };

  function shade(next: boolean): void {
    const was = shaded;
    shaded = policy.shadeOnBlur && next;
    if (shaded !== was) onState();
  }

  return {
    watch(window) {
      window.setContentProtection(policy.contentProtection);
      window.on('blur', () => shade(true));
      window.on('focus', () => shade(false));
    },
    apply(window) {
      if (!window.isDestroyed()) window.setContentProtection(policy.contentProtection);
      shaded = policy.shadeOnBlur && shaded;
      onState();
    },
    state: () => ({
      shaded,
      contentProtection: protection(policy.contentProtection, platform),
      mayCopy: mayCopy(),
    }),
    copied(where) {
      if (mayCopy()) guards[where]?.copied();
      else guards[where]?.refuse();
    },
    mayCopy,
    canPaste: (where) => guards[where] !== undefined,
    async clear() {
      await Promise.all(Object.values(guards).map((guard) => guard.clear()));
    },
  };
}

/** The older Electron of a development runtime has no object for it, and takes it as an argument. */
function selection(): GuardedClipboard {
  const own = clipboard.selection as GuardedClipboard | undefined;
  if (own) return own;
  const older = clipboard as unknown as { readText(type: string): string; clear(type: string): void };
  return { readText: () => older.readText('selection'), clear: () => older.clear('selection') };
}

function protection(wanted: boolean, platform: string): ScreenState['contentProtection'] {
  if (!wanted) return 'off';
  return PROTECTS.has(platform) ? 'on' : 'unsupported';
}

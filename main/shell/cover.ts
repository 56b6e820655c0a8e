import type { BrowserWindow } from 'electron';
import type { Cover } from './lock-triggers.ts';
import { CLEARED_URL, PAGE_URL } from './protocol.ts';

/** A page that doesn't come is no reason to hide the window for ever. */
const LONGEST_MS = 5_000;

/** The part of a window that is needed. */
export type CoveredWindow = Pick<BrowserWindow, 'isVisible' | 'hide' | 'showInactive'> & {
  readonly webContents: Pick<BrowserWindow['webContents'], 'loadURL'>;
};

export interface PageCover extends Cover {
  /** Loads the page anew, in a new process; what it showed before is gone when the window is next revealed. */
  reload(): void;
}

/**
 * Takes the whole window off the screen, rather than covering its page: a page that is loaded anew may go on showing its
 * last frame for a while, and the frame is what must not be seen.
 */
export function createCover(window: () => CoveredWindow | null): PageCover {
  let hidden: CoveredWindow | null = null;
  let loaded: Promise<void> = Promise.resolve();
  let isLoading = false;
  let isWanted = false;

  /**
   * One after the other: Electron 33 dies (SIGSEGV) of a load that begins while another one is under way. However often it
   * was asked for meanwhile, it is loaded once more, as what it shows may be of before.
   */
  async function load(): Promise<void> {
    isLoading = true;
    do {
      isWanted = false;
      const contents = window()?.webContents;
      if (contents) await Promise.race([replace(contents), wait(LONGEST_MS)]);
    } while (isWanted);
    isLoading = false;
  }

  return {
    hide() {
      const shown = window();
      if (!shown?.isVisible()) return;
      hidden = shown;
      shown.hide();
    },
    async reveal() {
      const revealed = hidden;
      hidden = null;
      if (!revealed) return;
      await loaded;
      // It may have been closed, or put to sleep again, meanwhile.
      if (window() === revealed && hidden === null) revealed.showInactive();
    },
    reload() {
      isWanted = true;
      if (!isLoading) loaded = load();
    },
  };
}

/**
 * By way of an empty page of another origin, which gets a process of its own: memory that a page has freed still holds
 * what was in it, and goes with the process alone.
 */
async function replace(contents: CoveredWindow['webContents']): Promise<void> {
  for (const url of [CLEARED_URL, PAGE_URL]) {
    // The window may be closed meanwhile; what can't be loaded is no reason to keep the page of before.
    await contents.loadURL(url).catch(() => undefined);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

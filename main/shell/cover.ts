import type { BrowserWindow } from 'electron';
import type { Cover } from './lock-triggers.ts';

/** A page that doesn't come is no reason to hide the window for ever. */
const LONGEST_MS = 5_000;

/** The part of a window that is needed. */
export type CoveredWindow = Pick<BrowserWindow, 'isVisible' | 'hide' | 'showInactive'> & {
  readonly webContents: Pick<BrowserWindow['webContents'], 'once' | 'reload'>;
};

export interface PageCover extends Cover {
  /** Loads the page anew; what it showed before is gone when the window is next revealed. */
  reload(): void;
}

/**
 * Takes the whole window off the screen, rather than covering its page: a page that is loaded anew may go on showing its
 * last frame for a while, and the frame is what must not be seen.
 */
export function createCover(window: () => CoveredWindow | null): PageCover {
  let hidden: CoveredWindow | null = null;
  let loaded: Promise<void> = Promise.resolve();

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
      const contents = window()?.webContents;
      if (!contents) return;
      loaded = new Promise((resolve) => {
        const timer = setTimeout(resolve, LONGEST_MS);
        const end = () => {
          clearTimeout(timer);
          resolve();
        };
        contents.once('did-finish-load', end);
        contents.once('did-fail-load', end);
        contents.once('destroyed', end);
      });
      contents.reload();
    },
  };
}

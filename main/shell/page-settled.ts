import type { BrowserWindow } from 'electron';

/**
 * Resolves when nothing more is to be expected of a window's page: it has asked for all that it needs, can't be loaded, its
 * process died, or it is gone.
 */
export function pageSettled({ webContents }: Pick<BrowserWindow, 'webContents'>): Promise<void> {
  return new Promise((resolve) => {
    webContents.once('did-finish-load', () => resolve());
    webContents.once('did-fail-load', () => resolve());
    webContents.once('render-process-gone', () => resolve());
    webContents.once('destroyed', () => resolve());
  });
}

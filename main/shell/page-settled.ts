import type { BrowserWindow } from 'electron';

/** Resolves when a window's page can't be loaded, its process died, or it is gone. */
export function pageFailed({ webContents }: Pick<BrowserWindow, 'webContents'>): Promise<void> {
  return new Promise((resolve) => {
    webContents.once('did-fail-load', () => resolve());
    webContents.once('render-process-gone', () => resolve());
    webContents.once('destroyed', () => resolve());
  });
}

/** Resolves when nothing more is to be expected of a window's page: it has asked for all that it needs, or has failed. */
export function pageSettled(window: Pick<BrowserWindow, 'webContents'>): Promise<void> {
  const loaded = new Promise<void>((resolve) => {
    window.webContents.once('did-finish-load', () => resolve());
  });
  return Promise.race([loaded, pageFailed(window)]);
}

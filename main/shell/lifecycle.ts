import { app, type BrowserWindow } from 'electron';
import { LINK_SCHEME } from './deep-links.ts';

export interface LifecycleOptions {
  window: () => BrowserWindow | null;
  reopen: () => void;
  /** Puts keys and records away; the program ends after it. */
  close: () => Promise<void>;
}

/** A second start, or a `wardlight://` link, shows the window that is there; closing it ends the program cleanly. */
export function manageLifecycle({ window, reopen, close }: LifecycleOptions): void {
  app.on('second-instance', () => show(window()));
  app.on('open-url', () => show(window()));
  app.on('activate', () => {
    if (!window()) reopen();
  });
  app.on('window-all-closed', () => app.quit());
  let closed = false;
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void close().finally(() => {
      closed = true;
      // Later: a quit that is asked for while this one is being refused is not heard, and the program would stay.
      setImmediate(() => app.quit());
    });
  });
  // On Windows the installer has registered it for the machine; an account's own would stay when the program is removed.
  if (app.isPackaged && process.platform !== 'win32') app.setAsDefaultProtocolClient(LINK_SCHEME);
}

/** Holds a window open, whoever wants it closed, until its page has handed over what is typed. */
export function closeAfter(window: BrowserWindow, finish: () => Promise<void>): void {
  let finished = false;
  window.on('close', (event) => {
    if (finished) return;
    event.preventDefault();
    void finish().finally(() => {
      finished = true;
      if (!window.isDestroyed()) window.close();
    });
  });
}

function show(window: BrowserWindow | null): void {
  if (!window) return;
  if (window.isMinimized()) window.restore();
  window.focus();
}

import { app, BrowserWindow, type IpcMainInvokeEvent, type Session, type WebContents } from 'electron';
import { isOwnFrame } from './own-frames.ts';
import { CLEARED_URL, PAGE_ORIGIN, PAGE_URL } from './protocol.ts';

export interface WindowOptions {
  session: Session;
  preload: string;
  /** Development builds only: a packaged program has no developer tools. */
  devTools: boolean;
}

/**
 * The one window. Its page is asked for at once, so that its process starts while main gets ready to answer. Its title
 * never names a patient (design rule 12).
 */
export function createWindow({ session, preload, devTools }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Wardlight',
    width: 1280,
    height: 800,
    minWidth: 960,
    minHeight: 600,
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      session,
      preload,
      devTools,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      safeDialogs: true,
      enableWebSQL: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.on('page-title-updated', (event) => event.preventDefault());
  void window.loadURL(PAGE_URL);
  return window;
}

/** Resolves when the window has something to show, or is gone. */
export function pageShown(window: BrowserWindow): Promise<void> {
  return new Promise((resolve) => {
    if (window.isDestroyed() || window.isVisible()) return resolve();
    window.once('show', () => resolve());
    window.once('closed', () => resolve());
  });
}

/**
 * Nothing leaves the page, opens beside it or is put into it, whatever made the contents; but for the viewer and
 * what takes photos, which the page may put into a frame, and which go nowhere from there. Nor does anything call
 * another browser.
 */
export function denyNavigation(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-frame-navigate', (event) => {
      if (!isOwnFrame(event)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    // What else could be sent by a call to another browser goes by the session's proxy.
    contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
  });
}

/** Shows the page anew when it has emptied itself (about:blank): Chromium asks nobody before that. */
export function keepPage({ webContents }: BrowserWindow, reload: () => void): void {
  webContents.on('did-navigate', (_event, url) => {
    if (url !== PAGE_URL && url !== CLEARED_URL) reload();
  });
}

/** Only the main frame of our own window, showing our own page, may speak to main. */
export function isTrustedSender(
  { sender, senderFrame }: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  window: WebContents | null,
): boolean {
  if (!window || sender !== window || !senderFrame || senderFrame !== sender.mainFrame) return false;
  return senderFrame.origin === PAGE_ORIGIN && senderFrame.url.startsWith(`${PAGE_ORIGIN}/`);
}

import { type BrowserWindow, powerMonitor } from 'electron';
import { watchDesktop } from './desktop-signals.ts';
import type { LockTriggers } from './lock-triggers.ts';

/** Input that shows that somebody is there. A pointer that passes over a window in the background doesn't. */
const KEYS = new Set(['rawKeyDown', 'keyDown', 'char', 'mouseDown', 'mouseWheel', 'touchStart', 'gestureTap']);

/** What is typed and pointed in a window counts, and nothing else: main sees it itself, and doesn't ask the page. */
export function followInput(window: BrowserWindow, { input }: Pick<LockTriggers, 'input'>): void {
  window.webContents.on('input-event', (_event, { type }) => {
    if (KEYS.has(type) || (type === 'mouseMove' && window.isFocused())) input();
  });
}

/** Ctrl+L, also where a dialog is open or the page doesn't answer. */
export function followHotkey(window: BrowserWindow, lock: () => void): void {
  window.webContents.on('before-input-event', (event, { type, control, meta, alt, shift, key }) => {
    if (type !== 'keyDown' || !(control || meta) || alt || shift || key.toLowerCase() !== 'l') return;
    event.preventDefault();
    lock();
  });
}

/** What the OS tells of its lock screen, of sleep and of other accounts. */
export function followSystem(triggers: LockTriggers): void {
  powerMonitor.on('lock-screen', triggers.screenLocked);
  powerMonitor.on('user-did-resign-active', triggers.userSwitched);
  powerMonitor.on('suspend', triggers.suspended);
  powerMonitor.on('resume', () => void triggers.resumed());
}

/** The same of a Linux desktop, where Electron tells of sleep only. Codes of what can't be listened to. */
export async function followDesktop(triggers: LockTriggers): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const { sessionBus, systemBus } = await import('dbus-native');
  const { screenSaver, logind } = await watchDesktop({
    sessionBus: () => sessionBus(),
    systemBus: () => systemBus(),
    sessionId: process.env['XDG_SESSION_ID'],
    onScreenLocked: triggers.screenLocked,
    onUserSwitched: triggers.userSwitched,
  });
  return [...(screenSaver ? [] : ['screen-saver-absent']), ...(logind ? [] : ['logind-absent'])];
}

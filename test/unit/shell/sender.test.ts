import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { isTrustedSender } from '../../../main/shell/window.ts';

// The module that makes windows loads Electron, which is not here and not needed for a check of plain objects.
vi.mock('electron', () => ({ app: {}, BrowserWindow: class {} }));

interface Frame {
  origin: string;
  url: string;
}

const page = (): Frame => ({ origin: 'app://wardlight', url: 'app://wardlight/index.html' });

/** A window whose main frame shows `main`; `from` is the frame that sends, the main frame unless given. */
function trusted(options: { main?: Frame; from?: Frame | null; window?: 'own' | 'other' | 'none' } = {}): boolean {
  const { main = page(), window = 'own' } = options;
  const sender = { mainFrame: main };
  const senderFrame = options.from === undefined ? main : options.from;
  const own = window === 'own' ? sender : window === 'other' ? { mainFrame: main } : null;
  return isTrustedSender(
    { sender, senderFrame } as unknown as Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
    own as unknown as WebContents | null,
  );
}

describe('security: who may speak to main', () => {
  it('security: the main frame of our window, showing our page', () => {
    expect(trusted()).toBe(true);
    expect(trusted({ main: { ...page(), url: 'app://wardlight/index.html#/patients' } })).toBe(true);
  });

  it('security: not a frame inside it, even of our own origin', () => {
    expect(trusted({ from: page() })).toBe(false);
  });

  it('security: not a frame that is gone', () => {
    expect(trusted({ from: null })).toBe(false);
  });

  it('security: not another window, and nobody while there is none', () => {
    expect(trusted({ window: 'other' })).toBe(false);
    expect(trusted({ window: 'none' })).toBe(false);
  });

  it.each([
    ['https://evil.example', 'https://evil.example/'],
    ['app://wardlight.evil', 'app://wardlight.evil/index.html'],
    ['app://other', 'app://other/index.html'],
    ['null', 'about:blank'],
    ['null', 'data:text/html,x'],
    ['file://', 'file:///tmp/index.html'],
    ['app://wardlight', 'about:blank'],
    ['app://wardlight', 'app://wardlight.evil/index.html'],
    ['https://evil.example', 'app://wardlight/index.html'],
    ['', ''],
  ])('security: not the origin %j at %j', (origin, url) => {
    expect(trusted({ main: { origin, url } })).toBe(false);
  });
});

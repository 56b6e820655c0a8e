import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { wireName } from '../../preload/contract/channel.ts';
import type { ChannelNames } from '../../preload/contract/index.ts';

type Listener = Parameters<IpcMain['handle']>[1];

/** Takes the page's calls from its first moment, and answers them once it is open; what is known before, at once. */
export interface Gate {
  handle(channel: string, listener: Listener): void;
  /** All handlers are there. */
  open(): void;
  /** There will be no handlers: every call, kept or to come, is answered with `internal`, so that the page can say so. */
  fail(): void;
}

/** The one call that can be answered before there are handlers. */
export interface FirstCall {
  readonly channel: string;
  /** Whether a message comes from the main frame of our window, on our scheme; all others are left to the handlers. */
  isTrusted(event: IpcMainInvokeEvent): boolean;
  /** Undefined leaves it to the handlers. */
  answer(): Promise<unknown>;
}

const failure = { ok: false, error: { code: 'internal' } } as const;

/** Only channels of the contract exist; one without a handler when the gate opens is a bug, and its call fails. */
export function createGate(ipcMain: Pick<IpcMain, 'handle'>, names: ChannelNames, first?: FirstCall): Gate {
  const listeners = new Map<string, Listener>();
  let isOpen = false;
  let failed = false;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = () => {
      isOpen = true;
      resolve();
    };
  });
  for (const [feature, { calls }] of Object.entries(names)) {
    for (const name of calls) {
      const channel = wireName(feature, name);
      ipcMain.handle(channel, async (event, ...args) => {
        if (!isOpen && channel === first?.channel && first.isTrusted(event)) {
          const answer = await first.answer();
          if (answer !== undefined) return answer;
        }
        await opened;
        if (failed) return failure;
        const listener = listeners.get(channel);
        if (!listener) throw new Error(`no handler for ${channel}`);
        return listener(event, ...args);
      });
    }
  }
  return {
    handle: (channel, listener) => void listeners.set(channel, listener),
    open: () => open(),
    fail() {
      failed = true;
      open();
    },
  };
}

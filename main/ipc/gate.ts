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

/** What can be answered before there are handlers; undefined leaves a call to them. */
export type FirstAnswer = (channel: string, event: IpcMainInvokeEvent) => Promise<unknown>;

const failure = { ok: false, error: { code: 'internal' } } as const;

/** Only channels of the contract exist; one without a handler when the gate opens is a bug, and its call fails. */
export function createGate(
  ipcMain: Pick<IpcMain, 'handle'>,
  names: ChannelNames,
  first: FirstAnswer = async () => undefined,
): Gate {
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
        const early = isOpen ? undefined : await first(channel, event);
        if (early !== undefined) return early;
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

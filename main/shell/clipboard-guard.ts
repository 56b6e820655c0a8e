import { createHmac, randomBytes } from 'node:crypto';

/** The page tells of a copy before the clipboard has it. */
const SETTLE_MS = 200;

export interface GuardedClipboard {
  readText(): string | Promise<string>;
  clear(): void;
}

export interface ClipboardGuardOptions {
  /** One of the OS's clipboards. */
  clipboard: GuardedClipboard;
  /** How long what was copied may stay; 0: for ever. */
  ms: () => number;
  after: (ms: number, callback: () => void) => () => void;
}

/** Clears what was copied from a chart, if it is still what the clipboard holds. */
export interface ClipboardGuard {
  /** Something was copied in Wardlight's window. */
  copied(): void;
  /** Something was copied, and may not be: whatever the clipboard has then is cleared at once. */
  refuse(): void;
  /** Clears it now: Wardlight locks or ends. */
  clear(): Promise<void>;
}

/** What was copied is kept as a keyed hash only: a copy of it in main would be one more to get rid of. */
export function createClipboardGuard({ clipboard, ms, after }: ClipboardGuardOptions): ClipboardGuard {
  const key = randomBytes(32);
  let mark: string | null = null;
  let isSettling = false;
  let cancel: () => void = () => undefined;
  /** Counts copies and clearings: what was begun before the last one ends without effect. */
  let turn = 0;

  async function held(): Promise<string | null> {
    const text = await clipboard.readText();
    return text === '' ? null : createHmac('sha256', key).update(text).digest('base64');
  }

  async function settle(begun: number): Promise<void> {
    const found = await held();
    if (begun !== turn) return;
    isSettling = false;
    mark = found;
    cancel = after(ms(), () => void clear());
  }

  async function clear(): Promise<void> {
    turn += 1;
    cancel();
    const expected = isSettling ? await held() : mark;
    isSettling = false;
    mark = null;
    if (expected !== null && expected === (await held())) clipboard.clear();
  }

  return {
    copied() {
      if (ms() === 0) return;
      turn += 1;
      const begun = turn;
      cancel();
      isSettling = true;
      cancel = after(SETTLE_MS, () => void settle(begun));
    },
    refuse() {
      turn += 1;
      cancel();
      isSettling = false;
      mark = null;
      cancel = after(SETTLE_MS, () => clipboard.clear());
    },
    clear,
  };
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClipboardGuard } from '../../../main/shell/clipboard-guard.ts';

const MINUTE = 60_000;
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function start(ms = MINUTE) {
  let text = 'before';
  const guard = createClipboardGuard({
    clipboard: {
      readText: () => text,
      clear: () => {
        text = '';
      },
    },
    ms: () => ms,
    after(wait, callback) {
      const timer = setTimeout(callback, wait);
      return () => clearTimeout(timer);
    },
  });
  return {
    guard,
    text: () => text,
    /** The page tells first, then the clipboard has it. */
    async copy(value: string) {
      guard.copied();
      await vi.advanceTimersByTimeAsync(50);
      text = value;
    },
    copyElsewhere(value: string) {
      text = value;
    },
  };
}

describe('security: what was copied from a chart', () => {
  it('security: is cleared after its time', async () => {
    const { copy, text } = start();
    await copy('Potassium 6.1');
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(text()).toBe('Potassium 6.1');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(text()).toBe('');
  });

  it('security: begins its time anew with the next copy', async () => {
    const { copy, text } = start();
    await copy('a');
    await vi.advanceTimersByTimeAsync(MINUTE - 5_000);
    await copy('b');
    await vi.advanceTimersByTimeAsync(MINUTE - 5_000);
    expect(text()).toBe('b');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(text()).toBe('');
  });

  it('security: is cleared when Wardlight locks, even a moment after the copy', async () => {
    for (const wait of [0, 5_000]) {
      const { copy, guard, text } = start();
      await copy('a');
      await vi.advanceTimersByTimeAsync(wait);
      await guard.clear();
      expect(text()).toBe('');
    }
  });

  it('security: is cleared at once where it may not be copied, though it would stay otherwise', async () => {
    const { guard, copyElsewhere, text } = start(0);
    guard.refuse();
    await vi.advanceTimersByTimeAsync(50);
    copyElsewhere('Potassium 6.1');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(text()).toBe('');
    copyElsewhere('later');
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(text()).toBe('later');
  });

  it('leaves alone what was copied elsewhere since, and what was there before', async () => {
    const { copy, copyElsewhere, guard, text } = start();
    await guard.clear();
    expect(text()).toBe('before');
    await copy('a');
    await vi.advanceTimersByTimeAsync(5_000);
    copyElsewhere('letter');
    await vi.advanceTimersByTimeAsync(MINUTE);
    await guard.clear();
    expect(text()).toBe('letter');
  });

  it('stays where policy says so', async () => {
    const { copy, guard, text } = start(0);
    await copy('a');
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    await guard.clear();
    expect(text()).toBe('a');
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AUTOSAVE_MS, createAutosave } from '../../../../../renderer/features/drafts/autosave.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** An autosave whose writes end when the test says so. */
function start({ held = false } = {}) {
  const saved: string[] = [];
  const ends: (() => void)[] = [];
  const autosave = createAutosave<string>(async (value) => {
    if (held) await new Promise<void>((resolve) => ends.push(resolve));
    saved.push(value);
  });
  return { autosave, saved, end: () => ends.shift()?.() };
}

describe('typed text', () => {
  it('is kept within half a second of the first key, however long somebody goes on typing', async () => {
    const { autosave, saved } = start();
    for (let count = 1; count <= 20; count += 1) {
      autosave.change('x'.repeat(count));
      await vi.advanceTimersByTimeAsync(AUTOSAVE_MS / 10);
    }
    expect(AUTOSAVE_MS).toBeLessThanOrEqual(1_000);
    expect(saved[0]).toBe('x'.repeat(10));
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    expect(saved.at(-1)).toBe('x'.repeat(20));
  });

  it('is kept at once when it is to be handed over, with what is being kept already', async () => {
    const { autosave, saved, end } = start({ held: true });
    autosave.change('a');
    void autosave.flush();
    await Promise.resolve();
    autosave.change('ab');
    const flushed = autosave.flush();
    end();
    await vi.advanceTimersByTimeAsync(0);
    end();
    await flushed;
    expect(saved).toEqual(['a', 'ab']);
  });

  it('is kept one after the other, the newest last', async () => {
    const { autosave, saved, end } = start({ held: true });
    autosave.change('a');
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    autosave.change('b');
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    expect(saved).toEqual([]);
    end();
    await vi.advanceTimersByTimeAsync(0);
    end();
    await vi.advanceTimersByTimeAsync(0);
    expect(saved).toEqual(['a', 'b']);
  });

  it('is not kept any more once it is stopped, and stopping waits for what is on its way', async () => {
    const { autosave, saved, end } = start({ held: true });
    autosave.change('a');
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    autosave.change('b');
    let stopped = false;
    const stopping = autosave.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    expect(stopped).toBe(false);
    end();
    await stopping;
    autosave.change('c');
    await vi.advanceTimersByTimeAsync(AUTOSAVE_MS);
    expect(saved).toEqual(['a']);
  });
});

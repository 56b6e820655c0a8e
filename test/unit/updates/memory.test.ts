import { describe, expect, it } from 'vitest';
import { createMemory, MEMORY_ACCOUNT, type Memory } from '../../../main/updates/memory.ts';

const hash = 'a'.repeat(64);
const memoryAt = (serial: number): Memory => ({
  version: 1,
  roots: hash,
  keysVersion: 0,
  keys: [],
  seen: { serial, digest: hash, version: '0.2.0', files: hash },
  newest: '0.1.0',
  time: 1,
  offered: null,
});

function workstation() {
  const at = { file: null as string | null, entries: new Map<string, string>(), writes: 0, dieAt: -1 };
  const step = () => {
    if (at.writes === at.dieAt) throw new Error('killed');
    at.writes += 1;
  };
  const store = createMemory({
    keyStore: {
      get: async (account) => ({ ok: true, value: at.entries.get(account) ?? null }),
      async set(account, secret) {
        step();
        at.entries.set(account, secret);
        return { ok: true, value: undefined };
      },
    },
    readFile: async () => at.file,
    async writeFile(text) {
      step();
      at.file = text;
    },
  });
  return { at, store };
}

const changed = { ok: false, error: { code: 'memory-changed' } };

describe('security: what was seen before', () => {
  it('is nothing at first, and what was written after that', async () => {
    const { store } = workstation();
    expect(await store.read()).toEqual({ ok: true, value: null });
    await store.write(memoryAt(1));
    await store.write(memoryAt(2));
    expect(await store.read()).toEqual({ ok: true, value: memoryAt(2) });
  });

  it('security: is not believed where it is gone, changed, or laid back from a copy', async () => {
    const { at, store } = workstation();
    await store.write(memoryAt(1));
    const copy = at.file;
    await store.write(memoryAt(2));
    const now = at.file ?? '';
    for (const text of [null, copy, now.replace('"serial":2', '"serial":1'), '']) {
      at.file = text;
      expect(await store.read()).toEqual(changed);
    }
    at.file = now;
    at.entries.delete(MEMORY_ACCOUNT);
    expect(await store.read()).toEqual(changed);
  });

  it('survives a death at each step, as it was before or as it is to be', async () => {
    const seen: unknown[] = [];
    // Three steps of the first writing, three of the second.
    for (let dieAt = 0; dieAt <= 6; dieAt += 1) {
      const { at, store } = workstation();
      at.dieAt = dieAt;
      for (const serial of dieAt < 3 ? [1] : [1, 2]) await store.write(memoryAt(serial)).catch(() => undefined);
      at.dieAt = -1;
      const read = await store.read();
      if (!read.ok) throw new Error(`${read.error.code} at ${dieAt}`);
      seen.push(read.value?.seen?.serial);
      await store.write(memoryAt(3));
      expect(await store.read()).toEqual({ ok: true, value: memoryAt(3) });
    }
    expect(seen).toEqual([undefined, undefined, 1, 1, 1, 2, 2]);
  });

  it('is not known where the keychain doesn’t answer', async () => {
    const denied = async () => ({ ok: false, error: { code: 'keyring-locked' } }) as const;
    const store = createMemory({
      keyStore: { get: denied, set: denied },
      readFile: async () => null,
      writeFile: async () => undefined,
    });
    expect(await store.read()).toEqual({ ok: false, error: { code: 'memory-unavailable' } });
    expect(await store.write(memoryAt(1))).toEqual({ ok: false, error: { code: 'memory-unavailable' } });
  });
});

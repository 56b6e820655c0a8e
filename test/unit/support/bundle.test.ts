import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createBundles } from '../../../main/support/bundle.ts';
import type { BundlePart } from '../../../preload/contract/support.ts';

const NOW = Date.parse('2026-11-26T03:10:00Z');

function start(options: { where?: string | null; write?: () => never } = {}) {
  let says = 'first';
  let ids = 0;
  const files = new Map<string, Uint8Array>();
  const names: string[] = [];
  const bundles = createBundles({
    gather: async () => ({ health: { says }, log: [{ event: says }, { event: 'b' }] }) as Record<BundlePart, unknown>,
    async askWhere(name) {
      names.push(name);
      return options.where === undefined ? '/chosen' : options.where;
    },
    async write(file, bytes) {
      options.write?.();
      files.set(file, bytes);
    },
    diskErrorOf: (error) => ((error as Error).message === 'full' ? 'disk-full' : null),
    onSaved: () => undefined,
    newId: () => `id-${++ids}`,
    now: () => NOW,
  });
  const saved = () => gunzipSync(files.get('/chosen') ?? Buffer.alloc(0)).toString('utf8');
  const say = (next: string) => {
    says = next;
  };
  return { bundles, files, names, saved, say };
}

it('is saved as it was read, whatever has changed since, and the texts stand in it as they were shown', async () => {
  const { bundles, saved, say, names } = start();
  const { id, parts } = await bundles.gather();
  say('second');
  expect(await bundles.save({ id, parts: ['health', 'log'] })).toEqual({ ok: true, value: { saved: true } });
  expect(JSON.parse(saved())).toEqual({
    format: 'wardlight-support',
    version: 1,
    time: '2026-11-26T03:10:00.000Z',
    parts: { health: { says: 'first' }, log: [{ event: 'first' }, { event: 'b' }] },
  });
  for (const { text } of parts) expect(saved()).toContain(text);
  expect(names).toEqual(['wardlight-support-20261126-0310.json.gz']);
});

it('security: nothing of a part that was left out is in the file', async () => {
  const { bundles, saved } = start();
  const { id } = await bundles.gather();
  await bundles.save({ id, parts: ['health'] });
  expect(Object.keys(JSON.parse(saved()).parts)).toEqual(['health']);
  expect(saved()).not.toContain('event');
});

it('security: is not saved where another one has been put together since it was read', async () => {
  const { bundles, files } = start();
  const { id } = await bundles.gather();
  await bundles.gather();
  expect(await bundles.save({ id, parts: ['health'] })).toEqual({ ok: false, error: { code: 'bundle-gone' } });
  expect(files.size).toBe(0);
});

it('is not saved where the person changes her mind', async () => {
  const { bundles, files } = start({ where: null });
  const { id } = await bundles.gather();
  expect(await bundles.save({ id, parts: ['health'] })).toEqual({ ok: true, value: { saved: false } });
  expect(files.size).toBe(0);
});

it.each([
  ['full', 'disk-full'],
  ['other', 'store-failed'],
])('says what is wrong with the disk: %s', async (message, code) => {
  const { bundles } = start({
    write() {
      throw new Error(message);
    },
  });
  const { id } = await bundles.gather();
  expect(await bundles.save({ id, parts: ['health'] })).toEqual({ ok: false, error: { code } });
});

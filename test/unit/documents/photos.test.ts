import { describe, expect, it } from 'vitest';
import { createHeld } from '../../../main/documents/held.ts';
import { createPhotos } from '../../../main/documents/photos.ts';

const PHOTO = () => Buffer.from('a photo of a heel');

function camera({ may = true, policy = {} }: { may?: boolean; policy?: { camera?: boolean; kinds?: 'pdf'[] } } = {}) {
  const held = createHeld(64);
  const offered: unknown[] = [];
  let last = 0;
  const photos = createPhotos({
    files: { mayAttach: async () => may },
    keys: { ready: async () => ({ ok: true, value: { thumbprint: '', expires: '' } }) },
    process: {
      hold: async (piece) => held.add(piece.held, piece.bytes),
      drop: async (one) => held.drop(one.held),
    },
    attaching: {
      async offer(patientId, given) {
        offered.push({ patientId, ...given, text: held.find(given.held)?.toString() });
        return { ok: true, value: { pickId: 'p', name: given.name, size: given.size, kind: 'image' } };
      },
    },
    policy: { camera: true, kinds: ['image'], ...policy },
    newId: () => `id-${++last}`,
  });
  const begin = async (patientId = 'mine') => {
    const begun = await photos.begin(patientId);
    return begun.ok ? begun.value.captureId : begun.error.code;
  };
  return { photos, held, offered, begin };
}

describe('a photo', () => {
  it('goes from the camera to what can be attached to its patient', async () => {
    const { photos, offered, begin } = camera();
    const id = await begin();
    expect(photos.isTaking()).toBe(true);
    const bytes = PHOTO();
    expect(await photos.receive(id, bytes)).toBe(true);
    expect(photos.isTaking()).toBe(false);
    // Main keeps nothing of it.
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(await photos.taken('mine', id)).toMatchObject({ ok: true, value: { size: 17 } });
    expect(offered).toEqual([
      { patientId: 'mine', held: id, size: 17, name: 'Photo', kinds: ['image'], text: 'a photo of a heel' },
    ]);
  });

  it('that is more than can be held is refused', async () => {
    const { photos, begin } = camera();
    const id = await begin();
    expect(await photos.receive(id, Buffer.alloc(65))).toBe(false);
    expect(await photos.taken('mine', id)).toEqual({ ok: false, error: { code: 'file-too-large' } });
  });
});

describe('security: a photo', () => {
  it.each([
    ['where policy allows none', { policy: { camera: false } }, 'camera-refused'],
    ['where policy takes no pictures', { policy: { kinds: ['pdf' as const] } }, 'camera-refused'],
    ['of a patient to whom nothing may be attached', { may: false }, 'not-permitted'],
  ])('security: is not taken %s', async (_what, options, code) => {
    const { photos, begin } = camera(options);
    expect(await begin()).toBe(code);
    expect(photos.isTaking()).toBe(false);
  });

  it('security: is taken once, and for its patient alone', async () => {
    const { photos, offered, begin } = camera();
    const id = await begin();
    expect(await photos.receive('id-0', PHOTO())).toBe(false);
    expect(await photos.taken('mine', id)).toMatchObject({ error: { code: 'not-found' } });
    expect(await Promise.all([photos.receive(id, PHOTO()), photos.receive(id, PHOTO())])).toEqual([true, false]);
    expect(await photos.taken('other', id)).toMatchObject({ error: { code: 'not-found' } });
    expect(await photos.taken('mine', id)).toMatchObject({ ok: true });
    expect(await photos.taken('mine', id)).toMatchObject({ error: { code: 'not-found' } });
    expect(offered).toHaveLength(1);
  });

  it.each(['given up', 'locked', 'followed by another'])('security: that is %s is dropped', async (how) => {
    const { photos, held, begin } = camera();
    const id = await begin();
    await photos.receive(id, PHOTO());
    if (how === 'given up') await photos.end(id);
    if (how === 'locked') await photos.close();
    if (how === 'followed by another') await begin('other');
    expect(held.find(id)).toBeNull();
    expect(await photos.taken('mine', id)).toMatchObject({ error: { code: 'not-found' } });
    expect(await photos.receive(id, PHOTO())).toBe(false);
  });

  it('security: that comes while it is given up is dropped', async () => {
    const { photos, held, begin } = camera();
    const id = await begin();
    const coming = photos.receive(id, PHOTO());
    await photos.close();
    expect(await coming).toBe(false);
    expect(held.find(id)).toBeNull();
  });
});

describe('what is held', () => {
  it('comes back whole, and is wiped when it is dropped', () => {
    const held = createHeld(10);
    for (const piece of ['abc', 'def']) held.add('one', Buffer.from(piece));
    const whole = held.find('one');
    expect(whole?.toString()).toBe('abcdef');
    // Room for four more, and none for five.
    expect([held.add('two', Buffer.alloc(4)), held.add('two', Buffer.alloc(1)), held.find('two')]).toEqual([
      true,
      false,
      null,
    ]);
    held.clear();
    expect(whole?.every((byte) => byte === 0)).toBe(true);
    expect([held.find('one'), held.add('three', Buffer.alloc(10))]).toEqual([null, true]);
  });
});

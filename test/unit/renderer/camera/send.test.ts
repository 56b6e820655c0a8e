import { expect, it } from 'vitest';
import { toJpeg } from '../../../../renderer/camera/send.ts';

it('a photo is what the canvas has, byte for byte', () => {
  const bytes = Uint8Array.from({ length: 1_000 }, (_, at) => (at * 7) % 256);
  const asked: unknown[] = [];
  const photo = toJpeg({
    toDataURL(...how) {
      asked.push(...how);
      return `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`;
    },
  });
  expect(photo).toEqual(bytes);
  expect(asked).toEqual(['image/jpeg', 0.92]);
});

it('is none where the canvas has nothing, or can’t make one', () => {
  for (const address of ['data:,', 'data:image/png;base64,AA==']) {
    expect(toJpeg({ toDataURL: () => address })).toBeNull();
  }
});

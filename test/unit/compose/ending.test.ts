import { expect, it } from 'vitest';
import { endAll } from '../../../main/compose/ending.ts';

it('security: ends everything behind the lock screen, whatever another program or a disk does not let end', async () => {
  const ended: string[] = [];
  const logged: unknown[] = [];
  const steps = {
    viewer: async () => {
      throw Object.assign(new Error('/home/secret'), { code: 'EBUSY' });
    },
    forms() {
      throw new Error('at once');
    },
    nothing: () => Promise.reject(null),
    async cache() {
      await new Promise((resolve) => setImmediate(resolve));
      ended.push('cache');
    },
    key: () => ended.push('key'),
  };
  await endAll(steps, { warn: (event, fields) => logged.push([event, fields]) });
  expect(ended).toEqual(['cache', 'key']);
  expect(logged).toEqual([
    ['closing.failed', { name: 'viewer', code: 'EBUSY' }],
    ['closing.failed', { name: 'forms', code: 'internal' }],
    ['closing.failed', { name: 'nothing', code: 'internal' }],
  ]);
});

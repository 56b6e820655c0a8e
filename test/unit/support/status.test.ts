import { expect, it } from 'vitest';
import { createStatus } from '../../../main/support/status.ts';
import type { HealthReport } from '../../../preload/contract/health.ts';

/** A status whose time a test moves, and what it has written. */
function start(options: { fails?: () => boolean } = {}) {
  const written: { running: string; profiles: object }[] = [];
  const failures: string[] = [];
  let settle: (() => void) | null = null;
  let minute: (() => void) | null = null;
  const status = createStatus({
    report: async (running) => ({ time: String(running) }) as HealthReport,
    async write({ time }, profiles) {
      if (options.fails?.()) throw new Error('disk');
      written.push({ running: time, profiles });
    },
    after(_ms, callback) {
      settle = () => {
        settle = null;
        callback();
      };
      return () => {
        settle = null;
      };
    },
    every(_ms, callback) {
      minute = callback;
      return () => {
        minute = null;
      };
    },
    everyMs: 60_000,
    onFailure: () => failures.push('not written'),
  });
  const tick = async (callback: (() => void) | null) => {
    callback?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { status, written, failures, settle: () => tick(settle), minute: () => tick(minute) };
}

it('is written at the start, each minute, once for many changes, and as stopped at the end', async () => {
  const { status, written, settle, minute } = start();
  await status.begin();
  await minute();
  for (let times = 0; times < 5; times += 1) status.changed();
  await settle();
  await settle();
  await status.close();
  expect(written.map(({ running }) => running)).toEqual(['true', 'true', 'true', 'false']);
});

it('says nothing more after the end, nor anything where it has never begun', async () => {
  const { status, written, settle, minute } = start();
  status.changed();
  await settle();
  await status.close();
  expect(written).toEqual([]);
  await status.begin();
  await status.close();
  status.changed();
  await settle();
  await minute();
  expect(written.map(({ running }) => running)).toEqual(['true', 'false']);
});

it('keeps what is known of profiles that are not open, and learns more of those that are', async () => {
  const { status, written } = start();
  const backlog = { waiting: 2, conflicts: 0, parked: 0 };
  status.learn('a', { schema: 11 });
  status.remember({ a: { schema: 10, lastSync: null, backlog: null }, b: { schema: 9, lastSync: null, backlog } });
  status.learn('a', { backlog });
  await status.begin();
  expect(written[0]?.profiles).toEqual({
    a: { schema: 11, lastSync: null, backlog },
    b: { schema: 9, lastSync: null, backlog },
  });
});

it('goes on where it can’t be written, and tells it once until it can', async () => {
  let full = true;
  const { status, written, failures, minute } = start({ fails: () => full });
  await status.begin();
  await minute();
  expect(failures).toHaveLength(1);
  full = false;
  await minute();
  expect(written).toHaveLength(1);
  full = true;
  await minute();
  expect(failures).toHaveLength(2);
});

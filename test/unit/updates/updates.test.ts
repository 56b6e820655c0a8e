import { describe, expect, it } from 'vitest';
import { policySchema } from '../../../main/managed/policy.ts';
import type { Offer } from '../../../main/updates/check.ts';
import { createUpdates, type UpdatesOptions } from '../../../main/updates/updates.ts';
import type { Result } from '../../../preload/contract/channel.ts';
import type { UpdateHold, UpdateProblem } from '../../../preload/contract/updates.ts';
import { NOW, releaseOf } from '../../support/feed.ts';

const DAY_MS = 86_400_000;
const [artifact] = releaseOf('0.2.0').artifacts as [Offer['artifact']];
const OFFER: Offer = {
  version: '0.2.0',
  releasedAt: new Date(NOW).toISOString(),
  isRequired: false,
  artifact,
  since: NOW,
  putOffUntil: null,
};

function workstation(mode: 'off' | 'repository' | 'feed' = 'feed', change: Partial<UpdatesOptions> = {}) {
  const world = {
    now: NOW,
    found: { ok: true, value: OFFER } as Result<Offer | null, UpdateProblem>,
    onDisk: null as string | null,
    holds: [] as UpdateHold[],
    isAsSigned: true,
    log: [] as string[],
    timers: [] as { ms: number; callback: () => void; gone: boolean }[],
  };
  const updates = createUpdates({
    policy: { ...policySchema.parse({}).updates, mode },
    installed: '0.1.0',
    async checkFeed() {
      world.log.push('check');
      return world.found;
    },
    async fetchFile() {
      world.log.push('fetch');
      return { ok: true, value: '/pending/0.2.0.deb' };
    },
    isAsSigned: async () => world.isAsSigned,
    async keepPutOff(until) {
      world.log.push(`put off ${(until - NOW) / DAY_MS}`);
      return { ok: true, value: undefined };
    },
    onDisk: async () => world.onDisk,
    holds: async () => world.holds,
    async install(path) {
      world.log.push(`install ${path}`);
      return true;
    },
    restart: () => world.log.push('restart'),
    now: () => world.now,
    after(ms, callback) {
      const timer = { ms, callback, gone: false };
      world.timers.push(timer);
      return () => {
        timer.gone = true;
      };
    },
    onState: () => undefined,
    ...change,
  });
  const closed = async () => {
    await (await updates.beforeClosing())?.();
    return world.log.filter((line) => line.startsWith('install'));
  };
  return { world, updates, closed };
}

const INSTALLED = ['install /pending/0.2.0.deb'];

it('fetches what is offered, once, and installs nothing by itself', async () => {
  const { world, updates, closed } = workstation();
  await updates.check();
  await updates.check();
  expect(updates.state()).toMatchObject({ stage: 'ready', offer: { version: '0.2.0' }, problem: null });
  expect(world.log).toEqual(['check', 'fetch', 'check']);
  expect(await closed()).toEqual([]);
});

it('looks a minute after the start, and then as often as policy says', () => {
  const { world, updates } = workstation();
  updates.begin();
  const [first] = world.timers;
  expect(first?.ms).toBe(60_000);
  first?.callback();
  expect(world.timers.map(({ ms }) => ms)).toContain(240 * 60_000);
  expect(world.log).toEqual(['check']);
  updates.end();
  expect(world.timers.filter(({ gone }) => !gone)).toEqual([first]);
});

it('installs when the program closes, once a person has agreed', async () => {
  const { updates, closed } = workstation();
  await updates.check();
  expect(await updates.agree()).toMatchObject({ ok: true });
  expect(await closed()).toEqual(INSTALLED);
});

it('installs at once where a person wants it', async () => {
  const { world, updates, closed } = workstation();
  await updates.check();
  expect(await updates.installNow()).toMatchObject({ ok: true });
  expect(world.log).toContain('restart');
  expect(await closed()).toEqual(INSTALLED);
});

it('can be put off day by day within policy’s days, and is installed at the next closing after them', async () => {
  const { world, updates, closed } = workstation();
  await updates.check();
  await updates.putOff();
  world.now = NOW + 6.5 * DAY_MS;
  await updates.putOff();
  expect(world.log.filter((line) => line.startsWith('put off'))).toEqual(['put off 1', 'put off 7']);
  expect(await closed()).toEqual([]);
  world.now = NOW + 7 * DAY_MS;
  expect(await updates.putOff()).toEqual({ ok: false, error: { code: 'update-too-late' } });
  expect(await closed()).toEqual(INSTALLED);
});

describe('is never installed', () => {
  it.each<UpdateHold>(['offline', 'unsaved', 'sending', 'syncing'])(
    'security: while something would be interrupted: %s',
    async (hold) => {
      const { world, updates, closed } = workstation();
      await updates.check();
      await updates.agree();
      world.holds = [hold];
      const asked = world.log.length;
      expect(await updates.installNow()).toEqual({ ok: false, error: { code: 'update-held' } });
      expect(await closed()).toEqual([]);
      // Neither is the feed asked, which can't be reached in a downtime.
      expect(world.log.slice(asked)).toEqual([]);
      world.holds = [];
      expect(await closed()).toEqual(INSTALLED);
    },
  );

  it('security: once the feed has taken it back, or isn’t believed any more', async () => {
    for (const found of [
      { ok: true, value: null },
      { ok: false, error: { code: 'expired' } },
    ] as const) {
      const { world, updates, closed } = workstation();
      await updates.check();
      await updates.agree();
      world.found = found;
      expect(await closed()).toEqual([]);
      expect(updates.state()).toMatchObject({ stage: 'none', offer: null });
    }
  });

  it('security: while the feed can’t be reached, which takes nothing back either', async () => {
    const { world, updates, closed } = workstation();
    await updates.check();
    await updates.agree();
    world.found = { ok: false, error: { code: 'feed-unreachable' } };
    expect(await closed()).toEqual([]);
    expect(updates.state()).toMatchObject({ stage: 'agreed', problem: 'feed-unreachable' });
    world.found = { ok: true, value: OFFER };
    expect(await closed()).toEqual(INSTALLED);
  });

  it('security: where the file is no longer what was signed', async () => {
    const { world, updates } = workstation();
    await updates.check();
    await updates.agree();
    const install = await updates.beforeClosing();
    world.isAsSigned = false;
    expect(await install?.()).toBe(false);
    expect(world.log).not.toContain(INSTALLED[0]);
  });

  it('where the feed doesn’t answer while the program closes', async () => {
    const { world, updates, closed } = workstation();
    await updates.check();
    await updates.agree();
    const never = workstation('feed', { checkFeed: () => new Promise(() => undefined) });
    void never.updates.agree();
    world.holds = [];
    expect(await closed()).toEqual(INSTALLED);
    const slow = never.updates.beforeClosing();
    never.world.timers.at(-1)?.callback();
    expect(await slow).toBeNull();
  });
});

describe('by IT’s repository', () => {
  it('tells of another version on the disk, and starts anew; installs nothing and asks no feed', async () => {
    const { world, updates, closed } = workstation('repository');
    await updates.check();
    expect(updates.state()).toMatchObject({ stage: 'none', offer: null });
    world.onDisk = '0.2.0';
    await updates.check();
    expect(updates.state()).toMatchObject({ stage: 'restart', offer: { version: '0.2.0' } });
    world.holds = ['unsaved'];
    expect(await updates.installNow()).toMatchObject({ error: { code: 'update-held' } });
    world.holds = [];
    expect(await updates.installNow()).toMatchObject({ ok: true });
    expect(world.log).toEqual(['restart']);
    expect(await closed()).toEqual([]);
  });
});

it('looks at nothing where updates are off', async () => {
  const { world, updates } = workstation('off');
  await updates.check();
  expect(world.log).toEqual([]);
  expect(updates.state()).toMatchObject({ mode: 'off', stage: 'none', problem: null });
});

import { expect, it } from 'vitest';
import { createManaged } from '../../../main/managed/managed.ts';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { managedSettings } from '../../../main/managed/shown.ts';
import type { Found, Source } from '../../../main/managed/sources/source.ts';
import type { ManagedState } from '../../../preload/contract/managed.ts';

async function open(first: Found, name: Source['name'] = 'file') {
  let found = first;
  let finds = 0;
  const told: ManagedState[] = [];
  const asked: { ms: number; callback: () => void }[] = [];
  /** What happens while it is waited that what is new stays as it is. */
  let meanwhile: () => void = () => undefined;
  const managed = await createManaged({
    source: {
      name,
      async find() {
        finds += 1;
        return found;
      },
    },
    every: (ms, callback) => void asked.push({ ms, callback }),
    wait: async () => meanwhile(),
    onChange: (state) => told.push(state),
  });
  const place = (next: Found) => {
    found = next;
  };
  return {
    managed,
    told,
    asked,
    finds: () => finds,
    place,
    set: async (next: Found) => {
      place(next);
      await managed.refresh();
    },
    during: (change: () => void) => {
      meanwhile = change;
    },
  };
}

const document = (value: unknown): Found => ({ kind: 'document', document: value });

it('is the defaults where IT has set nothing', async () => {
  const { managed } = await open({ kind: 'none' });
  expect(JSON.parse(JSON.stringify(managed.policy))).toEqual(defaultPolicy);
  expect(managed.state()).toEqual({ source: 'none', problems: [], isEarlier: false });
});

it('holds while the program runs, in what was handed out before', async () => {
  const { managed, told, set } = await open(document({ lock: { idleMs: 120_000 } }));
  const { lock } = managed.policy;
  expect(lock.idleMs).toBe(120_000);
  await set(document({ lock: { idleMs: 90_000 } }));
  expect(lock.idleMs).toBe(90_000);
  await set({ kind: 'none' });
  expect(lock.idleMs).toBe(defaultPolicy.lock.idleMs);
  expect(told.map(({ source }) => source)).toEqual(['file', 'none']);
});

it('tells nothing where nothing has changed', async () => {
  const { told, set } = await open(document({ lock: { idleMs: 120_000 } }));
  await set(document({ lock: { idleMs: 120_000 } }));
  expect(told).toEqual([]);
});

it('is looked at each minute, and never twice at once', async () => {
  const { managed, asked, finds, place, told } = await open({ kind: 'none' });
  expect(asked.map(({ ms }) => ms)).toEqual([60_000]);
  place(document({ lock: { idleMs: 120_000 } }));
  asked[0]?.callback();
  asked[0]?.callback();
  await Promise.all([managed.refresh(), managed.refresh()]);
  // Once at the start, and once more after what was new had to stay as it is.
  expect(finds()).toBe(3);
  expect(told).toHaveLength(1);
  await managed.refresh();
  expect(finds()).toBe(4);
});

it('is not taken while it is being written', async () => {
  const { managed, told, set, during, place } = await open(document({ lock: { idleMs: 120_000 } }));
  during(() => place(document({ lock: { idleMs: 90_000 } })));
  await set({ kind: 'problem', code: 'not-json' });
  expect(told).toEqual([]);
  expect(managed.policy.lock.idleMs).toBe(120_000);
  await managed.refresh();
  expect(managed.policy.lock.idleMs).toBe(90_000);
});

it('security: is the strictest of all where what is there was never believed', async () => {
  const { managed, set } = await open({ kind: 'problem', code: 'untrusted-file' });
  expect(managed.policy.lock.idleMs).toBe(60_000);
  expect(managed.policy.servers.allowed).toEqual([]);
  const problems = [{ key: '', code: 'untrusted-file' }];
  expect(managed.state()).toEqual({ source: 'file', problems, isEarlier: false });
  await set({ kind: 'none' });
  await set({ kind: 'problem', code: 'not-json' });
  expect(managed.policy.lock.idleMs).toBe(60_000);
});

it.each(['untrusted-file', 'not-json', 'unreadable', 'too-large'] as const)(
  'security: stays what it was where IT’s policy can’t be believed any more (%s), and tells it',
  async (code) => {
    const { managed, told, set } = await open(document({ lock: { idleMs: 30_000, idel: 1 }, retentionDays: 2 }));
    await set({ kind: 'problem', code });
    expect(managed.policy.lock.idleMs).toBe(30_000);
    expect(managed.policy.retentionDays).toBe(2);
    expect(managed.policy.screen).toEqual(defaultPolicy.screen);
    expect(managed.isManaged()).toBe(true);
    const problems = [
      { key: '', code },
      { key: 'lock.idel', code: 'unknown-key' },
    ];
    expect(told).toEqual([{ source: 'file', problems, isEarlier: true }]);
    await set(document({ lock: { idleMs: 40_000 } }));
    expect(managed.policy.lock.idleMs).toBe(40_000);
    expect(managed.state()).toEqual({ source: 'file', problems: [], isEarlier: false });
  },
);

it('security: is managed by what IT has set alone', async () => {
  const isManaged = async (...of: Parameters<typeof open>) => (await open(...of)).managed.isManaged();
  const decided = document({ retentionDays: 7 });
  expect(await isManaged(decided)).toBe(true);
  expect(await isManaged({ kind: 'none' })).toBe(false);
  expect(await isManaged({ kind: 'problem', code: 'untrusted-file' })).toBe(false);
  expect(await isManaged(decided, 'development')).toBe(false);
});

it('is none where a file is there and decides nothing', async () => {
  const { managed } = await open(document({ $schema: 'policy.schema.json' }));
  expect(managed.isManaged()).toBe(false);
  expect(managed.state().source).toBe('none');
  expect((await open(document({ lokc: 1 }))).managed.state().source).toBe('file');
});

it('is shown with who has decided it, in the language of the page', async () => {
  const { managed } = await open(document({ lock: { idleMs: 120_000 }, testPatients: Array(50).fill('system|value') }));
  const shown = new Map(managedSettings(managed, 'es').map((row) => [row.key, row]));
  expect(shown.get('lock.idleMs')).toMatchObject({ value: '120000', standard: '300000', isManaged: true });
  expect(shown.get('lock.withSystem')).toMatchObject({ value: 'true', isManaged: false });
  expect(shown.get('lock.idleMs')?.text).toContain('se bloquea');
  expect(shown.get('testPatients')?.value).toMatch(/…$/);
});

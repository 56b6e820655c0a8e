import { expect, it } from 'vitest';
import { createManaged } from '../../../main/managed/managed.ts';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { managedSettings } from '../../../main/managed/shown.ts';
import type { Found, Source } from '../../../main/managed/sources/source.ts';
import type { ManagedState } from '../../../preload/contract/managed.ts';

async function open(first: Found, name: Source['name'] = 'file') {
  let found = first;
  const told: ManagedState[] = [];
  const managed = await createManaged({
    source: { name, find: async () => found },
    onChange: (state) => told.push(state),
  });
  return {
    managed,
    told,
    set: async (next: Found) => {
      found = next;
      await managed.refresh();
    },
  };
}

const document = (value: unknown): Found => ({ kind: 'document', document: value });

it('is the defaults where IT has set nothing', async () => {
  const { managed } = await open({ kind: 'none' });
  expect(JSON.parse(JSON.stringify(managed.policy))).toEqual(defaultPolicy);
  expect(managed.state()).toEqual({ source: 'none', problems: [] });
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

it('security: is the strictest of all where what IT has set is no longer to be believed', async () => {
  const { managed, told, set } = await open(document({ lock: { idleMs: 120_000 } }));
  await set({ kind: 'problem', code: 'untrusted-file' });
  expect(managed.policy.lock.idleMs).toBe(60_000);
  expect(managed.policy.servers.allowed).toEqual([]);
  expect(told).toEqual([{ source: 'file', problems: [{ key: '', code: 'untrusted-file' }] }]);
});

it('security: is managed by what IT has set alone', async () => {
  const isManaged = async (...of: Parameters<typeof open>) => (await open(...of)).managed.isManaged();
  expect(await isManaged(document({}))).toBe(true);
  expect(await isManaged({ kind: 'none' })).toBe(false);
  expect(await isManaged({ kind: 'problem', code: 'untrusted-file' })).toBe(false);
  expect(await isManaged(document({}), 'development')).toBe(false);
});

it('is shown with who has decided it, in the language of the page', async () => {
  const { managed } = await open(document({ lock: { idleMs: 120_000 }, testPatients: Array(50).fill('system|value') }));
  const shown = new Map(managedSettings(managed, 'es').map((row) => [row.key, row]));
  expect(shown.get('lock.idleMs')).toMatchObject({ value: '120000', standard: '300000', isManaged: true });
  expect(shown.get('lock.withSystem')).toMatchObject({ value: 'true', isManaged: false });
  expect(shown.get('lock.idleMs')?.text).toContain('se bloquea');
  expect(shown.get('testPatients')?.value).toMatch(/…$/);
});

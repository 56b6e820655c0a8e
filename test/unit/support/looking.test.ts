import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lookAtDelivery, lookAtKeyring, lookAtProfiles, policyHealth } from '../../../main/support/looking.ts';

const A = '0a1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const B = '6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const NOW = Date.parse('2026-11-26T03:01:00Z');

it('sees profiles in the order of their folders, with sizes, and what was known when they were open', async () => {
  const root = mkdtempSync(join(tmpdir(), 'wl-look-'));
  for (const id of [A, B]) mkdirSync(join(root, id));
  writeFileSync(join(root, B, 'cache.db'), '12345');
  writeFileSync(join(root, B, 'cache.db-wal'), '123');
  writeFileSync(join(root, B, 'outbox.db'), '1');
  const profile = {
    version: 1 as const,
    id: B,
    display: 'Dr Nwosu',
    practitioner: 'Practitioner/1',
    server: 'https://s',
  };
  const before = readdirSync(root, { recursive: true });
  const looked = await lookAtProfiles({
    root,
    found: { profiles: [{ ...profile, folder: join(root, B), lastUsed: null }], damaged: [A] },
    known: new Map([
      [B, { schema: 11, lastSync: '2026-11-26T03:00:00.000Z', backlog: { waiting: 1, conflicts: 2, parked: 3 } }],
    ]),
    open: B,
    now: NOW,
  });
  expect(looked).toEqual([
    {
      state: 'damaged',
      open: false,
      cache: { exists: false, bytes: 0, schema: null },
      outbox: { exists: false, bytes: 0 },
      lastSync: null,
      lastSyncAgeSeconds: null,
      backlog: null,
    },
    {
      state: 'ok',
      open: true,
      cache: { exists: true, bytes: 8, schema: 11 },
      outbox: { exists: true, bytes: 1 },
      lastSync: '2026-11-26T03:00:00.000Z',
      lastSyncAgeSeconds: 60,
      backlog: { waiting: 1, conflicts: 2, parked: 3 },
    },
  ]);
  expect(readdirSync(root, { recursive: true })).toEqual(before);
  expect(JSON.stringify(looked)).not.toMatch(/Nwosu|Practitioner|https|6f1c/);
});

it('asks the keychain for what is not there, and says why it doesn’t answer', async () => {
  const asked: string[] = [];
  const get = async (account: string) => {
    asked.push(account);
    return { ok: true as const, value: null };
  };
  expect(await lookAtKeyring({ get })).toBe('reachable');
  expect(asked).toEqual(['health']);
  const locked = async () => ({ ok: false as const, error: { code: 'keyring-locked' as const } });
  expect(await lookAtKeyring({ get: locked })).toBe('keyring-locked');
});

it('tells a policy that can’t be believed from one with a slip', () => {
  expect(policyHealth({ source: 'none', problems: [], isEarlier: false }).state).toBe('none');
  expect(policyHealth({ source: 'file', problems: [], isEarlier: false }).state).toBe('in-force');
  expect(policyHealth({ source: 'file', problems: [{ key: 'a', code: 'malformed' }], isEarlier: false }).state).toBe(
    'problems',
  );
  expect(policyHealth({ source: 'file', problems: [{ key: '', code: 'not-json' }], isEarlier: false }).state).toBe(
    'not-believed',
  );
});

it('security: tells of a way out its kind, what waits and since when, and not where it leads', async () => {
  const looked = await lookAtDelivery(
    [
      { kind: 'directory', name: 'ward-seven', path: '/mnt/nwosu' },
      { kind: 'fhir', name: 'ehr', server: 'https://fhir.example' },
    ],
    [{ target: 'ehr', problem: 'access-denied', needsIt: true, delivered: 4 }],
    {
      segments: {
        undelivered: async ({ target }: { target: string }) => (target === 'ehr' ? [{}, {}] : []),
        receipts: async ({ target }: { target: string }) =>
          target === 'ehr' ? [] : [{ receipt: { time: '2026-11-26T02:00:00.000Z' } }],
      } as never,
    },
  );
  expect(looked).toEqual([
    { kind: 'directory', pending: 0, lastDelivered: '2026-11-26T02:00:00.000Z', lastFailure: null, needsIt: false },
    { kind: 'fhir', pending: 2, lastDelivered: null, lastFailure: 'access-denied', needsIt: true },
  ]);
  const closed = await lookAtDelivery([{ kind: 'fhir', name: 'ehr', server: 'https://fhir.example' }], [], null);
  expect(closed).toEqual([{ kind: 'fhir', pending: null, lastDelivered: null, lastFailure: null, needsIt: false }]);
});

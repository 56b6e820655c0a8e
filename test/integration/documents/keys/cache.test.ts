import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createReceiver, sealTo } from '../../../../main/cache/handover.ts';
import { openDatabase } from '../../../../main/cache/open.ts';
import { createReads } from '../../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../../main/cache/schema/index.ts';
import { createWrites } from '../../../../main/cache/writes/index.ts';
import { fill, keyOf, openCache, temporaryDirectory } from '../../cache/support.ts';

const MIGRATION = 6;
const AT = '2026-03-01T10:00:00Z';
const reference = (value: string) => ({ reference: value });
const stored = (resource: object) => ({ ...resource, meta: { versionId: '1', lastUpdated: '2026-03-01T09:00:00Z' } });

const team = (id: string, patient: string, participant: object[], more: object = {}) =>
  stored({
    resourceType: 'CareTeam',
    id,
    status: 'active',
    subject: reference(`Patient/${patient}`),
    participant,
    ...more,
  });
const role = (id: string, practitioner: string, more: object = {}) =>
  stored({ resourceType: 'PractitionerRole', id, practitioner: reference(practitioner), ...more });

const resources = [
  stored({ resourceType: 'Patient', id: 'a' }),
  stored({ resourceType: 'Patient', id: 'b' }),
  team('t1', 'a', [
    { member: reference('Practitioner/one') },
    { member: reference('PractitionerRole/r2') },
    { member: reference('PractitionerRole/ended') },
    { member: reference('PractitionerRole/unknown') },
    { member: reference('Practitioner/gone'), period: { end: '2026-02-01' } },
    { member: reference('Organization/o') },
  ]),
  team('t2', 'a', [{ member: reference('Practitioner/old') }], { status: 'inactive' }),
  team('t3', 'b', [{ member: reference('Practitioner/three') }, { member: reference('Practitioner/one') }]),
  role('r2', 'Practitioner/two'),
  role('ended', 'Practitioner/four', { period: { end: '2026-02-01' } }),
];

test('a patient’s care teams name practitioners, by themselves or by a role, as long as they hold', () => {
  const cache = openCache();
  fill(cache, ['a', 'b'], resources);
  const { read } = cache;
  expect(read.careTeamPractitioners({ patientId: 'a', at: AT })).toEqual(['Practitioner/one', 'Practitioner/two']);
  expect(read.careTeamPractitioners({ patientId: 'b', at: AT })).toEqual(['Practitioner/one', 'Practitioner/three']);
  expect(read.careTeamPractitioners({ patientId: null, at: AT })).toEqual(
    ['one', 'three', 'two'].map((id) => `Practitioner/${id}`),
  );
  expect(read.careTeamPractitioners({ patientId: 'c', at: AT })).toEqual([]);
  expect(read.careTeamPractitioners({ patientId: 'a', at: 'never' })).toEqual([]);
});

test('it is read through indexes', () => {
  const { reader } = openCache();
  const plans: string[] = [];
  const prepare = reader.prepare.bind(reader);
  Object.defineProperty(reader, 'prepare', {
    value: (source: string) => {
      if (source.includes('care_team_member') || source.includes('key_certificate')) {
        const named = Object.fromEntries((source.match(/@\w+/g) ?? []).map((name) => [name.slice(1), 1]));
        const given = source.includes('@') ? [named] : (source.match(/\?/g) ?? []).map(() => '[]');
        const rows = prepare(`EXPLAIN QUERY PLAN ${source}`).all(...given) as { detail: string }[];
        plans.push(...rows.map(({ detail }) => detail));
      }
      return prepare(source);
    },
  });
  const read = createReads(reader);
  read.careTeamPractitioners({ patientId: 'a', at: AT });
  read.careTeamPractitioners({ patientId: null, at: AT });
  read.certificates({ practitioners: ['Practitioner/one'] });
  expect(plans.length).toBeGreaterThan(5);
  expect(plans.filter((detail) => detail.startsWith('SCAN') && !/wish/.test(detail))).toEqual([]);
});

test('pairs stay, the newest first, with their certificates', () => {
  const { read, write } = openCache();
  expect(read.deviceKeys()).toEqual([]);
  const pair = (n: string) => ({ kty: 'RSA', n, e: 'AQAB', d: `private ${n}` });
  const sealed = (n: string) => sealTo(write.handoverKey(), Buffer.from(JSON.stringify(pair(n))));
  write.addDeviceKey({ thumbprint: 'one', sealed: sealed('1'), madeAt: AT });
  write.addDeviceKey({ thumbprint: 'two', sealed: sealed('2'), madeAt: AT });
  write.certifyDeviceKey({ thumbprint: 'one', certificate: 'c', published: true });
  expect(read.deviceKeys()).toEqual([
    { thumbprint: 'two', jwk: { kty: 'RSA', n: '2', e: 'AQAB' }, madeAt: AT, certificate: null, published: false },
    { thumbprint: 'one', jwk: { kty: 'RSA', n: '1', e: 'AQAB' }, madeAt: AT, certificate: 'c', published: true },
  ]);
  const receiver = createReceiver();
  const handed = read.sealedDeviceKeys({ to: receiver.publicKey });
  expect(handed.map(({ thumbprint }) => thumbprint)).toEqual(['two', 'one']);
  expect(handed.map((one) => JSON.parse(receiver.open(one.sealed).toString()))).toEqual([pair('2'), pair('1')]);
});

test('security: a private key leaves the cache and comes into it sealed, for one life of one process', () => {
  const { read, write } = openCache();
  const secret = Buffer.from(JSON.stringify({ kty: 'RSA', n: '1', e: 'AQAB', d: 'canary of a private key' }));
  const sealed = sealTo(write.handoverKey(), secret);
  expect(Buffer.from(sealed).includes('canary')).toBe(false);
  write.addDeviceKey({ thumbprint: 'one', sealed, madeAt: AT });
  const [receiver, another] = [createReceiver(), createReceiver()];
  const [handed] = read.sealedDeviceKeys({ to: receiver.publicKey });
  expect(JSON.stringify([read.deviceKeys(), handed])).not.toContain('canary');
  expect(Buffer.from(handed!.sealed).includes('canary')).toBe(false);
  expect(receiver.open(handed!.sealed).equals(secret)).toBe(true);
  const failed = expect.objectContaining({ code: 'handover-failed' });
  expect(() => another.open(handed!.sealed)).toThrow(failed);
  for (const at of [0, 10, 65, handed!.sealed.length - 1]) {
    const changed = Uint8Array.from(handed!.sealed);
    changed[at]! ^= 1;
    expect(() => receiver.open(changed)).toThrow(failed);
  }
});

test('a list of revoked keys never goes backwards', () => {
  const { read, write } = openCache();
  expect(read.revocations()).toBeNull();
  expect(write.keepRevocations({ iat: 5, list: 'five', replaces: null })).toBe(true);
  // Two who have found the same list older: the second one's finding holds no more.
  expect(write.keepRevocations({ iat: 7, list: 'seven', replaces: 'five' })).toBe(true);
  expect(write.keepRevocations({ iat: 6, list: 'six', replaces: 'five' })).toBe(false);
  expect(write.keepRevocations({ iat: 6, list: 'six', replaces: null })).toBe(false);
  expect(read.revocations()).toBe('seven');
});

test('what the cache held before the tables of keys came is there after', () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const before = openDatabase({ file, key: keyOf(1), mode: 'create', migrations: cacheMigrations.slice(0, MIGRATION) });
  if (!before.ok) throw new Error(before.error.code);
  before.value.prepare('INSERT INTO meta VALUES (?, ?)').run('caller.a', 'b');
  before.value.close();
  const after = openDatabase({ file, key: keyOf(1), mode: 'write', migrations: cacheMigrations });
  if (!after.ok) throw new Error(after.error.code);
  const write = createWrites(after.value);
  const sealed = sealTo(write.handoverKey(), Buffer.from('{}'));
  write.addDeviceKey({ thumbprint: 'one', sealed, madeAt: AT });
  const read = createReads(after.value);
  expect(read.getMeta({ key: 'a' })).toBe('b');
  expect(read.deviceKeys()).toHaveLength(1);
  after.value.close();
});

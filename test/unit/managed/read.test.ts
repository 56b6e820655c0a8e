import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settingsList } from '../../../main/managed/list.ts';
import { settingIn } from '../../../main/managed/paths.ts';
import { defaultPolicy, policySchema } from '../../../main/managed/policy.ts';
import { readPolicy, unreadable } from '../../../main/managed/read.ts';
import { spanish } from '../../../main/managed/spanish.ts';

describe('what IT has set', () => {
  it('holds, beside the defaults of what it does not say', () => {
    const { policy, managed, problems } = readPolicy({ lock: { idleMs: 120_000 }, retentionDays: 7 });
    expect(policy).toEqual({ ...defaultPolicy, retentionDays: 7, lock: { ...defaultPolicy.lock, idleMs: 120_000 } });
    expect(managed).toEqual(['retentionDays', 'lock.idleMs']);
    expect(problems).toEqual([]);
  });

  it('security: falls to its strictest where a value can’t be used, by itself', () => {
    const { policy, problems } = readPolicy({
      lock: { idleMs: 'five minutes', withSystem: false },
      screen: { contentProtection: 1 },
      servers: { allowed: 'https://fhir.example' },
    });
    expect(policy.lock).toEqual({ idleMs: 60_000, withSystem: false });
    expect(policy.screen).toEqual({ ...defaultPolicy.screen, contentProtection: true });
    expect(policy.servers.allowed).toEqual([]);
    const malformed = ['servers.allowed', 'lock.idleMs', 'screen.contentProtection'];
    expect(problems).toEqual(malformed.map((key) => ({ key, code: 'malformed' })));
  });

  it('leaves no type out of the cache where one of those named is dangerous not to know', () => {
    expect(readPolicy({ cache: { leaveOut: ['DocumentReference'] } }).policy.cache.leaveOut).toEqual([
      'DocumentReference',
    ]);
    const dangerous = ['Patient', 'AllergyIntolerance', 'Condition', 'MedicationRequest', 'MedicationStatement'];
    for (const type of [...dangerous, 'Flag', 'Consent', 'Observation', 'Device', 'Encounter', 'CareTeam', 'Nothing']) {
      const { policy, problems } = readPolicy({ cache: { leaveOut: ['DocumentReference', type] } });
      expect([type, policy.cache.leaveOut]).toEqual([type, []]);
      expect(problems).toEqual([{ key: 'cache.leaveOut', code: 'malformed' }]);
    }
  });

  it('security: falls to its strictest as a group where something else stands in its place', () => {
    const { policy, problems } = readPolicy({ lock: true });
    expect(policy.lock).toEqual({ idleMs: 60_000, withSystem: true });
    expect(problems.map(({ key }) => key)).toEqual(['lock.idleMs', 'lock.withSystem']);
  });

  it('is told where there is no such setting, and the rest holds', () => {
    const document = JSON.parse(
      '{ "$schema": "policy.schema.json", "lokc": {}, "lock": { "idleMs": 120000, "idle": 1 }, "__proto__": { "x": 1 } }',
    );
    const { policy, problems } = readPolicy(document);
    expect(policy.lock.idleMs).toBe(120_000);
    expect(problems).toEqual(['lokc', 'lock.idle', '__proto__'].map((key) => ({ key, code: 'unknown-key' })));
  });

  it.each([null, 5, 'text', [[]]])('is no policy where it is %j', (document) => {
    expect(readPolicy(document)).toEqual(unreadable('not-an-object'));
  });

  it('never fails, and never has a value that its setting doesn’t take', () => {
    const keys = settingsList.map(({ key }) => key);
    const entry = fc.tuple(fc.constantFrom(...keys, 'lock', 'audit.alarms', 'unknown'), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const document: Record<string, unknown> = {};
        for (const [key, value] of entries) put(document, key.split('.'), value);
        const { policy } = readPolicy(document);
        expect(policySchema.parse(policy)).toEqual(policy);
      }),
      { numRuns: 300 },
    );
  });
});

function put(within: Record<string, unknown>, [name = '', ...more]: string[], value: unknown): void {
  const below = within[name] ?? {};
  within[name] = more.length === 0 ? value : below;
  if (more.length > 0 && typeof below === 'object') put(below as Record<string, unknown>, more, value);
}

describe('the strictest of each setting', () => {
  const { policy } = unreadable('not-json');

  it.each(settingsList.map((one) => [one.key, one] as const))(
    'is a value that %s takes',
    (key, { schema, strictest }) => {
      expect(schema.parse(strictest)).toEqual(strictest);
      expect(settingIn(policy, key)).toEqual(strictest);
    },
  );

  it('security: destroys nothing sooner than the default does', () => {
    for (const key of ['lease.graceMs', 'lease.noticeMs', 'unlock.maxAttempts'])
      expect(settingIn(policy, key)).toBeGreaterThanOrEqual(Number(settingIn(defaultPolicy, key)));
    expect(policy.lease.offlineMs).toBeGreaterThan(0);
    expect(policy.retentionDays).toBeGreaterThan(0);
  });

  it('security: shows, sends and writes nothing more than the default does', () => {
    expect(policy.screen).toMatchObject({ contentProtection: true, shadeOnBlur: true });
    expect(policy.documents).toBeNull();
    expect(policy.audit.delivery.targets).toEqual([]);
    expect(policy.launchIssuers).toEqual([]);
    expect(policy.downtime.saveAs).toBe(false);
    expect(policy.access.bundle).not.toBeNull();
    for (const rule of Object.values(policy.audit.alarms.rules)) expect(rule.on).toBe(true);
  });
});

it('every setting has its text in Spanish, and no other text is there', () => {
  expect(Object.keys(spanish).toSorted()).toEqual(settingsList.map(({ key }) => key).toSorted());
});

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Bundle, signBundle } from '../../../main/access/policy/bundle.ts';
import { defaultBundle, defaultPolicies } from '../../../main/access/policy/defaults.ts';
import { createEngine, policiesOf, validateBundle } from '../../../main/access/policy/engine.ts';
import { type LoadOptions, loadPolicies, type PoliciesInForce } from '../../../main/access/policy/load.ts';
import type { PolicyRequest } from '../../../main/access/policy/vocabulary.ts';
import { writeDurably } from '../../../main/vault/durable.ts';
import { temporaryFolder } from '../../unit/vault/support.ts';

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    own: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    known: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const hospital = keyPair();

/** What a hospital could sign: stricter than what Wardlight ships, and told apart by its version. */
function bundle(version: number, change: Partial<Bundle> = {}): Bundle {
  const policies = `@id("strict-${version}") permit (principal, action == Action::"read", resource)
    when { resource.relation == "care-team" && resource.resourceType == "Patient" };`;
  const manifest = { name: 'Northhaven', version, issued: '2026-03-01T10:00:00Z' };
  return { ...defaultBundle, policies, manifest, ...change };
}

function start() {
  const folder = temporaryFolder();
  const options: LoadOptions = {
    file: join(folder, 'bundle.json'),
    signingKey: hospital.known,
    kept: join(folder, 'last-good.json'),
    read: (file) =>
      readFile(file, 'utf8').then(
        (text) => text,
        () => null,
      ),
    write: writeDurably,
  };
  const file = options.file ?? '';
  return {
    options,
    load: (change: Partial<LoadOptions> = {}) => loadPolicies({ ...options, ...change }),
    put: (text: string) => writeFileSync(file, text),
    sign: (one: Bundle, key = hospital.own) => writeFileSync(file, signBundle(one, key)),
    edit: (change: (text: string) => string) => writeFileSync(file, change(readFileSync(file, 'utf8'))),
    remove: () => rmSync(file),
  };
}

const ask = (resourceType: string): PolicyRequest => ({
  principal: { roles: [], scopes: null },
  action: 'read',
  record: { resourceType, relation: 'care-team', confidentiality: 'N', sensitivity: [] },
  circumstances: { purpose: 'TREAT', stated: false, emergency: false, offline: false, managed: false, hour: 10 },
});

/** What follows from the policies: `default` permits notes, the hospital's nothing but who it is. */
function effect({ engine }: PoliciesInForce): 'default' | 'strict' | 'nobody' {
  if (engine.decide(ask('DocumentReference')).allowed) return 'default';
  return engine.decide(ask('Patient')).allowed ? 'strict' : 'nobody';
}

const seen = (policies: PoliciesInForce) => ({
  source: policies.source,
  version: policies.bundle?.version ?? null,
  alarm: policies.alarm,
  effect: effect(policies),
});

describe('without policies of an organisation', () => {
  it('security: what Wardlight ships is valid, and divided as Cedar divides it: no start does that again', () => {
    expect(validateBundle(defaultBundle)).toEqual([]);
    const divided = policiesOf(defaultBundle.policies);
    if (Array.isArray(divided)) throw new Error(divided[0]?.message);
    const texts = (all: Iterable<[string, string]>) => new Map([...all].map(([id, text]) => [id, text.trim()]));
    expect(texts(Object.entries(defaultPolicies))).toEqual(texts([...divided].map(([id, { text }]) => [id, text])));
  });

  it('security: what only looks like it is validated', () => {
    const alike = { ...defaultBundle, policies: defaultBundle.policies.replace('resource.relation', 'resource.kin') };
    expect(createEngine(alike)).toMatchObject([{ policy: 'shared-records' }]);
  });

  it('what Wardlight ships holds', async () => {
    expect(seen(await start().load({ file: null, signingKey: null }))).toEqual({
      source: 'default',
      version: 1,
      alarm: null,
      effect: 'default',
    });
  });
});

describe('policies of an organisation', () => {
  it('hold once they are signed, and are kept', async () => {
    const { load, sign, options } = start();
    sign(bundle(3));
    const good = { source: 'organisation', version: 3, alarm: null, effect: 'strict' };
    expect(seen(await load())).toEqual(good);
    expect(existsSync(options.kept)).toBe(true);
    sign(bundle(4));
    expect(seen(await load())).toEqual({ ...good, version: 4 });
    expect(seen(await load())).toEqual({ ...good, version: 4 });
  });

  it('name the roles of clinicians', async () => {
    const { load, sign } = start();
    sign(bundle(1, { roles: { consultant: ['urn:roles|C1', 'urn:roles|C2'], porter: ['urn:roles|P'] } }));
    const { engine } = await load();
    expect(engine.rolesOf(['urn:roles|C2', 'urn:roles|none'])).toEqual(['consultant']);
  });
});

/** What can be wrong with the file in force, and what is said of it. */
const failures: [string, string, (at: ReturnType<typeof start>) => void][] = [
  ['is missing', 'policy-missing', ({ remove }) => remove()],
  ['is no bundle', 'policy-damaged', ({ put }) => put('permit (principal, action, resource);')],
  ['is cut off', 'policy-damaged', ({ edit }) => edit((text) => text.slice(0, -20))],
  ['is enormous', 'policy-damaged', ({ put }) => put(`"${'x'.repeat(5_000_000)}"`)],
  ['has members that nobody knows', 'policy-damaged', ({ edit }) => edit((text) => text.replace('{', '{ "extra": 1,'))],
  ['was changed', 'policy-signature', ({ edit }) => edit((text) => text.replace('care-team', 'none'))],
  ['has another role map', 'policy-signature', ({ edit }) => edit((text) => text.replace('309343006', '224608005'))],
  [
    'has another version',
    'policy-signature',
    ({ edit }) => edit((text) => text.replace('"version": 4', '"version": 9')),
  ],
  ['is signed by somebody else', 'policy-signature', ({ sign }) => sign(bundle(4), keyPair().own)],
  [
    'has a policy about what requests don’t have',
    'policy-invalid',
    ({ sign }) =>
      sign(bundle(4, { policies: 'permit (principal, action, resource) when { resource.relatoin == "care-team" };' })),
  ],
  [
    'brings a schema along by which it would hold',
    'policy-invalid',
    ({ sign }) =>
      sign(
        bundle(4, {
          policies: 'permit (principal, action, resource) when { resource.anything };',
          schema: defaultBundle.schema.replace('relation: String,', 'relation: String, anything: Bool,'),
        }),
      ),
  ],
  ['can’t be parsed', 'policy-invalid', ({ sign }) => sign(bundle(4, { policies: 'permit everything' }))],
  ['has no policy', 'policy-invalid', ({ sign }) => sign(bundle(4, { policies: '// nothing' }))],
  ['is older', 'policy-older', ({ sign }) => sign(bundle(2))],
  [
    'is another one under the same number',
    'policy-older',
    ({ sign }) => sign(bundle(3, { policies: defaultBundle.policies })),
  ],
];

describe.each(failures)('security: a bundle that %s', (_what, alarm, spoil) => {
  it('security: leaves the last good one in force, and raises the alarm', async () => {
    const at = start();
    at.sign(bundle(3));
    await at.load();
    at.sign(bundle(4));
    spoil(at);
    expect(seen(await at.load())).toEqual({ source: 'last-good', version: 3, alarm, effect: 'strict' });
    // And it stays so, and ends as soon as IT has put it right.
    expect(seen(await at.load())).toMatchObject({ version: 3, alarm });
    at.sign(bundle(5));
    expect(seen(await at.load())).toEqual({ source: 'organisation', version: 5, alarm: null, effect: 'strict' });
  });

  it.skipIf(alarm === 'policy-older')(
    'security: permits nothing to anybody where there is no last good one',
    async () => {
      const at = start();
      at.sign(bundle(4));
      spoil(at);
      expect(seen(await at.load())).toEqual({ source: 'none', version: null, alarm, effect: 'nobody' });
    },
  );
});

describe('security: the last good bundle', () => {
  it('security: is checked like a new one: a changed one is none', async () => {
    const { load, sign, remove, options } = start();
    sign(bundle(3));
    await load();
    remove();
    writeFileSync(options.kept, readFileSync(options.kept, 'utf8').replace('care-team', 'none'));
    expect(seen(await load())).toMatchObject({ source: 'none', effect: 'nobody' });
  });

  it('security: of a key that is not the organisation’s any longer is none', async () => {
    const { load, sign, remove } = start();
    sign(bundle(3));
    await load();
    remove();
    expect(seen(await load({ signingKey: keyPair().known }))).toMatchObject({ source: 'none', effect: 'nobody' });
    expect(seen(await load({ signingKey: null }))).toMatchObject({ source: 'none', effect: 'nobody' });
  });

  it('security: that can’t be kept is told of, while the bundle holds', async () => {
    const { load, sign, options } = start();
    mkdirSync(options.kept);
    sign(bundle(3));
    expect(seen(await load())).toEqual({
      source: 'organisation',
      version: 3,
      alarm: 'policy-not-kept',
      effect: 'strict',
    });
  });

  it('security: a key of another kind signs nothing', async () => {
    const { load, sign } = start();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => sign(bundle(3), pem)).toThrow('Ed25519');
    sign(bundle(3));
    const known = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(seen(await load({ signingKey: known }))).toMatchObject({ source: 'none', alarm: 'policy-signature' });
  });
});

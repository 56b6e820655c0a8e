import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../build/policy/explain.ts';
import { lint } from '../../../build/policy/lint.ts';
import { openBundle } from '../../../main/access/policy/bundle.ts';
import { defaultBundle } from '../../../main/access/policy/defaults.ts';
import { temporaryFolder } from '../../unit/vault/support.ts';

const CLI = join(import.meta.dirname, '..', '..', '..', 'build', 'policy', 'cli.ts');

function policy(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr, value: args.includes('--json') ? JSON.parse(stdout) : null };
}

function start() {
  const folder = join(temporaryFolder(), 'ours');
  expect(policy('template', folder).status).toBe(0);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { own: join(folder, 'own.pem'), known: join(folder, 'known.pem') };
  writeFileSync(key.own, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(key.known, publicKey.export({ type: 'spki', format: 'pem' }));
  const write = (text: string) => appendFileSync(join(folder, 'policies.cedar'), text);
  return { folder, key, write, out: join(folder, 'bundle.json') };
}

describe('npm run policy -- sign and check', () => {
  it('makes a bundle that the program takes, and that holds', () => {
    const { folder, key, out } = start();
    expect(policy('sign', folder, '--key', key.own, '--out', out)).toMatchObject({ status: 0, stderr: '' });
    expect(openBundle(readFileSync(out, 'utf8'), readFileSync(key.known, 'utf8')).ok).toBe(true);
    const { status, value } = policy('check', out, '--key', key.known, '--json');
    expect(status).toBe(0);
    expect(value).toMatchObject({ ok: true, name: 'Wardlight default', version: 1, problems: [] });
    expect(value.roles).toContainEqual({
      role: 'student',
      relation: 'care-team',
      record: 'a record',
      can: {
        read: 'yes',
        search: 'yes',
        print: 'no',
        export: 'no',
        create: 'no',
        update: 'no',
        delete: 'no',
        upload: 'no',
        emergency: 'no',
        'review-access': 'no',
        'review-alarms': 'no',
      },
    });
  });

  it('security: a bundle without a key to check it by, or of another key, does not hold', () => {
    const { folder, key, out } = start();
    policy('sign', folder, '--key', key.own, '--out', out);
    expect(policy('check', out)).toMatchObject({ status: 1, stdout: '' });
    writeFileSync(out, readFileSync(out, 'utf8').replace('"version": 1', '"version": 2'));
    const { status, value } = policy('check', out, '--key', key.known, '--json');
    expect(status).toBe(1);
    expect(value).toMatchObject({ ok: false, error: expect.stringContaining('policy-signature') });
  });

  it.each([
    [
      'is about what requests don’t have',
      'permit (principal, action, resource) when { resource.relatoin == "x" };',
      'relatoin',
    ],
    ['forbids without a name', 'forbid (principal, action, resource) when { context.hour > 22 };', '@id'],
    [
      'names a relation that there is not',
      '@id("slip") permit (principal, action, resource) when { resource.relation == "careteam" };',
      'never apply',
    ],
    [
      'contradicts itself',
      '@id("both") forbid (principal, action, resource) when { context.offline && !context.offline };',
      'never apply',
    ],
    [
      'is about a role that no code has',
      '@id("who") permit (principal, action, resource) when { principal.roles.contains("consultant") };',
      'consultant',
    ],
  ])('finds a policy that %s', (_what, text, message) => {
    const problems = lint({ ...defaultBundle, policies: `${defaultBundle.policies}\n${text}` });
    expect(JSON.stringify(problems)).toContain(message);
  });

  it('finds an action that nobody may do', () => {
    const policies = '@id("only-reading") permit (principal, action == Action::"read", resource);';
    const messages = lint({ ...defaultBundle, policies }).map(({ message }) => message);
    expect(messages).toHaveLength(10);
    expect(messages[0]).toContain('"search"');
  });

  it('what doesn’t hold is told, and not signed', () => {
    const { folder, key, out, write } = start();
    write('forbid (principal, action, resource) when { context.hour > 22 };');
    const { status, value } = policy('check', folder, '--json');
    expect(status).toBe(1);
    expect(value).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('@id') }] });
    expect(policy('sign', folder, '--key', key.own, '--out', out).status).toBe(1);
  });

  it('writes over nobody’s work', () => {
    expect(policy('template', start().folder).status).toBe(1);
  });
});

describe('npm run policy -- explain', () => {
  const ask = (action: string, user: unknown = {}, patient: unknown = {}) =>
    explain(defaultBundle, { action, user, patient, circumstances: {} });

  it('tells the decision, and the policies that made it', () => {
    const { status, value } = policy('explain', '--action', 'read', '--role', 'nurse', '--json');
    expect(status).toBe(0);
    expect(value).toMatchObject({
      decision: 'allow',
      policies: [{ id: 'team-reads', effect: 'permit', says: expect.any(String) }],
    });
    expect(ask('create', { roles: ['student'] })).toMatchObject({
      decision: 'deny',
      policies: [{ id: 'students-read-only', effect: 'forbid' }],
    });
    expect(ask('read', {}, { relation: 'none' })).toMatchObject({ decision: 'deny', policies: [] });
  });

  it('takes the codes of roles as the server has them, and scopes', () => {
    expect(ask('update', { codes: ['http://snomed.info/sct|398130009'], scopes: ['user/*.rs'] })).toMatchObject({
      decision: 'deny',
      policies: [{ id: 'students-read-only' }, { id: 'within-the-granted-scopes' }],
    });
    expect(ask('update', { scopes: ['user/Observation.cu'] }).decision).toBe('allow');
    expect(ask('update', { scopes: ['user/Observation.write'] }).decision).toBe('allow');
    expect(ask('update', { scopes: ['user/Condition.cud'] }).decision).toBe('deny');
  });

  it('refuses what it doesn’t know', () => {
    expect(policy('explain', '--action', 'look').status).toBe(1);
    expect(policy('unheard-of').status).toBe(1);
    expect(() => ask('read', {}, { relation: 'cousin' })).toThrow('--patient');
  });
});

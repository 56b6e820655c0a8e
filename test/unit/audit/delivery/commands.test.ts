import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepCredentials, openSegments } from '../../../../main/audit/delivery/commands.ts';
import { credentialsAccount, readCredentials } from '../../../../main/audit/delivery/credentials.ts';
import { memoryKeyStore, temporaryFolder } from '../../vault/support.ts';
import { nextFor, openTestLog, organisation, pemPair } from './support.ts';

const KEYS = { accessKeyId: 'id', secretAccessKey: 'secret' };

describe('opening sealed segments', () => {
  it('writes each in the clear, by the name that is sealed in and for the owner alone, and over nothing', async () => {
    const folder = temporaryFolder();
    const log = openTestLog();
    await log.append(2);
    await log.seal();
    const segment = await nextFor(log, 'any');
    const file = join(folder, 'renamed.jwe');
    writeFileSync(file, await segment.body());
    const out = join(folder, 'out');
    const [opened] = await openSegments([file], organisation.privateKey, out);
    const expected = join(out, '000000000000-000000000002.ndjson');
    expect(opened).toEqual({ file, out: expected, code: null });
    expect(readFileSync(expected, 'utf8').trimEnd().split('\n')).toHaveLength(3);
    expect(statSync(expected).mode & 0o777).toBe(0o600);
    const code = async (name: string, key: string) => (await openSegments([name], key, out))[0]?.code;
    expect(await code(file, organisation.privateKey)).toBe('out-exists');
    expect(await code(file, pemPair(3072).privateKey)).toBe('segment-key-wrong');
    expect(await code(join(folder, 'none.jwe'), organisation.privateKey)).toBe('file-unreadable');
  });
});

describe('the credentials of a bucket', () => {
  it('are kept in the keychain, and read from there alone', async () => {
    const keyStore = memoryKeyStore();
    expect(await readCredentials(keyStore, 'worm')).toEqual({ ok: false, error: { code: 'credentials-missing' } });
    expect(await keepCredentials('worm', JSON.stringify(KEYS), keyStore)).toBeNull();
    expect(await readCredentials(keyStore, 'worm')).toEqual({ ok: true, value: KEYS });
    expect([...keyStore.entries.keys()]).toEqual([credentialsAccount('worm')]);
    keyStore.failure = 'keyring-locked';
    expect(await readCredentials(keyStore, 'worm')).toEqual({ ok: false, error: { code: 'keyring-locked' } });
    expect(await keepCredentials('worm', JSON.stringify(KEYS), keyStore)).toBe('keyring-locked');
  });

  it.each(['', '{}', '[]', '{"accessKeyId":"id"}', JSON.stringify({ ...KEYS, more: 1 })])(
    'are not taken as %s',
    async (text) => {
      const keyStore = memoryKeyStore();
      expect(await keepCredentials('worm', text, keyStore)).toBe('credentials-invalid');
      expect(keyStore.entries.size).toBe(0);
    },
  );
});

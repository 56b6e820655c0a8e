import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPolicy } from '../../../main/managed/read.ts';
import { createFileSource } from '../../../main/managed/sources/file.ts';
import { createPreferencesSource } from '../../../main/managed/sources/preferences.ts';
import { createRegistrySource, type Run } from '../../../main/managed/sources/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardlight-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const owner = process.getuid?.() ?? 0;
let count = 0;

/** A folder of its own with a policy in it. */
function placed(content: string, mode = 0o644) {
  count += 1;
  const within = join(folder, String(count));
  mkdirSync(within, { mode: 0o755 });
  const file = join(within, 'policy.json');
  writeFileSync(file, content);
  chmodSync(file, mode);
  return { within, file };
}

const find = (file: string, of = owner) => createFileSource({ file, owner: of }).find();

describe('the file of Linux', () => {
  it('is read where its owner alone can have written it', async () => {
    const { file } = placed('{ "lock": { "idleMs": 60000 } }');
    expect(await find(file)).toEqual({ kind: 'document', document: { lock: { idleMs: 60_000 } } });
  });

  it('is none where there is none', async () => {
    expect(await find(join(folder, 'nowhere', 'policy.json'))).toEqual({ kind: 'none' });
  });

  it.each([0o664, 0o646, 0o666, 0o602])('security: is refused where others can write it (%o)', async (mode) => {
    expect(await find(placed('{}', mode).file)).toEqual({ kind: 'problem', code: 'untrusted-file' });
  });

  it('security: is refused where it is of another owner', async () => {
    expect(await find(placed('{}').file, owner + 1)).toEqual({ kind: 'problem', code: 'untrusted-file' });
  });

  it('security: is refused where it is a link, or no file', async () => {
    const { within, file } = placed('{}');
    const link = join(within, 'link.json');
    symlinkSync(file, link);
    expect(await find(link)).toEqual({ kind: 'problem', code: 'untrusted-file' });
    expect(await find(within)).toEqual({ kind: 'problem', code: 'untrusted-file' });
  });

  it('security: is refused where others can replace it, by a folder that they may write or a linked one', async () => {
    const { within, file } = placed('{}');
    chmodSync(within, 0o777);
    expect(await find(file)).toEqual({ kind: 'problem', code: 'untrusted-file' });
    chmodSync(within, 0o755);
    const linked = join(folder, 'linked');
    symlinkSync(within, linked);
    expect(await find(join(linked, 'policy.json'))).toEqual({ kind: 'problem', code: 'untrusted-file' });
  });

  it.each([
    ['{', 'not-json'],
    ['', 'not-json'],
    [`"${'x'.repeat(1_048_576)}"`, 'too-large'],
  ])('is a problem, and no absence, where it can’t be read (%#)', async (content, code) => {
    expect(await find(placed(content).file)).toEqual({ kind: 'problem', code });
  });
});

/** As `reg query` prints it. */
const PRINTED = `
HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Wardlight
    (Default)    REG_SZ    
    lock.idleMs    REG_QWORD    0x1d4c0
    lock.withSystem    REG_DWORD    0x0
    massShare    REG_SZ    0.25
    downtime.paper    REG_SZ    Letter
    servers.allowed    REG_MULTI_SZ    https://a.example/fhir\\0https://b.example/fhir
    servers.suggested    REG_MULTI_SZ    https://a.example/fhir
    unlock.recoveryKey    REG_MULTI_SZ    -----BEGIN PUBLIC KEY-----\\0AAAA\\0-----END PUBLIC KEY-----
    audit.alarms.rules.colleague    REG_MULTI_SZ    {\\0"on": false\\0}
    retentionDays    REG_BINARY    00
    unheard.of    REG_SZ    1

HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Wardlight\\More
`.replaceAll('\n', '\r\n');

describe('the registry of Windows', () => {
  const source = (answer: Awaited<ReturnType<Run>>, asked: string[][] = []) =>
    createRegistrySource(async (program, args) => {
      asked.push([program, ...args]);
      return answer;
    }, 'C:\\Windows');

  it('is read by its types, and by those of the settings where it has none', async () => {
    const asked: string[][] = [];
    const found = await source({ code: 0, stdout: PRINTED }, asked).find();
    expect(asked).toEqual([
      ['C:\\Windows\\System32\\reg.exe', 'query', 'HKLM\\SOFTWARE\\Policies\\Wardlight', '/reg:64'],
    ]);
    const { policy, problems } = readPolicy(found.kind === 'document' && found.document);
    expect(policy.lock).toEqual({ idleMs: 120_000, withSystem: false });
    expect(policy.massShare).toBe(0.25);
    expect(policy.downtime.paper).toBe('Letter');
    expect(policy.servers.allowed).toEqual(['https://a.example/fhir', 'https://b.example/fhir']);
    expect(policy.servers.suggested).toBe('https://a.example/fhir');
    expect(policy.unlock.recoveryKey).toBe('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----');
    expect(policy.audit.alarms.rules.colleague).toEqual({ on: false });
    expect(problems).toEqual([
      { key: 'unheard.of', code: 'unknown-key' },
      { key: 'retentionDays', code: 'malformed' },
    ]);
  });

  it('is none where the key isn’t there, and a problem where it can’t be asked', async () => {
    expect(await source({ code: 1, stdout: '' }).find()).toEqual({ kind: 'none' });
    expect(await source(null).find()).toEqual({ kind: 'problem', code: 'unreadable' });
  });
});

describe('the forced preferences of macOS', () => {
  const find = (answer: Awaited<ReturnType<Run>>, isThere = true) =>
    createPreferencesSource(
      async () => answer,
      async () => isThere,
    ).find();

  it('are read with their types', async () => {
    const stdout = JSON.stringify({ 'lock.idleMs': 120_000, 'lock.withSystem': true, documents: 'null' });
    const document = { lock: { idleMs: 120_000, withSystem: true }, documents: null };
    expect(await find({ code: 0, stdout })).toEqual({ kind: 'document', document });
  });

  it('are none where there is no profile, and a problem where it can’t be read', async () => {
    expect(await find(null, false)).toEqual({ kind: 'none' });
    expect(await find({ code: 1, stdout: '' })).toEqual({ kind: 'problem', code: 'unreadable' });
    expect(await find({ code: 0, stdout: '{' })).toEqual({ kind: 'problem', code: 'not-json' });
  });
});

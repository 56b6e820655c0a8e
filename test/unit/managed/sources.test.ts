import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { policySource } from '../../../main/managed/load.ts';
import { readPolicy } from '../../../main/managed/read.ts';
import { createFileSource } from '../../../main/managed/sources/file.ts';
import { createPreferencesSource } from '../../../main/managed/sources/preferences.ts';
import { createRegistrySource, type Run } from '../../../main/managed/sources/registry.ts';
import { windowsFolder } from '../../../main/managed/sources/windows-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardlight-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const owner = process.getuid?.() ?? 0;
let count = 0;

/** A folder of its own with a policy in it. */
function placed(content: string | Uint8Array, mode = 0o644) {
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
    [Buffer.from('{ "panel": { "group": "\xff" } }', 'latin1'), 'not-json'],
    [Buffer.from('\ufeff{}', 'utf16le'), 'not-json'],
    ['['.repeat(100_000), 'not-json'],
    [`${'['.repeat(100)}${']'.repeat(100)}`, 'not-json'],
    [`"${'x'.repeat(1_048_576)}"`, 'too-large'],
  ])('is a problem, and no absence, where it can’t be read (%#)', async (content, code) => {
    expect(await find(placed(content).file)).toEqual({ kind: 'problem', code });
  });
});

it('a developer’s file that is half written is a problem too, and ends nothing', async () => {
  const { file } = placed('{ "lock": ');
  expect(await policySource('linux', file).find()).toEqual({ kind: 'problem', code: 'not-json' });
  expect(await policySource('linux', `${file}.gone`).find()).toEqual({ kind: 'problem', code: 'unreadable' });
});

describe('the text of the file', () => {
  const readText = async (text: string) => {
    const found = await find(placed(text).file);
    return readPolicy(found.kind === 'document' && found.document);
  };

  it('may begin with the mark that some editors write', async () => {
    const { policy, problems } = await readText('\ufeff{ "lock": { "idleMs": 120000 } }');
    expect(policy.lock.idleMs).toBe(120_000);
    expect(problems).toEqual([]);
  });

  it('security: decides nothing twice: each setting that it names with two values falls to its strictest', async () => {
    const { policy, problems } = await readText(
      '{ "retentionDays": 2, "lock": { "withSystem": true, "idleMs": 3000, "idleMs": 80000000 }, "retentionDays": 2 }',
    );
    expect(policy.lock).toEqual({ idleMs: 60_000, withSystem: true });
    expect(policy.retentionDays).toBe(2);
    expect(problems).toEqual([{ key: 'lock.idleMs', code: 'malformed' }]);
  });

  it('security: nor a group of settings, nor something within one', async () => {
    const { policy, problems } = await readText(
      '{ "lock": { "idleMs": 3000 }, "lock": {}, "documents": { "signed": true, "signed": false } }',
    );
    expect(policy.lock).toEqual({ idleMs: 60_000, withSystem: true });
    expect(policy.documents).toBeNull();
    expect(problems.map(({ key }) => key)).toEqual(['lock.idleMs', 'lock.withSystem', 'documents']);
  });

  it('security: sets nothing by the names that JavaScript has for itself', async () => {
    const { policy, managed, problems } = await readText(
      '{ "__proto__": { "retentionDays": 3650 }, "lock": { "__proto__": { "withSystem": false } }, "constructor": 1 }',
    );
    expect(policy).toEqual(readPolicy({}).policy);
    expect(managed).toEqual([]);
    expect(problems.map(({ key }) => key)).toEqual(['__proto__', 'lock.__proto__', 'constructor']);
  });

  it('security: takes no text for a number, and no number for a switch', async () => {
    const { problems } = await readText(
      '{ "retentionDays": "7", "lock": { "idleMs": 1e999, "withSystem": 0 }, "massShare": -0.1 }',
    );
    const malformed = ['retentionDays', 'massShare', 'lock.idleMs', 'lock.withSystem'];
    expect(problems).toEqual(malformed.map((key) => ({ key, code: 'malformed' })));
  });
});

/** As `reg query` prints it. */
const PRINTED = `
HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Wardlight
    (Predeterminado)    REG_SZ    
    lock.idleMs    REG_QWORD    0x1d4c0
    lock.withSystem    REG_DWORD    0x0
    massShare    REG_SZ    0.25
    downtime.paper    REG_SZ    Letter
    servers.allowed    REG_MULTI_SZ    https://a.example/fhir\\0https://b.example/fhir
    servers.suggested    REG_MULTI_SZ    https://a.example/fhir
    unlock.recoveryKey    REG_MULTI_SZ    -----BEGIN PUBLIC KEY-----\\0AAAA\\0-----END PUBLIC KEY-----
    access.signingKey    REG_SZ    -----BEGIN PUBLIC KEY-----
BBBB
-----END PUBLIC KEY-----
    audit.alarms.rules.colleague    REG_MULTI_SZ    {\\0"on": false\\0}
    retentionDays    REG_BINARY    00
    forms.urls    REG_EXPAND_SZ    https://forms.example
    sweepHours    REG_DWORD    0xffffffff
    clockLimitMs    REG_SZ    60000
    access.bundle    REG_SZ    C:\\Pol�tica\\bundle.json
    lock    REG_SZ    closed
    __proto__    REG_MULTI_SZ    {}
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
    expect(policy.access.signingKey).toBe('-----BEGIN PUBLIC KEY-----\nBBBB\n-----END PUBLIC KEY-----');
    const unknown = ['lock.', '__proto__', 'unheard.of', 'More\\'];
    const malformed = ['retentionDays', 'sweepHours', 'forms.urls', 'access.bundle'];
    expect(policy.forms.urls).toEqual([]);
    expect(problems).toEqual([
      ...unknown.map((key) => ({ key, code: 'unknown-key' })),
      ...malformed.map((key) => ({ key, code: 'malformed' })),
    ]);
  });

  const policyOf = async (...values: readonly (readonly [name: string, text: string])[]) => {
    const lines = values.map(([name, text]) => `    ${name}    REG_SZ    ${text}\r\n`);
    const found = await source({ code: 0, stdout: lines.join('') }).find();
    return readPolicy(found.kind === 'document' && found.document);
  };

  it('is read by the settings where all of it is text, as an installer writes it', async () => {
    const { policy, problems } = await policyOf(
      ['lock.idleMs', '120000'],
      ['lock.withSystem', '0'],
      ['screen.shadeOnBlur', 'true'],
      ['massShare', '0.25'],
      ['servers.allowed', 'https://a.example/fhir; https://b.example/fhir'],
      ['launchIssuers', '["https://a.example/fhir?a;b"]'],
      ['audit.alarms.rules.colleague', '{"on":false}'],
    );
    expect(problems).toEqual([]);
    expect(policy.lock).toEqual({ idleMs: 120_000, withSystem: false });
    expect(policy.screen.shadeOnBlur).toBe(true);
    expect(policy.massShare).toBe(0.25);
    expect(policy.servers.allowed).toEqual(['https://a.example/fhir', 'https://b.example/fhir']);
    expect(policy.launchIssuers).toEqual(['https://a.example/fhir?a;b']);
    expect(policy.audit.alarms.rules.colleague).toEqual({ on: false });
  });

  it.each([
    ['lock.idleMs', '2 minutes'],
    ['lock.withSystem', 'no'],
    ['servers.allowed', '["https://a.example/fhir"'],
    ['servers.allowed', ';'],
  ])('security: falls to the strictest where the text of %s can’t be used', async (name, text) => {
    const { problems } = await policyOf([name, text]);
    expect(problems).toEqual([{ key: name, code: 'malformed' }]);
  });

  const answering = (answers: Readonly<Record<string, string | null>>) =>
    createRegistrySource(async (_program, [, key = '']) => {
      const stdout = answers[key];
      return stdout === null ? null : { code: stdout === undefined ? 1 : 0, stdout: stdout ?? '' };
    }, 'C:\\Windows').find();
  const policies = 'HKLM\\SOFTWARE\\Policies';
  const listing = (...names: string[]) =>
    ['', ...names.map((name) => `HKEY_LOCAL_MACHINE\\SOFTWARE\\${name}`), ''].join('\r\n');

  it('is none where its parent, or the parent of that, says that the key isn’t there', async () => {
    expect(await answering({ [policies]: listing('Policies\\Microsoft') })).toEqual({ kind: 'none' });
    expect(await answering({ 'HKLM\\SOFTWARE': listing('Microsoft', 'Clients') })).toEqual({ kind: 'none' });
  });

  it('security: is a problem, and no absence, where the key is there and can’t be read, or nobody can say', async () => {
    const unreadable = { kind: 'problem', code: 'unreadable' };
    expect(await answering({ [policies]: listing('Policies\\Microsoft', 'Policies\\WARDLIGHT') })).toEqual(unreadable);
    expect(await answering({ 'HKLM\\SOFTWARE': listing('Policies', 'Clients') })).toEqual(unreadable);
    expect(await answering({})).toEqual(unreadable);
    expect(await answering({ [policies]: null })).toEqual(unreadable);
    expect(await source(null).find()).toEqual(unreadable);
  });

  it('security: is read by the program in the folder that Windows itself has loaded from', () => {
    const loaded = ['C:\\Program Files\\Wardlight\\Wardlight.exe', 'D:\\WinNT\\SYSTEM32\\ntdll.dll'];
    expect(windowsFolder(loaded)).toBe('D:\\WinNT');
    expect(windowsFolder(['E:\\x\\ntdll.dll', '/lib/ntdll.dll'])).toBe('C:\\Windows');
  });
});

describe('the forced preferences of macOS', () => {
  const find = (answer: Awaited<ReturnType<Run>>, isThere: boolean | null = true) =>
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
    expect(await find({ code: 0, stdout: '7' })).toEqual({ kind: 'problem', code: 'not-an-object' });
    // Where nobody can tell whether there is one.
    expect(await find({ code: 1, stdout: '' }, null)).toEqual({ kind: 'problem', code: 'unreadable' });
  });
});

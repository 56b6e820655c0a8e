import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { remoteDebuggingAllowed } from '../../../main/managed/remote-debugging.ts';
import { DOCUMENT_MAX } from '../../../main/managed/sources/source.ts';

const me = process.getuid?.() ?? -1;
const ALLOWS = '{"remoteDebugging":true}';
let folder: string;
let file: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'wardlight-machine-')), 'wardlight');
  mkdirSync(folder, { mode: 0o755 });
  file = join(folder, 'policy.json');
  writeFileSync(file, ALLOWS, { mode: 0o644 });
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe.runIf(process.platform === 'linux')('security: debugging is allowed', () => {
  it('by a file that only its owner could have written', () => {
    expect(remoteDebuggingAllowed(file, me)).toBe(true);
  });

  it.each([
    ['says no', () => writeFileSync(file, '{"remoteDebugging":false}')],
    ['says something like yes', () => writeFileSync(file, '{"remoteDebugging":"true"}')],
    ['says nothing of it', () => writeFileSync(file, '{}')],
    ['is no object', () => writeFileSync(file, '[true]')],
    ['is damaged', () => writeFileSync(file, ALLOWS.slice(0, -1))],
    ['is endless', () => writeFileSync(file, `${ALLOWS}${' '.repeat(DOCUMENT_MAX)}`)],
    ['is missing', () => rmSync(file)],
    ['is writable for a group', () => chmodSync(file, 0o664)],
    ['is writable for everybody', () => chmodSync(file, 0o646)],
    ['lies in a folder that others can write to', () => chmodSync(folder, 0o777)],
    [
      'is a link',
      () => {
        writeFileSync(join(folder, 'other.json'), ALLOWS, { mode: 0o644 });
        rmSync(file);
        symlinkSync(join(folder, 'other.json'), file);
      },
    ],
    [
      'is a folder',
      () => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
  ])('by no file that %s', (_how, change) => {
    change();
    expect(remoteDebuggingAllowed(file, me)).toBe(false);
  });

  it('by no file of another owner', () => {
    expect(remoteDebuggingAllowed(file, me + 1)).toBe(false);
    if (me !== 0) return;
    chownSync(file, 65_534, 65_534);
    expect(remoteDebuggingAllowed(file, me)).toBe(false);
  });

  it('by no folder that is a link', () => {
    const link = join(folder, '..', 'link');
    symlinkSync(folder, link);
    expect(remoteDebuggingAllowed(join(link, 'policy.json'), me)).toBe(false);
  });
});

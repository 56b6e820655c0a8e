import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportKey, sign } from '../../build/release/signing.ts';
import { verifyCode } from '../../build/release/verify-code.ts';
import { verifyBytes } from '../../build/release/verify-signatures.ts';
import { type CodeSigning, codeSigningFromEnvironment, signCode } from '../../build/windows/signing.ts';
import { makeStandIn } from '../../build/windows/stand-in.ts';
import { type CodeAuthority, makeCodeAuthority } from '../support/code-signing.ts';
import { tool } from '../support/small-release.ts';
import { MODULE, makeToken, PIN } from '../support/token.ts';

const work = mkdtempSync('/var/tmp/wardlight-token-');
// Short: the path of its agent's socket has a limit.
const home = mkdtempSync('/tmp/wl-gpg-');
const PUBLISHER = 'The Wardlight authors';

let authority: CodeAuthority;
let inFile: Extract<CodeSigning, { tool: 'osslsigncode' }>;
let program: string;

beforeAll(async () => {
  authority = await makeCodeAuthority('code');
  const signer = authority.signer(PUBLISHER);
  if (signer.tool !== 'osslsigncode') throw new Error('not that tool');
  inFile = signer;
  const found = makeToken(work, 'code', inFile.key, inFile.certificates);
  for (const [name, value] of Object.entries(found)) vi.stubEnv(name, value);
  makeStandIn(join(work, 'stand-in'), '0.0.0');
  program = join(work, 'stand-in', 'electron.exe');
});
afterAll(() => {
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  authority?.end();
  vi.unstubAllEnvs();
  for (const folder of [work, home]) rmSync(folder, { recursive: true, force: true });
});

describe('security: a key that never leaves its token', () => {
  /** Signs a copy of the program, as the environment says. */
  function signed(pin: string): string {
    const [file, settings] = [join(work, 'signed.exe'), join(work, 'signing.json')];
    copyFileSync(program, file);
    writeFileSync(join(work, 'pin.txt'), pin);
    const { certificates, timestamp } = inFile;
    const key = 'pkcs11:token=release;object=code;type=private';
    const how = { tool: 'osslsigncode', certificates, timestamp, key, module: MODULE, password: 'pin.txt' };
    writeFileSync(settings, JSON.stringify(how));
    const signing = codeSigningFromEnvironment({ WARDLIGHT_WINDOWS_SIGNING: settings });
    if (!signing) throw new Error('nothing was read');
    signCode(signing, file);
    return file;
  }

  it('signs programs for Windows', () => {
    expect(() => verifyCode({ ca: authority.ca, publisher: PUBLISHER }, signed(PIN))).not.toThrow();
  });

  it('signs nothing with another PIN', () => {
    expect(() => signed('000000')).toThrow('failed loading private key');
  });

  it('signs packages and lists, by GnuPG’s agent', () => {
    writeFileSync(
      join(home, 'gpg-agent.conf'),
      'scdaemon-program /usr/bin/gnupg-pkcs11-scd\nallow-loopback-pinentry\n',
    );
    writeFileSync(join(home, 'gnupg-pkcs11-scd.conf'), `providers token\nprovider-token-library ${MODULE}\n`);
    const env = { ...process.env, GNUPGHOME: home };
    tool('gpg', ['--card-status'], env);
    const learned = tool('gpg-connect-agent', ['SCD LEARN --force', '/bye'], env);
    const grip = /KEYPAIRINFO ([0-9A-F]{40})/.exec(learned)?.[1] ?? '';
    const wanted = join(work, 'key');
    const fields = ['Key-Type: RSA', `Key-Grip: ${grip}`, 'Key-Usage: sign', 'Name-Real: release', 'Expire-Date: 1y'];
    writeFileSync(wanted, `${fields.join('\n')}\n%no-protection\n%commit\n`);
    // Who holds the token types its PIN once; the agent keeps it.
    const typed = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', PIN];
    tool('gpg', [...typed, '--generate-key', wanted], env);
    const key = /^fpr:+([0-9A-F]+):/m.exec(tool('gpg', ['--list-keys', '--with-colons'], env))?.[1] ?? '';
    const signer = { home, key };
    const [data, keyring] = [Buffer.from('a list of hashes'), join(work, 'keyring.gpg')];
    writeFileSync(keyring, exportKey(signer, false));
    expect(() => verifyBytes({ keyring }, data, sign(signer, data))).not.toThrow();
  });
});

describe('how programs for Windows are signed', () => {
  const read = (content: string) => {
    const file = join(work, 'how.json');
    writeFileSync(file, content);
    return () => codeSigningFromEnvironment({ WARDLIGHT_WINDOWS_SIGNING: file });
  };

  it('is nothing where the environment names nothing, and an error where it can’t be used', () => {
    expect(codeSigningFromEnvironment({})).toBeNull();
    expect(read('{')).toThrow('is no JSON');
    expect(read('{"tool":"osslsigncode","certificates":"a.pem","key":"b.pem"}')).toThrow('timestamp');
    expect(read('{"tool":"signtool","program":"s","arguments":[],"timestamp":"http://x","password":"p"}')).toThrow(
      'password',
    );
  });

  it('may be by signtool, with a time stamp and the key that is named for it', () => {
    const [program, said] = [join(work, 'signtool'), join(work, 'said')];
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${said}'\n`, { mode: 0o755 });
    const key = ['/dlib', 'Azure.CodeSigning.Dlib.dll', '/dmdf', 'metadata.json'];
    const timestamp = 'http://timestamp.example';
    const signing = read(JSON.stringify({ tool: 'signtool', program, arguments: key, timestamp }))();
    if (signing) signCode(signing, 'Wardlight.exe');
    const digests = ['/fd', 'SHA256', '/td', 'SHA256'];
    expect(tool('cat', [said]).trim().split('\n')).toEqual([
      'sign',
      ...digests,
      '/tr',
      timestamp,
      '/d',
      'Wardlight',
      ...key,
      'Wardlight.exe',
    ]);
  });
});

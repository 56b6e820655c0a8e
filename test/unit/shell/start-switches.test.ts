import { describe, expect, it } from 'vitest';
import { examineStart, questionOf } from '../../../main/shell/start-switches.ts';

const start = (args: string[], mayDebug = false, platform: NodeJS.Platform = 'linux') =>
  examineStart(['/opt/Wardlight/wardlight', ...args], { platform, mayDebug: () => mayDebug });

describe('security: a start of the installed program is refused', () => {
  it.each([
    '--remote-debugging-port=9222',
    '--remote-debugging-port=0',
    '--remote-debugging-pipe',
    '--remote-debugging-address=0.0.0.0',
    '--remote-allow-origins=*',
    '--inspect',
    '--inspect-brk=9229',
    '--inspect-publish-uid=http',
    '--js-flags=--expose-gc',
    '--load-extension=/tmp/x',
    '--disable-extensions-except=/tmp/x',
    '--no-sandbox',
    '--disable-setuid-sandbox',
    '--disable-namespace-sandbox',
    '--disable-seccomp-filter-sandbox',
    '--single-process',
    '--renderer-cmd-prefix=gdb',
    '--gpu-launcher=/tmp/x',
    '--utility-cmd-prefix=/tmp/x',
    '--proxy-server=evil:1',
    '--proxy-pac-url=http://evil/',
    '--host-rules=MAP * evil',
    '--host-resolver-rules=MAP * evil',
    '--ignore-certificate-errors',
    '--ignore-certificate-errors-spki-list=x',
    '--ssl-key-log-file=/tmp/k',
    '--log-net-log=/tmp/n',
    '--disable-web-security',
    '--allow-file-access-from-files',
    '--password-store=basic',
    '--use-fake-ui-for-media-stream',
    '--enable-blink-features=X',
    '--enable-features=X',
    '--wardlight-policy=/tmp/policy.json',
    '--wardlight-server=http://evil/fhir',
    '--a-switch-of-tomorrow',
  ])('with %s', (argument) => {
    const name = argument.slice(2).split('=')[0];
    expect(start([argument]).refused).toEqual([name]);
    expect(start([argument]).isDebugged).toBe(false);
  });

  it.each([
    ['one dash', '-no-sandbox'],
    ['blanks around it', ' \t--no-sandbox '],
    ['capitals', '--NO-sandbox'],
  ])('with a switch written with %s', (_how, argument) => {
    expect(start([argument]).refused).toEqual(['no-sandbox']);
  });

  it('with a slash, where Windows takes that for a switch', () => {
    expect(start(['/no-sandbox'], false, 'win32').refused).toEqual(['no-sandbox']);
    expect(start(['/no-sandbox']).refused).toEqual([]);
  });

  it('after the end of switches and after a link too', () => {
    expect(start(['--', '--no-sandbox']).refused).toContain('no-sandbox');
    expect(start(['wardlight://launch?iss=a', '--inspect']).refused).toEqual(['inspect']);
  });

  it('with names only, of letters that a terminal shows', () => {
    expect(start(['--x\u001b[2J=patient Smith']).refused).toEqual(['x??2j']);
  });

  it('with a debugger’s other switches, even where machine policy allows debugging', () => {
    expect(start(['--remote-debugging-port=9222', '--inspect', '--remote-allow-origins=*'], true)).toEqual({
      refused: ['inspect', 'remote-allow-origins'],
      isDebugged: true,
    });
  });
});

it('takes what a clinician, a desktop or an EHR starts with, and asks no policy for it', () => {
  const args = [
    '--user-data-dir=a folder/of one/station',
    '--force-device-scale-factor=1.25',
    '--lang=es',
    'wardlight://launch?iss=a',
  ];
  const policyAsked = () => {
    throw new Error('asked');
  };
  const found = examineStart(['wardlight', ...args], { platform: 'linux', mayDebug: policyAsked });
  expect(found).toEqual({ refused: [], isDebugged: false });
});

it('is open to a debugger where machine policy allows it, and says so', () => {
  expect(start(['--remote-debugging-port=9222'], true)).toEqual({ refused: [], isDebugged: true });
  expect(start([], true)).toEqual({ refused: [], isDebugged: false });
});

describe('what the command line asks', () => {
  const asked = (args: string[], platform: NodeJS.Platform = 'linux') => questionOf(['wardlight', ...args], platform);

  it('is answered where it is asked, and taken in an installed program', () => {
    expect(asked(['--health'])).toBe('health');
    expect(asked(['.', '--user-data-dir=/x', '--support-bundle'])).toBe('support-bundle');
    expect(asked(['/health'], 'win32')).toBe('health');
    expect(start(['--health']).refused).toEqual([]);
    expect(start(['--support-bundle', '--user-data-dir=/x']).refused).toEqual([]);
  });

  it('is nothing at an ordinary start, nor in a link of another program', () => {
    expect(asked([])).toBeNull();
    expect(asked(['wardlight://launch?iss=--health&launch=x'])).toBeNull();
    expect(asked(['/health'])).toBeNull();
  });

  it('security: opens no way for the other switches', () => {
    expect(start(['--health', '--no-sandbox']).refused).toEqual(['no-sandbox']);
    expect(start(['--health=/tmp/x']).refused).toEqual(['health']);
  });
});

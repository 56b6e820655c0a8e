import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CLEARED_URL, createPageHandler, PAGE_URL } from '../../../main/shell/protocol.ts';
import type { Language } from '../../../preload/contract/languages.ts';
import { temporaryFolder } from '../vault/support.ts';

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "frame-src app://viewer camera://photo; connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";
const SECRET = 'CANARY outside of the folder';

const noOther = () => Promise.reject(new Error('asked for another origin'));

let folder: string;
let language: Language;
let handle: (url: string, init?: RequestInit) => Promise<Response>;
beforeEach(() => {
  const root = temporaryFolder();
  folder = join(root, 'renderer');
  language = 'en';
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'assets', 'main.js'), 'export {}');
  writeFileSync(join(folder, 'assets', 'notes.map'), SECRET);
  writeFileSync(join(folder, '.env'), SECRET);
  mkdirSync(join(folder, 'folder.js'));
  for (const name of ['secret.js', 'secret.html', 'secret']) writeFileSync(join(root, name), SECRET);
  mkdirSync(join(root, 'renderer-evil'));
  writeFileSync(join(root, 'renderer-evil', 'x.js'), SECRET);
  if (process.platform !== 'win32') {
    symlinkSync(join(root, 'secret.js'), join(folder, 'link.js'));
    symlinkSync(root, join(folder, 'up'));
    symlinkSync(join(folder, 'index.html'), join(folder, 'inside.html'));
  }
  handle = async (url, init) => raw(new Request(url, init).url, init?.method);
});

/** What Chromium may hand over although a URL parser would have changed it. */
async function raw(url: string, method = 'GET'): Promise<Response> {
  const options = { viewer: noOther, camera: noOther, language: async () => language };
  const { statusCode, headers, data } = await createPageHandler(folder, options)({ url, method });
  return new Response(new Uint8Array(data), { status: statusCode, headers });
}

describe('the page’s protocol', () => {
  it.each([
    ['app://wardlight/index.html', 'text/html; charset=utf-8', '<!doctype html>'],
    ['app://wardlight/assets/main.js', 'text/javascript; charset=utf-8', 'export {}'],
    ['app://wardlight/assets/main.js?v=1#x', 'text/javascript; charset=utf-8', 'export {}'],
    ['app://wardlight/assets/../index.html', 'text/html; charset=utf-8', '<!doctype html>'],
  ])('serves %s', async (url, type, body) => {
    const response = await handle(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toBe(body);
  });

  it('serves the page in the language that is asked for when it is', async () => {
    writeFileSync(join(folder, 'index.es.html'), '<!doctype html><html lang="es">');
    language = 'es';
    expect(await (await handle(PAGE_URL)).text()).toContain('lang="es"');
    language = 'en';
    expect(await (await handle(PAGE_URL)).text()).not.toContain('lang="es"');
  });

  it.skipIf(process.platform === 'win32')('serves a link that stays inside', async () => {
    expect((await handle('app://wardlight/inside.html')).status).toBe(200);
  });
});

const refused = [
  'app://wardlight/../secret.js',
  'app://wardlight/assets/../../secret.js',
  'app://wardlight/%2e%2e/secret.js',
  'app://wardlight/%2e%2e%2fsecret.js',
  'app://wardlight/..%2fsecret.js',
  'app://wardlight/assets/..%2f..%2fsecret.js',
  'app://wardlight/%252e%252e/secret.js',
  'app://wardlight/..%5csecret.js',
  'app://wardlight/..\\secret.js',
  'app://wardlight/..%2frenderer-evil/x.js',
  'app://wardlight//etc/hosts.html',
  'app://wardlight/%2fetc%2fhosts.html',
  'app://wardlight/secret%00.js',
  'app://wardlight/..%2fsecret%00.js',
  'app://wardlight/link.js',
  'app://wardlight/up/secret.js',
  'app://wardlight/up/renderer-evil/x.js',
  'app://wardlight/folder.js',
  'app://wardlight/folder.js/',
  'app://wardlight/missing.js',
  'app://wardlight/%ff.js',
  'app://wardlight/%.js',
  'app://wardlight/index%2ehtml',
  'app://wardlight/',
  'app://wardlight',
  'app://wardlight/assets/notes.map',
  'app://wardlight/.env',
  'app://wardlight/INDEX.HTML.txt',
  'app://other/index.html',
  'app://wardlight.evil/index.html',
  'app://wardlight:80/index.html',
  'app://evil@wardlight.x/index.html',
  'https://wardlight.example/index.html',
];

describe('security: the page’s protocol', () => {
  it.each(refused)('security: %s does not exist', async (url) => {
    for (const response of [await handle(url).catch(() => raw(url)), await raw(url)]) {
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('');
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'])('security: %s gets nothing', async (method) => {
    expect((await handle('app://wardlight/index.html', { method })).status).toBe(404);
  });

  it('gives an empty page, in whose name nothing is asked, to take the place of one that is cleared', async () => {
    const answer = await handle(CLEARED_URL);
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(answer.headers.get('Content-Security-Policy')).toBe(CSP);
    expect(new URL(CLEARED_URL).host).not.toBe(new URL(PAGE_URL).host);
  });

  it('security: the policy is on every answer, also on those that refuse', async () => {
    for (const url of ['app://wardlight/index.html', 'app://wardlight/assets/main.js', ...refused]) {
      const { headers } = await raw(url);
      expect(headers.get('content-security-policy'), url).toBe(CSP);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('security: no path, however it is put together, leads out of the folder', async () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '/',
      '//',
      '\\',
      '%2e',
      '%2E',
      '%2f',
      '%5c',
      '%00',
      '%25',
      'up',
      'assets',
      'secret',
      '.js',
      '.html',
      'renderer-evil/x.js',
      ';',
      '?',
      ' ',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const response = await raw(`app://wardlight/${parts.join('')}`);
        expect(await response.text()).not.toContain('CANARY');
        expect(response.headers.get('content-security-policy')).toBe(CSP);
      }),
      { numRuns: 1_000 },
    );
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { isOwnFrame } from '../../../main/shell/own-frames.ts';
import { createPageHandler, type PageAnswer } from '../../../main/shell/protocol.ts';
import { createViewerContent, type ReadContent } from '../../../main/shell/viewer-content.ts';
import { answerViewer, PIECE_MAX, VIEWER_PAGES } from '../../../main/shell/viewer-protocol.ts';
import { temporaryFolder } from '../vault/support.ts';

const HANDLE = '0c6f7a52-3a8e-4a57-9d0b-000000000001';
const OPEN = Buffer.from('0123456789');
const open: ReadContent = async (handle, { offset, length }) =>
  handle === HANDLE ? { bytes: OPEN.subarray(offset, offset + length), total: OPEN.length } : null;

const noCamera = () => Promise.reject(new Error('asked for another origin'));

let folder: string;
beforeEach(() => {
  folder = join(temporaryFolder(), 'renderer');
  for (const name of ['viewer/pdfjs/cmaps', 'assets']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'index.html'), 'the page');
  writeFileSync(join(folder, 'viewer', 'index.html'), 'the viewer');
  writeFileSync(join(folder, 'assets', 'worker.mjs'), 'worker');
  writeFileSync(join(folder, 'viewer', 'pdfjs', 'cmaps', 'x.bcmap'), 'table');
  writeFileSync(join(folder, '..', 'secret.js'), 'CANARY');
});

async function ask(
  path: string,
  headers: Record<string, string> = {},
  read = open,
  method = 'GET',
): Promise<PageAnswer> {
  const handle = createPageHandler(folder, {
    viewer: (request, file) => answerViewer(request, file, read),
    camera: noCamera,
    language: async () => 'en',
  });
  return handle({ url: `app://viewer${path}`, method, headers });
}
const range = (from: number | string, to: number | string) => ({ Range: `bytes=${from}-${to}` });

describe('the viewer’s origin', () => {
  it.each([
    ['/viewer/index.html', 'the viewer'],
    ['/assets/worker.mjs', 'worker'],
    ['/viewer/pdfjs/cmaps/x.bcmap', 'table'],
  ])('has its own file %s', async (path, body) => {
    const { statusCode, data } = await ask(path);
    expect([statusCode, data.toString()]).toEqual([200, body]);
  });

  it('answers pieces of what is open, and how much there is', async () => {
    const { statusCode, data, headers } = await ask(`/content/${HANDLE}`, range(2, 4));
    expect([statusCode, data.toString(), headers['Content-Range']]).toEqual([206, '234', 'bytes 2-4/10']);
    const end = await ask(`/content/${HANDLE}`, range(8, 100));
    expect([end.data.toString(), end.headers['Content-Range']]).toEqual(['89', 'bytes 8-9/10']);
  });
});

describe('security: the viewer’s origin', () => {
  it.each([
    ['without a range', {}],
    ['by an open range', range(0, '')],
    ['by a range from the end', range('', 5)],
    ['by two ranges', { Range: 'bytes=0-1,3-4' }],
    ['by a range backwards', range(4, 2)],
    ['beyond the end', range(10, 20)],
  ])('security: answers nothing that is asked for %s', async (_how, headers) => {
    const { statusCode, data } = await ask(`/content/${HANDLE}`, headers as Record<string, string>);
    expect([statusCode, data.length]).toEqual([404, 0]);
  });

  it.each([
    '/index.html',
    '/',
    '/content/',
    '/content/0c6f7a52-3a8e-4a57-9d0b-000000000002',
    `/content/${HANDLE}/x.js`,
    `/content/${HANDLE.toUpperCase()}`,
    '/content/../index.html',
    '/viewer/../index.html',
    '/viewer/..%2findex.html',
    '/viewer/..%2f..%2fsecret.js',
    '/assets/..%2f..%2fsecret.js',
  ])('security: %s does not exist', async (path) => {
    const { statusCode, data } = await ask(path, range(0, 9));
    // Within the page's folder there is nothing secret; outside there is.
    expect(data.toString()).not.toContain('CANARY');
    if (!path.includes('..%2findex')) expect([statusCode, data.length]).toEqual([404, 0]);
  });

  it('security: asks for no more at a time than a piece', async () => {
    const asked: number[] = [];
    await ask(`/content/${HANDLE}`, range(0, 999_999_999), async (_handle, { length }) => {
      asked.push(length);
      return null;
    });
    expect(asked).toEqual([PIECE_MAX]);
  });

  it('security: gives content that is never kept, nor read as a page, a script or a picture', async () => {
    const { headers } = await ask(`/content/${HANDLE}`, range(0, 9));
    expect(headers).toMatchObject({
      'Content-Type': 'application/octet-stream',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
  });

  it('security: has a policy of its own on every answer, without anything from elsewhere', async () => {
    for (const path of [`/content/${HANDLE}`, '/viewer/index.html', '/assets/worker.mjs', '/missing.html', '/']) {
      const { headers } = await ask(path, range(0, 9));
      const policy = headers['Content-Security-Policy'] ?? '';
      const directives = Object.fromEntries(policy.split('; ').map((one) => [one.split(' ')[0], one]));
      expect(directives, path).toMatchObject({
        'default-src': "default-src 'none'",
        'script-src': "script-src 'self'",
        'connect-src': 'connect-src app://viewer/content/ app://viewer/viewer/pdfjs/',
        'img-src': 'img-src blob:',
        'frame-ancestors': 'frame-ancestors app://wardlight',
        'require-trusted-types-for': "require-trusted-types-for 'script'",
        'trusted-types': 'trusted-types viewer-worker',
      });
      expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    }
  });

  it('security: has nothing open before something opens documents, nor after', async () => {
    const content = createViewerContent();
    const statusOf = async () => (await ask(`/content/${HANDLE}`, range(0, 1), content.read)).statusCode;
    expect(await statusOf()).toBe(404);
    content.serve(open);
    expect(await statusOf()).toBe(206);
    content.serve(null);
    expect(await statusOf()).toBe(404);
  });

  it('security: takes no other way of asking', async () => {
    for (const method of ['POST', 'HEAD', 'PUT']) {
      expect((await ask(`/content/${HANDLE}`, range(0, 1), open, method)).statusCode).toBe(404);
    }
  });
});

describe('security: what may be put into a frame', () => {
  const page = { origin: 'app://wardlight' };
  const [viewer] = VIEWER_PAGES;

  it('security: is the viewer, by the page', () => {
    expect(isOwnFrame({ url: `${viewer}#handle=x`, isMainFrame: false, initiator: page })).toBe(true);
  });

  it.each([
    ['in place of the page', { url: viewer, isMainFrame: true, initiator: page }],
    ['by the viewer itself', { url: viewer, isMainFrame: false, initiator: { origin: 'app://viewer' } }],
    ['by nobody', { url: viewer, isMainFrame: false, initiator: null }],
    ['its content', { url: `app://viewer/content/${HANDLE}`, isMainFrame: false, initiator: page }],
    ['with a query', { url: `${viewer}?x`, isMainFrame: false, initiator: page }],
    ['the page', { url: 'app://wardlight/index.html', isMainFrame: false, initiator: page }],
    ['another address', { url: 'https://example.org/', isMainFrame: false, initiator: page }],
  ])('security: and not %s', (_what, navigation) => {
    expect(isOwnFrame(navigation)).toBe(false);
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { answerCamera, CAMERA_PAGE, PHOTO_MAX } from '../../../main/shell/camera-protocol.ts';
import { type Camera, createCamera } from '../../../main/shell/camera-use.ts';
import { isOwnFrame } from '../../../main/shell/own-frames.ts';
import { mayUseCamera, type PermissionDetails } from '../../../main/shell/permissions.ts';
import { createPageHandler, type PageRequest } from '../../../main/shell/protocol.ts';
import { temporaryFolder } from '../vault/support.ts';

const ADDRESS = '0c6f7a52-3a8e-4a57-9d0b-000000000001';

let camera: Camera;
let taken: [string, number][];
let ask: (request: Partial<PageRequest>) => Promise<{ status: number; body: string; policy: string }>;
beforeEach(() => {
  const folder = join(temporaryFolder(), 'renderer');
  for (const name of ['camera', 'viewer']) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'index.html'), name);
  }
  camera = createCamera();
  taken = [];
  camera.serve({
    isTaking: () => true,
    async receive(address, bytes) {
      taken.push([address, bytes.length]);
      return true;
    },
  });
  const other = () => Promise.reject(new Error('asked for another origin'));
  const handle = createPageHandler(folder, {
    language: async () => 'en',
    viewer: other,
    camera: (request, file) => answerCamera(request, file, camera),
  });
  ask = async (request) => {
    const { statusCode, data, headers } = await handle({ url: CAMERA_PAGE, method: 'GET', ...request });
    return { status: statusCode, body: data.toString(), policy: headers['Permissions-Policy'] ?? '' };
  };
});

const photo = (more: Partial<PageRequest>) => ({
  ...{ url: `camera://photo/photo/${ADDRESS}`, method: 'POST', body: [Buffer.from('a photo')] },
  ...more,
});

describe('what takes photos', () => {
  it('has its own page, and may have the camera without sound', async () => {
    const { status, body, policy } = await ask({});
    expect([status, body]).toEqual([200, 'camera']);
    expect(policy).toContain('camera=(self), microphone=()');
  });

  it('hands over a photo to the address that was made for it', async () => {
    expect((await ask(photo({}))).status).toBe(204);
    expect(taken).toEqual([[ADDRESS, 7]]);
  });
});

describe('security: what takes photos', () => {
  it.each<readonly [string, Partial<PageRequest>]>([
    ['to another path', photo({ url: 'camera://photo/camera/index.html' })],
    ['to an address of another form', photo({ url: `camera://photo/photo/${ADDRESS}/../x` })],
    ['to another host', photo({ url: `camera://other/photo/${ADDRESS}` })],
    ['to the page’s scheme', photo({ url: `app://camera/photo/${ADDRESS}` })],
    ['without a word', photo({ body: [] })],
    ['that is empty', photo({ body: [Buffer.alloc(0)] })],
    ['in two pieces', photo({ body: [Buffer.from('a'), Buffer.from('b')] })],
    ['that is a file or a blob', photo({ body: [null] })],
    ['that is too large', photo({ body: [new Uint8Array(PHOTO_MAX + 1)] })],
    ['by another method', photo({ method: 'PUT' })],
  ])('security: hands over nothing %s', async (_what, request) => {
    expect((await ask(request)).status).toBe(404);
    expect(taken).toEqual([]);
  });

  it('security: hands over nothing once nobody takes it, as after a lock', async () => {
    camera.serve(null);
    expect((await ask(photo({}))).status).toBe(404);
    expect(camera.isTaking()).toBe(false);
  });

  it('security: has no file of another origin', async () => {
    expect((await ask({ url: 'camera://photo/viewer/index.html' })).status).toBe(404);
  });

  it('security: is put into a frame by the page alone', () => {
    const frame = { url: `${CAMERA_PAGE}#${ADDRESS}`, isMainFrame: false };
    expect(isOwnFrame({ ...frame, initiator: { origin: 'app://wardlight' } })).toBe(true);
    expect(isOwnFrame({ ...frame, initiator: { origin: 'app://viewer' } })).toBe(false);
    expect(isOwnFrame({ ...frame, initiator: { origin: 'app://wardlight' }, isMainFrame: true })).toBe(false);
    expect(isOwnFrame({ ...frame, url: `${CAMERA_PAGE}x`, initiator: { origin: 'app://wardlight' } })).toBe(false);
  });
});

describe('security: the camera is granted', () => {
  const asks = { securityOrigin: 'camera://photo/', mediaTypes: ['video'] };
  const granted = (details: PermissionDetails, permission = 'media', isTaking = true) =>
    mayUseCamera(permission, details, () => isTaking);

  it('to the frame that takes photos, while one is taken', () => {
    expect(granted(asks)).toBe(true);
    expect(granted({ securityOrigin: 'camera://photo/', mediaType: 'video' })).toBe(true);
  });

  it.each([
    { what: 'while none is taken', details: asks, isTaking: false },
    { what: 'to the page', details: { ...asks, securityOrigin: 'app://wardlight/' } },
    { what: 'to a document', details: { ...asks, securityOrigin: 'app://viewer/' } },
    { what: 'to nobody in particular', details: { mediaTypes: ['video'] } },
    { what: 'with sound', details: { ...asks, mediaTypes: ['video', 'audio'] } },
    { what: 'as a microphone', details: { ...asks, mediaTypes: ['audio'] } },
    { what: 'as a microphone, looked at', details: { securityOrigin: 'camera://photo/', mediaType: 'audio' } },
    { what: 'as neither', details: { ...asks, mediaTypes: [] } },
    { what: 'as something else', details: asks, permission: 'display-capture' },
    { what: 'as a place', details: asks, permission: 'geolocation' },
  ])('never $what', ({ details, permission = 'media', isTaking = true }) => {
    expect(granted(details, permission, isTaking)).toBe(false);
  });
});

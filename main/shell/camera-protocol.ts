import type { Camera } from './camera-use.ts';
import { CAMERA_SCHEME, missing, PAGE_ORIGIN, type PageAnswer, type PageRequest, type ServeFile } from './protocol.ts';

export const CAMERA_ORIGIN = `${CAMERA_SCHEME}://photo`;
export const CAMERA_PAGE = `${CAMERA_ORIGIN}/camera/index.html`;

/**
 * What takes photos may run its own scripts, have the camera, and send one photo to the address that was made for it:
 * nothing else, and nobody else may put it into a frame (decision 56).
 */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${CAMERA_ORIGIN}/photo/`,
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${PAGE_ORIGIN}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Permissions-Policy': 'camera=(self), microphone=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=()',
} as const;

/** Largest photo: a camera of 50 megapixels stays below. */
export const PHOTO_MAX = 32 << 20;

const PHOTO = /^\/photo\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const FILES = /^\/(?:camera|assets)\//;

/** Answers what takes photos: with its own files, and by taking a photo from it. */
export async function answerCamera(request: PageRequest, file: ServeFile, camera: Camera): Promise<PageAnswer> {
  const { pathname } = new URL(request.url);
  if (request.method === 'POST') return receive(PHOTO.exec(pathname)?.[1], request, camera);
  if (request.method !== 'GET' || !FILES.test(pathname)) return missing(HEADERS);
  // The page around it is of another origin, and is the only one that the policy lets show it.
  const embedded = pathname.endsWith('.html') ? { 'Cross-Origin-Resource-Policy': 'cross-origin' } : {};
  return file(pathname, { ...HEADERS, ...embedded });
}

async function receive(address: string | undefined, { body }: PageRequest, camera: Camera): Promise<PageAnswer> {
  const refused = missing({ ...HEADERS, 'Cache-Control': 'no-store' });
  const [bytes] = body ?? [];
  // One piece of memory: never a file of the disk, nor what would have to be read from somewhere.
  if (address === undefined || body?.length !== 1 || !bytes || bytes.length === 0 || bytes.length > PHOTO_MAX) {
    return refused;
  }
  return (await camera.receive(address, bytes)) ? { ...refused, statusCode: 204 } : refused;
}

import { realpathSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Language } from '../../preload/contract/languages.ts';

export const SCHEME = 'app';

/** Of what takes photos: another one, as Chromium drops what is sent to a scheme without its fetch privilege. */
export const CAMERA_SCHEME = 'camera';
export const PAGE_ORIGIN = 'app://wardlight';
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** An empty page of another origin: Chromium ends the process of the one before it. */
export const CLEARED_URL = 'app://cleared/index.html';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  'frame-src app://viewer camera://photo',
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Chromium lets a page hand on only what it may have itself; that it doesn't get the camera is main's doing.
  'Permissions-Policy': 'camera=(self "camera://photo"), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  // Fonts and tables of characters that PDF leaves to the reader.
  '.pfb': 'application/octet-stream',
  '.bcmap': 'application/octet-stream',
};

export interface PageRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent with it; null for what is not in memory, such as a file. */
  readonly body?: readonly (Uint8Array | null)[];
}

/** What a request gets. */
export interface PageAnswer {
  statusCode: number;
  headers: Record<string, string>;
  data: Buffer;
}

/** Answers with a file of the built page, by its path in an address. */
export type ServeFile = (pathname: string, headers: Readonly<Record<string, string>>) => Promise<PageAnswer>;

/** Answers for an origin beside the page's. */
type AnswerOrigin = (request: PageRequest, file: ServeFile) => Promise<PageAnswer>;

export interface PageHandlerOptions {
  readonly viewer: AnswerOrigin;
  readonly camera: AnswerOrigin;
  /** The language in which a page is asked for. */
  readonly language: () => Promise<Language>;
}

/**
 * Serves the built page from one folder. What is not a known type, or lies outside the folder once links are
 * resolved, doesn't exist. `viewer` answers for app://viewer and `camera` for camera://photo, whose files lie in the same
 * folder. Each page is there in each language.
 */
export function createPageHandler(
  folder: string,
  { viewer, camera, language }: PageHandlerOptions,
): (request: PageRequest) => Promise<PageAnswer> {
  const root = realpathSync(folder);
  const file: ServeFile = async (pathname, headers) => {
    const type = TYPES[extname(pathname)];
    const name = extname(pathname) === '.html' ? inLanguage(pathname, await language()) : pathname;
    const path = type && (await realpath(join(root, decodeURIComponent(name))));
    if (!type || !path?.startsWith(root + sep)) return missing(headers);
    return { statusCode: 200, headers: { ...HEADERS, 'Content-Type': type, ...headers }, data: await readFile(path) };
  };

  return async (request) => {
    try {
      if (request.url === CLEARED_URL) return empty();
      const { protocol, host, pathname } = new URL(request.url);
      if (protocol === `${CAMERA_SCHEME}:`) return host === 'photo' ? await camera(request, file) : missing();
      if (request.method !== 'GET') return missing();
      if (host === 'viewer') return await viewer(request, file);
      return host === 'wardlight' ? await file(pathname, {}) : missing();
    } catch {
      return missing();
    }
  };
}

/** The file of a page in a language: the build has put it beside the English one (`build/words`). */
function inLanguage(pathname: string, language: Language): string {
  return language === 'en' ? pathname : pathname.replace(/\.html$/, `.${language}.html`);
}

function empty(): PageAnswer {
  return { ...missing({ 'Content-Type': TYPES['.html'] ?? '' }), statusCode: 200 };
}

/** What doesn't exist, with the headers that every answer has. */
export function missing(headers: Readonly<Record<string, string>> = {}): PageAnswer {
  return { statusCode: 404, headers: { ...HEADERS, ...headers }, data: Buffer.alloc(0) };
}

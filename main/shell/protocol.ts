import { realpathSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export const SCHEME = 'app';
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
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** What a request for a file of the page gets. */
export interface PageAnswer {
  statusCode: number;
  headers: Record<string, string>;
  data: Buffer;
}

/**
 * Serves the built page from one folder. What is not a known type, or lies outside the folder once links are
 * resolved, doesn't exist.
 */
export function createPageHandler(folder: string): (request: { url: string; method: string }) => Promise<PageAnswer> {
  const root = realpathSync(folder);

  return async ({ url: requested, method }) => {
    try {
      if (requested === CLEARED_URL)
        return {
          statusCode: 200,
          headers: { ...HEADERS, 'Content-Type': TYPES['.html'] ?? '' },
          data: Buffer.alloc(0),
        };
      const url = new URL(requested);
      const type = TYPES[extname(url.pathname)];
      if (method !== 'GET' || url.host !== 'wardlight' || !type) return missing();
      const path = await realpath(join(root, decodeURIComponent(url.pathname)));
      if (!path.startsWith(root + sep)) return missing();
      return { statusCode: 200, headers: { ...HEADERS, 'Content-Type': type }, data: await readFile(path) };
    } catch {
      return missing();
    }
  };
}

function missing(): PageAnswer {
  return { statusCode: 404, headers: { ...HEADERS }, data: Buffer.alloc(0) };
}

import { realpathSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export const SCHEME = 'app';
export const PAGE_ORIGIN = 'app://wardlight';
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

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

/**
 * Serves the built page from one folder. What is not a known type, or lies outside the folder once links are
 * resolved, doesn't exist.
 */
export function createPageHandler(folder: string): (request: Request) => Promise<Response> {
  const root = realpathSync(folder);
  const missing = () => new Response(null, { status: 404, headers: HEADERS });

  return async (request) => {
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.host !== 'wardlight') return missing();
    const type = TYPES[extname(url.pathname)];
    if (!type) return missing();
    try {
      const path = await realpath(join(root, decodeURIComponent(url.pathname)));
      if (!path.startsWith(root + sep)) return missing();
      const body = await readFile(path);
      return new Response(new Uint8Array(body), { headers: { ...HEADERS, 'Content-Type': type } });
    } catch {
      return missing();
    }
  };
}

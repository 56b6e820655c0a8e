import { missing, PAGE_ORIGIN, type PageAnswer, type PageRequest, type ServeFile } from './protocol.ts';
import type { ReadContent } from './viewer-content.ts';

export const VIEWER_ORIGIN = 'app://viewer';

/** The pages of the viewer, which are the only ones that a frame may show. */
export const VIEWER_PAGES = [`${VIEWER_ORIGIN}/viewer/index.html`, `${VIEWER_ORIGIN}/viewer/pdf.html`] as const;

/**
 * What shows a document may run its own scripts, draw, and ask for open documents and for the fonts that PDF leaves to
 * the reader: nothing else, and nobody else may put it into a frame (decision 53).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src blob:',
  `font-src ${VIEWER_ORIGIN}/viewer/pdfjs/standard_fonts/`,
  "worker-src 'self'",
  `connect-src ${VIEWER_ORIGIN}/content/ ${VIEWER_ORIGIN}/viewer/pdfjs/`,
  "base-uri 'none'",
  "form-action 'none'",
  `frame-ancestors ${PAGE_ORIGIN}`,
  "require-trusted-types-for 'script'",
  'trusted-types viewer-worker',
].join('; ');

const HEADERS = { 'Content-Security-Policy': POLICY } as const;

/** Content is never kept, and never read as anything but bytes. */
const CONTENT_HEADERS = {
  ...HEADERS,
  'Content-Type': 'application/octet-stream',
  'Cache-Control': 'no-store',
  'Accept-Ranges': 'bytes',
};

/** Most that one answer holds: what is shown is asked for piece by piece. */
export const PIECE_MAX = 4 << 20;

const CONTENT = /^\/content\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const FILES = /^\/(?:viewer|assets)\//;

/** Answers the viewer: its own files, and the bytes of what is open. */
export async function answerViewer(request: PageRequest, file: ServeFile, read: ReadContent): Promise<PageAnswer> {
  const { pathname } = new URL(request.url);
  const handle = CONTENT.exec(pathname)?.[1];
  if (handle !== undefined) return content(handle, rangeOf(request.headers), read);
  if (!FILES.test(pathname)) return missing(HEADERS);
  // The page around it is of another origin, and is the only one that the policy lets show it.
  const embedded = pathname.endsWith('.html') ? { 'Cross-Origin-Resource-Policy': 'cross-origin' } : {};
  return file(pathname, { ...HEADERS, ...embedded });
}

async function content(handle: string, range: Range | null, read: ReadContent): Promise<PageAnswer> {
  const found = range && (await read(handle, range));
  if (!range || !found || found.bytes.length === 0) return missing(CONTENT_HEADERS);
  const last = range.offset + found.bytes.length - 1;
  const answer = missing({ ...CONTENT_HEADERS, 'Content-Range': `bytes ${range.offset}-${last}/${found.total}` });
  return { ...answer, statusCode: 206, data: Buffer.from(found.bytes) };
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** The one range of a request (RFC 9110, 14.2); null for every other way of asking. */
function rangeOf(headers: PageRequest['headers'] = {}): Range | null {
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'range');
  const found = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(name === undefined ? '' : (headers[name] ?? ''));
  if (!found) return null;
  const [offset, last] = [Number(found[1]), Number(found[2])];
  return last < offset ? null : { offset, length: Math.min(last - offset + 1, PIECE_MAX) };
}

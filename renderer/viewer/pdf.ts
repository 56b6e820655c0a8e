import * as pdfjs from 'pdfjs-dist/legacy/build/pdf.mjs';
import { t } from '../words/t.ts';
import { type Content, createContent } from './content.ts';
import { createFrame, type Frame, make } from './frame.ts';
import { inTime } from './limit.ts';
import { LEFT_OUT } from './messages.ts';
import { showPages } from './pages.ts';
import workerUrl from './pdfWorker.ts?worker&url';

const FILES = new URL('pdfjs/', location.origin + location.pathname.replace(/[^/]*$/, '')).href;
/** What pdf.js asks for at a time: a page of text has less, a scanned one a few times as much. */
const PIECE = 256 * 1024;
/** Pixels of a picture on a page: as many as one by itself may have. */
const IMAGE_MAX = 1 << 28;

/**
 * Opens a PDF without whatever in it is active: its scripts are never run, as nothing that could run them is loaded;
 * forms of XFA stay closed, links and actions are drawn and lead nowhere.
 */
async function open(content: Content, worker: Worker): Promise<pdfjs.PDFDocumentProxy> {
  return pdfjs.getDocument({
    range: transportOf(content, await content.size()),
    rangeChunkSize: PIECE,
    disableAutoFetch: true,
    disableStream: true,
    worker: pdfjs.PDFWorker.create({ port: worker }),
    cMapUrl: `${FILES}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${FILES}standard_fonts/`,
    wasmUrl: `${FILES}wasm/`,
    useWasm: false,
    useSystemFonts: false,
    useWorkerFetch: false,
    disableWorkerRendering: true,
    enableXfa: false,
    maxImageSize: IMAGE_MAX,
    stopAtErrors: false,
    verbosity: pdfjs.VerbosityLevel.WARNINGS,
  }).promise;
}

/** Chromium's, which TypeScript's own library of the browser doesn't know yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): URL };
}

/** The policy of this page lets exactly one thing be a worker: the file that the build has put beside it. */
function startWorker(): Worker {
  const { trustedTypes } = window as unknown as { readonly trustedTypes: TrustedTypes };
  const policy = trustedTypes.createPolicy('viewer-worker', { createScriptURL: () => workerUrl });
  return new Worker(policy.createScriptURL(''), { type: 'module' });
}

function transportOf(content: Content, size: number): pdfjs.PDFDataRangeTransport {
  const transport = new pdfjs.PDFDataRangeTransport(size, null);
  transport.requestDataRange = (begin, end) => {
    content.read(begin, end).then(
      (bytes) => transport.onDataRange(begin, bytes),
      () => transport.abort(),
    );
  };
  return transport;
}

async function start(): Promise<void> {
  const frame = createFrame();
  const content = createContent(frame.shown.handle);
  const worker = startWorker();
  worker.addEventListener('message', ({ data }) => data === LEFT_OUT && sayLeftOut(frame));
  const tooLong = () => {
    worker.terminate();
    frame.say(t('This PDF takes too long to be drawn. It may be made to do this.'), 'viewer-too-long');
  };
  const show = async () => showPages(frame, await open(content, worker));
  await inTime(show(), tooLong).catch((error: unknown) => sayWhy(frame, error));
}

/** pdf.js leaves out what it can't draw, and goes on: whoever reads the page has to know. */
function sayLeftOut({ bar }: Frame): void {
  if (bar.querySelector('.caution')) return;
  bar.append(make('span', { className: 'caution', role: 'status', textContent: LEFT_OUT_WORDS }));
}

const LEFT_OUT_WORDS = t('Something in this PDF is damaged or too large, and is not shown');

function sayWhy(frame: Frame, error: unknown): void {
  const name = error instanceof Error ? error.name : '';
  if (name === 'PasswordException') {
    frame.say(t('This PDF is locked by a password of its own, so that Wardlight can’t show it.'));
  } else {
    frame.say(t('This PDF is damaged, or it is not open any more.'));
  }
}

void start();

import 'pdfjs-dist/legacy/build/pdf.worker.min.mjs';
import { LEFT_OUT } from './messages.ts';

/** What pdf.js warns of when it goes on without something that a page shows. */
const WARNINGS = /exceeded maximum allowed size|Unable to decode image|ignoring XObject/;

/*
 * The worker that reads PDF. pdf.js tells of what it leaves out on the console alone, where nobody looks; nothing of a
 * document is written there.
 */
console.warn = (words: unknown) => {
  if (WARNINGS.test(String(words))) self.postMessage(LEFT_OUT);
};

import type { Transform } from 'node:stream';
import { gif } from './gif.ts';
import { jpeg } from './jpeg.ts';
import { createPassage, type Reader } from './passage.ts';
import { png } from './png.ts';
import { webp } from './webp.ts';

const readers: ReadonlyMap<string, Reader> = new Map(
  Object.entries({ 'image/jpeg': jpeg, 'image/png': png, 'image/webp': webp, 'image/gif': gif }),
);

/** What takes out of a photo all that isn't the picture; null for formats that have nothing to take out, as BMP. */
export function createStrip(contentType: string): Transform | null {
  const reader = readers.get(contentType);
  return reader ? createPassage(reader) : null;
}

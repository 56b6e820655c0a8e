import { broken, need, type Reader, type Wish } from './passage.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** How often an animation repeats, and the colour profile. */
const KEPT = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012']);

/** Keeps the pictures of a GIF and how they move: no comments, texts or XMP, nor what follows the end. */
export const gif: Reader = function* (emit) {
  const start = yield* need(13);
  if (!/^GIF8[79]a$/.test(start.toString('latin1', 0, 6))) throw broken();
  emit(start);
  yield { copy: colours(start[10] ?? 0) };
  for (;;) {
    const [block] = yield* need(1);
    if (block === TRAILER) return emit(Buffer.from([TRAILER]));
    if (block === EXTENSION) yield* extension(emit);
    else if (block === IMAGE) yield* image(emit);
    else throw broken();
  }
};

/** Length of a colour table, by the flags of what it belongs to. */
function colours(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

function* image(emit: (bytes: Buffer) => void): Generator<Wish, void, Buffer> {
  const head = yield* need(9);
  emit(Buffer.concat([Buffer.from([IMAGE]), head]));
  yield { copy: colours(head[8] ?? 0) + 1 };
  yield* blocks(emit);
}

function* extension(emit: (bytes: Buffer) => void): Generator<Wish, void, Buffer> {
  const [label = 0, size = 0] = yield* need(2);
  const first = yield* need(size);
  const isKept =
    label === GRAPHIC_CONTROL || (label === APPLICATION && KEPT.has(first.toString('latin1', 0, 11)) && size === 11);
  if (isKept) emit(Buffer.concat([Buffer.from([EXTENSION, label, size]), first]));
  // An empty first block is the last one too.
  if (size > 0) yield* blocks(isKept ? emit : null);
}

/** The blocks of data up to the empty one that ends them. */
function* blocks(emit: ((bytes: Buffer) => void) | null): Generator<Wish, void, Buffer> {
  for (;;) {
    const length = yield* need(1);
    const size = length[0] ?? 0;
    emit?.(length);
    if (size === 0) return;
    yield emit ? { copy: size } : { skip: size };
  }
}

import { Transform, type TransformCallback } from 'node:stream';
import { CodedError } from '../../../cache/store-error.ts';

/** What the reader of a format wants next of the bytes that come by. */
export type Wish =
  /** So many bytes, to look at; fewer at the end. */
  | { readonly take: number }
  /** So many bytes handed on unseen, or left out. */
  | { readonly copy: number }
  | { readonly skip: number }
  /** Everything handed on up to where `found` says; -1: not among these, but for `overlap` bytes at their end. */
  | { readonly copyUntil: (bytes: Buffer) => number; readonly overlap: number };

/** Reads one file of a format from its beginning to its end, and emits what is kept of it. */
export type Reader = (emit: (bytes: Buffer) => void) => Generator<Wish, void, Buffer>;

/** The file is not what it begins as. */
export function broken(): CodedError {
  return new CodedError('file-ambiguous');
}

/** Takes exactly so many bytes. */
export function* need(count: number): Generator<Wish, Buffer, Buffer> {
  const bytes = yield { take: count };
  if (bytes.length < count) throw broken();
  return bytes;
}

/** A stream that goes by a reader of its format. No more is held than what one wish takes. */
export function createPassage(reader: Reader): Transform {
  return new Passage(reader);
}

class Passage extends Transform {
  readonly #reading: Generator<Wish, void, Buffer>;
  #wish: Wish | null = null;
  #held: Buffer = Buffer.alloc(0);
  /** What is left to hand on or leave out of the wish. */
  #left = 0;

  constructor(reader: Reader) {
    super();
    this.#reading = reader((bytes) => void this.push(bytes));
    this.#ask(this.#reading.next());
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#go(false, done);
  }

  override _flush(done: TransformCallback): void {
    this.#go(true, done);
  }

  #go(atEnd: boolean, done: TransformCallback): void {
    try {
      while (this.#wish && this.#serve(this.#wish, atEnd));
      // What follows the end of the format is no part of it.
      if (!this.#wish) this.#held = Buffer.alloc(0);
      done();
    } catch (error) {
      done(error instanceof Error ? error : broken());
    }
  }

  /** False where more bytes have to come first. */
  #serve(wish: Wish, atEnd: boolean): boolean {
    if ('take' in wish) {
      if (this.#held.length < wish.take && !atEnd) return false;
      return this.#answer(this.#cut(Math.min(wish.take, this.#held.length)));
    }
    if ('copyUntil' in wish) return this.#copyUntil(wish, atEnd);
    const bytes = this.#cut(Math.min(this.#left, this.#held.length));
    this.#left -= bytes.length;
    if ('copy' in wish && bytes.length > 0) this.push(bytes);
    if (this.#left > 0 && atEnd) throw broken();
    return this.#left === 0 && this.#answer(bytes);
  }

  #copyUntil({ copyUntil, overlap }: Extract<Wish, { copyUntil: unknown }>, atEnd: boolean): boolean {
    const found = copyUntil(this.#held);
    const upTo = found >= 0 ? found : atEnd ? this.#held.length : Math.max(0, this.#held.length - overlap);
    if (upTo > 0) this.push(this.#cut(upTo));
    return (found >= 0 || atEnd) && this.#answer(Buffer.alloc(0));
  }

  #cut(count: number): Buffer {
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return bytes;
  }

  #answer(bytes: Buffer): boolean {
    this.#ask(this.#reading.next(bytes));
    return this.#wish !== null;
  }

  #ask({ value, done }: IteratorResult<Wish, void>): void {
    this.#wish = done || !value ? null : value;
    this.#left = !value ? 0 : 'copy' in value ? value.copy : 'skip' in value ? value.skip : 0;
  }
}

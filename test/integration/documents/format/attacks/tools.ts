import { FRAME_OVERHEAD } from '../../../../../main/documents/format/limits.ts';
import type { Envelope, OpenError } from '../../../../../main/documents/types.ts';
import type { OpenRequest, TestKey, Written } from '../support.ts';

/* What somebody does who holds the ciphertext, its document, or both. */

export interface Scene {
  /** Of three and a half frames, for the organisation and this device. */
  readonly message: Written;
  readonly signed: Written;
  /** Of another document of another patient, for the same recipients. */
  readonly other: Written;
  /** Of the same document, an hour before. */
  readonly older: Written;
  /** Begins as a ZIP file does. */
  readonly archive: Written;
  /** Begins as a PDF file does, and goes on as a page with a script. */
  readonly polyglot: Written;
  readonly device: TestKey;
  /** Has never been a recipient. */
  readonly stranger: TestKey;
}

export interface Attacked {
  readonly bytes: Buffer;
  /** Whose header they begin with, if not the message's. */
  readonly of?: Written;
  readonly envelope?: Partial<Envelope>;
  readonly request?: Partial<OpenRequest>;
  /** The document goes on saying what the ciphertext was: who did this can't write documents. */
  readonly documentUntouched?: boolean;
}

export interface Attack {
  readonly name: string;
  readonly code: OpenError;
  readonly differs?: readonly string[];
  readonly attack: (scene: Scene) => Attacked | Promise<Attacked>;
}

export const FRAME = 65_536 + FRAME_OVERHEAD;
export const KEY_ENTRY = 2 + 'wardlight'.length + 2 + 43 + 2 + 384;

/** Where the parts of a header lie. */
export function offsets({ bytes, spooled }: Written) {
  const keys = 37 + bytes.readUInt16BE(35);
  const end = spooled.headerLength;
  return {
    messageId: 3,
    contextLength: 35,
    contextCount: 37,
    keys,
    contentType: end - 53,
    frameLength: end - 52,
    commitment: end - 48,
    tag: end - 16,
    end,
  };
}

export function flipped(bytes: Buffer, at: number, bit = 0): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1 << bit;
  return changed;
}

/** One bit of the message, at a place that is named by its header or behind it. */
export function flip(
  name: string,
  code: OpenError,
  at: (where: ReturnType<typeof offsets>) => number,
  bit = 0,
): Attack {
  return {
    name: `bit flip: ${name}`,
    code,
    attack: ({ message }) => ({ bytes: flipped(message.bytes, at(offsets(message)), bit) }),
  };
}

/** Other bytes in the place of the message's own. */
export function change(
  name: string,
  code: OpenError,
  make: (bytes: Buffer, where: ReturnType<typeof offsets>, scene: Scene) => Buffer,
): Attack {
  return {
    name,
    code,
    attack: (scene) => ({ bytes: make(Buffer.from(scene.message.bytes), offsets(scene.message), scene) }),
  };
}

export function valueOffset({ bytes }: Written, value: string): number {
  return bytes.indexOf(value);
}

export const frameAt = (bytes: Buffer, end: number, number: number) =>
  bytes.subarray(end + number * FRAME, end + (number + 1) * FRAME);

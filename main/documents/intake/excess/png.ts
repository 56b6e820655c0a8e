import type { Bytes } from '../../types.ts';
import { piecesOf, type ReadBytes } from './bytes.ts';
import { unpack } from './inflate.ts';

/** Most that the profile and the texts of a picture unpack to, all together: profiles have a few MiB at most. */
const UNPACKED_MAX = 32 << 20;

interface Part {
  readonly type: string;
  /** Where its data begins. */
  readonly at: number;
  readonly length: number;
}

/** The chunks of a PNG, as far as they go. */
export async function* pngParts(read: ReadBytes): AsyncGenerator<Part, void, void> {
  for (let at = 8; ; ) {
    const head = await read(at, 8);
    if (head.length < 8) return;
    const [length, type] = [head.readUInt32BE(), head.toString('latin1', 4)];
    yield { type, at: at + 8, length };
    if (type === 'IEND') return;
    at += 12 + length;
  }
}

/** Where the packed bytes of a chunk begin: behind names that end with a zero. */
function packedAt(type: string, data: Buffer): number | null {
  const name = data.indexOf(0);
  if (name < 0) return null;
  if (type === 'iCCP' || type === 'zTXt') return name + 2;
  if (type !== 'iTXt' || data[name + 1] !== 1) return null;
  const language = data.indexOf(0, name + 3);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  return translated < 0 ? null : translated + 1;
}

/** Names are short. */
const NAMES_MAX = 4_096;

/** Whether what a PNG says beside its picture unpacks to far more than anybody has to say. */
export async function pngBursts(source: Bytes, read: ReadBytes): Promise<boolean> {
  let left = UNPACKED_MAX;
  for await (const { type, at, length } of pngParts(read)) {
    if (!/^(?:iCCP|zTXt|iTXt)$/.test(type)) continue;
    const begin = packedAt(type, await read(at, Math.min(length, NAMES_MAX)));
    if (begin === null) continue;
    const { size, over } = await unpack(piecesOf(source, at + begin, at + length), 'zlib', { max: left, keep: 0 });
    if (over) return true;
    left -= size;
  }
  return false;
}

import type { Source } from './source.ts';

const V5 = 'Rar!\x1a\x07\x01\x00';
/** More blocks than an archive that somebody attaches has. */
const BLOCKS_MAX = 100_000;
const HEADER_MAX = 1 << 16;

/** A block of an archive: whether it says that something is encrypted, and where the next one is (null: the end). */
interface Block {
  readonly hides: boolean;
  readonly next: number | null;
}

/** Whether a RAR is encrypted, or can't be looked through. */
export async function rarHides(source: Source): Promise<boolean> {
  const start = (await source.bytes(0, 8)).toString('latin1');
  const read = start === V5 ? block5 : block4;
  let at = start === V5 ? 8 : 7;
  for (let seen = 0; seen < BLOCKS_MAX; seen += 1) {
    if (at >= source.size) return false;
    const block = read(await source.bytes(at, HEADER_MAX), at);
    if (!block || block.hides) return true;
    if (block.next === null) return false;
    at = block.next;
  }
  return true;
}

/** RAR 1.5 to 4: fixed fields. */
function block4(bytes: Buffer, at: number): Block | null {
  if (bytes.length < 7) return null;
  const [type, flags, size] = [bytes[2], bytes.readUInt16LE(3), bytes.readUInt16LE(5)];
  const added = flags & 0x8000 && bytes.length >= 11 ? bytes.readUInt32LE(7) : 0;
  if (size < 7) return null;
  const hides = (type === 0x73 && (flags & 0x80) !== 0) || (type === 0x74 && (flags & 0x04) !== 0);
  return { hides, next: type === 0x7b ? null : at + size + added };
}

/** RAR 5: fields of variable length, and an extra area in which a file's encryption is described. */
function block5(bytes: Buffer, at: number): Block | null {
  const fields = createFields(bytes, 4);
  const size = fields.next();
  const begin = fields.at();
  const [type, flags] = [fields.next(), fields.next()];
  const extra = flags & 1 ? fields.next() : 0;
  const data = flags & 2 ? fields.next() : 0;
  if (!fields.whole() || begin + size > bytes.length) return null;
  const hides = type === 4 || (type === 2 && describesEncryption(bytes.subarray(begin + size - extra, begin + size)));
  return { hides, next: type === 5 ? null : at + begin + size + data };
}

function describesEncryption(extra: Buffer): boolean {
  const fields = createFields(extra, 0);
  while (fields.at() < extra.length) {
    const size = fields.next();
    const begin = fields.at();
    if (fields.next() === 1 || !fields.whole()) return true;
    fields.go(begin + size);
  }
  return false;
}

/** Numbers of seven bits a byte, the lowest first. */
function createFields(bytes: Buffer, start: number) {
  let at = start;
  let whole = true;
  return {
    at: () => at,
    go: (to: number) => {
      at = to;
    },
    whole: () => whole,
    next: (): number => {
      let value = 0;
      for (let factor = 1; factor < 2 ** 50; factor *= 128) {
        const byte = bytes[at];
        at += 1;
        if (byte === undefined) break;
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
      whole = false;
      return 0;
    },
  };
}

import type { Bytes } from '../../types.ts';
import { DICOM_PREAMBLE } from '../kind.ts';
import { createReader, piecesOf, type ReadBytes } from './bytes.ts';
import { unpack } from './inflate.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
/** Representations with two bytes left free and a length of four (PS3.5, 7.1.2). */
const LONG = /^(?:O[BDFLVW]|S[QV]|U[CNRTV])$/;
const UNDEFINED = 0xffffffff;
const PIXELS = 0x7fe00010;
/** Elements that are read: they are short. */
const VALUE_MAX = 64;
/** As much of a deflated data set as is looked at: what comes before the pixels. */
const KEPT = 4 << 20;

/** What a data set says of its picture. */
export interface Declared {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  /** Bytes of one frame, if it isn't compressed; null where that can't be told. */
  readonly frameBytes: number | null;
  /** Bytes that there are for the pixels; null where the data set ends before them. */
  readonly pixelBytes: number | null;
}

/** What DICOM declares; `bomb` where it unpacks to more than `max`. */
export async function declaredDicom(source: Bytes, read: ReadBytes, max: number): Promise<Declared | 'bomb'> {
  const meta = await walk(read, DICOM_PREAMBLE + 4, source.size, { little: true, explicit: true, group: 2 });
  const syntax = text(meta.values.get(0x00020010)) || IMPLICIT;
  const form = { little: syntax !== BIG_ENDIAN, explicit: syntax !== IMPLICIT, group: null };
  if (syntax !== DEFLATED) return declared(await walk(read, meta.end, source.size, form), form.little, syntax);
  const { head, size, over } = await unpack(piecesOf(source, meta.end), 'deflate', { max, keep: KEPT });
  if (over) return 'bomb';
  const unpacked = createReader({ bytes: async (at, length) => head.subarray(at, at + length) });
  return declared(await walk(unpacked, 0, size, form), true, syntax);
}

interface Form {
  readonly little: boolean;
  readonly explicit: boolean;
  /** Only elements of this group are gone through. */
  readonly group: number | null;
}

interface Walked {
  readonly values: ReadonlyMap<number, Buffer>;
  readonly pixelBytes: number | null;
  readonly end: number;
}

/** Goes from element to element up to the pixels. Items of sequences without a length are gone through like the rest. */
async function walk(read: ReadBytes, begin: number, size: number, form: Form): Promise<Walked> {
  const values = new Map<number, Buffer>();
  for (let at = begin; ; ) {
    const element = elementOf(await read(at, 12), form);
    if (!element || (form.group !== null && element.tag >>> 16 !== form.group)) {
      return { values, pixelBytes: null, end: at };
    }
    const { tag, head, length } = element;
    const value = at + head;
    if (tag === PIXELS) {
      return { values, pixelBytes: Math.min(length, size - value), end: value };
    }
    if (length <= VALUE_MAX && !values.has(tag)) values.set(tag, Buffer.from(await read(value, length)));
    at = length === UNDEFINED || tag === 0xfffee000 ? value : value + length;
  }
}

function elementOf(bytes: Buffer, { little, explicit }: Form): { tag: number; head: number; length: number } | null {
  if (bytes.length < 8) return null;
  const short = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const tag = short(0) * 0x10000 + short(2);
  if (!explicit || short(0) === 0xfffe) return { tag, head: 8, length: long(4) };
  if (!LONG.test(bytes.toString('latin1', 4, 6))) return { tag, head: 8, length: short(6) };
  return bytes.length < 12 ? null : { tag, head: 12, length: long(8) };
}

function declared({ values, pixelBytes }: Walked, little: boolean, syntax: string): Declared {
  const short = (tag: number) => {
    const value = values.get(tag);
    return !value || value.length < 2 ? 0 : little ? value.readUInt16LE(0) : value.readUInt16BE(0);
  };
  const [rows, columns] = [short(0x00280010), short(0x00280011)];
  const [samples, bits] = [short(0x00280002), short(0x00280100)];
  const isPlain = /^(?:1\.2\.840\.10008\.1\.2|1\.2\.840\.10008\.1\.2\.[12]|1\.2\.840\.10008\.1\.2\.1\.99)$/.test(
    syntax,
  );
  // Colours that neighbours share take less.
  const shares = /42[02]/.test(text(values.get(0x00280004)));
  return {
    rows,
    columns,
    frames: Math.max(1, Number.parseInt(text(values.get(0x00280008)), 10) || 1),
    frameBytes: isPlain && !shares ? Math.floor((rows * columns * samples * bits) / 8) : null,
    pixelBytes,
  };
}

function text(value: Buffer | undefined): string {
  return (value?.toString('latin1') ?? '').replace(/[\0 ]+$/, '').trim();
}

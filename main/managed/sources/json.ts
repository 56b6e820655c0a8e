import { parse } from 'lossless-json';
import { type Found, UNUSABLE } from './source.ts';

/** Far deeper than any setting goes; what compares and checks documents goes down by calls. */
const DEPTH_MAX = 32;

/**
 * The value of a JSON text (RFC 8259); throws where it is none. Of a name that is there twice with different values, nobody
 * can say which was meant.
 */
export function jsonValue(text: string): unknown {
  const value = parse(text, null, { parseNumber: Number, onDuplicateKey: () => UNUSABLE });
  if (isDeeper(value, DEPTH_MAX)) throw new SyntaxError('too deep');
  return value;
}

/** The document of a file: UTF-8, with or without the byte order mark that some editors write. */
export function foundInJson(bytes: Uint8Array): Found {
  try {
    // A byte that is no UTF-8 is an error, and not some other letter.
    return { kind: 'document', document: jsonValue(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return { kind: 'problem', code: 'not-json' };
  }
}

function isDeeper(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((one) => isDeeper(one, left - 1));
}

import type { Written } from '../support.ts';
import { type Attack, flipped } from './tools.ts';

export const ofTheSignature: readonly Attack[] = [
  {
    name: 'signature removed',
    code: 'signature-invalid',
    attack: ({ signed }) => ({ of: signed, bytes: signed.bytes.subarray(0, -signatureLength(signed)) }),
  },
  {
    name: 'bit flip: signature',
    code: 'signature-invalid',
    attack: ({ signed }) => ({ of: signed, bytes: flipped(signed.bytes, signed.bytes.length - 1) }),
  },
  {
    name: 'bytes after the signature',
    code: 'signature-invalid',
    attack: ({ signed }) => ({ of: signed, bytes: Buffer.concat([signed.bytes, Buffer.from('more')]) }),
  },
  {
    name: 'the signed suite made the unsigned one',
    code: 'message-header-invalid',
    attack: ({ signed }) => ({ of: signed, bytes: flipped(signed.bytes.subarray(0, -signatureLength(signed)), 1) }),
  },
  {
    name: "the signer's key changed",
    code: 'message-header-invalid',
    attack: ({ signed }) => ({
      of: signed,
      bytes: flipped(signed.bytes, signed.bytes.indexOf('aws-crypto-public-key') + 30),
    }),
  },
];

/** Of 200,000 bytes: three whole frames and one of 3,392. */
function signatureLength({ bytes, spooled }: Written): number {
  return bytes.length - spooled.headerLength - 3 * (65_536 + 32) - (40 + 3_392);
}

export const ofTheDocument: readonly Attack[] = [
  {
    name: 'another length than the document says',
    code: 'ciphertext-length',
    attack: ({ message }) => ({ bytes: message.bytes.subarray(0, -100), documentUntouched: true }),
  },
  {
    name: 'a damaged download',
    code: 'ciphertext-hash',
    attack: ({ message }) => ({ bytes: flipped(message.bytes, message.bytes.length - 9), documentUntouched: true }),
  },
  {
    name: 'a damaged download, in its header',
    code: 'ciphertext-hash',
    attack: ({ message }) => ({ bytes: flipped(message.bytes, 40), documentUntouched: true }),
  },
  {
    name: 'another hash than the document says',
    code: 'ciphertext-hash',
    attack: ({ message }) => ({ bytes: message.bytes, envelope: { sha256: Buffer.alloc(32).toString('base64') } }),
  },
  {
    name: 'a document that names another kind of file',
    code: 'content-type-mismatch',
    attack: ({ message }) => ({ bytes: message.bytes, envelope: { kind: 'image' } }),
  },
  {
    name: 'an archive that was announced as a PDF file',
    code: 'content-type-mismatch',
    attack: ({ archive }) => ({ bytes: archive.bytes, of: archive, envelope: { kind: 'pdf' } }),
  },
  {
    name: 'a script that begins like a PDF file',
    code: 'content-type-mismatch',
    attack: ({ polyglot }) => ({ bytes: polyglot.bytes, of: polyglot, envelope: { kind: 'text' } }),
  },
];

import { createReceiver, sealTo } from '../../cache/handover.ts';
import { openText } from '../fields/jwe.ts';
import { thumbprintOf } from '../format/wrapping.ts';
import type { DocumentsProcess } from '../types.ts';
import { newKeyPair as makePair, openFor } from './device.ts';

/** What works with the device's private keys, in the documents process. */
export interface SecretKeys extends Pick<DocumentsProcess, 'handoverKey' | 'newPair' | 'openSecret' | 'openFieldText'> {
  /** The keys themselves. */
  opened(sealed: readonly Uint8Array[]): JsonWebKey[];
}

/** They come sealed, and are kept by their thumbprints: importing one costs as much as using it. */
export function createSecretKeys(newKeyPair: () => Promise<JsonWebKey> = makePair): SecretKeys {
  const receiver = createReceiver();
  const known = new Map<string, JsonWebKey>();

  function opened(sealed: readonly Uint8Array[]): JsonWebKey[] {
    return sealed.map((one) => {
      const bytes = receiver.open(one);
      const jwk = JSON.parse(bytes.toString()) as JsonWebKey;
      bytes.fill(0);
      const thumbprint = thumbprintOf(jwk);
      if (!known.has(thumbprint)) known.set(thumbprint, jwk);
      return known.get(thumbprint) ?? jwk;
    });
  }

  return {
    opened,
    handoverKey: async () => receiver.publicKey,
    async newPair({ to }) {
      const jwk = await newKeyPair();
      const sealed = sealTo(to, Buffer.from(JSON.stringify(jwk)));
      return { thumbprint: thumbprintOf(jwk), sealed };
    },
    async openSecret({ key, jwe, typ }) {
      const [jwk] = opened([key]);
      return jwk ? openFor(jwk, jwe, typ) : null;
    },
    openFieldText: ({ jwe, keys, expected, granted }) => openText(jwe, opened(keys), expected, granted),
  };
}

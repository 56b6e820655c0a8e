import {
  EncryptedDataKey,
  type KeyringNode,
  NodeAlgorithmSuite,
  NodeDecryptionMaterial,
  unwrapDataKey,
} from '@aws-crypto/material-management-node';
import { unwrapByEcdh } from '../../main/documents/format/ecdh.ts';
import type { Header } from '../../main/documents/format/header.ts';
import { DATA_KEY_LENGTH, PROVIDER, PROVIDER_ECDH } from '../../main/documents/format/limits.ts';
import type { KmsClients } from '../../main/documents/format/recipients.ts';
import type { WrappedKey } from '../../main/documents/types.ts';
import type { OrganisationKeys } from './organisation.ts';

/** Opens a message's data key where the organisation's private key is; null where the message isn't for it. */
export type Unwrapper = (header: Header) => Promise<Buffer | null>;

/** In the token, by PKCS#11. */
export function byToken(
  keys: Pick<OrganisationKeys, 'wrapping' | 'unwrap' | 'ecdh' | 'agree'>,
): (header: Pick<Header, 'keys'> & Partial<Pick<Header, 'context'>>) => Promise<Buffer | null> {
  return async (header) => {
    const own = new Set(keys.wrapping().map(({ thumbprint }) => thumbprint));
    const ownEcdh = new Set(keys.ecdh().map(({ thumbprint }) => thumbprint));
    const opened = ({ provider, info, ciphertext }: WrappedKey) => {
      const wrapped = Buffer.from(ciphertext, 'base64');
      if (provider === PROVIDER && own.has(info)) return keys.unwrap(info, wrapped);
      if (provider !== PROVIDER_ECDH || !ownEcdh.has(info)) return null;
      return unwrapByEcdh(wrapped, info, header.context ?? {}, (point) => keys.agree(info, point));
    };
    for (const key of header.keys) {
      const dataKey = opened(key);
      if (dataKey?.length === DATA_KEY_LENGTH) return dataKey;
    }
    return null;
  };
}

/** In AWS KMS, by the keys of these ARNs; without clients by the SDK's own, which finds its credentials itself. */
export async function byKms(arns: readonly string[], clients?: KmsClients): Promise<Unwrapper> {
  const { KmsKeyringNode } = await import('@aws-crypto/kms-keyring-node');
  const keyIds = [...arns];
  const keyring: KeyringNode = new KmsKeyringNode(clients ? { keyIds, clientProvider: clients as never } : { keyIds });
  return async ({ suite, context, keys }) => {
    const material = new NodeDecryptionMaterial(new NodeAlgorithmSuite(suite), { ...context });
    const wrapped = keys.map(
      ({ provider, info, ciphertext }) =>
        new EncryptedDataKey({
          providerId: provider,
          providerInfo: info,
          encryptedDataKey: Buffer.from(ciphertext, 'base64'),
        }),
    );
    const opened = await keyring.onDecrypt(material, wrapped).catch(() => null);
    if (!opened?.hasUnencryptedDataKey) return null;
    const dataKey = Buffer.from(unwrapDataKey(opened.getUnencryptedDataKey()));
    opened.zeroUnencryptedDataKey();
    return dataKey;
  };
}

/** The first that opens it. */
export function firstOf(unwrappers: readonly Unwrapper[]): Unwrapper {
  return async (header) => {
    for (const unwrap of unwrappers) {
      const dataKey = await unwrap(header);
      if (dataKey) return dataKey;
    }
    return null;
  };
}

import { randomFillSync } from 'node:crypto';
import {
  immutableClass,
  KeyringNode,
  KeyringTraceFlag,
  NodeAlgorithmSuite,
  type NodeDecryptionMaterial,
  NodeEncryptionMaterial,
} from '@aws-crypto/material-management-node';
import { RawRsaKeyringNode } from '@aws-crypto/raw-rsa-keyring-node';
import { no } from '../errors.ts';
import type { Answer, EncryptError, Recipient, WrappedKey } from '../types.ts';
import { EcdhKeyring, readEcdhPem } from './ecdh.ts';
import { type Header, withKeys } from './header.ts';
import { DATA_KEY_LENGTH, KEYS_MAX, PROVIDER } from './limits.ts';
import { isRecipient } from './wrapping.ts';

/** What the keyring of AWS KMS asks of KMS (the SDK's `KMS`, or something that stands in for it). */
export interface KmsClient {
  encrypt(request: object): Promise<{ readonly CiphertextBlob?: Uint8Array; readonly KeyId?: string }>;
  decrypt(request: object): Promise<{ readonly Plaintext?: Uint8Array; readonly KeyId?: string }>;
  generateDataKey(request: object): Promise<{
    readonly Plaintext?: Uint8Array;
    readonly CiphertextBlob?: Uint8Array;
    readonly KeyId?: string;
  }>;
}

/** Answers a region's KMS; without it the SDK's own client is used. */
export type KmsClients = (region: string) => KmsClient;

const trace = (flags: KeyringTraceFlag) => ({ keyName: 'data key', keyNamespace: PROVIDER, flags });

/** A key management service that doesn't answer, or refuses. */
export class UnreachableError extends Error {}

/** Makes the data key here, so that none of the recipients is a special one, and wraps it for all of them. */
class RecipientsKeyring extends KeyringNode {
  readonly #recipients: readonly KeyringNode[];
  constructor(recipients: readonly KeyringNode[]) {
    super();
    this.#recipients = recipients;
  }
  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    if (!material.hasUnencryptedDataKey) {
      const dataKey = randomFillSync(new Uint8Array(DATA_KEY_LENGTH));
      material.setUnencryptedDataKey(dataKey, trace(KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY));
    }
    for (const recipient of this.#recipients) {
      await recipient.onEncrypt(material).catch((cause) => {
        throw new UnreachableError('A data key could not be wrapped.', { cause });
      });
    }
    return material;
  }
  override async _onDecrypt(material: NodeDecryptionMaterial): Promise<NodeDecryptionMaterial> {
    return material;
  }
}
immutableClass(RecipientsKeyring);

/** Decrypts with a data key that was unwrapped before. */
export class UnwrappedKeyring extends KeyringNode {
  readonly #dataKey: Uint8Array;
  constructor(dataKey: Uint8Array) {
    super();
    // The SDK overwrites what it is given when it is done.
    this.#dataKey = new Uint8Array(dataKey);
  }
  override async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    return material;
  }
  override async _onDecrypt(material: NodeDecryptionMaterial): Promise<NodeDecryptionMaterial> {
    return material.setUnencryptedDataKey(this.#dataKey, trace(KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY));
  }
}
immutableClass(UnwrappedKeyring);

type Refused = Extract<EncryptError, 'recipients-missing' | 'recipient-invalid'>;

/** Wraps a data key for each of the recipients, all of whom must be in order. */
export async function recipientsKeyring(
  recipients: readonly Recipient[],
  kmsClients?: KmsClients,
): Promise<Answer<KeyringNode, Refused>> {
  if (recipients.length === 0) return no('recipients-missing');
  if (recipients.length > KEYS_MAX || !recipients.every(isRecipient)) {
    return no('recipient-invalid');
  }
  const children = await Promise.all(recipients.map((recipient) => keyringOf(recipient, kmsClients)));
  return { ok: true, value: new RecipientsKeyring(children) };
}

async function keyringOf(recipient: Recipient, kmsClients?: KmsClients): Promise<KeyringNode> {
  if (recipient.kind === 'rsa') {
    const { thumbprint: keyName, publicKey } = recipient;
    return new RawRsaKeyringNode({ keyName, keyNamespace: PROVIDER, rsaKey: { publicKey }, oaepHash: 'sha256' });
  }
  if (recipient.kind === 'ecdh-p384') return ecdhKeyring(recipient.publicKey);
  // Large, and needed by few.
  const { KmsKeyringNode } = await import('@aws-crypto/kms-keyring-node');
  const keyIds = [recipient.arn];
  return new KmsKeyringNode(kmsClients ? { keyIds, clientProvider: kmsClients as never } : { keyIds });
}

function ecdhKeyring(publicKey: string): KeyringNode {
  const key = readEcdhPem(publicKey);
  if (!key) throw new Error('a recipient was not looked at');
  return new EcdhKeyring(key);
}

/**
 * The header of a message for other recipients: same message, same context; the body stays as it is. It is read
 * together with the whole stored message, whose own header goes on proving the context.
 */
export async function rewrap(
  header: Header,
  dataKey: Uint8Array,
  recipients: readonly Recipient[],
  kmsClients?: KmsClients,
): Promise<Answer<Header, Refused | 'recipient-unreachable'>> {
  const keyring = await recipientsKeyring(recipients, kmsClients);
  if (!keyring.ok) return keyring;
  try {
    return { ok: true, value: withKeys(header, await wrapWith(keyring.value, header, dataKey), dataKey) };
  } catch (error) {
    if (error instanceof UnreachableError) return no('recipient-unreachable');
    throw error;
  }
}

/** A data key wrapped for recipients, in the context of its message. */
async function wrapWith(keyring: KeyringNode, header: Header, dataKey: Uint8Array): Promise<WrappedKey[]> {
  const material = new NodeEncryptionMaterial(new NodeAlgorithmSuite(header.suite), { ...header.context });
  const flag = KeyringTraceFlag.WRAPPING_KEY_GENERATED_DATA_KEY;
  material.setUnencryptedDataKey(new Uint8Array(dataKey), trace(flag));
  const { encryptedDataKeys } = await keyring.onEncrypt(material);
  material.zeroUnencryptedDataKey();
  return encryptedDataKeys.map(({ providerId, providerInfo, encryptedDataKey }) => ({
    provider: providerId,
    info: providerInfo,
    ciphertext: Buffer.from(encryptedDataKey).toString('base64'),
  }));
}

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KMS, KmsKeyringNode } from '@aws-crypto/kms-keyring-node';
import { NodeAlgorithmSuite, NodeEncryptionMaterial } from '@aws-crypto/material-management-node';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { byKms } from '../../../../build/keys/unwrap.ts';
import { parseHeader, proveHeader } from '../../../../main/documents/format/header.ts';
import { SUITE } from '../../../../main/documents/format/limits.ts';
import { type KmsClients, recipientsKeyring } from '../../../../main/documents/format/recipients.ts';
import { anyContext, encryptWith, must } from './support.ts';

/*
 * No cloud is called: a server on the loopback address answers as the AWS KMS API Reference says (Encrypt, Decrypt,
 * GenerateDataKey; JSON 1.1 protocol), and records what it was asked.
 */

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

interface Asked {
  readonly target: string;
  readonly contentType: string;
  readonly authorization: string;
  readonly body: Record<string, unknown>;
}

const asked: Asked[] = [];
const wrappingKey = randomBytes(32);
let server: Server;
let clients: KmsClients;

const aad = (context: unknown) => Buffer.from(JSON.stringify(Object.entries(context as object).sort()));

function wrap(plaintext: Buffer, context: unknown): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, iv).setAAD(aad(context));
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function unwrap(blob: string, context: unknown): Buffer {
  const bytes = Buffer.from(blob, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', wrappingKey, bytes.subarray(0, 12)).setAAD(aad(context));
  cipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
}

function answer({ target, body }: Asked): object {
  const { EncryptionContext: context } = body;
  const named = { KeyId: ARN, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  if (target === 'TrentService.Encrypt') {
    return { ...named, CiphertextBlob: wrap(Buffer.from(String(body['Plaintext']), 'base64'), context) };
  }
  if (target === 'TrentService.GenerateDataKey') {
    const dataKey = randomBytes(Number(body['NumberOfBytes']));
    return { KeyId: ARN, Plaintext: dataKey.toString('base64'), CiphertextBlob: wrap(dataKey, context) };
  }
  return { ...named, Plaintext: unwrap(String(body['CiphertextBlob']), context).toString('base64') };
}

function reply(one: Asked): readonly [number, object] {
  try {
    return [200, answer(one)];
  } catch {
    return [400, { __type: 'InvalidCiphertextException' }];
  }
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const one = {
      target: String(request.headers['x-amz-target']),
      contentType: String(request.headers['content-type']),
      authorization: String(request.headers.authorization),
      body: JSON.parse(Buffer.concat(chunks).toString()),
    };
    asked.push(one);
    const [status, said] = reply(one);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'synthetic' };
  clients = (region) => new KMS({ region, endpoint, credentials, maxAttempts: 1 }) as never;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  asked.length = 0;
});

const message = async () => {
  const keyring = must(await recipientsKeyring([{ kind: 'aws-kms', arn: ARN }], clients));
  return encryptWith(keyring, anyContext);
};

test('KMS wraps the data key in the message’s context, by Encrypt', async () => {
  const { header } = await message();
  expect(asked).toHaveLength(1);
  const [{ target, contentType, authorization, body }] = asked as [Asked];
  expect(target).toBe('TrentService.Encrypt');
  expect(contentType).toBe('application/x-amz-json-1.1');
  expect(authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/eu-central-1\/kms\/aws4_request/,
  );
  expect(Object.keys(body).sort()).toEqual(['EncryptionContext', 'KeyId', 'Plaintext']);
  expect(body).toMatchObject({ KeyId: ARN, EncryptionContext: anyContext });
  expect(Buffer.from(String(body['Plaintext']), 'base64')).toHaveLength(32);
  expect(must(parseHeader(header)).keys).toMatchObject([{ provider: 'aws-kms', info: ARN }]);
});

test('KMS opens the data key in the message’s context, by Decrypt', async () => {
  const parsed = must(parseHeader((await message()).header));
  asked.length = 0;
  const unwrapper = await byKms([ARN], clients);
  const dataKey = await unwrapper(parsed);
  expect(proveHeader(parsed, dataKey as Buffer)).toBe('original');
  const [{ target, body }] = asked as [Asked];
  expect(target).toBe('TrentService.Decrypt');
  expect(body).toEqual({ KeyId: ARN, CiphertextBlob: parsed.keys[0]?.ciphertext, EncryptionContext: anyContext });
  // In another context KMS refuses, and a message that isn't for the key is not asked about.
  expect(await unwrapper({ ...parsed, context: { ...anyContext, patient: 'other' } })).toBeNull();
  asked.length = 0;
  expect(await unwrapper({ ...parsed, keys: [{ provider: 'wardlight', info: 'x', ciphertext: 'AAAA' }] })).toBeNull();
  expect(asked).toEqual([]);
});

test('KMS makes the data key where its keyring is to, by GenerateDataKey', async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: ARN, clientProvider: clients as never });
  const material = new NodeEncryptionMaterial(new NodeAlgorithmSuite(SUITE), { ...anyContext });
  await keyring.onEncrypt(material);
  expect(asked.map(({ target, body }) => ({ target, body }))).toEqual([
    {
      target: 'TrentService.GenerateDataKey',
      body: { KeyId: ARN, NumberOfBytes: 32, EncryptionContext: anyContext },
    },
  ]);
});

test('each region has its own endpoint', async () => {
  for (const region of ['eu-central-1', 'us-gov-west-1']) {
    const { endpointProvider } = new KMS({ region }).config as unknown as {
      endpointProvider: (parameters: object) => { url: URL };
    };
    const { url } = endpointProvider({ Region: region, UseDualStack: false, UseFIPS: false });
    expect(url.href).toBe(`https://kms.${region}.amazonaws.com/`);
  }
});

import { createDecipheriv, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactEncrypt, importSPKI } from 'jose';
import pkcs11 from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeOrganisation, type OrganisationKeys, openOrganisation } from '../../../../build/keys/organisation.ts';
import { moduleOf, modulusOf, privateKey, type TokenKind } from '../../../../build/keys/token.ts';
import { parseHeader, proveHeader } from '../../../../main/documents/format/header.ts';
import { decryption } from '../../../../main/documents/format/streams.ts';
import type { PublicKey } from '../../../../main/documents/keys/public-keys.ts';
import { encrypt, folderOf, must, PIN, through } from './support.ts';

/** AES key of the session that may wrap others, which is how a key would be taken out. */
function wrappingKey({ library, handle }: OrganisationKeys['session']): pkcs11.Handle {
  return library.C_GenerateKey(handle, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
    { type: pkcs11.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11.CKA_WRAP, value: true },
    { type: pkcs11.CKA_EXTRACTABLE, value: true },
  ]);
}

describe.each<TokenKind>(['nss', 'softhsm'])('a token of %s', (kind) => {
  const { folder, remove } = folderOf();
  let keys: OrganisationKeys;
  let key: PublicKey;
  let object: pkcs11.Handle;

  beforeAll(() => {
    makeOrganisation({ folder, pin: PIN, kind, issuer: 'https://keys.wardlight.example' });
    keys = openOrganisation({ folder, pin: PIN });
    key = keys.wrapping()[0]!;
    object = privateKey(keys.session, modulusOf(key.jwk)) as pkcs11.Handle;
  });
  afterAll(() => {
    keys.close();
    remove();
  });

  test('security: the private key is sensitive, was always, and can never be read', () => {
    const { library, handle } = keys.session;
    const said = [
      pkcs11.CKA_SENSITIVE,
      pkcs11.CKA_EXTRACTABLE,
      pkcs11.CKA_ALWAYS_SENSITIVE,
      pkcs11.CKA_NEVER_EXTRACTABLE,
    ].map((type) => (library.C_GetAttributeValue(handle, object, [{ type }])[0]!.value as Buffer)[0]);
    expect(said).toEqual([1, 0, 1, 1]);
    for (const type of [pkcs11.CKA_PRIVATE_EXPONENT, pkcs11.CKA_PRIME_1, pkcs11.CKA_PRIME_2]) {
      expect(() => library.C_GetAttributeValue(handle, object, [{ type }])).toThrow('CKR_ATTRIBUTE_SENSITIVE');
    }
  });

  test('security: the private key decrypts and does nothing else', () => {
    const { library, handle } = keys.session;
    const uses = [pkcs11.CKA_DECRYPT, pkcs11.CKA_SIGN, pkcs11.CKA_SIGN_RECOVER, pkcs11.CKA_UNWRAP, pkcs11.CKA_DERIVE];
    const said = uses.map((type) => (library.C_GetAttributeValue(handle, object, [{ type }])[0]!.value as Buffer)[0]);
    expect(said).toEqual([1, 0, 0, 0, 0]);
  });

  // NSS 3.87 wraps it all the same (docs/decisions/0051): its token shows the mechanism, not the protection.
  test.runIf(kind === 'softhsm')('security: the private key can’t be taken out by wrapping it', () => {
    const { library, handle } = keys.session;
    const wrap = { mechanism: pkcs11.CKM_AES_KEY_WRAP_PAD };
    const out = Buffer.alloc(4_096);
    const taking = () => library.C_WrapKey(handle, wrap, wrappingKey(keys.session), object, out);
    expect(taking).toThrow('CKR_KEY_UNEXTRACTABLE');
  });

  test('a file’s data key is unwrapped by the token, and the file opens with it', async () => {
    const { message, header } = await encrypt([{ kind: 'rsa', ...key }], { v: '1', patient: 'p' }, 'x'.repeat(200_000));
    const parsed = must(parseHeader(header));
    const dataKey = keys.unwrap(key.thumbprint, Buffer.from(parsed.keys[0]!.ciphertext, 'base64'))!;
    expect(proveHeader(parsed, dataKey)).toBe('original');
    expect(
      (
        await through(
          decryption(parsed, dataKey, () => []),
          message,
        )
      ).length,
    ).toBe(200_000);
  });

  test('a field’s content key is unwrapped by the token, and the field opens with it', async () => {
    const jwe = await new CompactEncrypt(Buffer.from('a synthetic note'))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
      .encrypt(await importSPKI(key.publicKey, 'RSA-OAEP-256'));
    const [header = '', wrapped = '', iv = '', ciphertext = '', tag = ''] = jwe.split('.');
    const bytes = (part: string) => Buffer.from(part, 'base64url');
    const opened = createDecipheriv('aes-256-gcm', keys.unwrap(key.thumbprint, bytes(wrapped))!, bytes(iv))
      .setAAD(Buffer.from(header))
      .setAuthTag(bytes(tag));
    expect(Buffer.concat([opened.update(bytes(ciphertext)), opened.final()]).toString()).toBe('a synthetic note');
  });

  test('what isn’t for the key, or was changed, is not unwrapped', () => {
    const secret = randomBytes(32);
    const wrapped = publicEncrypt({ key: key.publicKey, oaepHash: 'sha256' }, secret);
    expect(keys.unwrap(key.thumbprint, wrapped)?.equals(secret)).toBe(true);
    for (let at = 0; at < wrapped.length; at += 97) {
      const changed = Buffer.from(wrapped);
      changed[at]! ^= 1;
      expect(keys.unwrap(key.thumbprint, changed)).toBeNull();
    }
    const other = publicEncrypt({ key: key.publicKey, oaepHash: 'sha1' }, secret);
    const labelled = publicEncrypt({ key: key.publicKey, oaepHash: 'sha256', oaepLabel: Buffer.from('x') }, secret);
    for (const one of [other, labelled, Buffer.alloc(384), Buffer.alloc(3)]) {
      expect(keys.unwrap(key.thumbprint, one)).toBeNull();
    }
    expect(keys.unwrap('A'.repeat(43), wrapped)).toBeNull();
  });

  test('what it signs is the organisation’s, and the keys are the same when they are opened again', () => {
    const [header, payload, signature] = keys.signed('t', { a: 1 }).split('.');
    const publicKey = createPublicKey(keys.signingKeys()[0]?.key ?? '');
    expect(
      verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature ?? '', 'base64url')),
    ).toBe(true);
    const before = keys.contextKey();
    keys.close();
    expect(() => openOrganisation({ folder, pin: 'wrong-pin' })).toThrow();
    keys = openOrganisation({ folder, pin: PIN });
    expect(keys.contextKey().equals(before)).toBe(true);
    expect(keys.wrapping()[0]?.thumbprint).toBe(key.thumbprint);
    object = privateKey(keys.session, modulusOf(key.jwk)) as pkcs11.Handle;
  });

  test('security: the context key lies in no file of the folder', () => {
    const contextKey = keys.contextKey();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    for (const { parentPath, name } of files) {
      const content = readFileSync(join(parentPath, name));
      for (const form of [
        contextKey,
        contextKey.toString('base64'),
        contextKey.toString('base64url'),
        contextKey.toString('hex'),
      ]) {
        expect(content.includes(form)).toBe(false);
      }
    }
    expect(files.length).toBeGreaterThan(1);
  });
});

test('both modules are here: set-up installs them', () => {
  expect([moduleOf('nss'), moduleOf('softhsm')]).not.toContain(null);
});

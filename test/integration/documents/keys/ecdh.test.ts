import pkcs11 from 'pkcs11js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeOrganisation, type OrganisationKeys, openOrganisation } from '../../../../build/keys/organisation.ts';
import { privateKey } from '../../../../build/keys/token.ts';
import { byToken } from '../../../../build/keys/unwrap.ts';
import type { EcdhKey } from '../../../../main/documents/format/ecdh.ts';
import { parseHeader, proveHeader, withKeys } from '../../../../main/documents/format/header.ts';
import { decryption } from '../../../../main/documents/format/streams.ts';
import { encrypt, folderOf, must, PIN, through } from './support.ts';

/* P-384 keys in SoftHSM: the same of RSA is in tokens.test.ts. */

const { folder, remove } = folderOf();
let keys: OrganisationKeys;
let key: EcdhKey;
let object: pkcs11.Handle;

beforeAll(() => {
  makeOrganisation({ folder, pin: PIN, kind: 'softhsm', issuer: 'https://keys.wardlight.example' });
  keys = openOrganisation({ folder, pin: PIN });
  expect(keys.ecdh()).toEqual([]);
  key = keys.rotateEcdh()!;
  object = privateKey(keys.session, [{ type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_EC }])!;
});
afterAll(() => {
  keys.close();
  remove();
});

const forKey = (one: EcdhKey) => ({ kind: 'ecdh-p384', thumbprint: one.thumbprint, publicKey: one.publicKey }) as const;
const attribute = (type: number) =>
  (keys.session.library.C_GetAttributeValue(keys.session.handle, object, [{ type }])[0]!.value as Buffer)[0];

describe('a P-384 key in the token', () => {
  test('security: is sensitive, was always, can never be read, and derives and does nothing else', () => {
    const { library, handle } = keys.session;
    const guarded = [
      pkcs11.CKA_SENSITIVE,
      pkcs11.CKA_EXTRACTABLE,
      pkcs11.CKA_ALWAYS_SENSITIVE,
      pkcs11.CKA_NEVER_EXTRACTABLE,
    ];
    expect(guarded.map(attribute)).toEqual([1, 0, 1, 1]);
    const uses = [pkcs11.CKA_DERIVE, pkcs11.CKA_SIGN, pkcs11.CKA_DECRYPT, pkcs11.CKA_UNWRAP, pkcs11.CKA_SIGN_RECOVER];
    expect(uses.map(attribute)).toEqual([1, 0, 0, 0, 0]);
    expect(() => library.C_GetAttributeValue(handle, object, [{ type: pkcs11.CKA_VALUE }])).toThrow(
      'CKR_ATTRIBUTE_SENSITIVE',
    );
  });

  test('security: can’t be taken out by wrapping it', () => {
    const { library, handle } = keys.session;
    const wrapping = library.C_GenerateKey(handle, { mechanism: pkcs11.CKM_AES_KEY_GEN }, [
      { type: pkcs11.CKA_VALUE_LEN, value: 32 },
      { type: pkcs11.CKA_WRAP, value: true },
      { type: pkcs11.CKA_EXTRACTABLE, value: true },
    ]);
    const wrap = { mechanism: pkcs11.CKM_AES_KEY_WRAP_PAD };
    const taking = () => library.C_WrapKey(handle, wrap, wrapping, object, Buffer.alloc(4_096));
    expect(taking).toThrow('CKR_KEY_UNEXTRACTABLE');
  });

  test('opens a file that is for it alone, many times, and leaves no secret in the token', async () => {
    const unwrap = byToken(keys);
    // One shared secret in 256 begins with a zero.
    for (let turn = 0; turn < 100; turn += 1) {
      const header = must(parseHeader((await encrypt([forKey(key)], {})).header));
      expect(header.keys.map(({ provider, info }) => [provider, info])).toEqual([
        ['wardlight-ecdh-p384', key.thumbprint],
      ]);
      expect(proveHeader(header, (await unwrap(header))!)).toBe('original');
    }
    const { header, message } = await encrypt([forKey(key)], {}, 'x'.repeat(200_000));
    const parsed = must(parseHeader(header));
    const stream = decryption(parsed, (await unwrap(parsed))!, () => []);
    expect((await through(stream, message)).length).toBe(200_000);
    const { library, handle } = keys.session;
    library.C_FindObjectsInit(handle, [{ type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_GENERIC_SECRET }]);
    const left = library.C_FindObjects(handle, 10);
    library.C_FindObjectsFinal(handle);
    expect(left).toEqual([]);
  });

  test('security: opens nothing that was changed, or put into another message', async () => {
    const unwrap = byToken(keys);
    const [one, other] = [
      must(parseHeader((await encrypt([forKey(key)], { patient: 'p1' })).header)),
      must(parseHeader((await encrypt([forKey(key)], { patient: 'p2' })).header)),
    ];
    const spliced = withKeys(other, one.keys, Buffer.alloc(32));
    expect(await unwrap(spliced)).toBeNull();
    const wrapped = Buffer.from(one.keys[0]!.ciphertext, 'base64');
    for (let at = 0; at < wrapped.length; at += 1) {
      const changed = Buffer.from(wrapped);
      changed[at]! ^= 0x80;
      const ciphertext = changed.toString('base64');
      const header = withKeys(one, [{ ...one.keys[0]!, ciphertext }], Buffer.alloc(32));
      expect(await unwrap(header), `byte ${at}`).toBeNull();
    }
  });

  test('that was turned still opens what is older, in another session too', async () => {
    const before = must(parseHeader((await encrypt([forKey(key)], {})).header));
    const fresh = keys.rotateEcdh()!;
    expect(keys.ecdh().map(({ thumbprint }) => thumbprint)).toEqual([fresh.thumbprint, key.thumbprint]);
    keys.close();
    keys = openOrganisation({ folder, pin: PIN });
    const after = must(parseHeader((await encrypt([forKey(fresh)], {})).header));
    for (const header of [before, after]) {
      expect(proveHeader(header, (await byToken(keys)(header))!)).toBe('original');
    }
  });
});

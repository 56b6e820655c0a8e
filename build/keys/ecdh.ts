import pkcs11 from 'pkcs11js';
import { LABEL, ownFor, privateKey, type Session } from './token.ts';

/*
 * P-384 keys in a token, which agree on a shared secret and do nothing else. The secret leaves the token, as a data key
 * does: what is derived of it opens the one message. The private key doesn't.
 */

/** DER of the OID of P-384 (RFC 5480, section 2.1.1.1). */
const P384 = Buffer.from('06052b81040022', 'hex');
const POINT_LENGTH = 97;
const SECRET_LENGTH = 48;
const secret = [
  { type: pkcs11.CKA_CLASS, value: pkcs11.CKO_SECRET_KEY },
  { type: pkcs11.CKA_KEY_TYPE, value: pkcs11.CKK_GENERIC_SECRET },
  { type: pkcs11.CKA_TOKEN, value: false },
  { type: pkcs11.CKA_SENSITIVE, value: false },
  { type: pkcs11.CKA_EXTRACTABLE, value: true },
  { type: pkcs11.CKA_VALUE_LEN, value: SECRET_LENGTH },
];

/** Makes a P-384 pair of that name; answers its public key, an uncompressed point. */
export function makeEcdh({ library, handle }: Session, id: Buffer): Buffer {
  const named = [
    { type: pkcs11.CKA_LABEL, value: LABEL },
    { type: pkcs11.CKA_ID, value: id },
  ];
  const { publicKey } = library.C_GenerateKeyPair(
    handle,
    { mechanism: pkcs11.CKM_EC_KEY_PAIR_GEN },
    [
      { type: pkcs11.CKA_TOKEN, value: true },
      { type: pkcs11.CKA_DERIVE, value: true },
      { type: pkcs11.CKA_VERIFY, value: false },
      { type: pkcs11.CKA_EC_PARAMS, value: P384 },
      ...named,
    ],
    [...ownFor(pkcs11.CKA_DERIVE), ...named],
  );
  const point = library.C_GetAttributeValue(handle, publicKey, [{ type: pkcs11.CKA_EC_POINT }])[0]!.value as Buffer;
  // In an OCTET STRING.
  return Buffer.from(point.subarray(-POINT_LENGTH));
}

/** The shared secret (x-coordinate) of the key of that name and a point on the curve; null where there is no such key. */
export function agree({ library, handle }: Session, id: Buffer, point: Buffer): Buffer | null {
  const key = privateKey({ library, handle }, [{ type: pkcs11.CKA_ID, value: id }]);
  if (key === null) return null;
  const parameter = { type: pkcs11.CK_PARAMS_EC_DH, kdf: pkcs11.CKD_NULL, publicData: point };
  const derived = library.C_DeriveKey(handle, { mechanism: pkcs11.CKM_ECDH1_DERIVE, parameter }, key, secret);
  try {
    return library.C_GetAttributeValue(handle, derived, [{ type: pkcs11.CKA_VALUE }])[0]!.value as Buffer;
  } finally {
    library.C_DestroyObject(handle, derived);
  }
}

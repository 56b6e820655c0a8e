import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pkcs11 from 'pkcs11js';
import { unpad } from './oaep.ts';

/*
 * The organisation's private keys, in a token that is spoken to by PKCS#11 (OASIS, version 2.40): they are made there,
 * are used there, and are marked never to leave.
 */

/** `nss`: softokn of NSS, which knows OAEP with SHA-256; `softhsm`: SoftHSM 2, which knows Ed25519. */
export type TokenKind = 'nss' | 'softhsm';

export interface RsaPublic {
  /** base64url. */
  readonly n: string;
  readonly e: string;
}

export interface Token {
  /** Makes an RSA pair of 3072 bits that decrypts and does nothing else. */
  makeRsa(): RsaPublic;
  /** RSAES-OAEP with SHA-256 within the token; null where the ciphertext isn't for the key, or there is no such key. */
  unwrap(key: RsaPublic, ciphertext: Uint8Array): Buffer | null;
  /** Makes an Ed25519 pair of that name; answers the public key (32 bytes). @throws where the token can't */
  makeEd25519(id: Buffer): Buffer;
  sign(id: Buffer, data: Uint8Array): Buffer;
  close(): void;
}

/** Where distributions have the modules. */
const modules: Readonly<Record<TokenKind, readonly string[]>> = {
  nss: [
    '/usr/lib/x86_64-linux-gnu/libsoftokn3.so',
    '/usr/lib/aarch64-linux-gnu/libsoftokn3.so',
    '/usr/lib/x86_64-linux-gnu/nss/libsoftokn3.so',
    '/usr/lib64/libsoftokn3.so',
  ],
  softhsm: ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/softhsm/libsofthsm.so', '/usr/lib64/pkcs11/libsofthsm2.so'],
};

/** Path of the module; null where it isn't installed. */
export function moduleOf(kind: TokenKind): string | null {
  return modules[kind].find((path) => existsSync(path)) ?? null;
}

/** Name of what is ours in a token. */
export const LABEL = 'wardlight';
/** Version 3.0 of the standard, which pkcs11js doesn't name. */
const EC_EDWARDS_PAIR = 0x1055;
const EDDSA = 0x1057;
/** DER of the OID of Ed25519 (RFC 8410, section 3). */
const ED25519 = Buffer.from('06032b6570', 'hex');

const own = [
  { type: pkcs11.CKA_TOKEN, value: true },
  { type: pkcs11.CKA_PRIVATE, value: true },
  { type: pkcs11.CKA_SENSITIVE, value: true },
  { type: pkcs11.CKA_EXTRACTABLE, value: false },
];

/** What a key could be for. Some modules allow what isn't forbidden. */
const uses = [
  pkcs11.CKA_SIGN,
  pkcs11.CKA_SIGN_RECOVER,
  pkcs11.CKA_DECRYPT,
  pkcs11.CKA_UNWRAP,
  pkcs11.CKA_DERIVE,
] as const;

/** Of a private key that is for one use. */
export function ownFor(use: (typeof uses)[number]): pkcs11.Template {
  return [...own, ...uses.map((type) => ({ type, value: type === use }))];
}

const oaep = {
  mechanism: pkcs11.CKM_RSA_PKCS_OAEP,
  parameter: {
    type: pkcs11.CK_PARAMS_RSA_OAEP,
    hashAlg: pkcs11.CKM_SHA256,
    mgf: pkcs11.CKG_MGF1_SHA256,
    source: 1,
    sourceData: Buffer.alloc(0),
  },
};

export interface OpenToken {
  readonly kind: TokenKind;
  /** Folder of the token's own files. */
  readonly folder: string;
  readonly pin: string;
  /** Makes the token, where there must be none. */
  readonly create?: boolean;
}

/** An opened session, for what tests look at besides. */
export interface Session {
  readonly library: pkcs11.PKCS11;
  readonly handle: pkcs11.Handle;
}

/** Opens a token. A process has one token of a kind open at a time: the modules keep their state for the process. */
export function openToken(options: OpenToken): Token & Session {
  const path = moduleOf(options.kind);
  if (path === null) throw new Error(`no PKCS#11 module: ${options.kind}`);
  const library = initialised(path, options);
  try {
    const handle = signedIn(library, options);
    return { library, handle, ...operations(library, handle, options.kind) };
  } catch (error) {
    library.C_Finalize();
    throw error;
  }
}

function initialised(path: string, { kind, folder }: OpenToken): pkcs11.PKCS11 {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const library = new pkcs11.PKCS11();
  library.load(path);
  if (kind === 'nss') {
    const libraryParameters = `configdir='sql:${folder}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`;
    library.C_Initialize({ libraryParameters });
    return library;
  }
  const tokens = join(folder, 'tokens');
  mkdirSync(tokens, { recursive: true, mode: 0o700 });
  const settings = join(folder, 'softhsm2.conf');
  writeFileSync(settings, `directories.tokendir = ${tokens}\nobjectstore.backend = file\n`, { mode: 0o600 });
  // The one way in which SoftHSM is told.
  process.env['SOFTHSM2_CONF'] = settings;
  library.C_Initialize();
  return library;
}

function signedIn(library: pkcs11.PKCS11, { kind, pin, create = false }: OpenToken): pkcs11.Handle {
  const name = kind === 'nss' ? 'NSS Certificate DB' : LABEL;
  if (create && kind === 'softhsm') {
    const [free] = library.C_GetSlotList(true);
    if (free) library.C_InitToken(free, pin, LABEL);
  }
  const slot = library.C_GetSlotList(true).find((one) => labelOf(library, one) === name);
  if (!slot) throw new Error('no such token');
  const handle = library.C_OpenSession(slot, pkcs11.CKF_SERIAL_SESSION | pkcs11.CKF_RW_SESSION);
  if (create) {
    library.C_Login(handle, pkcs11.CKU_SO, kind === 'nss' ? '' : pin);
    library.C_InitPIN(handle, pin);
    library.C_Logout(handle);
  }
  library.C_Login(handle, pkcs11.CKU_USER, pin);
  return handle;
}

/** Padded with spaces by the standard, with zeros by SoftHSM. */
function labelOf(library: pkcs11.PKCS11, slot: pkcs11.Handle): string {
  return library.C_GetTokenInfo(slot).label.replaceAll('\0', ' ').trim();
}

function operations(library: pkcs11.PKCS11, session: pkcs11.Handle, kind: TokenKind): Token {
  const attribute = (object: pkcs11.Handle, type: number): Buffer =>
    library.C_GetAttributeValue(session, object, [{ type }])[0]!.value as Buffer;

  return {
    makeRsa() {
      const { publicKey } = library.C_GenerateKeyPair(
        session,
        { mechanism: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN },
        [
          { type: pkcs11.CKA_TOKEN, value: true },
          { type: pkcs11.CKA_ENCRYPT, value: true },
          { type: pkcs11.CKA_MODULUS_BITS, value: 3_072 },
          { type: pkcs11.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
          { type: pkcs11.CKA_LABEL, value: LABEL },
        ],
        [...ownFor(pkcs11.CKA_DECRYPT), { type: pkcs11.CKA_LABEL, value: LABEL }],
      );
      const [n, e] = [pkcs11.CKA_MODULUS, pkcs11.CKA_PUBLIC_EXPONENT].map((type) => attribute(publicKey, type));
      return { n: numberOf(n!), e: numberOf(e!) };
    },
    unwrap(key, ciphertext) {
      const found = privateKey({ library, handle: session }, modulusOf(key));
      if (found === null) return null;
      const out = Buffer.alloc(1_024);
      try {
        // SoftHSM 2.6 knows OAEP with SHA-1 only.
        library.C_DecryptInit(session, kind === 'nss' ? oaep : { mechanism: pkcs11.CKM_RSA_X_509 }, found);
        const plain = library.C_Decrypt(session, Buffer.from(ciphertext), out);
        const secret = kind === 'nss' ? plain : unpad(plain);
        return secret && Buffer.from(secret);
      } catch (error) {
        if (error instanceof pkcs11.Pkcs11Error) return null;
        throw error;
      } finally {
        out.fill(0);
      }
    },
    makeEd25519(id) {
      const named = [
        { type: pkcs11.CKA_LABEL, value: LABEL },
        { type: pkcs11.CKA_ID, value: id },
      ];
      const { publicKey } = library.C_GenerateKeyPair(
        session,
        { mechanism: EC_EDWARDS_PAIR },
        [
          { type: pkcs11.CKA_TOKEN, value: true },
          { type: pkcs11.CKA_VERIFY, value: true },
          { type: pkcs11.CKA_EC_PARAMS, value: ED25519 },
          ...named,
        ],
        [...ownFor(pkcs11.CKA_SIGN), ...named],
      );
      return Buffer.from(attribute(publicKey, pkcs11.CKA_EC_POINT).subarray(-32));
    },
    sign(id, data) {
      const key = privateKey({ library, handle: session }, [{ type: pkcs11.CKA_ID, value: id }]);
      if (key === null) throw new Error('no such signing key');
      library.C_SignInit(session, { mechanism: EDDSA }, key);
      return Buffer.from(library.C_Sign(session, Buffer.from(data), Buffer.alloc(64)));
    },
    close() {
      library.C_CloseSession(session);
      library.C_Finalize();
    },
  };
}

/** The one private key with these attributes; null where there is none. */
export function privateKey({ library, handle }: Session, attributes: pkcs11.Template): pkcs11.Handle | null {
  library.C_FindObjectsInit(handle, [{ type: pkcs11.CKA_CLASS, value: pkcs11.CKO_PRIVATE_KEY }, ...attributes]);
  try {
    return library.C_FindObjects(handle, 1)[0] ?? null;
  } finally {
    library.C_FindObjectsFinal(handle);
  }
}

/** By which the private half of an RSA key is found. */
export function modulusOf({ n }: RsaPublic): pkcs11.Template {
  return [{ type: pkcs11.CKA_MODULUS, value: Buffer.from(n, 'base64url') }];
}

/** A number without the zeros that some modules put before it. */
function numberOf(bytes: Buffer): string {
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0)).toString('base64url');
}

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  CERTIFICATE_TYP,
  REVOCATIONS_TYP,
  readCertificate,
  readRevocations,
} from '../../../../main/documents/keys/certificates.ts';
import { readJwk, readPem, readSigningKey, thumbprintOf } from '../../../../main/documents/keys/public-keys.ts';
import { readSigningKeys } from '../../../../main/documents/keys/signing.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const organisation = generateKeyPairSync('ed25519');
const pinned = readSigningKeys({ signingKeys: [], signingKey: pemOf(organisation.publicKey) })!;
const rsa = generateKeyPairSync('rsa', { modulusLength: 3_072 }).publicKey;
const { n = '', e = '' } = rsa.export({ format: 'jwk' });
const jwk = { kty: 'RSA', n, e };
const jti = thumbprintOf(jwk);
const iat = NOW / 1000 - 60;

const claims = {
  iss: 'https://keys.example',
  sub: 'Practitioner/a',
  device: 'workstation',
  use: 'device',
  jwk,
  jti,
  iat,
  exp: iat + 3_600,
};
const header = { alg: 'EdDSA', typ: CERTIFICATE_TYP, kid: pinned[0]!.kid };

function signed(payload: unknown, head: unknown = header, key = organisation.privateKey): string {
  const text = `${part(head)}.${part(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

const codeOf = (text: string, now = NOW) => {
  const read = readCertificate(text, pinned, now);
  return read.ok ? 'ok' : read.error.code;
};

test('a certificate says whose device’s key it is', () => {
  expect(readCertificate(signed(claims), pinned, NOW)).toEqual({
    ok: true,
    value: {
      thumbprint: jti,
      publicKey: pemOf(rsa),
      jwk,
      practitioner: 'Practitioner/a',
      device: 'workstation',
      issuedAt: iat * 1000,
      expiresAt: (iat + 3_600) * 1000,
      rank: 0,
    },
  });
});

test('the thumbprint is that of RFC 7638, section 3.1', () => {
  const example =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  expect(thumbprintOf({ n: example, e: 'AQAB' })).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('it holds from when it was signed, give or take the clocks, until it runs out', () => {
  const text = signed(claims);
  expect(codeOf(text, (iat - 299) * 1000)).toBe('ok');
  expect(codeOf(text, (iat - 301) * 1000)).toBe('certificate-not-yet-valid');
  expect(codeOf(text, claims.exp * 1000 - 1)).toBe('ok');
  expect(codeOf(text, claims.exp * 1000)).toBe('certificate-expired');
  expect(codeOf(signed({ ...claims, exp: iat }))).toBe('certificate-invalid');
});

test('security: only the pinned key’s signature counts, by the one algorithm', () => {
  const text = signed(claims);
  const [head = '', payload = '', signature = ''] = text.split('.');
  const other = generateKeyPairSync('ed25519').privateKey;
  const refused = [
    signed(claims, header, other),
    signed(claims, { ...header, kid: 'x' }),
    signed(claims, { ...header, alg: 'none' }),
    signed(claims, { ...header, alg: 'HS256' }),
    signed(claims, { ...header, typ: REVOCATIONS_TYP }),
    signed(claims, { ...header, jwk: organisation.publicKey.export({ format: 'jwk' }) }),
    signed(claims, { ...header, crit: ['b64'], b64: false }),
    `${head}.${payload}.`,
    `${head}.${payload}`,
    `${head}.${payload}.${signature}.`,
    `${head}.${payload}.${signature}=`,
    `${head}.${part({ ...claims, sub: 'Practitioner/b' })}.${signature}`,
    '',
    'x'.repeat(3_000_000),
  ];
  for (const one of refused) expect(codeOf(one)).toBe('certificate-invalid');
});

test('security: what is signed must be a certificate of a strong key, under the key’s own name', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' });
  const weakJwk = { kty: 'RSA', n: weak.n ?? '', e: weak.e ?? '' };
  const padded = Buffer.concat([Buffer.alloc(1), Buffer.from(n, 'base64url')]).toString('base64url');
  const refused: object[] = [
    { jti: 'A'.repeat(43) },
    { jwk: weakJwk, jti: thumbprintOf(weakJwk) },
    { jwk: { ...jwk, n: padded }, jti: thumbprintOf({ n: padded, e }) },
    { jwk: { ...jwk, e: 'Aw' }, jti: thumbprintOf({ n, e: 'Aw' }) },
    { jwk: { ...jwk, d: 'AAAA' } },
    { jwk: organisation.publicKey.export({ format: 'jwk' }) },
    { use: 'organisation' },
    { sub: 'Patient/a' },
    { sub: 'Practitioner/a/../b' },
    { more: true },
    { iat: '1' },
  ];
  for (const change of refused) expect(codeOf(signed({ ...claims, ...change }))).toBe('certificate-invalid');
  expect(readJwk({ ...jwk, n: padded })).toBeNull();
});

test('security: a private key is taken for no public one', () => {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 3_072,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  expect(readPem(pair.privateKey)).toBeNull();
  expect(readPem(pair.publicKey)).not.toBeNull();
  expect(readSigningKey(organisation.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeNull();
  expect(readJwk({ ...jwk, d: 'AAAA' })).toBeNull();
});

test('a list of revoked keys is the organisation’s, and not of the future', () => {
  const head = { ...header, typ: REVOCATIONS_TYP };
  const list = { iss: 'x', iat, exp: iat + 60, revoked: [{ jti, at: '2026-03-01T09:00:00Z', reason: 'lost' }] };
  const read = readRevocations(signed(list, head), pinned, NOW);
  expect(read?.revoked.get(jti)).toEqual({ at: '2026-03-01T09:00:00Z', reason: 'lost' });
  // What has run out still revokes.
  expect(readRevocations(signed(list, head), pinned, NOW + 3_600_000)?.revoked.has(jti)).toBe(true);
  expect(readRevocations(signed({ ...list, iat: iat + 3_600 }, head), pinned, NOW)).toBeNull();
  expect(readRevocations(signed(list), pinned, NOW)).toBeNull();
  expect(readRevocations(signed({ ...list, revoked: [{ jti }] }, head), pinned, NOW)).toBeNull();
});

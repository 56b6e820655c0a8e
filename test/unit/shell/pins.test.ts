import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Chain, checkPins } from '../../../main/shell/pins.ts';

const folder = mkdtempSync(join(tmpdir(), 'wardlight-pins-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate that signs itself, and its pin as OpenSSL computes it. */
function certificate(name: string, key: readonly string[]) {
  const file = join(folder, `${name}.pem`);
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const out = ['-keyout', join(folder, `${name}.key`), '-out', file, '-days', '2', '-subj', `/CN=${name}`];
  run('req', '-x509', ...key, '-nodes', ...out);
  run('x509', '-in', file, '-pubkey', '-noout', '-out', join(folder, `${name}.pub`));
  const spki = run('pkey', '-pubin', '-in', join(folder, `${name}.pub`), '-outform', 'der');
  return { pem: readFileSync(file, 'utf8'), pin: createHash('sha256').update(spki).digest('base64') };
}

const P256 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const leaf = certificate('leaf', ['-newkey', 'rsa:2048']);
const authority = certificate('authority', P256);
const stranger = certificate('stranger', P256);
const chain: Chain = { data: leaf.pem, issuerCert: { data: authority.pem } };
const back = `${'b'.repeat(43)}=`;

const pinsOf = (host: string, ...sha256: string[]) => [{ host, sha256: [...sha256, back] }];

describe('security: a chain has a pinned key', () => {
  it.each([
    ['its own', leaf.pin, true],
    ['that of who issued it', authority.pin, true],
    ['another one', stranger.pin, false],
  ])('where it is %s', (_what, pin, isPinned) => {
    expect(checkPins(pinsOf('fhir.example', pin), 'fhir.example', chain)).toBe(isPinned);
  });

  it('by host, in whatever letters it is written, and by the rule for any where it has none of its own', () => {
    const pins = [...pinsOf('fhir.example', authority.pin), ...pinsOf('*', stranger.pin)];
    expect(checkPins(pins, 'FHIR.example.', chain)).toBe(true);
    expect(checkPins(pins, 'other.example', chain)).toBe(false);
    expect(checkPins(pinsOf('fhir.example', stranger.pin), 'FHIR.EXAMPLE.', chain)).toBe(false);
  });

  it('without a pin for the host, any', () => {
    expect(checkPins(pinsOf('fhir.example', stranger.pin), 'other.example', chain)).toBe(true);
  });

  it('never where there is no chain, or one that can’t be read or has no end', () => {
    const pins = pinsOf('fhir.example', authority.pin);
    expect(checkPins(pins, 'fhir.example', undefined)).toBe(false);
    expect(checkPins(pins, 'fhir.example', { data: 'no certificate' })).toBe(false);
    const round: { data: string; issuerCert?: Chain } = { data: leaf.pem };
    round.issuerCert = round;
    expect(checkPins(pins, 'fhir.example', round)).toBe(false);
  });
});

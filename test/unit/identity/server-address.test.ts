import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../../main/identity/server-address.ts';

const read = (typed: string, allowLoopback = false) => {
  const answer = parseServerAddress(typed, { allowLoopback });
  return answer.ok ? answer.value : answer.error.code;
};

describe('the address that a person types', () => {
  it.each([
    ['https://fhir.example.org/r4', 'https://fhir.example.org/r4'],
    ['https://fhir.example.org/r4/', 'https://fhir.example.org/r4'],
    ['https://fhir.example.org/r4///', 'https://fhir.example.org/r4'],
    ['  fhir.example.org/r4\n', 'https://fhir.example.org/r4'],
    ['FHIR.Example.ORG/R4', 'https://fhir.example.org/R4'],
    ['HTTPS://fhir.example.org', 'https://fhir.example.org'],
    ['fhir.example.org:8443/fhir', 'https://fhir.example.org:8443/fhir'],
    ['https://fhir.example.org:443', 'https://fhir.example.org'],
    ['klinik-münchen.example/fhir', 'https://xn--klinik-mnchen-3ob.example/fhir'],
    ['https://[2001:db8::1]/fhir', 'https://[2001:db8::1]/fhir'],
    ['localhost:8080/fhir', 'https://localhost:8080/fhir'],
  ])('%j is read as %s', (typed, address) => {
    expect(read(typed)).toBe(address);
  });

  it.each([
    '',
    '   ',
    'https://',
    'https:///',
    'http://',
    'not a server',
    'https://a b.example',
    'https://fhir.example:99999',
  ])('%j is no address', (typed) => {
    expect(read(typed)).toBe('server-address-invalid');
  });

  it.each([
    'https://user@fhir.example',
    'https://user:secret@fhir.example',
    'https://:secret@fhir.example',
    'https://fhir.example/r4?tenant=1',
    'https://fhir.example/r4?',
    'https://fhir.example/r4#part',
    'https://fhir.example/r4#',
    'user:secret@fhir.example',
  ])('security: %j is refused: credentials, queries and fragments would be sent or lost', (typed) => {
    expect(read(typed)).toBe('server-address-invalid');
  });

  it.each([
    'http://fhir.example',
    'HTTP://fhir.example',
    'ftp://fhir.example',
    'ws://fhir.example',
    'app://wardlight',
    'file:///etc/passwd',
    'javascript://fhir.example/%0aalert(1)',
  ])('security: %j is not secure, whether loopback is allowed or not', (typed) => {
    expect(read(typed)).toBe('server-not-secure');
    expect(read(typed, true)).toBe('server-not-secure');
  });

  it.each(['http://127.0.0.1:8080/fhir', 'http://localhost/fhir', 'http://[::1]:9/fhir'])(
    'security: plain %s is for development only',
    (typed) => {
      expect(read(typed, true)).toBe(typed);
      expect(read(typed, false)).toBe('server-not-secure');
    },
  );

  it.each([
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://localhost:80.evil.example',
    'http://0.0.0.0',
    'http://[::]',
    'http://10.0.0.1',
    'http://127.0.0.1@evil.example',
    'http://evil.example/127.0.0.1',
  ])('security: %s is not loopback', (typed) => {
    expect(read(typed, true)).not.toBe(typed);
    expect(['server-not-secure', 'server-address-invalid']).toContain(read(typed, true));
  });

  it('security: whatever is typed, only TLS comes out, without credentials or query', () => {
    const part = fc.constantFrom(
      'http',
      'https',
      '://',
      ':',
      '/',
      '@',
      '?',
      '#',
      '\\',
      '%2e',
      'a.example',
      '127.0.0.1',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl({ withQueryParameters: true }),
          fc.string(),
          fc.array(part).map((all) => all.join('')),
        ),
        (typed) => {
          const answer = parseServerAddress(typed, { allowLoopback: false });
          if (answer.ok) expect(answer.value).toMatch(/^https:\/\/[^/?#@\\]+(\/[^?#]*)?$/);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

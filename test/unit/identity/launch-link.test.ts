import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLaunchLink } from '../../../main/identity/launch-link.ts';

const ISSUER = 'https://ehr.hospital.example/fhir';
const issuers = [ISSUER, 'https://other.example/r4/', 'http://127.0.0.1:8080/fhir'];
const read = (link: string, allowLoopback = false) => parseLaunchLink(link, { issuers, allowLoopback });
const link = (iss: string, launch = 'abc.123_~') =>
  `wardlight://launch?iss=${encodeURIComponent(iss)}&launch=${encodeURIComponent(launch)}`;
const code = (answer: ReturnType<typeof read>) => (answer.ok ? 'ok' : answer.error.code);

describe('a launch link', () => {
  it('names the server, as policy lists it, and what is handed over', () => {
    expect(read(link(ISSUER))).toEqual({
      ok: true,
      value: { server: ISSUER, host: 'ehr.hospital.example', launch: 'abc.123_~' },
    });
  });

  it.each([
    'https://EHR.Hospital.example/fhir',
    'https://ehr.hospital.example:443/fhir',
    'https://ehr.hospital.example/fhir/',
    'https://other.example/r4',
    'https://ehr.hospital.example/x/../fhir',
  ])('is taken from %s, which is a listed one written otherwise', (iss) => {
    expect(code(read(link(iss)))).toBe('ok');
  });

  it('is taken from loopback in development only', () => {
    expect(code(read(link('http://127.0.0.1:8080/fhir'), true))).toBe('ok');
    expect(code(read(link('http://127.0.0.1:8080/fhir')))).toBe('launch-invalid');
  });

  it.each([
    'https://ehr.hospital.example/FHIR',
    'https://ehr.hospital.example/fhir2',
    'https://ehr.hospital.example',
    'https://ehr.hospital.example:8443/fhir',
    'https://ehr.hospital.example.evil.example/fhir',
    'https://evil.example/https://ehr.hospital.example/fhir',
    'https://еhr.hospital.example/fhir',
  ])('security: is refused from %s, with the host that it names', (iss) => {
    const answer = read(link(iss));
    expect(code(answer)).toBe('launch-issuer-unknown');
    expect(answer).toMatchObject({ host: new URL(iss).host });
  });

  it.each([
    'wardlight://launch',
    'wardlight:launch?iss=https://ehr.hospital.example/fhir&launch=a',
    `${link(ISSUER)}&patient=1`,
    `${link(ISSUER)}&launch=b`,
    `${link(ISSUER)}&iss=https://evil.example`,
    `${link(ISSUER)}#x`,
    link(ISSUER).replace('//launch?', '//launch/x?'),
    link(ISSUER).replace('//launch?', '//launch:1?'),
    link(ISSUER).replace('//launch?', '//u:p@launch?'),
    link(ISSUER).replace('wardlight:', 'https:'),
    link(ISSUER, ''),
    link(ISSUER, 'a b'),
    link(ISSUER, 'a\n--flag'),
    link(ISSUER, 'x'.repeat(2_049)),
    link('http://ehr.hospital.example/fhir'),
    link('ehr.hospital.example/fhir'),
    link('javascript:alert(1)'),
    link('file:///etc/passwd'),
    link('https://user:pw@ehr.hospital.example/fhir'),
    link('https://ehr.hospital.example/fhir?x'),
    `${link(ISSUER)}${' '.repeat(5_000)}x`,
    'wardlight',
    '',
  ])('security: is refused as %j', (text) => {
    expect(code(read(text))).toBe('launch-invalid');
  });

  it('security: never throws, and lets nothing through but a listed issuer', () => {
    fc.assert(
      fc.property(fc.string(), fc.webUrl(), (text, iss) => {
        expect(code(read(text))).not.toBe('ok');
        expect(code(read(link(iss, text)))).not.toBe('ok');
      }),
    );
  });
});

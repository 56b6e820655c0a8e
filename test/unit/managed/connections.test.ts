import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../main/managed/read.ts';
import { mayBeShown } from '../../../main/shell/host-rules.ts';

const pin = (letter: string) => `${letter.repeat(43)}=`;
const problemsOf = (document: unknown) => readPolicy(document).problems.map(({ key }) => key);

describe('the proxy', () => {
  it.each([
    { mode: 'system' },
    { mode: 'direct' },
    { mode: 'fixed', server: 'http://proxy.hospital.example:3128' },
    { mode: 'fixed', server: 'socks5://[fd00::1]:1080', bypass: ['<local>', '*.hospital.example', '10.0.0.0/8'] },
    { mode: 'script', url: 'http://wpad.hospital.example/proxy.pac' },
  ])('is taken as %j', (proxy) => {
    expect(problemsOf({ proxy })).toEqual([]);
  });

  it.each([
    ['one more rule in it', { mode: 'fixed', server: 'http://proxy.example:80;direct://' }],
    ['a list of proxies', { mode: 'fixed', server: 'http://proxy.example:80,direct://' }],
    ['another scheme', { mode: 'fixed', server: 'direct://x:1' }],
    ['no port', { mode: 'fixed', server: 'http://proxy.example' }],
    ['a password in it', { mode: 'fixed', server: 'http://user:secret@proxy.example:80' }],
    ['no server', { mode: 'fixed' }],
    ['rules in a bypass', { mode: 'fixed', server: 'http://proxy.example:80', bypass: ['a,*'] }],
    ['a script from a file', { mode: 'script', url: 'file:///etc/proxy.pac' }],
    ['a script within the address', { mode: 'script', url: 'data:text/plain,function(){}' }],
    ['no such mode', { mode: 'auto' }],
  ])('security: is not taken with %s, and stays the system’s', (_what, proxy) => {
    const { policy, problems } = readPolicy({ proxy });
    expect(problems).toEqual([{ key: 'proxy', code: 'malformed' }]);
    expect(policy.proxy).toEqual({ mode: 'system' });
  });
});

describe('pins', () => {
  const pinned = (...pins: unknown[]) => ({ tls: { pins } });

  it('are taken with a back-up', () => {
    expect(problemsOf(pinned({ host: 'fhir.example', sha256: [pin('a'), pin('b')] }))).toEqual([]);
  });

  it.each([
    ['without a back-up', [{ host: 'fhir.example', sha256: [pin('a')] }]],
    ['with the same for a back-up', [{ host: 'fhir.example', sha256: [pin('a'), pin('a')] }]],
    ['of another length', [{ host: 'fhir.example', sha256: [pin('a'), 'abc='] }]],
    ['with an address for a host', [{ host: 'https://fhir.example', sha256: [pin('a'), pin('b')] }]],
    ['with capital letters, which no host has', [{ host: 'FHIR.example', sha256: [pin('a'), pin('b')] }]],
    ['of one host twice', ['a', 'b'].map((one) => ({ host: 'fhir.example', sha256: [pin(one), pin('c')] }))],
  ])('security: are not taken %s, and then no server has the key', (_what, pins) => {
    const { policy, problems } = readPolicy(pinned(...pins));
    expect(problems).toEqual([{ key: 'tls.pins', code: 'malformed' }]);
    expect(policy.tls.pins).toEqual([{ host: '*', sha256: [pin('A'), `${'/'.repeat(42)}8=`] }]);
  });
});

describe('security: a certificate of the workstation', () => {
  const by = (issuerName: string) => ({ issuerName });
  const rules = [
    { hosts: ['fhir.example', '[fd00::1]'], issuers: ['Hospital CA'] },
    { hosts: ['fhir.example'], issuers: ['Ward CA'] },
    { hosts: ['*'], issuers: ['Any CA'] },
  ];

  it('is shown to anybody where policy says nothing, and to nobody where it names none', () => {
    expect(mayBeShown(null, 'fhir.example', by('x'))).toBe(true);
    expect(mayBeShown([], 'fhir.example', by('x'))).toBe(false);
  });

  it.each([
    ['fhir.example', 'Hospital CA', true],
    ['fhir.example', 'Ward CA', true],
    ['FHIR.example.', 'Ward CA', true],
    ['fd00::1', 'Hospital CA', true],
    // A host that is named has its own rules alone.
    ['fhir.example', 'Any CA', false],
    ['sub.fhir.example', 'Hospital CA', false],
    ['sub.fhir.example', 'Any CA', true],
  ])('is shown to %s, issued by %s: %s', (host, issuer, isShown) => {
    expect(mayBeShown(rules, host, by(issuer))).toBe(isShown);
  });

  it('is shown whoever issued it where a rule names nobody', () => {
    expect(mayBeShown([{ hosts: ['fhir.example'], issuers: null }], 'fhir.example', by('x'))).toBe(true);
  });
});

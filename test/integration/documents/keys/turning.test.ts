import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentsSchema } from '../../../../main/managed/documents.ts';
import { certified, observation, sealedRecord } from './sealed.ts';
import { openSite, PIN, type Site, sharedPairs } from './support.ts';
import { type Ended, endRuns, onWrite, runKeys } from './tool.ts';

/* The tool as the person at the token has it: what is typed, and what is said. */

let site: Site;
/** Thumbprint of the nurse on the care team. */
let hers: string;

beforeAll(async () => {
  site = await openSite('softhsm');
  hers = certified(site, sharedPairs(0)());
});
afterAll(() => site.stop());
endRuns();

const token = () => site.server.issueToken('osei');
async function run(...args: readonly string[]): Promise<Ended> {
  return runKeys([...args, '--keys', site.folder], [PIN, await token()]);
}
const onServer = (...args: readonly string[]) => run(...args, '--server', site.server.url);
const policyIn = ({ out }: Ended) => documentsSchema.parse({ ...site.policy, ...JSON.parse(out).documents });

test('the signing key is turned in two steps, and each says what is next', async () => {
  const before = site.keys.organisation.signing().inForce;
  const turned = await run('rotate', 'signing', '--until', '2999-01-01');
  expect(policyIn(turned).signingKeys).toMatchObject([
    { until: null, compromised: false },
    { until: '2999-01-01T00:00:00.000Z', compromised: false },
  ]);
  expect(turned.err).toMatch(/does not sign yet.*certify-all/);
  expect(turned.err).toContain(`${before}  in force`);
  // Until then the service signs as before.
  expect(site.keys.organisation.signing().inForce).toBe(before);
  const { code, out, err } = await onServer('certify-all');
  expect({ code, out, err }).toEqual({
    code: 0,
    out:
      'the new signing key is in force\nlist of revoked keys signed anew\n' +
      '1 certificate: 1 signed anew, 0 by the key in force already, 0 left as they are, 0 failed\n',
    err: '1 looked at, 1 signed anew, 0 failed\n',
  });
  // The service that runs signs with it too.
  const { inForce } = site.keys.organisation.signing();
  expect(inForce).not.toBe(before);
  expect(Buffer.from(site.keys.organisation.signed('t', {}).split('.')[0] ?? '', 'base64url').toString()).toContain(
    inForce,
  );
  expect((await run('rotate', 'signing', '--until', 'yesterday')).err).toMatch(
    /^usage: --until: a date to come, as 2031-12-31\.\n/,
  );
});

test('a compromised signing key is replaced at once; an unknown one is refused', async () => {
  const stolen = site.keys.organisation.signing().inForce;
  const marked = await onServer('compromised', '--key', stolen);
  expect(marked.code).toBe(0);
  expect(policyIn(marked).signingKeys.map(({ compromised }) => compromised)).toEqual([false, true, false]);
  expect(marked.err).toContain('only then is the compromised key refused');
  expect(site.keys.organisation.signing().inForce).not.toBe(stolen);
  expect(await run('compromised', '--key', 'A'.repeat(43))).toMatchObject({ code: 1, out: '' });
  expect((await onServer('certify-all')).out).toContain('  Basic/hers: signing-key-compromised\n');
  hers = certified(site, sharedPairs(0)());
});

test('fields are wrapped anew through kills of the process, and told of where the key is lost', async () => {
  const seal = (id: string) => sealedRecord(site, observation(id), 'value');
  for (let at = 0; at < 25; at += 1) site.server.store.put(await seal(`o${at}`));
  site.server.store.put((await seal('moved')).replace('Patient/p1', 'Patient/p2'));
  const types = ['--type', 'Condition', '--type', 'Observation'];
  // The first write, and one of the second page.
  for (const killAt of [1, 22]) {
    const secrets = [PIN, await token()];
    const args = ['rewrap', ...types, '--keys', site.folder, '--server', site.server.url];
    const ended = await runKeys(args, secrets, (kill) => onWrite(site.server, killAt, kill));
    expect(ended.code).toBeNull();
  }
  const { code, out, err } = await onServer('rewrap', ...types);
  expect({ code, out: out.split('\n') }).toEqual({
    code: 1,
    out: [
      expect.stringMatching(/^26 records: \d+ wrapped anew, \d+ as they were, 1 failed$/),
      '  Observation/moved: context-mismatch',
      '',
    ],
  });
  // It didn't look at the first page again.
  expect(err).toMatch(/^26 looked at/);
  for (let at = 0; at < 25; at += 1) expect(site.server.store.versions('Observation', `o${at}`)).toHaveLength(2);
  const lost = await runKeys(
    ['exposure', '--key', hers, '--server', site.server.url, '--type', 'Observation'],
    [await token()],
  );
  expect(lost.code).toBe(0);
  expect(lost.out.split('\n').slice(0, 2)).toEqual([
    '0 of 0 documents could be opened with that key',
    '25 of 26 records with sealed fields could be opened with that key',
  ]);
  expect(lost.out).toContain('\n  Observation/o7  Patient/p1  valueString\n');
  expect(lost.out).not.toContain('moved');
});

test('help is no error, and what is asked for wrongly is told of by its name', async () => {
  const help = await runKeys(['help'], []);
  expect(help).toMatchObject({ code: 0, err: '' });
  expect(help.out).toContain('certify-all --server URL');
  const wrong: [string[], RegExp][] = [
    [['polcy'], /^usage: There is no command polcy\./],
    [['policy', '--kyes', 'x'], /^usage: .*--kyes/],
    [['policy'], /^usage: --keys is needed\./],
    [['init', '--keys', '/nowhere', '--token', 'x'], /^usage: --token: nss or softhsm\./],
    [['exposure', '--key', hers.slice(1), '--server', site.server.url], /^usage: --key: a thumbprint/],
  ];
  for (const [args, words] of wrong) {
    const { code, out, err } = await runKeys(args, [PIN]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(words);
  }
  const log = await runKeys(['exposure', '--key', hers, '--server', site.server.url, '--log', '/nowhere'], ['x']);
  expect(log).toMatchObject({ code: 1, out: '' });
  expect(log.err).toMatch(/^log-unreadable: /);
});

test('security: nothing is revoked where it could not be made known for a slip in the address', async () => {
  const before = site.keys.organisation.revoked();
  const slip = await run('revoke', '--key', 'B'.repeat(43), '--server', 'http://fhir.example.org/r4');
  expect(slip).toMatchObject({ code: 2, out: '' });
  expect(site.keys.organisation.revoked()).toEqual(before);
});

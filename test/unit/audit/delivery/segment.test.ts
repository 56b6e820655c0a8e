import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSealed, readOrganisationKey, sealSegment } from '../../../../main/audit/delivery/seal.ts';
import { checkFiles } from '../../../../main/audit/export/report.ts';
import { openLogFile } from '../../../support/audit.ts';
import { temporaryFolder } from '../../vault/support.ts';
import { openTestLog, organisation, pemPair, type TestLog, TIME } from './support.ts';

interface Opened {
  readonly name: string;
  readonly lines: readonly string[];
}

/** All that is sealed, as the organisation reads it. */
async function opened({ segments }: TestLog): Promise<Opened[]> {
  const list = await segments.undelivered({ target: 'any', limit: 1_000 });
  return Promise.all(
    list.map(async ({ first, name }) => {
      const answer = await openSealed(await segments.sealedBody({ first }), organisation.privateKey);
      if (!answer.ok) throw new Error(answer.error.code);
      expect(answer.value.name).toBe(name);
      return { name, lines: answer.value.text.trimEnd().split('\n') };
    }),
  );
}

/** What the verifier says of segments, by the public key of their log alone. */
function verified({ origin, verifier }: TestLog, segments: readonly Opened[]) {
  const files = segments.map(({ name, lines }) => ({ name, lines: () => lines }));
  return checkFiles(files, (asked) => (asked === origin ? verifier : null));
}

describe('a sealed segment', () => {
  it('opens with the organisation’s private key, and holds by the public key of its log alone', async () => {
    const log = openTestLog();
    await log.append(5);
    await log.seal();
    await log.append(6);
    await log.seal();
    const segments = await opened(log);
    const id = log.origin.split('/').at(-1);
    expect(segments.map(({ name }) => name)).toEqual([
      `audit/${id}/000000000000-000000000005.jwe`,
      `audit/${id}/000000000005-000000000011.jwe`,
    ]);
    const report = await verified(log, segments);
    expect(report).toMatchObject({ ok: true, logs: [{ size: 11, ranges: [[0, 11]] }] });
    expect(await log.segments.sealed()).toEqual({ end: 11, time: TIME });
  });

  it('takes along only what a checkpoint covers, and nothing where nothing came', async () => {
    const log = openTestLog();
    const request = { organisationKey: organisation.publicKey, time: TIME };
    expect(await log.segments.seal(request)).toBeNull();
    await log.append(3);
    expect(await log.segments.seal(request)).toBeNull();
    log.log.checkpoint({ time: TIME });
    await log.append(1);
    expect(await log.segments.seal(request)).toMatchObject({ first: 0, end: 3 });
    expect(await log.segments.seal(request)).toBeNull();
  });

  it('property: segments of whatever sizes cover the log without gap or overlap, and each holds', async () => {
    const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    let cut = 0;
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 900, max: 5_000 }), async (counts, segmentBytes) => {
        const log = openTestLog(temporaryFolder(), { segmentBytes });
        for (const count of counts) {
          await log.append(count);
          await log.seal();
        }
        const segments = await opened(log);
        const size = counts.reduce((sum, count) => sum + count, 0);
        cut += segments.length - counts.length;
        expect(segments.flatMap(({ lines }) => lines.slice(1))).toHaveLength(size);
        expect(await verified(log, segments)).toMatchObject({ ok: true, logs: [{ ranges: [[0, size]] }] });
        let progress = log.log.verify({ anew: { anchor: null } });
        while (!progress.done) progress = log.log.verify({ anew: null });
        expect(log.log.findings()).toEqual([]);
      }),
      { numRuns: 6, examples: [[[9], 900]] },
    );
    expect(cut).toBeGreaterThan(0);
  });

  it('security: it opens with no other key, and under no other name', async () => {
    const log = openTestLog();
    await log.append(1);
    await log.seal();
    const sealed = await log.segments.sealedBody({ first: 0 });
    const refused = { ok: false, error: { code: 'segment-key-wrong' } };
    expect(await openSealed(sealed, pemPair(3072).privateKey)).toEqual(refused);
    const [head = '', ...rest] = sealed.split('.');
    const said = JSON.parse(Buffer.from(head, 'base64url').toString()) as { name: string };
    const renamed = Buffer.from(JSON.stringify({ ...said, name: 'audit/other.jwe' })).toString('base64url');
    expect(await openSealed([renamed, ...rest].join('.'), organisation.privateKey)).toEqual(refused);
    const none = { ok: false, error: { code: 'segment-not-sealed' } };
    expect(await openSealed('not.sealed', organisation.privateKey)).toEqual(none);
    expect(sealed).not.toContain('Patient');
  });

  it('security: nothing is sealed to a weak, a private or no key at all', async () => {
    const code = async (pem: string) => {
      const key = await readOrganisationKey(pem);
      return key.ok ? 'ok' : key.error.code;
    };
    expect(await code(organisation.publicKey)).toBe('ok');
    expect(await code(pemPair(2048).publicKey)).toBe('audit-key-weak');
    expect(await code(organisation.privateKey)).toBe('audit-key-invalid');
    expect(await code('')).toBe('audit-key-invalid');
    const log = openTestLog();
    await log.append(1);
    log.log.checkpoint({ time: TIME });
    const sealing = log.segments.seal({ organisationKey: '', time: TIME });
    await expect(sealing).rejects.toMatchObject({ code: 'audit-key-invalid' });
    expect((await log.segments.sealed()).end).toBe(0);
  });

  it('refuses to unpack what no segment is', async () => {
    const key = await readOrganisationKey(organisation.publicKey);
    if (!key.ok) throw new Error(key.error.code);
    const sealed = await sealSegment('x'.repeat(33 * 2 ** 20), 'audit/bomb.jwe', key.value);
    const refused = { ok: false, error: { code: 'segment-key-wrong' } };
    expect(await openSealed(sealed, organisation.privateKey)).toEqual(refused);
  });

  it('security: segments and receipts in the log are never changed or deleted', async () => {
    const folder = temporaryFolder();
    const log = openTestLog(folder);
    await log.append(1);
    await log.seal();
    const receipt = {
      kind: 'directory' as const,
      writeOnce: false as const,
      path: 'x',
      sha256: '0'.repeat(64),
      size: 1,
      inode: '1',
      besideAnother: false,
      time: TIME,
    };
    await log.segments.keepReceipt({ first: 0, target: 'share', receipt });
    log.log.close();
    const db = openLogFile(`${folder}/audit.db`, new Uint8Array(32).fill(1));
    for (const table of ['segment', 'receipt']) {
      for (const statement of [`UPDATE ${table} SET first = 9`, `DELETE FROM ${table}`]) {
        expect(() => db.exec(statement)).toThrow('append only');
      }
    }
    db.close();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSealed, readOrganisationKey, sealSegment } from '../../../../main/audit/delivery/seal.ts';
import {
  checkSegment,
  follows,
  readSegment,
  type Segment,
  segmentText,
} from '../../../../main/audit/delivery/segment.ts';
import { createSigner, readVerifier } from '../../../../main/audit/log/note.ts';
import { temporaryFolder } from '../../vault/support.ts';
import { openTestLog, organisation, pemPair, type TestLog, TIME } from './support.ts';

/** All that is sealed, as the organisation reads it. */
async function opened({ segments }: TestLog): Promise<Segment[]> {
  const list = await segments.undelivered({ target: 'any', limit: 1_000 });
  return Promise.all(
    list.map(async ({ first, name }) => {
      const answer = await openSealed(await segments.sealedBody({ first }), organisation.privateKey);
      if (!answer.ok) throw new Error(answer.error.code);
      expect(answer.value.name).toBe(name);
      const segment = readSegment(answer.value.text);
      if (!segment) throw new Error('not read');
      return segment;
    }),
  );
}

async function twoSegments() {
  const log = openTestLog();
  await log.append(5);
  await log.seal();
  await log.append(6);
  await log.seal();
  const [first, second] = await opened(log);
  if (!first || !second) throw new Error('not sealed');
  return { log, first, second };
}

describe('a sealed segment', () => {
  it('opens with the organisation’s private key, and holds by the public key of its log alone', async () => {
    const { log, first, second } = await twoSegments();
    expect(first.header).toMatchObject({ first: 0, end: 5, inclusion: [], consistency: [], extension: [] });
    expect(second.header).toMatchObject({ first: 5, end: 11, origin: log.origin });
    for (const segment of [first, second]) expect(checkSegment(segment, [log.verifier])).toEqual([]);
    expect(follows(second, first)).toBe(true);
    expect(follows(first, second)).toBe(false);
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

  it('is cut where it gets too large, also between two checkpoints', async () => {
    const log = openTestLog(temporaryFolder(), { segmentBytes: 1_500 });
    await log.append(10);
    await log.seal();
    const segments = await opened(log);
    expect(segments.length).toBeGreaterThan(3);
    expect(segments.flatMap(({ leaves }) => leaves)).toHaveLength(10);
    for (const [at, segment] of segments.entries()) {
      expect(checkSegment(segment, [log.verifier])).toEqual([]);
      if (at > 0) expect(follows(segment, segments[at - 1] as Segment)).toBe(true);
    }
    expect(segments[0]?.header.extension).not.toEqual([]);
  });

  it('property: segments of whatever sizes cover the log without gap or overlap, and each holds', async () => {
    const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 900, max: 5_000 }), async (counts, segmentBytes) => {
        const log = openTestLog(temporaryFolder(), { segmentBytes });
        for (const count of counts) {
          await log.append(count);
          await log.seal();
        }
        let at = 0;
        for (const segment of await opened(log)) {
          expect(segment.header.first).toBe(at);
          expect(checkSegment(segment, [log.verifier])).toEqual([]);
          at = segment.header.end;
        }
        expect(at).toBe(counts.reduce((sum, count) => sum + count, 0));
      }),
      { numRuns: 5 },
    );
  });

  it('security: whatever is altered in it is found', async () => {
    const { log, second } = await twoSegments();
    const { header, leaves } = second;
    const zero = Buffer.alloc(32).toString('base64');
    const altered: [string, Segment][] = [
      ['an entry', { header, leaves: leaves.with(2, (leaves[2] as string).replace('"R"', '"D"')) }],
      ['two entries exchanged', { header, leaves: leaves.with(1, leaves[2] as string).with(2, leaves[1] as string) }],
      ['an entry twice', { header, leaves: leaves.with(1, leaves[0] as string) }],
      ['where it begins', { header: { ...header, first: 4, end: 10 }, leaves }],
      ['what was before', { header: { ...header, inclusion: [zero, zero] }, leaves }],
      ['the consistency', { header: { ...header, consistency: [zero] }, leaves }],
      ['the checkpoint', { header: { ...header, checkpoint: header.checkpoint.replace('\n11\n', '\n12\n') }, leaves }],
      ['its log', { header: { ...header, origin: 'wardlight.org/audit/another' }, leaves }],
      ['its end', { header: { ...header, end: 10 }, leaves: leaves.slice(0, -1) }],
    ];
    for (const [what, segment] of altered) {
      expect(checkSegment(segment, [log.verifier]), what).not.toEqual([]);
    }
    const other = readVerifier(createSigner(log.origin, new Uint8Array(32).fill(9)).vkey);
    expect(checkSegment(second, other ? [other] : [])).toEqual([{ code: 'checkpoint-signature', first: 5, end: 11 }]);
  });

  it('security: what isn’t whole is not read', async () => {
    const { second } = await twoSegments();
    const text = segmentText(second.header, second.leaves);
    expect(readSegment(text)).toEqual(second);
    for (const cut of [
      text.slice(0, -1),
      text.slice(0, 300),
      '',
      '{}\n',
      `${text}{}\n`,
      text.replace('"version":1', '"version":2'),
    ]) {
      expect(readSegment(cut)).toBeNull();
    }
  });

  it('security: it opens with no other key, and under no other name', async () => {
    const { log } = await twoSegments();
    const sealed = await log.segments.sealedBody({ first: 0 });
    expect(await openSealed(sealed, pemPair(3072).privateKey)).toEqual({
      ok: false,
      error: { code: 'segment-key-wrong' },
    });
    const [head = '', ...rest] = sealed.split('.');
    const said = JSON.parse(Buffer.from(head, 'base64url').toString()) as { name: string };
    const renamed = Buffer.from(JSON.stringify({ ...said, name: 'audit/other.jwe' })).toString('base64url');
    const answer = await openSealed([renamed, ...rest].join('.'), organisation.privateKey);
    expect(answer).toEqual({ ok: false, error: { code: 'segment-key-wrong' } });
    expect(await openSealed('not.sealed', organisation.privateKey)).toEqual({
      ok: false,
      error: { code: 'segment-not-sealed' },
    });
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
    await expect(log.segments.seal({ organisationKey: '', time: TIME })).rejects.toMatchObject({
      code: 'audit-key-invalid',
    });
    expect((await log.segments.sealed()).end).toBe(0);
  });

  it('refuses to unpack what no segment is', async () => {
    const key = await readOrganisationKey(organisation.publicKey);
    if (!key.ok) throw new Error(key.error.code);
    const sealed = await sealSegment('x'.repeat(33 * 2 ** 20), 'audit/bomb.jwe', key.value);
    expect(await openSealed(sealed, organisation.privateKey)).toEqual({
      ok: false,
      error: { code: 'segment-key-wrong' },
    });
  });

  it('security: segments and receipts in the log are never changed or deleted', async () => {
    const folder = temporaryFolder();
    const log = openTestLog(folder);
    await log.append(1);
    await log.seal();
    const db = log.log as unknown as { close(): void };
    db.close();
    const { openDatabase } = await import('../../../../main/cache/open.ts');
    const file = `${folder}/audit.db`;
    const reopened = openDatabase({
      file,
      key: new Uint8Array(32).fill(1),
      mode: 'write',
      migrations: [() => undefined, () => undefined, () => undefined],
    });
    if (!reopened.ok) throw new Error(reopened.error.code);
    for (const statement of ["UPDATE segment SET body = ''", 'DELETE FROM segment']) {
      expect(() => reopened.value.exec(statement)).toThrow('append only');
    }
    reopened.value.close();
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { disclosureOf } from '../../../main/audit/export/disclosures.ts';
import { type CheckReport, checkFiles } from '../../../main/audit/export/report.ts';
import { exportLines } from '../../../main/audit/export/write.ts';
import { createSigner, readVerifier } from '../../../main/audit/log/note.ts';
import { createAuditLog, type LogOperations, type OpenedLog } from '../../../main/audit/log.ts';
import { temporaryFolder } from '../../unit/vault/support.ts';
import { eventOf, NOW } from './support.ts';

const root = mkdtempSync(join(tmpdir(), 'wardlight-export-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SIZE = 700;
const time = new Date(NOW).toISOString();

/** A log in this process, with its entries. */
async function logWith(count: number, logId = crypto.randomUUID() as string) {
  const log: LogOperations = createAuditLog();
  const file = join(mkdtempSync(join(root, 'log-')), 'audit.db');
  const keys = { key: new Uint8Array(32).fill(1), seed: new Uint8Array(32).fill(2) };
  const opened = log.open({ file, ...keys, anchor: null, logId, damaged: false, time, nativeBinding: undefined });
  if (!opened.ok) throw new Error(opened.error.code);
  await Promise.all(Array.from({ length: count }, (_, number) => log.append(eventOf(number))));
  log.checkpoint({ time });
  return { log, identity: opened.value };
}

type Log = Awaited<ReturnType<typeof logWith>>;

async function exported({ log, identity }: Log, filter: Parameters<typeof exportLines>[0]['filter'] = null) {
  const lines: string[] = [];
  for await (const line of exportLines({ reading: log, identity, filter })) lines.push(line);
  return lines;
}

function segment({ log, identity }: Log, first: number, end: number): string[] {
  const header = {
    format: 'wardlight-audit-segment',
    version: 1,
    origin: identity.origin,
    first,
    end,
    checkpoint: log.newestCheckpoint({ size: end })?.note,
    consistency: log.consistency({ from: first, to: end }),
    inclusion: log.frontier({ first }),
  };
  return [JSON.stringify(header), ...log.range({ first, end }).map(({ leaf }) => leaf)];
}

const check = (files: readonly (readonly string[])[], identity: OpenedLog, first = 0): Promise<CheckReport> =>
  checkFiles(
    files.map((lines, at) => ({ name: `file-${at}`, lines: () => lines })),
    (origin) => (origin === identity.origin ? readVerifier(identity.vkey) : null),
    first,
  );

const codesOf = ({ problems }: CheckReport) => problems.map(({ code, first, end }) => `${code} ${first}-${end}`);

describe('what leaves the log', () => {
  let log: Log;
  let whole: string[];
  let segments: string[][];
  beforeAll(async () => {
    log = await logWith(300);
    const more = (from: number, to: number) =>
      Promise.all(Array.from({ length: to - from }, (_, at) => log.log.append(eventOf(from + at))));
    await more(300, 500);
    log.log.checkpoint({ time });
    await more(500, SIZE);
    log.log.checkpoint({ time });
    whole = await exported(log);
    segments = [segment(log, 0, 300), segment(log, 300, 500), segment(log, 500, SIZE)];
  });

  it('is proved whole, by a public key alone', async () => {
    const report = await check([whole], log.identity);
    expect(report).toMatchObject({ ok: true, problems: [], logs: [{ size: SIZE, ranges: [[0, SIZE]] }] });
  });

  it('is proved entry by entry where only some were asked for', async () => {
    const lines = await exported(log, { patient: 'p3', actions: ['read'] });
    expect(lines).toHaveLength(1 + SIZE / 14);
    expect(lines.every((line, at) => at === 0 || line.includes('Patient/p3'))).toBe(true);
    const report = await check([lines], log.identity);
    expect(report.ok).toBe(true);
    expect(report.logs[0]?.ranges).toHaveLength(SIZE / 14);
    expect((await exported(log, { patient: 'nobody' })).length).toBe(1);
  });

  it('is proved segment by segment, in any order, and says which one is missing', async () => {
    const all = await check(segments.toReversed(), log.identity);
    expect(all).toMatchObject({ ok: true, logs: [{ ranges: [[0, SIZE]] }] });
    const [first, , third] = segments as [string[], string[], string[]];
    expect(codesOf(await check([first, third], log.identity))).toEqual(['gap 300-500']);
    expect(codesOf(await check([third], log.identity))).toEqual(['gap 0-500']);
    expect((await check([third], log.identity, 500)).ok).toBe(true);
    expect((await check([...segments, whole], log.identity)).ok).toBe(true);
  });

  it.each<[string, (lines: string[]) => string[], string[]]>([
    [
      'an entry that was changed',
      (lines) => edit(lines, 10, 'event-9', 'event-8'),
      ['chain-broken 9-11', `checkpoint-root 0-${SIZE}`],
    ],
    ['an entry that is missing', (lines) => lines.toSpliced(10, 1), ['entry-missing 9-10', `gap 0-${SIZE}`]],
    ['an entry twice', (lines) => lines.toSpliced(10, 0, lines[9] ?? ''), ['entry-misplaced 8-9']],
    [
      'two entries that changed places',
      (lines) => swap(lines, 10, 11),
      ['entry-missing 9-10', 'entry-misplaced 9-10', `gap 0-${SIZE}`],
    ],
    ['the end cut off', (lines) => lines.slice(0, -5), [`log-truncated ${SIZE - 5}-${SIZE}`, `gap 0-${SIZE}`]],
    [
      'something that is no entry',
      (lines) => lines.with(20, '{}'),
      ['entry-altered 19-20', `checkpoint-root 0-${SIZE}`],
    ],
  ])('security: shows %s', async (_what, change, codes) => {
    const told = codesOf(await check([change([...whole])], log.identity));
    for (const code of codes) expect(told).toContain(code);
  });

  it('security: shows a selected entry that was changed, and a proof of another', async () => {
    const lines = await exported(log, { patient: 'p3' });
    const parsed = lines.slice(1).map((line) => JSON.parse(line) as { seq: number; leaf: string; proof: string[] });
    const [one, two] = parsed as [(typeof parsed)[0], (typeof parsed)[0]];
    const changed = [
      { ...one, leaf: one.leaf.replace('Practitioner/', 'Practitioner/x') },
      { ...one, proof: two.proof },
      { ...one, seq: two.seq },
      { ...one, proof: one.proof.slice(1) },
    ];
    for (const line of changed) {
      const report = await check([[lines[0] ?? '', JSON.stringify(line)]], log.identity);
      expect(report.problems.map(({ code }) => code)).toEqual(['proof-wrong']);
    }
  });

  it('security: shows a checkpoint that somebody else has signed, or that was changed', async () => {
    const header = JSON.parse(whole[0] ?? '') as Record<string, string>;
    const text = (header['checkpoint'] ?? '').split('\n\n')[0];
    const forger = createSigner(log.identity.origin, new Uint8Array(32).fill(9));
    for (const checkpoint of [forger.sign(`${text}\n`), header['checkpoint']?.replace(/\ntime 2026/, '\ntime 2027')]) {
      const lines = [JSON.stringify({ ...header, checkpoint }), ...whole.slice(1)];
      expect(codesOf(await check([lines], log.identity))).toContain('checkpoint-signature 0-0');
      // The key that the file brings along counts for nothing.
      const own = [JSON.stringify({ ...header, checkpoint, vkey: forger.vkey }), ...whole.slice(1)];
      expect((await check([own], log.identity)).ok).toBe(false);
    }
    expect(codesOf(await check([['{}'], ['not JSON'], []], log.identity))).toEqual(Array(3).fill('format-invalid 0-0'));
    const stranger = { ...log.identity, origin: 'wardlight.org/audit/other' };
    expect((await check([whole], stranger)).problems[0]?.code).toBe('key-unknown');
  });

  it('security: shows two histories of one log, whichever of them is longer', async () => {
    const logId = log.identity.origin.slice(-36);
    const other = await logWith(0, logId);
    const events = Array.from({ length: 400 }, (_, number) => eventOf(number === 250 ? 9_999 : number));
    await Promise.all(events.slice(0, 300).map((event) => other.log.append(event)));
    other.log.checkpoint({ time });
    await Promise.all(events.slice(300).map((event) => other.log.append(event)));
    other.log.checkpoint({ time });
    const theirs = await exported(other);
    for (const files of [
      [whole, theirs],
      [theirs, whole],
      [segments[0] ?? [], segment(other, 0, 300)],
    ]) {
      const report = await check(files, log.identity);
      expect(report.problems.map(({ code }) => code)).toContain('fork');
    }
    // A selection that doesn't hold the entry which differs can still be told from the other history's whole.
    const part = await exported(other, { patient: 'p3' });
    expect((await check([part, whole], log.identity)).problems.map(({ code }) => code)).toContain('fork');
    // Two selections of different times share nothing: that is said, and isn't called a fork.
    const apart = await check([part, await exported(log, { patient: 'p1' })], log.identity);
    expect(apart.problems).toEqual([]);
    expect(apart.logs[0]?.uncompared).toHaveLength(1);
  });

  it('is told in one line', async () => {
    const [, line] = await exported(log, { patient: 'p3' });
    const { seq, leaf } = JSON.parse(line ?? '') as { seq: number; leaf: string };
    const told = disclosureOf({ seq, leaf });
    expect(told).toMatchObject({ seq, patient: 'Patient/p3', who: expect.stringMatching(/^Practitioner\/d\d$/) });
  });

  it('npm run audit -- verify says so by its exit code, and in words', async () => {
    const folder = temporaryFolder();
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const key = write('key', `${log.identity.vkey}\n`);
    const good = write('good.ndjson', `${whole.join('\n')}\n`);
    const bad = write('bad.ndjson', `${edit([...whole], 10, 'event-9', 'event-8').join('\n')}\n`);
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [join('main', 'audit-cli.ts'), 'verify', ...args, '--json']).then(
        ({ stdout }) => ({ ...(JSON.parse(stdout) as CheckReport), exit: 0 }),
        (error: { code: number; stdout: string }) => ({
          ...(JSON.parse(error.stdout) as CheckReport),
          exit: error.code,
        }),
      );
    const [right, wrong, without] = await Promise.all([run(good, '--key', key), run(bad, '--key', key), run(good)]);
    expect(right).toMatchObject({ exit: 0, ok: true, logs: [{ size: SIZE }] });
    expect(wrong).toMatchObject({ exit: 1, ok: false });
    expect(wrong.problems.map((problem) => problem.code)).toContain('checkpoint-root');
    expect(without).toMatchObject({ exit: 2, ok: false });
  });
});

function edit(lines: string[], at: number, from: string, to: string): string[] {
  if (!lines[at]?.includes(from)) throw new Error('nothing to edit');
  return lines.with(at, lines[at].replace(from, to));
}

function swap(lines: string[], one: number, other: number): string[] {
  return lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
}

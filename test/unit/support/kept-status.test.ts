import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { reportOf } from '../../../main/support/judge.ts';
import {
  readKept,
  stateOf,
  statusFile,
  supportFolder,
  writeKept,
  writeStatus,
} from '../../../main/support/kept-status.ts';
import { healthReport } from '../../../preload/contract/health.ts';
import { HEALTHY } from './facts.ts';

const NOW = Date.parse('2026-11-26T03:01:00Z');
const report = reportOf(HEALTHY, NOW);
const ID = '6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const known = { schema: 11, lastSync: null, backlog: null };

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'wl-status-'));
  mkdirSync(supportFolder(data));
});

describe('the status file', () => {
  it('is whole, readable by whoever may enter its folder, and alone', async () => {
    const before = process.umask(0o077);
    try {
      await writeStatus(statusFile(data), report);
      await writeStatus(statusFile(data), { ...report, health: 'degraded' });
    } finally {
      process.umask(before);
    }
    expect(healthReport.parse(JSON.parse(readFileSync(statusFile(data), 'utf8'))).health).toBe('degraded');
    if (process.platform !== 'win32') expect(statSync(statusFile(data)).mode & 0o777).toBe(0o644);
    expect(readdirSync(supportFolder(data))).toEqual(['status.json']);
  });

  it('security: is never written through a link that somebody has laid', async () => {
    const victim = join(data, 'victim');
    writeFileSync(victim, 'untouched');
    for (const file of [statusFile(data), `${statusFile(data)}.new`]) symlinkSync(victim, file);
    await writeStatus(statusFile(data), report);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(statSync(statusFile(data)).isFile()).toBe(true);
  });

  it('is not made where its folder isn’t', async () => {
    await expect(writeStatus(join(data, 'not-there', 'x.json'), report)).rejects.toThrow();
  });

  it('security: tells no id of a profile; what does is for this account alone', async () => {
    await writeKept(data, { report, profiles: { [ID]: known }, open: ID });
    await writeStatus(statusFile(data), report);
    expect(readFileSync(statusFile(data), 'utf8')).not.toContain(ID);
    const kept = join(supportFolder(data), 'kept.json');
    if (process.platform !== 'win32') expect(statSync(kept).mode & 0o777).toBe(0o600);
    expect(await readKept(data)).toEqual({ version: 1, report, profiles: { [ID]: known }, open: ID });
  });

  it.each(['', '{', '{"version":2}'])('reads as none where it is damaged: %j', async (text) => {
    writeFileSync(join(supportFolder(data), 'kept.json'), text);
    expect(await readKept(data)).toBeNull();
  });

  it('reads as none where there is none', async () => {
    expect(await readKept(join(data, 'elsewhere'))).toBeNull();
  });
});

describe('whether the program runs', () => {
  const SECOND = 1_000;
  const stopped = { ...report, program: { ...report.program, state: 'stopped' as const } };
  it.each([
    ['never-started', null, 0, 0],
    ['running', report, 0, -9_999 * SECOND],
    ['running', report, 180 * SECOND, -9_999 * SECOND],
    ['not-answering', report, 181 * SECOND, -9_999 * SECOND],
    // A clock that was set back says nothing for it.
    ['not-answering', report, -181 * SECOND, -9_999 * SECOND],
    ['stopped', stopped, 0, -9_999 * SECOND],
    // The computer was started since.
    ['stopped', report, 9_000 * SECOND, 10 * SECOND],
  ] as const)('%s', (state, last, later, bootedLater) => {
    expect(stateOf(last, NOW + later, NOW + bootedLater)).toBe(state);
  });
});

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDirectoryTarget } from '../../../main/audit/delivery/directory.ts';
import { createQueue, type DeliveryFinding } from '../../../main/audit/delivery/queue.ts';
import type { KnownLog } from '../../../main/audit/enrolment/compare.ts';
import { checkFiles } from '../../../main/audit/export/report.ts';
import { rootOf } from '../../../main/audit/log/merkle.ts';
import { readVerifier } from '../../../main/audit/log/note.ts';
import type { Head } from '../../../main/audit/log/verify.ts';
import { createProgramRecord } from '../../../main/audit/program.ts';
import { auditWith } from '../../support/audit.ts';
import { openTestLog } from '../../unit/audit/delivery/support.ts';
import { temporaryFolder } from '../../unit/vault/support.ts';
import { NOW, workstation } from './support.ts';
import { elsewhere, goOn, resign, rewrite } from './tamper-attacks.ts';
import {
  type Base,
  buildBase,
  change,
  copyVictim,
  inspect,
  linesOf,
  openVictim,
  removeBase,
  SIZE,
  type Victim,
} from './tamper-bench.ts';

/* Attacks that only what is outside of file and keychain shows. */

let base: Base;
/** What the server's Device has of the log as it is now. */
let device: KnownLog[];
beforeAll(async () => {
  base = await buildBase();
  const { log } = openVictim(copyVictim(base.root, base.now));
  device = [{ vkey: base.identity.vkey, checkpoints: [log.newestCheckpoint({ size: null })?.note ?? ''] }];
  log.close();
});
afterAll(() => removeBase(base));

/** What the program finds by the server's Device, beside what it finds alone at the start. */
function byDevice(victim: Victim): { start: string[]; device: string[] } {
  const { log, opened } = openVictim(copyVictim(base.root, victim));
  if (typeof opened === 'string') throw new Error(opened);
  const codes = () => log.findings().map(({ code }) => code);
  const start = codes();
  log.compareKnown({ server: 'https://s', known: device });
  const found = { start, device: codes().slice(start.length) };
  log.close();
  return found;
}

describe('security: what nothing on the workstation can find alone', () => {
  const against = async (victim: Victim) => {
    const { log, opened } = openVictim(victim);
    if (typeof opened === 'string') throw new Error(opened);
    const findings = log.findings();
    const theirs = await linesOf(log, opened);
    log.close();
    const report = await checkFiles(
      [
        { name: 'delivered', lines: () => base.delivered },
        { name: 'workstation', lines: () => theirs },
      ],
      () => readVerifier(base.identity.vkey),
    );
    return { findings, codes: report.problems.map(({ code }) => code) };
  };

  it('security: file and keychain are put back together: what was delivered shows it', async () => {
    const victim = copyVictim(base.root, base.then.get(200) as Victim);
    await goOn(victim, victim);
    const { log } = openVictim({ ...victim, anchor: null });
    const anchor = log.newestCheckpoint({ size: null });
    log.close();
    expect(anchor?.size).toBe(SIZE + 50);
    const { findings, codes } = await against({ ...victim, anchor: null });
    // The keychain that fits would be there; without one only that is said.
    expect(findings.map(({ code }) => code)).toEqual(['anchor-missing']);
    expect(codes).toContain('fork');
    expect(byDevice(victim).device).toEqual(['log-differs']);
  });

  it('security: file and keychain are put back together, and nothing is recorded yet: the server’s Device shows it', () => {
    const older = base.then.get(200) as Victim;
    expect(byDevice(older)).toEqual({ start: [], device: ['log-truncated'] });
  });

  it('security: nothing of an untouched log contradicts the Device', () => {
    expect(byDevice(base.now)).toEqual({ start: [], device: [] });
  });

  it('security: log, keychain and key are replaced by others: the server’s Device shows it', () => {
    const victim = copyVictim(base.root, base.now);
    for (const part of ['', '.kcv']) rmSync(`${victim.file}${part}`);
    const swapped = { ...victim, anchor: null, seed: 99, key: 98 };
    expect(byDevice(swapped)).toEqual({ start: [], device: ['device-key-changed'] });
  });

  it('security: everything is written anew and signed, keychain included: what was delivered shows it', async () => {
    const victim = copyVictim(base.root, base.now);
    let head: Head | null = null;
    change(victim, (db) => {
      head = rewrite(db, 120, elsewhere);
      resign(db, head);
      db.exec('DELETE FROM checkpoint WHERE size < 300');
      for (let number = 0; number < 1; number += 1) db.exec(`DELETE FROM tile WHERE number = ${number}`);
    });
    const { range, chain } = head as unknown as Head;
    const anchor = { ...base.now.anchor, root: rootOf(range).toString('base64'), chain: chain.toString('base64') };
    victim.anchor = anchor as Victim['anchor'];
    expect(inspect(copyVictim(base.root, victim)).start).toEqual([]);
    expect(byDevice(victim)).toEqual({ start: [], device: ['log-differs'] });
    expect((await against(victim)).codes).toContain('fork');
  });

  it('security: a second workstation goes on with a copy of files and keychain: both histories show it', async () => {
    const twin = copyVictim(base.root, base.then.get(200) as Victim);
    await goOn(twin, twin);
    const { codes } = await against({ ...twin, anchor: null });
    expect(codes).toContain('fork');
    expect(byDevice({ ...twin, anchor: null }).device).toEqual(['log-differs']);
  });

  it('security: file and anchor are deleted together: nothing is said here, and another log begins', () => {
    const victim = copyVictim(base.root, base.now);
    rmSync(victim.file);
    victim.anchor = null;
    expect(byDevice(victim)).toEqual({ start: [], device: ['device-key-changed'] });
    expect(inspect(victim).start).toEqual([]);
  });
});

describe('security: a receipt that is forged in the log', () => {
  it('security: is found by the target that doesn’t have what it says, and the segment is brought', async () => {
    const [folder, share] = [temporaryFolder(), temporaryFolder()];
    const before = openTestLog(folder);
    await before.append(3);
    await before.seal();
    const [segment] = await before.segments.undelivered({ target: 'share', limit: 1 });
    before.log.close();
    const victim: Victim = { file: join(folder, 'audit.db'), anchor: null, seed: 2, key: 1 };
    const path = segment?.name ?? '';
    const receipt = {
      kind: 'directory',
      writeOnce: false,
      path,
      sha256: segment?.sha256,
      size: 1,
      inode: '1',
      besideAnother: false,
      time: '2026-03-01T10:00:00.000Z',
    };
    change(victim, (db) => {
      db.prepare('INSERT INTO receipt (target, first, receipt) VALUES (?, 0, ?)').run('share', JSON.stringify(receipt));
    });
    const after = openTestLog(folder);
    expect(await after.segments.undelivered({ target: 'share', limit: 1 })).toEqual([]);
    const findings: DeliveryFinding[] = [];
    await new Promise<void>((resolve) => {
      const queue = createQueue({
        segments: async () => after.segments,
        target: createDirectoryTarget({ name: 'share', path: share, now: () => NOW }),
        timers: { after: () => () => undefined },
        random: () => 0,
        onStatus: () => existsSync(join(share, path)) && resolve(queue.stop()),
        onFinding: (finding) => findings.push(finding),
      });
      queue.wake();
    });
    expect(findings).toEqual([{ code: 'receipt-false', target: 'share', first: 0, end: 3 }]);
  });
});

describe('security: entries that are recorded with a clock that was turned', () => {
  interface Turn {
    readonly view: string;
    readonly turn: (clock: { wall: number; uptime: number }, program: ReturnType<typeof createProgramRecord>) => void;
  }

  /** The program on a real log, signed at NOW before, with a clock that somebody turns. */
  async function jumps({ turn }: Pick<Turn, 'turn'>): Promise<string[]> {
    const place = workstation({ isLocal: true });
    const before = auditWith({ open: place.open });
    before.prepare();
    await before.note({ action: 'start', practitioner: null, server: '' });
    await before.close();
    const audit = auditWith({ open: place.open });
    const clock = { wall: NOW, uptime: 0 };
    const program = createProgramRecord({
      audit,
      version: '1',
      policy: () => '',
      read: async () => null,
      write: async () => undefined,
      clocks: { wall: () => clock.wall, uptime: () => clock.uptime },
      lastSigned: async () => Date.parse((await audit.store())?.signedAt ?? ''),
      clockJumpMs: 60_000,
    });
    turn(clock, program);
    await program.started();
    await program.stopped();
    const events = (await (await audit.store())!.range(0, 99)).map(({ leaf }) => leaf);
    await audit.close();
    return events.flatMap((leaf) => (leaf.includes('"clock-jump"') ? (/clock\.[a-z]+/.exec(leaf)?.[0] ?? []) : []));
  }

  it.each<[string, Turn]>([
    [
      'back, while it runs',
      {
        view: 'clock.workstation',
        turn(clock, program) {
          clock.wall += 3_600_000;
          clock.uptime += 3_600_000;
          program.tick();
          clock.wall -= 1_800_000;
          program.tick();
        },
      },
    ],
    [
      'forward, while it runs',
      {
        view: 'clock.workstation',
        turn(clock, program) {
          clock.wall += 3_600_000;
          program.tick();
        },
      },
    ],
    [
      'back behind what was signed, while it doesn’t run',
      {
        view: 'clock.log',
        turn(clock) {
          clock.wall -= 3_600_000;
        },
      },
    ],
    [
      'forward, while it doesn’t run, which the server tells at the next contact',
      { view: 'clock.server', turn: (_clock, program) => program.serverClock(-3_600_000, 'https://s') },
    ],
  ])('security: %s: an event in the log says so', async (_how, { view, turn }) => {
    expect(await jumps({ turn })).toEqual([view]);
  });

  it('security: nothing is said where it wasn’t turned', async () => {
    expect(await jumps({ turn: () => undefined })).toEqual([]);
  });
});

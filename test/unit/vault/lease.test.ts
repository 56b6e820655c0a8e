import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serverTimeNow } from '../../../main/vault/lease.ts';
import { type Contact, createLeases } from '../../../main/vault/leases.ts';
import { memoryKeyStore } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-01T08:00:00Z');
const ID = 'p';
const terms = { offlineMs: 3 * DAY, graceMs: 14 * DAY, noticeMs: DAY, toleranceMs: 10 * 60_000 };

/** A workstation with a profile that has just met its server, whose clocks only the test moves. */
async function start() {
  const keyStore = memoryKeyStore();
  let wall = START;
  let uptime = HOUR;
  const destroyed: string[] = [];
  let isDestroyable = true;
  const told: string[] = [];
  const make = () =>
    createLeases({
      keyStore,
      terms,
      clocks: { wall: () => wall, uptime: () => uptime },
      async destroy(id) {
        if (isDestroyable) destroyed.push(id);
        return isDestroyable;
      },
      onStatus: (id) => told.push(id),
    });
  let leases = make();
  await leases.renew(ID, START);
  const machine = {
    keyStore,
    destroyed,
    told,
    leases: () => leases,
    setDestroyable: (value: boolean) => {
      isDestroyable = value;
    },
    /** Time passes, asleep or awake, with the program running. */
    pass(ms: number) {
      wall += ms;
      uptime += ms;
    },
    setClock(ms: number) {
      wall += ms;
    },
    /** The program ends in order or dies, and starts again. */
    async restart({ dies = false } = {}) {
      if (!dies) await leases.settle(ID);
      leases = make();
    },
    /** The computer is off for so long. */
    async off(ms: number) {
      await machine.restart();
      wall += ms;
      uptime = 10_000;
    },
    /** Wardlight runs for so long, and looks each minute. */
    async run(ms: number) {
      let last = null;
      for (let passed = 0; passed < ms; passed += MINUTE) {
        machine.pass(MINUTE);
        last = await leases.tick(ID);
      }
      return last;
    },
    problem: () => leases.problem(ID),
    /** Somebody unlocks; the server answers or doesn't. */
    async unlock(contact: Contact | 'not asked' = 'lease-expired') {
      let asked = false;
      const answer = await leases.admit(ID, async () => {
        asked = true;
        if (contact === 'not asked') throw new Error('asked');
        return contact;
      });
      return { asked, code: answer.ok ? 'open' : answer.error.code };
    },
  };
  return machine;
}

describe('a lease', () => {
  it('opens without the server until it ends, through restarts and time off', async () => {
    const machine = await start();
    machine.pass(DAY);
    expect(await machine.unlock('not asked')).toEqual({ asked: false, code: 'open' });
    await machine.off(DAY);
    expect(await machine.unlock('not asked')).toEqual({ asked: false, code: 'open' });
    machine.pass(DAY + 1);
    expect(await machine.problem()).toBe('lease-expired');
    expect(await machine.unlock()).toEqual({ asked: true, code: 'lease-expired' });
  });

  it('begins anew with each contact, by the server’s clock', async () => {
    const machine = await start();
    machine.pass(4 * DAY);
    expect(await machine.unlock({ serverTime: START + 4 * DAY })).toEqual({ asked: true, code: 'open' });
    machine.pass(3 * DAY - 1);
    expect(await machine.unlock('not asked')).toEqual({ asked: false, code: 'open' });
  });

  it('is renewed for a workstation whose clock is years ahead of the server', async () => {
    const machine = await start();
    machine.setClock(3_650 * DAY);
    expect(await machine.unlock({ serverTime: START })).toEqual({ asked: true, code: 'open' });
    expect(await machine.unlock('not asked')).toEqual({ asked: false, code: 'open' });
    machine.pass(4 * DAY);
    expect(await machine.problem()).toBe('lease-expired');
    expect(machine.destroyed).toEqual([]);
  });

  it('tells when it ends by the workstation’s clock, and that it is about to', async () => {
    const machine = await start();
    expect(machine.leases().status(ID)).toEqual({ until: '2026-11-04T08:00:00.000Z', isEnding: false });
    machine.pass(3 * DAY - 13 * HOUR);
    await machine.leases().tick(ID);
    const before = machine.told.length;
    machine.pass(HOUR);
    await machine.leases().tick(ID);
    expect(machine.leases().status(ID)?.isEnding).toBe(true);
    expect(machine.told.length).toBe(before + 1);
  });

  it('asks for a sign-in where the server no longer takes the one that is stored', async () => {
    const machine = await start();
    machine.pass(4 * DAY);
    expect(await machine.unlock('lease-sign-in')).toEqual({ asked: true, code: 'lease-sign-in' });
  });

  it('is none where there is no record, or one that can’t be read', async () => {
    const machine = await start();
    for (const entry of [null, '{', '{"version":1,"until":9e15}']) {
      machine.keyStore.entries.delete(`${ID}/lease`);
      if (entry !== null) machine.keyStore.entries.set(`${ID}/lease`, entry);
      await machine.restart({ dies: true });
      expect(await machine.unlock()).toEqual({ asked: true, code: 'lease-expired' });
      expect(machine.destroyed).toEqual([]);
    }
  });

  it('does not hide what the keychain says', async () => {
    const machine = await start();
    await machine.restart();
    machine.keyStore.failure = 'keyring-locked';
    expect(await machine.problem()).toBeNull();
    expect((await machine.unlock()).code).toBe('keyring-locked');
  });

  it('is told, and ages, where the keychain failed when it was first looked for', async () => {
    const machine = await start();
    await machine.off(18 * DAY);
    machine.keyStore.failure = 'keyring-timeout';
    expect(await machine.problem()).toBeNull();
    machine.keyStore.failure = null;
    machine.keyStore.calls.length = 0;
    machine.pass(5_000);
    expect(await machine.leases().tick(ID)).toBeNull();
    expect(machine.keyStore.calls).toEqual([]);
    machine.pass(5_000);
    expect(await machine.leases().tick(ID)).toBe('lease-overdue');
    await machine.run(DAY);
    expect(machine.destroyed).toEqual([ID]);
  });

  it('is not looked for again by itself where a person has denied it', async () => {
    const machine = await start();
    await machine.off(4 * DAY);
    machine.keyStore.failure = 'keyring-denied';
    expect(await machine.problem()).toBeNull();
    machine.keyStore.failure = null;
    expect(await machine.run(DAY)).toBeNull();
    expect((await machine.unlock()).code).toBe('lease-expired');
  });

  it('is read once for all who ask while the keychain is slow, so that a contact is heard of by each', async () => {
    const machine = await start();
    await machine.off(4 * DAY);
    machine.keyStore.calls.length = 0;
    const asked = machine.problem();
    const opened = machine.unlock({ serverTime: START + 4 * DAY });
    expect([await asked, (await opened).code]).toEqual(['lease-expired', 'open']);
    expect(machine.keyStore.calls.filter((call) => call.startsWith('get'))).toEqual([`get ${ID}/lease`]);
    expect(await machine.problem()).toBeNull();
  });
});

describe('security: a clock that is set back', () => {
  it('security: does not bring back a lease that has ended', async () => {
    const machine = await start();
    machine.pass(4 * DAY);
    expect(await machine.problem()).toBe('lease-expired');
    machine.setClock(-4 * DAY);
    expect(await machine.problem()).toBe('lease-expired');
    await machine.restart({ dies: true });
    expect((await machine.unlock()).code).toBe('lease-expired');
    await machine.off(0);
    expect((await machine.unlock()).code).toBe('lease-expired');
  });

  it('security: again and again does not make a running lease longer', async () => {
    const machine = await start();
    for (let hour = 0; hour < 72; hour += 1) {
      machine.pass(HOUR);
      machine.setClock(-HOUR);
      await machine.leases().tick(ID);
    }
    machine.pass(HOUR);
    expect(await machine.problem()).toBe('lease-expired');
  });

  it('security: opens nothing after the computer was off, as nobody knows for how long', async () => {
    const machine = await start();
    machine.pass(DAY);
    await machine.off(0);
    machine.setClock(-HOUR);
    expect((await machine.unlock()).code).toBe('lease-clock');
    machine.setClock(HOUR);
    expect((await machine.unlock('not asked')).code).toBe('open');
  });

  it('security: never makes the lease longer than its time, whatever is done to clock and program', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: DAY }) }),
      fc.record({ kind: fc.constant('clock' as const), ms: fc.integer({ min: -30 * DAY, max: 30 * DAY }) }),
      fc.record({ kind: fc.constant('restart' as const), ms: fc.constant(0) }),
      fc.record({ kind: fc.constant('look' as const), ms: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const machine = await start();
        let passed = 0;
        for (const { kind, ms } of steps) {
          if (kind === 'pass') {
            machine.pass(ms);
            passed += ms;
          } else if (kind === 'clock') machine.setClock(ms);
          else if (kind === 'restart') await machine.restart();
          else await machine.leases().tick(ID);
        }
        const { code } = await machine.unlock();
        if (passed > terms.offlineMs) expect(code).not.toBe('open');
      }),
      { numRuns: 200 },
    );
  });
});

describe('the end of the grace', () => {
  it('is told for a day on the screen before the keys are destroyed', async () => {
    const machine = await start();
    await machine.off(18 * DAY);
    expect(await machine.problem()).toBe('lease-overdue');
    expect(await machine.run(DAY / 2)).toBe('lease-overdue');
    await machine.restart();
    expect(await machine.problem()).toBe('lease-overdue');
    expect(machine.destroyed).toEqual([]);
    await machine.run(DAY / 2);
    expect(machine.destroyed).toEqual([ID]);
    await machine.restart({ dies: true });
    machine.setClock(-30 * DAY);
    expect(await machine.unlock('not asked')).toEqual({ asked: false, code: 'lease-destroyed' });
    expect(machine.destroyed).toEqual([ID]);
  });

  it('is not told while the computer sleeps, or Wardlight does not run', async () => {
    const machine = await start();
    machine.pass(18 * DAY);
    expect(await machine.leases().tick(ID)).toBe('lease-overdue');
    machine.pass(18 * DAY);
    await machine.restart();
    machine.pass(18 * DAY);
    expect(await machine.problem()).toBe('lease-overdue');
    expect(machine.destroyed).toEqual([]);
  });

  it('is taken back by a contact', async () => {
    const machine = await start();
    await machine.off(18 * DAY);
    await machine.problem();
    await machine.run(DAY - HOUR);
    expect((await machine.unlock({ serverTime: START + 19 * DAY })).code).toBe('open');
    await machine.run(DAY);
    expect(await machine.problem()).toBeNull();
    expect(machine.destroyed).toEqual([]);
  });

  it('destroys nothing where the clock was far ahead by mistake and is set right, and begins its notice anew', async () => {
    const machine = await start();
    machine.setClock(3_650 * DAY);
    expect(await machine.run(DAY - HOUR)).toBe('lease-overdue');
    machine.setClock(-3_650 * DAY);
    expect(await machine.run(2 * HOUR)).toBe('lease-expired');
    machine.setClock(3_650 * DAY);
    expect(await machine.run(2 * HOUR)).toBe('lease-overdue');
    expect(machine.destroyed).toEqual([]);
  });

  it('is tried again where the keychain could not destroy', async () => {
    const machine = await start();
    machine.setDestroyable(false);
    await machine.off(18 * DAY);
    await machine.problem();
    expect(await machine.run(2 * DAY)).toBe('lease-overdue');
    machine.setDestroyable(true);
    expect(await machine.run(MINUTE)).toBe('lease-destroyed');
  });
});

describe('security: the lease of a new profile', () => {
  it('security: begins by the server’s clock, however the workstation’s is set while a passphrase is chosen', async () => {
    const machine = await start();
    const issued = { serverTime: START - DAY, uptime: HOUR };
    machine.pass(5 * MINUTE);
    machine.setClock(400 * DAY);
    const clocks = { wall: () => START + 400 * DAY, uptime: () => HOUR + 5 * MINUTE };
    expect(serverTimeNow(issued, clocks)).toBe(START - DAY + 5 * MINUTE);
    await machine.leases().renew('new', serverTimeNow(issued, clocks));
    machine.pass(3 * DAY - MINUTE);
    expect(await machine.leases().problem('new')).toBeNull();
    machine.pass(2 * MINUTE);
    expect(await machine.leases().problem('new')).toBe('lease-expired');
  });
});

import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import type { AuditStore } from '../../../main/audit/store.ts';
import { auditWith, storeInto, storeThat } from '../../support/audit.ts';

const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  action: 'read',
  practitioner: 'Practitioner/a',
  server: 'https://s',
  patientId: 'p1',
  view: 'chart.read',
  ...change,
});

const at = '2026-03-04T05:06:07.000Z';

function start(store: Promise<{ ok: true; value: AuditStore } | { ok: false; error: { code: string } }>) {
  let count = 0;
  return auditWith({ open: () => store, now: () => Date.parse(at), newId: () => `id-${++count}` });
}

const unavailable = { ok: false, error: { code: 'audit-unavailable' } };

describe('security: recording an access', () => {
  it('security: is done only when the store has it', async () => {
    const kept: string[] = [];
    let finish: () => void = () => undefined;
    const store = storeThat(
      (event) =>
        new Promise((resolve) => {
          finish = () => resolve({ seq: kept.push(event) });
        }),
    );
    let done = false;
    const recording = start(Promise.resolve({ ok: true, value: store }))
      .record(entry())
      .then((answer) => {
        done = true;
        return answer;
      });
    for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
    expect(done).toBe(false);
    finish();
    expect(await recording).toEqual({ ok: true, value: undefined });
    const event = JSON.parse(kept[0] ?? '');
    expect([event.recorded, event.agent[0].who.reference]).toEqual([at, 'Practitioner/a']);
  });

  it('security: is unavailable where the store did not open, failed to open, or does not take the event', async () => {
    const failing = storeThat(() => Promise.reject(new Error('disk full')));
    expect(await start(Promise.resolve({ ok: true, value: failing })).record(entry())).toEqual(unavailable);
    const locked = Promise.resolve({ ok: false, error: { code: 'keyring-locked' } } as const);
    expect(await start(locked).record(entry())).toEqual(unavailable);
    const broken = start(Promise.reject(new Error('no process')));
    expect(await broken.record(entry())).toEqual(unavailable);
    await broken.close();
  });

  it('waits for a store that is still being opened', async () => {
    let open: (store: { ok: true; value: AuditStore }) => void = () => undefined;
    const kept: string[] = [];
    const opening = new Promise<{ ok: true; value: AuditStore }>((resolve) => {
      open = resolve;
    });
    const recording = start(opening).record(entry());
    open({ ok: true, value: storeInto(kept) });
    expect((await recording).ok).toBe(true);
    expect(kept).toHaveLength(1);
  });

  it('is available again as soon as the keyring is unlocked, without a restart', async () => {
    const kept: string[] = [];
    const store = storeInto(kept);
    let locked = true;
    const audit = auditWith({
      open: async () => (locked ? { ok: false, error: { code: 'keyring-locked' } } : { ok: true, value: store }),
      now: () => Date.parse(at),
      newId: () => 'id',
    });
    expect(await audit.record(entry())).toEqual(unavailable);
    locked = false;
    expect((await audit.record(entry())).ok).toBe(true);
    expect(kept).toHaveLength(1);
  });

  it('goes on in a new process when the old one has ended', async () => {
    const kept: string[] = [];
    const stores: AuditStore[] = [
      storeThat(() => Promise.reject(new Error('process-ended')), { close: () => Promise.reject(new Error('gone')) }),
      storeInto(kept),
    ];
    const audit = auditWith({
      open: async () => ({ ok: true, value: stores.shift() as AuditStore }),
      now: () => Date.parse(at),
      newId: () => 'id',
    });
    expect((await audit.record(entry())).ok).toBe(true);
    expect(kept).toHaveLength(1);
  });
});

describe('what is recorded together', () => {
  it('is handed to the store at once, each with an id of its own and all with one request id', async () => {
    const kept: { id: string; entity: { what?: { identifier?: { value: string } } }[] }[] = [];
    let together = 0;
    const store = storeThat(async (event) => {
      const seq = kept.push(JSON.parse(event)) - 1;
      // All are there before the first is answered: the store can write them as one.
      await Promise.resolve();
      together = Math.max(together, kept.length);
      return { seq };
    });
    const many = Array.from({ length: 200 }, (_, index) => entry({ patientId: `p${index}` }));
    expect((await start(Promise.resolve({ ok: true, value: store })).record(many)).ok).toBe(true);
    expect(together).toBe(200);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(200);
    const requests = kept.map(
      ({ entity }) => entity.find(({ what }) => what?.identifier?.value.startsWith('id-'))?.what,
    );
    expect(new Set(requests.map((one) => one?.identifier?.value)).size).toBe(1);
  });
});

describe('a note of what nobody waits for', () => {
  it('is kept while the store can’t be opened, and goes before what is recorded next, with its own time', async () => {
    const kept: { recorded: string; action: string }[] = [];
    const told: number[] = [];
    let [locked, time] = [true, Date.parse(at)];
    const store = storeThat(async (event) => ({ seq: kept.push(JSON.parse(event)) - 1 }));
    const audit = auditWith({
      open: async () => (locked ? { ok: false, error: { code: 'keyring-locked' } } : { ok: true, value: store }),
      now: () => time,
      newId: () => 'id',
      onRecorded: (events) => told.push(events.length),
    });
    await audit.note(entry({ action: 'start', practitioner: null }));
    expect(await audit.record(entry())).toEqual(unavailable);
    time += 1_000;
    locked = false;
    expect((await audit.record(entry())).ok).toBe(true);
    expect(kept.map(({ recorded }) => recorded)).toEqual([at, '2026-03-04T05:06:08.000Z']);
    expect(told).toEqual([2]);
  });
});

describe('the verification behind the start', () => {
  it('begins again with a log that is opened anew', async () => {
    const due: (() => void)[] = [];
    const verified: number[] = [];
    let broken = false;
    const log = (number: number) =>
      storeThat(() => (broken ? Promise.reject(new Error('process-ended')) : Promise.resolve({ seq: 0 })), {
        verify: async () => {
          verified.push(number);
          return { checked: 1, size: 1, done: true };
        },
      });
    let opened = 0;
    const audit = auditWith({
      open: async () => {
        broken = false;
        opened += 1;
        return { ok: true, value: log(opened) };
      },
      after(_ms, callback) {
        due.push(callback);
        return () => undefined;
      },
    });
    const settle = async () => {
      for (const callback of due.splice(0)) callback();
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    };
    await audit.record(entry());
    await settle();
    expect(audit.status().verification?.done).toBe(true);
    broken = true;
    await audit.record(entry());
    expect(audit.status().verification).toBeNull();
    await settle();
    expect(verified).toEqual([1, 2]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Sheets } from '../../../main/access/sheets.ts';
import { createSchedule } from '../../../main/downtime/schedule.ts';
import { fakePatients } from '../renderer/support/fakeData.ts';
import { fakeSheet } from './fixture.ts';
import { downtimeOver, NOON } from './support.ts';

const rows = fakePatients(3);
const whole = { kind: 'list', query: '' } as const;

function sheetsOf(change: Partial<Sheets> = {}): Sheets {
  return {
    list: async () => ({ rows, total: rows.length, asOf: null, complete: true }),
    sheet: async (patientId) => ({ ok: true, value: fakeSheet(rows.findIndex(({ id }) => id === patientId)) }),
    use: async () => ({ ok: true, value: null }),
    ...change,
  };
}

type Made = Awaited<ReturnType<ReturnType<typeof downtimeOver>['downtime']['handlers']['make']>>;
const idOf = (made: Made) => (made.ok ? made.value.id : '');

describe('binders', () => {
  it('are made patient by patient, told of meanwhile, kept and listed', async () => {
    const { downtime, states } = downtimeOver(sheetsOf());
    const made = await downtime.handlers.make({ scope: whole });
    expect(made).toMatchObject({ ok: true, value: { patients: 3, withheld: 0, scope: whole } });
    expect(states.flatMap(({ making }) => (making ? [making.done] : []))).toEqual([0, 0, 1, 2, 3]);
    expect(states.at(-1)).toMatchObject({ making: null, failed: null, kept: [{ id: idOf(made) }] });
    expect(JSON.stringify(states)).not.toContain('patientIds');
  });

  it('leave out and count whom access withholds, without a name', async () => {
    const [first] = rows;
    const { downtime, store } = downtimeOver(
      sheetsOf({
        sheet: async (patientId) =>
          patientId === first?.id
            ? { ok: false, error: { code: 'not-permitted' } }
            : { ok: true, value: fakeSheet(rows.findIndex(({ id }) => id === patientId)) },
      }),
    );
    const made = await downtime.handlers.make({ scope: whole });
    expect(made).toMatchObject({ ok: true, value: { patients: 2, withheld: 1 } });
    const html = store.kept.get(idOf(made))?.content.html ?? '';
    expect(html).toContain('1 patient of the list withheld by access policy');
    expect(html).not.toContain(first?.name.family.toUpperCase());
  });

  it('stop when they are told to, and leave the last one as it is', async () => {
    const { downtime, store } = downtimeOver(
      sheetsOf({
        async sheet() {
          downtime.handlers.cancel({});
          return { ok: true, value: fakeSheet() };
        },
      }),
    );
    expect(await downtime.handlers.make({ scope: whole })).toEqual({ ok: false, error: { code: 'binder-cancelled' } });
    expect(store.kept.size).toBe(0);
  });

  it('are made one at a time, and not at all where policy says so', async () => {
    const { downtime } = downtimeOver(sheetsOf());
    const first = downtime.handlers.make({ scope: whole });
    expect(await downtime.handlers.make({ scope: whole })).toEqual({ ok: false, error: { code: 'binder-busy' } });
    expect((await first).ok).toBe(true);
    const off = downtimeOver(sheetsOf(), { policy: { binder: false } });
    expect(await off.downtime.handlers.make({ scope: whole })).toEqual({ ok: false, error: { code: 'binder-off' } });
  });

  it('security: are printed only while machine policy lets that be, which the page is told', async () => {
    let mayPrint = true;
    const { downtime, paper, states } = downtimeOver(sheetsOf(), { mayPrint: () => mayPrint });
    const id = idOf(await downtime.handlers.make({ scope: whole }));
    const opened = await downtime.handlers.open({ id });
    const handle = opened.ok ? opened.value.handle : '';
    expect(await downtime.handlers.print({ handle })).toEqual({ ok: true, value: { printed: true } });
    expect(states.at(-1)?.mayPrint).toBe(true);
    mayPrint = false;
    expect(await downtime.handlers.print({ handle })).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(paper.printed).toHaveLength(1);
    expect(await downtime.handlers.state({})).toMatchObject({ value: { mayPrint: false } });
  });

  it('are not made where the record of access can’t be written, or not all would fit; that is told', async () => {
    const failing = { ok: false, error: { code: 'audit-unavailable' } } as const;
    const { downtime, states } = downtimeOver(sheetsOf({ sheet: async () => failing }));
    expect(await downtime.handlers.make({ scope: whole })).toEqual(failing);
    expect(states.at(-1)?.failed?.code).toBe('audit-unavailable');
    const layout = { pages: 3, tooLarge: 0, unprintable: 0, overflowing: 1 };
    const page = {
      run: async () => layout as never,
      pdf: async () => Buffer.of(),
      print: async () => true,
      close() {},
    };
    const cut = downtimeOver(sheetsOf(), { paper: { open: async () => page } });
    expect(await cut.downtime.handlers.make({ scope: whole })).toEqual({ ok: false, error: { code: 'binder-layout' } });
  });

  it('are deleted after their time, but for the newest of the list', async () => {
    let time = NOON;
    const { downtime, store } = downtimeOver(sheetsOf(), { now: () => time, policy: { retentionHours: 24 } });
    for (let count = 0; count < 5; count += 1) {
      await downtime.handlers.make({ scope: whole });
      time += 60_000;
    }
    expect(store.kept.size).toBe(3);
    await downtime.handlers.make({ scope: { kind: 'patient', patientId: rows[0]?.id ?? '' } });
    time += 25 * 60 * 60_000;
    await downtime.open();
    expect([...store.kept.values()].map(({ one }) => one.scope)).toEqual([whole]);
  });

  it('security: open, print and save only what may be printed then, and print what was made', async () => {
    const used: string[] = [];
    let allowed = true;
    const saved: string[] = [];
    const { downtime, paper, store } = downtimeOver(
      sheetsOf({
        async use(ids, use) {
          used.push(`${use} ${ids.length}`);
          return allowed ? { ok: true, value: null } : { ok: false, error: { code: 'not-permitted' } };
        },
      }),
      { askWhere: async () => '/tmp/x/binder.pdf', saveFile: async (path) => void saved.push(path) },
    );
    const id = idOf(await downtime.handlers.make({ scope: whole }));
    const opened = await downtime.handlers.open({ id });
    const handle = opened.ok ? opened.value.handle : '';
    expect(await downtime.handlers.print({ handle })).toEqual({ ok: true, value: { printed: true } });
    expect(paper.printed).toEqual([store.kept.get(id)?.content.html]);
    // Not where policy doesn't say so.
    expect(await downtime.handlers.saveAs({ handle })).toEqual({ ok: false, error: { code: 'not-permitted' } });
    allowed = false;
    expect(await downtime.handlers.print({ handle })).toEqual({ ok: false, error: { code: 'binder-outdated' } });
    expect(await downtime.handlers.open({ id })).toEqual({ ok: false, error: { code: 'binder-outdated' } });
    expect(used).toEqual(['open 3', 'print 3', 'print 3', 'open 3']);
    expect([paper.printed.length, saved]).toEqual([1, []]);
    downtime.handlers.close({ handle });
    expect(await downtime.content(handle, { offset: 0, length: 10 })).toBeNull();
  });

  it('are saved where policy lets them, after it was recorded', async () => {
    const order: string[] = [];
    const { downtime } = downtimeOver(
      sheetsOf({
        async use(_ids, use) {
          order.push(use);
          return { ok: true, value: null };
        },
      }),
      {
        policy: { saveAs: true },
        askWhere: async () => '/tmp/x/b.pdf',
        saveFile: async () => void order.push('written'),
      },
    );
    const opened = await downtime.handlers.open({ id: idOf(await downtime.handlers.make({ scope: whole })) });
    const saved = await downtime.handlers.saveAs({ handle: opened.ok ? opened.value.handle : '' });
    expect(saved).toEqual({ ok: true, value: { name: 'b.pdf' } });
    expect(order).toEqual(['open', 'save', 'written']);
  });
});

describe('the schedule', () => {
  function schedule(last: number | null) {
    const timers: { ms: number; ring: () => void }[] = [];
    const state = { last, time: NOON, made: 0 };
    const policy = { binder: true, everyMinutes: 240, leastMinutes: 60 };
    const made = createSchedule({
      policy,
      now: () => state.time,
      lastMade: () => state.last,
      async make() {
        state.made += 1;
        state.last = state.time;
      },
      after(ms, ring) {
        const timer = { ms, ring };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    });
    const ring = async () => {
      timers.shift()?.ring();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { made, timers, state, ring };
  }

  it('makes one soon where there is none, then each time that policy names', async () => {
    const { made, timers, state, ring } = schedule(null);
    made.start();
    expect(timers.map(({ ms }) => ms)).toEqual([60_000]);
    await ring();
    expect([state.made, timers.map(({ ms }) => ms)]).toEqual([1, [240 * 60_000]]);
    made.stop();
    expect(timers).toEqual([]);
  });

  it('makes one after a sync, unless the last one is young', async () => {
    const { made, timers, state, ring } = schedule(NOON - 30 * 60_000);
    made.start();
    made.synced();
    expect(timers.map(({ ms }) => ms)).toEqual([210 * 60_000]);
    state.time += 31 * 60_000;
    made.synced();
    expect(timers.map(({ ms }) => ms)).toEqual([60_000]);
    await ring();
    expect(state.made).toBe(1);
  });

  it('takes one of the future for none: a clock was set back', () => {
    const { made, timers } = schedule(NOON + 60_000_000);
    made.start();
    expect(timers.map(({ ms }) => ms)).toEqual([60_000]);
  });
});

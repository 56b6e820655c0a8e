import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GrantTimes } from '../../../main/access/grants.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import { listOf } from '../../unit/audit/support.ts';
import { bridgeTo, PASSPHRASE } from './bridge.ts';
import { canaryOf, openWard, practitionerOf, type Ward, type WardPatient } from './ward.ts';

const foreign: WardPatient = { id: 'foreign', relation: 'none', label: 'none' };
const mine: WardPatient = { id: 'mine', relation: 'care-team', label: 'R' };
const emergency = { patientId: 'foreign', purpose: 'ETREAT', reason: 'Found unconscious', passphrase: PASSPHRASE };

let ward: Ward;
beforeEach(async () => {
  ward = await openWard([foreign, mine]);
});
afterEach(() => ward.close());

/** A clock that a test moves, with the one timer that runs by it. */
function testTimes(): GrantTimes & { pass(ms: number): void } {
  let now = 0;
  let due: { at: number; callback: () => void } | null = null;
  return {
    now: () => now,
    monotonic: () => now,
    after(ms, callback) {
      const mineToo = { at: now + ms, callback };
      due = mineToo;
      return () => {
        if (due === mineToo) due = null;
      };
    },
    pass(ms) {
      now += ms;
      if (due && due.at <= now) due.callback();
    },
  };
}

interface Event {
  type: { code: string };
  subtype: { code: string }[];
  outcome: string;
  purposeOfEvent: { coding: { code: string }[] }[];
  entity: { name?: string; what?: { reference?: string }; detail?: { valueString: string }[] }[];
}

const told = (events: unknown[]) =>
  (events as Event[]).map(({ subtype, outcome, purposeOfEvent, entity }) => {
    const purposes = purposeOfEvent.map(({ coding }) => coding[0]?.code).join();
    return `${subtype[0]?.code} ${outcome} ${purposes} ${entity.find(({ name }) => name?.includes('.'))?.name}`;
  });

describe('emergency access', () => {
  it('security: is alerted and recorded before it is open, and each look is recorded as what it is', async () => {
    const times = testTimes();
    const bridge = bridgeTo({ ...ward, times });
    expect(await bridge.ask('chart.read', { patientId: 'foreign' })).toMatchObject({ ok: false });
    expect(await bridge.ask('access.declareEmergency', { ...emergency, passphrase: 'guessed' })).toEqual({
      ok: false,
      error: { code: 'passphrase-wrong' },
    });
    expect(await bridge.ask('access.declareEmergency', emergency)).toEqual({
      ok: true,
      value: { patientId: 'foreign', kind: 'emergency', purpose: 'ETREAT', remainingMs: 60_000 },
    });
    const chart = JSON.stringify(await bridge.ask('chart.read', { patientId: 'foreign' }));
    expect(chart).toContain(canaryOf(foreign, 'labelled'));
    times.pass(60_000);
    expect(await bridge.ask('chart.read', { patientId: 'foreign' })).toEqual({
      ok: false,
      error: { code: 'not-permitted' },
    });
    await bridge.close();
    const events = await ward.events();
    expect(told(events)).toEqual([
      'read 4 TREAT chart.read',
      '110127 4 BTG,ETREAT access.emergency',
      '110127 0 BTG,ETREAT access.emergency',
      'read 0 BTG,ETREAT access.emergency',
      'read 0 BTG,ETREAT chart.read',
      '110138 0 BTG,ETREAT access.emergency',
      'read 4 TREAT chart.read',
    ]);
    const [, , alert] = events as unknown as Event[];
    expect(alert?.type.code).toBe('110113');
    expect(alert?.entity.map(({ what }) => what?.reference)).toContain('Patient/foreign');
    expect(JSON.stringify(alert)).toContain('Found unconscious');
    expect(JSON.stringify(events)).not.toContain('guessed');
  });

  it('security: opens nothing where the alert or the record can’t be written', async () => {
    for (const missing of ['emergency-alert', 'emergency']) {
      const audit: Pick<Audit, 'record'> = {
        record: async (entries) =>
          listOf(entries).some(({ action }) => action === missing)
            ? { ok: false, error: { code: 'audit-unavailable' } }
            : { ok: true, value: undefined },
      };
      const bridge = bridgeTo({ ...ward, audit });
      expect(await bridge.ask('access.declareEmergency', emergency)).toEqual({
        ok: false,
        error: { code: 'audit-unavailable' },
      });
      expect(await bridge.ask('chart.read', { patientId: 'foreign' })).toMatchObject({ ok: false });
      await bridge.close();
    }
  });

  it('security: is of that patient alone, and doesn’t outlive the lock', async () => {
    const bridge = bridgeTo({ ...ward });
    expect(await bridge.ask('access.declareEmergency', { ...emergency, patientId: 'nobody-known' })).toEqual({
      ok: false,
      error: { code: 'not-found' },
    });
    await bridge.ask('access.declareEmergency', { ...emergency, patientId: 'mine' });
    expect(await bridge.ask('chart.read', { patientId: 'foreign' })).toMatchObject({ ok: false });
    await bridge.close();
    expect(await bridge.ask('access.state', {})).toMatchObject({ ok: true, value: { grants: [] } });
    // Asked before the lock, answered after it.
    expect(await bridge.ask('access.declareEmergency', emergency)).toEqual({
      ok: false,
      error: { code: 'not-permitted' },
    });
    expect(told(await ward.events()).filter((one) => one.startsWith('110138'))).toHaveLength(1);
  });

  it('security: what is read while it ends is not shown', async () => {
    const times = testTimes();
    // As slow as a disk can be: the time is over between the decision and the answer.
    const slow: Ward['cache'] = {
      ...ward.cache,
      read: {
        ...ward.cache.read,
        async chartSummary(args) {
          const chart = await ward.cache.read.chartSummary(args);
          times.pass(60_000);
          return chart;
        },
      },
    };
    const bridge = bridgeTo({ ...ward, cache: slow, times });
    await bridge.ask('access.declareEmergency', emergency);
    expect(await bridge.ask('chart.read', { patientId: 'foreign' })).toEqual({
      ok: false,
      error: { code: 'not-permitted' },
    });
    expect(bridge.told).toContainEqual({ patients: ['foreign'] });
    await bridge.close();
  });

  it('security: is not even offered to whom policy denies it, whatever the passphrase', async () => {
    const bridge = bridgeTo({ ...ward, practitioner: practitionerOf('student') });
    expect(await bridge.ask('access.mayDeclare', {})).toEqual({ ok: true, value: { emergency: false } });
    expect(await bridge.ask('access.declareEmergency', emergency)).toMatchObject({ error: { code: 'not-permitted' } });
    await bridge.close();
    const other = bridgeTo({ ...ward, practitioner: practitionerOf('nurse') });
    expect(await other.ask('access.mayDeclare', {})).toEqual({ ok: true, value: { emergency: true } });
    await other.close();
  });
});

describe('opening what is restricted', () => {
  it('security: is recorded with its purpose before it is open, and so is each look', async () => {
    const bridge = bridgeTo({ ...ward });
    expect(await bridge.ask('access.openRestricted', { patientId: 'mine', purpose: 'CAREMGT' })).toMatchObject({
      ok: true,
      value: { kind: 'purpose', purpose: 'CAREMGT' },
    });
    await bridge.ask('chart.read', { patientId: 'mine' });
    await bridge.ask('access.end', { patientId: 'mine' });
    const closed = JSON.stringify(await bridge.ask('chart.read', { patientId: 'mine' }));
    expect(closed).not.toContain(canaryOf(mine, 'labelled'));
    await bridge.close();
    expect(told(await ward.events())).toEqual([
      'read 0 CAREMGT access.openRestricted',
      'read 0 CAREMGT chart.read',
      'read 0 TREAT chart.read',
    ]);
  });

  it('security: opens nothing of a patient who is not one’s own, and nothing unrecorded', async () => {
    const bridge = bridgeTo({ ...ward });
    expect(await bridge.ask('access.openRestricted', { patientId: 'foreign', purpose: 'TREAT' })).toMatchObject({
      error: { code: 'not-permitted' },
    });
    await bridge.close();
    const silent = bridgeTo({
      ...ward,
      audit: { record: async () => ({ ok: false, error: { code: 'audit-unavailable' } }) },
    });
    expect(await silent.ask('access.openRestricted', { patientId: 'mine', purpose: 'TREAT' })).toMatchObject({
      error: { code: 'audit-unavailable' },
    });
    expect(await silent.ask('access.state', {})).toMatchObject({ value: { grants: [] } });
    await silent.close();
  });
});

import { describe, expect, it } from 'vitest';
import { type AuditEntry, auditEvent } from '../../../main/audit/event.ts';
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

describe('an audit event', () => {
  it.each([
    ['emergency-alert', '110113', '110127', 'E', '0', ['BTG', 'ETREAT']],
    ['emergency-failed', '110113', '110127', 'E', '4', ['BTG', 'ETREAT']],
    ['emergency-end', '110113', '110138', 'E', '0', ['BTG', 'ETREAT']],
    ['emergency', 'rest', 'read', 'R', '0', ['BTG', 'ETREAT']],
    ['open-restricted', 'rest', 'read', 'R', '0', ['ETREAT']],
  ] as const)('tells %s by DICOM’s and HL7’s codes', (action, type, subtype, letter, outcome, purposes) => {
    const event = auditEvent(entry({ action, purpose: 'ETREAT', reason: 'Found unconscious' }), at, 'r');
    expect(event.type.code).toBe(type);
    expect(event.subtype?.map(({ code }) => code)).toEqual([subtype]);
    expect([event.action, event.outcome]).toEqual([letter, outcome]);
    expect(event.purposeOfEvent?.map(({ coding }) => coding?.[0]?.code)).toEqual(purposes);
    expect(event.entity?.at(-1)?.detail).toEqual([{ type: 'reason', valueString: 'Found unconscious' }]);
  });

  it('tells a look under emergency access as one, and a policy that failed as a serious failure of IT’s', () => {
    const look = auditEvent(entry({ purpose: 'ETREAT', emergency: true }), at, 'r');
    expect(look.purposeOfEvent?.map(({ coding }) => coding?.[0]?.code)).toEqual(['BTG', 'ETREAT']);
    const { patientId: _patientId, ...rest } = entry({ action: 'policy-alarm', view: 'policy-signature' });
    const alarm = auditEvent(rest, at, 'r');
    expect(alarm).toMatchObject({ type: { code: '110113' }, subtype: [{ code: '110129' }], outcome: '8' });
    expect(alarm.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('HSYSADMIN');
  });

  it('says who did what to whose record, where, when and why', () => {
    expect(auditEvent(entry(), at, 'request-1')).toEqual({
      resourceType: 'AuditEvent',
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
      subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
      action: 'R',
      recorded: at,
      outcome: '0',
      purposeOfEvent: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }] }],
      agent: [{ who: { reference: 'Practitioner/a' }, requestor: true }],
      source: { observer: { display: 'Wardlight' }, site: 'https://s' },
      entity: [
        {
          what: { reference: 'Patient/p1' },
          type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
          role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
        },
        {
          what: { identifier: { value: 'request-1' } },
          type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
        },
        { name: 'chart.read' },
      ],
    });
  });

  it.each([
    ['read', 'rest', 'read', 'R', '0'],
    ['search', 'rest', 'search', 'E', '0'],
    ['denied', 'rest', 'read', 'R', '4'],
    ['create', 'rest', 'create', 'C', '0'],
    ['update', 'rest', 'update', 'U', '0'],
    ['delete', 'rest', 'delete', 'D', '0'],
    ['draft', 'originate', 'originate', 'C', '0'],
    ['draft-discard', 'destroy', 'destroy', 'D', '0'],
    ['withdraw', 'destroy', 'destroy', 'D', '0'],
    ['conflict-decision', 'merge', 'merge', 'U', '0'],
    ['accept-server', '110113', '110129', 'E', '0'],
    ['launch-refused', '110113', '110126', 'E', '4'],
    ['launch', '110114', '110122', 'E', '0'],
    ['wipe', 'destroy', 'destroy', 'D', '0'],
    ['sign-in', '110114', '110122', 'E', '0'],
    ['enrol', '110114', '110122', 'E', '0'],
    ['unlock', '110114', '110122', 'E', '0'],
    ['unlock-failed', '110114', '110122', 'E', '4'],
    ['lock', '110114', '110123', 'E', '0'],
    ['change-passphrase', '110113', '110137', 'E', '0'],
    ['rotate-key', '110113', '110135', 'E', '0'],
    ['keys-destroyed', '110113', '110135', 'E', '0'],
    ['rebuild-cache', 'restore', 'restore', 'U', '0'],
    ['set-outbox-aside', 'archive', 'archive', 'U', '0'],
  ] as const)('of %s has type %s, subtype %s, action %s and outcome %s', (action, type, subtype, letter, outcome) => {
    const event = auditEvent(entry({ action }), at, 'x');
    expect([event.type.code, event.subtype?.[0]?.code, event.action, event.outcome]).toEqual([
      type,
      subtype,
      letter,
      outcome,
    ]);
  });

  it('of a denied write tells what was tried', () => {
    const event = auditEvent(entry({ action: 'denied', attempted: 'create' }), at, 'x');
    expect([event.subtype?.[0]?.code, event.action, event.outcome]).toEqual(['create', 'C', '4']);
  });

  it('names the record that was written, beside its patient', () => {
    const event = auditEvent(entry({ action: 'update', resource: 'DocumentReference/n1' }), at, 'x');
    expect(event.entity?.map(({ what }) => what?.reference)).toEqual([
      'Patient/p1',
      'DocumentReference/n1',
      undefined,
      undefined,
    ]);
    expect(event.entity?.[1]?.role?.code).toBe('4');
  });

  it('names one patient or none, and never an empty one', () => {
    const { practitioner, server } = entry();
    const event = auditEvent({ action: 'search', practitioner, server }, at, 'x');
    expect(JSON.stringify(event)).not.toContain('Patient/');
    expect(event.entity).toHaveLength(1);
  });
});

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
    expect(JSON.parse(kept[0] ?? '')).toMatchObject({
      recorded: at,
      agent: [{ who: { reference: 'Practitioner/a' } }],
    });
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

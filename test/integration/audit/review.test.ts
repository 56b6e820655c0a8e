import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { defaultBundle } from '../../../main/access/policy/defaults.ts';
import type { AuditStore } from '../../../main/audit/store.ts';
import type { AccessLine, AlarmLine, Integrity, ReviewedPerson } from '../../../preload/contract/audit.ts';
import { type Bridge, bridgeTo, engineOf } from '../access/bridge.ts';
import { openWard, practitionerOf, type Ward, type WardPatient } from '../access/ward.ts';

const foreign: WardPatient = { id: 'foreign', relation: 'none', label: 'none' };
const mine: WardPatient = { id: 'mine', relation: 'care-team', label: 'none' };
const secret: WardPatient = { id: 'secret', relation: 'care-team', label: 'none', identity: 'V' };
const marked: WardPatient = { id: 'marked', relation: 'none', label: 'none', identity: 'unknown' };

const OFFICER = 'Practitioner/officer';
const DOCTOR = practitionerOf('physician');

const staff = [
  {
    resourceType: 'PractitionerRole',
    id: 'role-officer',
    practitioner: { reference: OFFICER },
    code: [{ coding: [{ system: 'urn:wardlight:role', code: 'privacy-officer' }] }],
  },
  { resourceType: 'Practitioner', id: 'physician', name: [{ family: 'Adeyemi', given: ['Tunde'], prefix: ['Dr'] }] },
  {
    resourceType: 'Practitioner',
    id: 'nurse',
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    name: [{ family: 'Hidden' }],
  },
];

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';

interface Ringing {
  readonly id: string;
  readonly about?: string;
  readonly patientId?: string;
  readonly evidence?: readonly string[];
}

/** An alarm as the engine records it. */
function alarmEvent({ id, about, patientId, evidence = [] }: Ringing): string {
  const references = [
    ...(patientId === undefined ? [] : [`Patient/${patientId}`]),
    ...(about === undefined ? [] : [about]),
    ...evidence.map((one) => `AuditEvent/${one}`),
  ];
  return JSON.stringify({
    resourceType: 'AuditEvent',
    id,
    type: { system: DCM, code: '110113' },
    subtype: [
      { system: DCM, code: '110132' },
      { system: 'urn:wardlight:audit-action', code: 'alarm' },
    ],
    recorded: new Date().toISOString(),
    outcome: '0',
    agent: [{ who: { identifier: { value: 'ws-1' } }, requestor: true, network: { address: 'ward-7-pc', type: '1' } }],
    source: { observer: { identifier: { value: 'ws-1' } } },
    entity: [
      ...references.map((reference) => ({ what: { reference } })),
      {
        name: 'alarms',
        detail: [
          { type: 'rule', valueString: 'outside-panel' },
          { type: 'measured', valueString: '4' },
        ],
      },
    ],
  });
}

const everything = { person: null, from: null, to: null, lists: true, before: null };

describe('the record of access, as it is looked at', () => {
  let ward: Ward;
  let store: AuditStore;
  beforeAll(async () => {
    ward = await openWard([foreign, mine, secret, marked], staff);
    store = (await ward.audit.store())!;
  });
  afterAll(() => ward?.close());

  const bridgeOf = (practitioner: string, policies?: string): Bridge => {
    const engine = engineOf(policies);
    const bridge = bridgeTo({ cache: ward.cache, audit: ward.audit, practitioner, engine });
    onTestFinished(() => bridge.close());
    return bridge;
  };
  async function value<Value>(bridge: Bridge, call: string, request: object): Promise<Value> {
    const answer = await bridge.ask(call, request);
    if (!answer.ok) throw new Error(`${call}: ${answer.error.code}`);
    return answer.value;
  }
  type Accesses = { patient: { name: unknown }; items: AccessLine[]; next: number | null; people: ReviewedPerson[] };
  type Alarms = { items: AlarmLine[]; next: number | null };
  const newest = async () => JSON.parse((await store.query({ limit: 1 }))[0]!.leaf).event;

  it('security: who may not look at it is told nothing, and the try is recorded', async () => {
    await store.append(alarmEvent({ id: 'hidden-alarm', about: DOCTOR, patientId: 'mine' }));
    for (const practitioner of [DOCTOR, practitionerOf('clerk'), practitionerOf('student')]) {
      const bridge = bridgeOf(practitioner);
      expect(await value(bridge, 'audit.offers', { patientId: 'mine' })).toEqual({ alarms: null, access: false });
      for (const [call, request] of [
        ['audit.alarms', { before: null }],
        ['audit.evidence', { id: 'hidden-alarm' }],
        ['audit.markFalse', { id: 'hidden-alarm', reason: 'nothing to see' }],
        ['audit.accesses', { ...everything, patientId: 'mine' }],
        ['audit.integrity', {}],
        ['audit.verify', {}],
      ] as const) {
        const answer = await bridge.ask(call, request);
        expect(answer, call).toEqual({ ok: false, error: { code: 'not-permitted' } });
        const { outcome, agent } = await newest();
        expect({ outcome, who: agent[0].who.reference }).toEqual({ outcome: '4', who: practitioner });
      }
      await bridge.ask('audit.stopVerifying', {});
      expect(bridge.told).toEqual([]);
    }
    const officer = bridgeOf(OFFICER);
    expect((await value<Alarms>(officer, 'audit.alarms', { before: null })).items[0]?.mark).toBeNull();
  });

  it('security: tells who has seen a chart without opening it, and each look is recorded itself', async () => {
    await bridgeOf(DOCTOR).ask('chart.read', { patientId: 'foreign' });
    await bridgeOf(DOCTOR).ask('chart.read', { patientId: 'mine' });
    await bridgeOf(practitionerOf('nurse')).ask('chart.read', { patientId: 'mine' });
    const officer = bridgeOf(OFFICER);
    const seen = await value<Accesses>(officer, 'audit.accesses', { ...everything, patientId: 'foreign' });
    // The look itself stands before what it looks at.
    expect(seen.items[0]).toMatchObject({ who: { reference: OFFICER }, action: 'review', outcome: 'done' });
    expect(seen.items[1]).toMatchObject({
      who: { reference: DOCTOR, name: { family: 'Adeyemi', given: 'Tunde', prefix: 'Dr' } },
      action: 'denied',
      view: 'chart.read',
      outcome: 'refused',
      purposes: ['TREAT'],
      emergency: false,
    });
    expect(seen.patient).toMatchObject({ name: { given: expect.stringContaining('Canary-patient-foreign') } });
    expect(await officer.ask('chart.read', { patientId: 'foreign' })).toMatchObject({ ok: false });
    // A practitioner whose own record is labelled is told by her reference alone.
    const own = await value<Accesses>(officer, 'audit.accesses', { ...everything, patientId: 'mine' });
    expect(own.people).toContainEqual({ reference: practitionerOf('nurse'), name: null });
    expect(JSON.stringify(own)).not.toContain('Hidden');
  });

  it('is also kept of patients whose label nobody knows: it opens nothing of them', async () => {
    const officer = bridgeOf(OFFICER);
    expect(await value(officer, 'audit.offers', { patientId: 'marked' })).toMatchObject({ access: true });
    expect(await officer.ask('chart.read', { patientId: 'marked' })).toMatchObject({ ok: false });
  });

  it('is filtered by person and time, without lists, and in pages', async () => {
    const officer = bridgeOf(OFFICER);
    const start = Date.parse('2020-01-01T00:00:00Z');
    const of = (at: number, who: string, code: string) =>
      JSON.stringify({
        id: `paged-${at}`,
        subtype: [{ code }],
        recorded: new Date(start + at * 60_000).toISOString(),
        outcome: '0',
        agent: [{ who: { reference: who } }],
        entity: [{ what: { reference: 'Patient/paged' } }],
      });
    const people = [DOCTOR, practitionerOf('nurse')];
    await Promise.all(
      Array.from({ length: 250 }, (_, at) => store.append(of(at, people[at % 2]!, at % 5 === 0 ? 'search' : 'read'))),
    );
    const ask = (change: object) =>
      value<Accesses>(officer, 'audit.accesses', {
        ...everything,
        patientId: 'paged',
        to: start + 86_400_000,
        ...change,
      });
    const pages = [await ask({})];
    for (let next = pages[0]!.next; next !== null; next = pages.at(-1)!.next) pages.push(await ask({ before: next }));
    expect(pages.map(({ items }) => items.length)).toEqual([100, 100, 50]);
    expect(new Set(pages.flatMap(({ items }) => items.map(({ seq }) => seq))).size).toBe(250);
    expect((await ask({ lists: false, from: start + 200 * 60_000 })).items).toHaveLength(40);
    const nurses = await ask({ person: people[1]! });
    expect(new Set(nurses.items.map(({ who }) => who?.reference))).toEqual(new Set([people[1]]));
    const part = await ask({ from: start + 10 * 60_000, to: start + 13 * 60_000 });
    expect(part.items.map(({ at }) => at.slice(11, 16))).toEqual(['00:12', '00:11', '00:10']);
  });

  it('security: an alarm is judged by somebody else, with a reason that is recorded', async () => {
    const officer = bridgeOf(OFFICER);
    const read = (id: string) =>
      store.append(
        JSON.stringify({
          id,
          subtype: [{ code: 'read' }],
          recorded: new Date().toISOString(),
          outcome: '0',
          agent: [{ who: { reference: DOCTOR } }],
          entity: [{ what: { reference: 'Patient/mine' } }],
        }),
      );
    await read('look-1');
    await read('look-2');
    await store.append(
      alarmEvent({ id: 'a-1', about: DOCTOR, patientId: 'mine', evidence: ['look-1', 'look-2', 'gone'] }),
    );
    await store.append(alarmEvent({ id: 'a-2', about: OFFICER }));
    await store.append(alarmEvent({ id: 'a-2', about: OFFICER }));
    const before = await value<{ alarms: number }>(officer, 'audit.offers', { patientId: null });
    const { items } = await value<Alarms>(officer, 'audit.alarms', { before: null });
    expect(items.map(({ id, own }) => ({ id, own })).slice(0, 2)).toEqual([
      { id: 'a-2', own: true },
      { id: 'a-1', own: false },
    ]);
    expect(items[1]).toMatchObject({
      rule: 'outside-panel',
      measured: 4,
      threshold: null,
      about: { name: { family: 'Adeyemi' } },
      patient: { id: 'mine' },
      workstation: 'ward-7-pc',
      evidence: 3,
      mark: null,
      sending: 'here',
    });
    const evidence = await value<{ items: AccessLine[]; missing: number }>(officer, 'audit.evidence', { id: 'a-1' });
    expect(evidence.items.map(({ action }) => action)).toEqual(['read', 'read']);
    expect(evidence.missing).toBe(1);

    const mark = (id: string, reason = 'She was asked for a consult.') =>
      officer.ask('audit.markFalse', { id, reason });
    expect(await mark('a-2')).toEqual({ ok: false, error: { code: 'own-alarm' } });
    expect(await mark('a-9')).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(await mark('a-1', '  x  ')).toMatchObject({ error: { code: 'bad-request' } });
    expect(await mark('a-1')).toMatchObject({ ok: true });
    expect(officer.told).toEqual([{ open: before.alarms - 1 }]);
    const after = await value<Alarms>(officer, 'audit.alarms', { before: null });
    expect(after.items.find(({ id }) => id === 'a-1')?.mark).toMatchObject({
      who: { reference: OFFICER },
      reason: 'She was asked for a consult.',
    });
    expect(after.items.find(({ id }) => id === 'a-2')?.mark).toBeNull();
  });

  it('security: a patient is named only where her record of access may be looked at', async () => {
    await store.append(alarmEvent({ id: 'about-secret', about: DOCTOR, patientId: 'secret' }));
    const officer = bridgeOf(
      OFFICER,
      `${defaultBundle.policies}
      @id("not-of-the-very-restricted")
      forbid (principal, action == Action::"review-access", resource) when { resource.confidentiality == "V" };`,
    );
    const alarms = await value<Alarms>(officer, 'audit.alarms', { before: null });
    expect(alarms.items.find(({ id }) => id === 'about-secret')?.patient).toEqual({ id: 'secret', name: null });
    expect(JSON.stringify(alarms)).not.toContain('Canary-patient-secret');
    expect(await officer.ask('audit.accesses', { ...everything, patientId: 'secret' })).toMatchObject({ ok: false });
  });

  it('says how the log stands, and is verified when it is asked for', async () => {
    const officer = bridgeOf(OFFICER);
    await store.checkpoint();
    const { size } = await value<Integrity>(officer, 'audit.integrity', {});
    const signed = await store.newestCheckpoint();
    const standing = await value<Integrity>(officer, 'audit.integrity', {});
    expect(standing).toMatchObject({ size: size + 1, findings: [], checkpoint: { size: signed!.size } });
    expect(Date.parse(standing.checkpoint!.at)).not.toBeNaN();
    expect(await officer.ask('audit.verify', {})).toMatchObject({ ok: true });
  });
});

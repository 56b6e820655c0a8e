import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bridge, bridgeTo, PASSPHRASE } from './bridge.ts';
import {
  bring,
  canaryOf,
  openWard,
  practitionerOf,
  type Role,
  recordsOf,
  type Ward,
  type WardPatient,
} from './ward.ts';

const mine: WardPatient = { id: 'mine', relation: 'care-team', label: 'none' };
const restricted: WardPatient = { id: 'restricted', relation: 'care-team', label: 'R' };
const secret: WardPatient = { id: 'secret', relation: 'care-team', label: 'unknown' };
const nameless: WardPatient = { id: 'nameless', relation: 'care-team', label: 'none', identity: 'unknown' };
const foreign: WardPatient = { id: 'foreign', relation: 'none', label: 'none' };
const foreignSecret: WardPatient = { id: 'foreign-v', relation: 'none', label: 'V' };
const patients = [mine, restricted, secret, nameless, foreign, foreignSecret];

/** Records of a patient who may be seen that point at what may not be. */
const pointers = [
  {
    resourceType: 'MedicationRequest',
    id: 'pointing',
    meta: { versionId: '1' },
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/mine' },
    medicationCodeableConcept: { text: 'A drug' },
    // Named by the record that is referred to, where that could be read.
    requester: { reference: 'Patient/foreign' },
  },
  {
    resourceType: 'DocumentReference',
    id: 'pointing-note',
    meta: { versionId: '1' },
    status: 'current',
    subject: { reference: 'Patient/mine' },
    author: [{ reference: 'Patient/foreign-v' }, { reference: 'Practitioner/hidden' }],
    content: [{ attachment: { contentType: 'text/plain', url: 'Binary/hidden' } }],
  },
  {
    resourceType: 'Binary',
    id: 'hidden',
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] },
    contentType: 'text/plain',
    data: Buffer.from('Canary-shared-binary').toString('base64'),
  },
  {
    resourceType: 'Practitioner',
    id: 'hidden',
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] },
    name: [{ text: 'Canary-shared-practitioner', family: 'Canary-shared-practitioner' }],
  },
];

let ward: Ward;
beforeAll(async () => {
  ward = await openWard(patients, pointers);
  // Work of hers for a patient who has left, and for a record that has got a label since.
  for (const { id } of [foreign, secret]) {
    const added = await ward.cache.outbox.add({
      patientId: id,
      type: 'Observation',
      resourceId: `${id}-Observation`,
      action: 'update',
      baseVersionId: '1',
      body: JSON.stringify(recordsOf(id === 'foreign' ? foreign : secret)[2]),
      title: canaryOf({ id }, 'labelled'),
      author: 'Practitioner/nobody',
      changedAt: '2026-03-01T10:00:00Z',
    });
    if (!added.ok) throw new Error(added.error.code);
  }
  for (const one of [foreign, secret, restricted]) {
    const kept = await ward.cache.outbox.keepDraft({
      patientId: one.id,
      resourceType: 'DocumentReference',
      resourceId: one === foreign ? null : `${one.id}-DocumentReference`,
      kind: 'progress',
      versionId: '1',
      title: canaryOf(one, 'labelled'),
      body: canaryOf(one, 'labelled'),
      changedAt: '2026-03-01T10:00:00Z',
      labels: null,
      sealed: false,
    });
    if (!kept.ok) throw new Error(kept.error.code);
    const value = await ward.cache.outbox.keepDraft({
      patientId: one.id,
      resourceType: 'Observation',
      resourceId: one === foreign ? null : `${one.id}-Observation`,
      kind: null,
      versionId: '1',
      title: canaryOf(one, 'labelled'),
      body: { value: canaryOf(one, 'labelled'), diastolic: null, unit: '/min' },
      changedAt: '2026-03-01T10:00:00Z',
      labels: null,
      sealed: false,
    });
    if (!value.ok) throw new Error(value.error.code);
  }
  // Of records that the cache no longer has: one that was restricted when it was typed, and one of which nothing is known.
  for (const labels of [{ confidentiality: 'V', sensitivity: [], authors: [] } as const, null]) {
    // The first is hers once she has opened what is restricted of this patient, for treatment.
    const text = canaryOf(labels ? restricted : secret, 'labelled');
    const resourceId = `gone-${labels?.confidentiality}`;
    const about = { patientId: 'mine', resourceId, versionId: '1', title: text, changedAt: '2026-03-01T10:00:00Z' };
    await ward.cache.outbox.keepDraft({
      ...about,
      resourceType: 'DocumentReference',
      kind: 'progress',
      body: text,
      labels,
      sealed: false,
    });
    const body = { value: text, diastolic: null, unit: text };
    await ward.cache.outbox.keepDraft({
      ...about,
      resourceType: 'Observation',
      kind: null,
      body,
      labels,
      sealed: false,
    });
  }
  changeIds = (await ward.cache.outbox.list({ limit: 10 })).items.map(({ id }) => id);
  expect(changeIds).toHaveLength(2);
});
afterAll(() => ward?.close());
let changeIds: string[] = [];

const patientId = fc.constantFrom(...patients.map(({ id }) => id), 'nobody-known');
const recordId = fc
  .tuple(patientId, fc.constantFrom('DocumentReference', 'Observation', 'Encounter'))
  .map(([id, type]) => `${id}-${type}`);
const anyRecord = fc.oneof(recordId, fc.constantFrom('pointing-note', 'hidden'));
const code = patientId.map((id) => `urn:x|${canaryOf({ id }, 'labelled')}code`);
const query = fc.oneof(
  fc.constantFrom('', 'c', 'canary', 'ward', 'psychiatry'),
  patientId.map((id) => canaryOf({ id }, 'patient')),
  patientId.map((id) => `${canaryOf({ id }, 'labelled')}ward`),
);
const change = fc.nat(1).map((at) => changeIds[at]);
const purpose = fc.constantFrom('TREAT', 'ETREAT', 'CAREMGT', 'HOPERAT');

/** Every call by which the page could come by a record, with what it may ask for. */
const call: fc.Arbitrary<[string, object]> = fc.oneof(
  fc.record({ patientId }).map((request): [string, object] => ['chart.read', request]),
  fc.record({ patientId }).map((request): [string, object] => ['results.list', request]),
  fc.record({ patientId, code }).map((request): [string, object] => ['results.trend', request]),
  fc
    .record({ patientId, codes: fc.array(code, { minLength: 1, maxLength: 3 }) })
    .map((request): [string, object] => ['results.trends', request]),
  fc.record({ patientId }).map((request): [string, object] => ['results.earlyWarning', request]),
  fc.record({ patientId, noteId: anyRecord }).map((request): [string, object] => ['notes.read', request]),
  fc.record({ patientId }).map((request): [string, object] => ['sync.sections', request]),
  fc
    .record({
      query,
      sort: fc.constantFrom('name', 'location', 'age', 'updated'),
      descending: fc.boolean(),
      offset: fc.constantFrom(0, 1),
      limit: fc.constantFrom(1, 500),
    })
    .map((request): [string, object] => ['patients.list', request]),
  fc.constant<[string, object]>(['sync.changes', {}]),
  fc.constant<[string, object]>(['drafts.list', {}]),
  fc
    .record({ patientId, resourceType: fc.constantFrom('DocumentReference', 'Observation') })
    .map((request): [string, object] => ['drafts.ofPatient', request]),
  change.map((id): [string, object] => ['sync.conflict', { id }]),
  change.map((id): [string, object] => ['sync.preview', { id, token: 't', choices: {} }]),
  change.map((id): [string, object] => ['sync.retry', { id }]),
  fc
    .record({ patientId, noteId: anyRecord, versionId: fc.constantFrom('', '1'), body: fc.constant('Amended.') })
    .map((request): [string, object] => ['notes.amend', request]),
  fc
    .record({ patientId, observationId: anyRecord, versionId: fc.constantFrom('', '1'), value: fc.constant('82') })
    .map((request): [string, object] => ['results.correct', { ...request, diastolic: null }]),
  fc.record({ patientId, purpose }).map((request): [string, object] => ['access.openRestricted', request]),
  fc
    .record({ patientId, purpose: fc.constant('ETREAT'), reason: fc.constant('cardiac arrest') })
    .map((request): [string, object] => ['access.declareEmergency', { ...request, passphrase: 'guessed' }]),
  fc.record({ patientId }).map((request): [string, object] => ['access.end', request]),
  fc.constant<[string, object]>(['access.state', {}]),
  fc.constant<[string, object]>(['access.mayDeclare', {}]),
  fc.subarray(patients.map(({ id }) => id)).map((ids): [string, object] => ['changed', ids]),
);

/** What must never be told, with the code that the page itself has asked for left out. */
function expectSecret(told: unknown, never: readonly string[]): void {
  const text = JSON.stringify(told, (key, value: unknown) => (key === 'code' ? undefined : value));
  for (const word of never) expect(text).not.toContain(word);
}

async function play(bridge: Bridge, calls: readonly [string, object][], never: readonly string[]): Promise<void> {
  for (const [name, request] of calls) {
    if (name === 'changed') await bridge.changed(request as string[]);
    else expectSecret(await bridge.ask(name, request), never);
  }
  expectSecret(bridge.told, never);
  const heard = JSON.stringify(bridge.told);
  for (const { id } of [foreign, foreignSecret, nameless]) expect(heard).not.toContain(`"${id}"`);
}

describe('security: no sequence of calls', () => {
  const shared = 'Canary-shared';
  const never = [
    ...[secret, foreign, foreignSecret, nameless].map((one) => canaryOf(one, 'labelled')),
    ...[foreign, foreignSecret, nameless].map((one) => canaryOf(one, 'patient')),
    shared,
  ];

  it.each([
    // Opened by a purpose, the restricted ones are hers to read; the student has no such way.
    ['nobody', never],
    ['student', [...never, canaryOf(restricted, 'labelled')]],
    ['clerk', [...never, canaryOf(restricted, 'labelled')]],
  ] as const)('security: of a %s returns, counts or hints an element of what policy denies', async (role, words) => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async (calls) => {
        const bridge = bridgeTo({ ...ward, practitioner: practitionerOf(role as Role) });
        await play(bridge, calls, words);
        await bridge.close();
      }),
      { numRuns: 120 },
    );
  });

  it('security: finds what it looks for where it is permitted', async () => {
    const bridge = bridgeTo({ ...ward, practitioner: practitionerOf('physician') });
    await bridge.ask('access.openRestricted', { patientId: 'restricted', purpose: 'TREAT' });
    const answer = await bridge.ask('chart.read', { patientId: 'restricted' });
    expect(JSON.stringify(answer)).toContain(canaryOf(restricted, 'labelled'));
    await bridge.ask('access.declareEmergency', {
      patientId: 'foreign',
      purpose: 'BTG',
      reason: 'cardiac arrest',
      passphrase: PASSPHRASE,
    });
    expect(JSON.stringify(await bridge.ask('chart.read', { patientId: 'foreign' }))).toContain(
      canaryOf(foreign, 'labelled'),
    );
    await bridge.close();
  });
});

describe('security: a label that nobody has seen before', () => {
  it('security: withholds its record from the very next read, and doesn’t leave it out without a word', async () => {
    const bridge = bridgeTo({ ...ward, practitioner: practitionerOf('physician') });
    expect((await bridge.ask('chart.read', { patientId: 'mine' })).ok).toBe(true);
    await bring(ward.cache, {
      resourceType: 'AllergyIntolerance',
      id: 'new-label',
      meta: { versionId: '1', security: [{ system: 'urn:hospital:new', code: 'never-seen' }] },
      patient: { reference: 'Patient/mine' },
      code: { text: 'Canary-new-allergy' },
    });
    const answer = await bridge.ask('chart.read', { patientId: 'mine' });
    expect(answer).toMatchObject({
      ok: true,
      value: { allergies: { total: 1, withheld: { restricted: 'purpose', denied: false } } },
    });
    expect(JSON.stringify(answer)).not.toContain('Canary-new-allergy');
    await bridge.close();
  });
});

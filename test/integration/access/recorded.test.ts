import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { contract } from '../../../preload/contract/index.ts';
import { chartingRequests } from '../../support/charting.ts';
import { listOf } from '../../unit/audit/support.ts';
import { bridgeTo, PASSPHRASE } from './bridge.ts';
import { openWard, type Ward, type WardPatient } from './ward.ts';

const mine: WardPatient = { id: 'mine', relation: 'care-team', label: 'none' };
const foreign: WardPatient = { id: 'foreign', relation: 'none', label: 'none' };
const filter = { kinds: [], text: '', from: null, to: null, withdrawn: false };
const vital = { kind: 'heart-rate', value: '82', diastolic: null };

/** Records of the types that only charting writes. */
function written({ id }: WardPatient): object[] {
  const reference = `Patient/${id}`;
  const of = (resourceType: string, more: object) => ({
    ...{ resourceType, id: `${id}-${resourceType}`, meta: { versionId: '1' } },
    ...more,
  });
  return [
    of('MedicationStatement', { status: 'active', subject: { reference }, medicationCodeableConcept: { text: 'x' } }),
    of('Task', { status: 'requested', intent: 'order', for: { reference } }),
    of('Appointment', { status: 'booked', participant: [{ actor: { reference }, status: 'accepted' }] }),
  ];
}

/** Calls that tell nothing of a patient and change nothing of one: of the session, the program and its screen. */
const NO_PATIENT = new Set([
  'sync.status',
  // Names of lists, which the clinician gives.
  'patients.filters',
  'patients.keepFilter',
  'patients.dropFilter',
  'sync.start',
  'sync.cancel',
  // What is decided of the server has a test of its own (server.test.ts).
  'sync.acceptServer',
  'access.state',
  'access.mayDeclare',
  'lock.screen',
  'lock.lease',
  'audit.status',
  // How many alarms are open is all that these tell, or how the record stands (test/integration/audit/review.test.ts).
  'audit.offers',
  'audit.integrity',
  'audit.verify',
  'audit.stopVerifying',
  'drafts.flushed',
  // Forms are of no patient; what was opened of one for her was recorded then (test/integration/forms).
  'forms.list',
  'forms.evaluate',
  // Of what was never sent, or may be there twice (test/integration/access/charting.test.ts).
  'charting.renumber',
  'sync.keepBoth',
  // Codings of all patients together, and nothing of one (test/integration/access/charting.test.ts).
  'charting.suggest',
  // What is done with files is recorded where they are (test/integration/documents/documents.test.ts).
  ...Object.keys(contract.documents.calls).flatMap((name) => (name === 'list' ? [] : [`documents.${name}`])),
  // What becomes of a binder that was made is recorded where it is (test/integration/downtime/sheets.test.ts).
  ...Object.keys(contract.downtime.calls).flatMap((name) => (name === 'make' ? [] : [`downtime.${name}`])),
  ...['session', 'launch', 'preferences', 'managed', 'updates'].flatMap((feature) =>
    Object.keys(contract[feature as 'session'].calls).map((name) => `${feature}.${name}`),
  ),
  // What the program tells of itself: without a patient, which is what test/e2e/support.test.ts looks for.
  'support.gather',
  'support.save',
  'support.notices',
]);

/** What the page asks, for one patient; `change`: of an unsent change. */
function requests(patientId: string, change: string): Record<string, unknown> {
  const note = { patientId, noteId: `${patientId}-DocumentReference`, versionId: '1', body: 'Slept well.' };
  return {
    'patients.lists': { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' },
    'patients.list': { query: '', sort: 'name', descending: false, offset: 0, limit: 10 },
    'chart.read': { patientId },
    'results.list': { patientId },
    'results.trend': { patientId, code: 'c' },
    'timeline.outline': { patientId, filter },
    'timeline.page': { patientId, filter, after: null, asOf: '2026-03-01T12:00:00Z' },
    'timeline.group': { patientId, key: '1_1' },
    'timeline.record': { patientId, type: 'Observation', id: `${patientId}-Observation`, version: null },
    'timeline.moments': { patientId },
    'results.trends': { patientId, codes: ['c'] },
    'results.earlyWarning': { patientId },
    'find.inChart': { patientId, text: 'canary' },
    'find.inPanel': { text: 'canary' },
    'results.record': { patientId, ...vital },
    'results.correct': {
      patientId,
      observationId: `${patientId}-Observation`,
      versionId: '1',
      value: '82',
      diastolic: null,
    },
    'notes.read': { patientId, noteId: note.noteId },
    'sealed.reveal': { patientId, type: 'DocumentReference', id: note.noteId, path: 'content.attachment.data' },
    'sealed.revealConflict': { changeId: change, side: 'mine', path: 'content' },
    'notes.create': { patientId, kind: 'progress', body: 'Slept well.' },
    'notes.amend': note,
    ...chartingRequests(patientId),
    'forms.open': { patientId, id: 'f', openedAt: null },
    'documents.list': { patientId },
    'downtime.make': { scope: { kind: 'patient', patientId } },
    'sync.sections': { patientId },
    'sync.changes': {},
    'sync.duplicates': {},
    'sync.conflict': { id: change },
    'sync.preview': { id: change, token: 't', choices: {} },
    'sync.resolve': { id: change, token: 't', resolution: { kind: 'mine' } },
    'sync.retry': { id: change },
    'drafts.keep': {
      patientId,
      resourceType: 'DocumentReference',
      resourceId: null,
      kind: 'progress',
      versionId: '',
      title: 't',
      body: 'b',
    },
    'drafts.ofPatient': { patientId, resourceType: 'DocumentReference' },
    'drafts.open': { patientId, resourceType: 'DocumentReference', resourceId: null },
    'drafts.list': {},
    'drafts.drop': { patientId, resourceType: 'DocumentReference', resourceId: null },
    'lock.copied': { where: 'clipboard', patientId },
    'access.openRestricted': { patientId, purpose: 'TREAT' },
    'access.declareEmergency': { patientId, purpose: 'BTG', reason: 'cardiac arrest', passphrase: PASSPHRASE },
    'access.end': { patientId },
    'sync.withdraw': { id: change },
    'audit.alarms': { before: null },
    'audit.evidence': { id: 'alarm' },
    'audit.markFalse': { id: 'alarm', reason: 'She was asked for a consult.' },
    'audit.accesses': { patientId, person: null, from: null, to: null, lists: true, before: null },
  };
}

const calls = Object.entries(contract).flatMap(([feature, one]) =>
  Object.keys(one.calls).map((name) => `${feature}.${name}`),
);
const patientCalls = calls.filter((call) => !NO_PATIENT.has(call));

describe('security: each call of the bridge that is about patients', () => {
  let ward: Ward;
  beforeAll(async () => {
    ward = await openWard([mine, foreign], [mine, foreign].flatMap(written));
  });
  afterAll(() => ward.close());

  /** A record that takes its time, and says which entries were on disk when an answer came. */
  function watched() {
    const onDisk: AuditEntry[] = [];
    const audit: Pick<Audit, 'record'> = {
      async record(entries) {
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        onDisk.push(...listOf(entries));
        return { ok: true, value: undefined };
      },
    };
    return { onDisk, bridge: bridgeTo({ ...ward, audit }) };
  }

  async function changeOf(bridge: ReturnType<typeof bridgeTo>): Promise<string> {
    await bridge.ask('notes.create', { patientId: 'mine', kind: 'progress', body: 'First.' });
    const listed = (await bridge.ask('sync.changes', {})) as { value?: { items: { id: string }[] } };
    return listed.value?.items[0]?.id ?? '';
  }

  it('security: is known here: a new one has to say what is recorded of it', () => {
    expect(Object.keys(requests('p', 'c')).sort()).toEqual([...patientCalls].sort());
  });

  it.each(['mine', 'foreign'])(
    'security: leaves an event before it answers, allowed or refused (%s)',
    async (patientId) => {
      const { onDisk, bridge } = watched();
      const change = await changeOf(bridge);
      const silent: string[] = [];
      for (const [call, request] of Object.entries(requests(patientId, change))) {
        onDisk.length = 0;
        const answer = await bridge.ask(call, request);
        const told = onDisk.filter(({ view }) => view !== undefined);
        if (told.length === 0) silent.push(`${call} ${answer.ok ? 'ok' : answer.error.code}`);
      }
      // Nothing is told or changed by these: there is no conflict or parked change, and nothing more to be opened or ended.
      const without = [
        'sync.conflict not-found',
        'sync.preview not-found',
        'sync.resolve',
        'sync.retry',
        'access.end ok',
        'drafts.list ok',
      ];
      expect(silent.filter((one) => !without.some((known) => one.startsWith(known)))).toEqual([]);
      await bridge.close();
    },
  );

  it('security: names the patient whose records it is about, and how she stands to the clinician', async () => {
    const { onDisk, bridge } = watched();
    const change = await changeOf(bridge);
    for (const [call, request] of Object.entries(requests('mine', change))) {
      onDisk.length = 0;
      await bridge.ask(call, request);
      const about = onDisk.filter(({ patientId }) => patientId !== undefined);
      expect(about.map(({ patientId }) => patientId).filter((id) => id !== 'mine')).toEqual([]);
      for (const entry of about.filter(({ action }) => action === 'read')) {
        expect(entry.facts).toMatchObject({ relation: 'care-team', ownRecord: false });
      }
    }
    await bridge.close();
  });
});

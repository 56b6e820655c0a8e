import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Bundle, Encounter, Provenance } from 'fhir/r4';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import type { OutboxOperations } from '../../../main/cache/operations.ts';
import { recoverWork } from '../../../main/cache/outbox/recover.ts';
import { outboxMigrations } from '../../../main/cache/outbox/schema/index.ts';
import type { DevServer } from '../../server/index.ts';
import { chartingRequests } from '../../support/charting.ts';
import { change, known, outboxKey, outboxServer, PATIENT, recording, stationFor, upload } from '../outbox/support.ts';
import { bridgeTo } from './bridge.ts';
import { chartingOn } from './charting-on.ts';
import { openWard, type Ward } from './ward.ts';

const CLINICAL = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical';
const requests = chartingRequests(PATIENT);
const nothing: ReturnType<OutboxOperations['counts']> = { waiting: 0, conflicts: 0, parked: 0 };

describe('what is written in the chart', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await outboxServer();
  });
  beforeEach(() => server.faults.clear());
  afterAll(() => server.stop());

  /** What the server has of who wrote a record. */
  async function provenancesOf(reference: string): Promise<Provenance[]> {
    const all = server.store.list('Provenance') as unknown as Provenance[];
    return all.filter(({ target }) => target[0]?.reference === reference);
  }

  const creates = [
    ...['Allergy', 'Problem', 'Medication', 'Task', 'Immunization', 'Note', 'Form'].map(
      (one) => `charting.record${one}`,
    ),
    ...['charting.startVisit', 'charting.labelSpecimen'],
  ];

  it('is shown as not yet sent, and is on the server once with its Provenance, whatever answers are lost', async () => {
    const station = stationFor(server);
    const { ask } = chartingOn(station);
    const local: [string, string][] = [];
    for (const call of creates) {
      const id = await ask(call, requests[call] ?? {});
      const type = station.outbox.list({ limit: 100 }).items.at(-1)?.resourceType ?? '';
      expect(station.local(type, id)).toBe(1);
      local.push([type, id]);
    }
    // One row each for the clinician: what tells who wrote it is no change of its own yet.
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: creates.length });
    const writes = ({ method }: { method: string }) => method !== 'GET';
    // The answers to the records and to their Provenances are lost, and each is asked for.
    for (let run = 0; run < 4; run += 1) {
      if (run < 2) server.faults.add({ kind: 'dropAfter', times: 1, match: writes });
      await upload({ station, server });
      server.faults.clear();
    }
    expect(station.outbox.counts()).toEqual(nothing);
    for (const [type, id] of local) {
      const onServer = station.outbox.resolveId({ type, id });
      expect(onServer).not.toBe(id);
      expect(JSON.parse(station.shown(type, onServer) ?? '')).toMatchObject({ resourceType: type });
      const [provenance, ...more] = await provenancesOf(`${type}/${onServer}`);
      expect(more).toEqual([]);
      expect(provenance).toMatchObject({
        activity: { coding: [{ code: 'CREATE' }] },
        agent: [{ who: { reference: 'Practitioner/dev-osei' } }, { who: { display: 'Wardlight' } }],
      });
    }
  });

  it('has numbers of this workstation, from paper too, that are lost where the record is not kept', async () => {
    const station = stationFor(server);
    const { ask, numbers, writes, ehr } = chartingOn(station);
    const visit = (number: object) => ask('charting.startVisit', { ...requests['charting.startVisit'], number });
    const numberOf = (id: string) => JSON.parse(station.shown('Encounter', id) ?? '{}').identifier[0]?.value;
    const next = { kind: 'next' };
    const first = await visit(next);
    expect(numberOf(first)).toBe('7700016');
    const paper = await numbers.reserve(1);
    const number = paper.ok ? paper.value.visit[0] : '';
    expect(await visit({ kind: 'paper', number: '7700041' })).toBe('number-wrong');
    const typed = await visit({ kind: 'paper', number });
    expect(numberOf(typed)).toBe('7700024');
    expect(await visit({ kind: 'paper', number })).toBe('number-used');
    // What is not taken for a record uses its number up.
    expect(
      await ask('charting.labelSpecimen', { ...requests['charting.labelSpecimen'], collected: '2026-03-02T10:00:00Z' }),
    ).toBe('out-of-range');
    const specimen = await ask('charting.labelSpecimen', requests['charting.labelSpecimen'] ?? {});
    expect(JSON.parse(station.shown('Specimen', specimen) ?? '')).toMatchObject({
      identifier: [{ use: 'official', value: expect.stringMatching(/^D0103/) }, { system: 'urn:ietf:rfc:3986' }],
      collection: { collector: { display: 'Dr Osei' } },
    });
    ehr.isThere = true;
    expect(await visit(next)).toBe('not-in-downtime');
    // Another number for what was never sent, once the server says so; the one that it had is nobody’s.
    const shown = { patientId: PATIENT, id: first, versionId: '', type: 'Encounter' };
    expect(await ask('charting.renumber', shown)).toBe(first);
    expect(numberOf(first)).toBe('7700032');
    const { identifier } = JSON.parse(station.shown('Encounter', first) ?? '{}') as Encounter;
    expect(identifier?.[0]?.extension?.map(({ valueString }) => valueString)).toEqual(['7700016']);
    await upload({ station, server });
    const sent = station.outbox.resolveId({ type: 'Encounter', id: first });
    expect(await ask('charting.renumber', { ...shown, id: sent, versionId: '1' })).toBe('not-changeable');
    expect(await writes.keepBoth({ id: randomUUID() })).toMatchObject({ error: { code: 'not-found' } });
    // Only what she registered herself is hers to take back.
    const taken = { ...requests['charting.markEnteredInError'], type: 'Encounter', id: sent, versionId: '1' };
    expect(await ask('charting.markEnteredInError', taken)).toBe(sent);
    const other = known(
      station,
      server,
      JSON.stringify({
        resourceType: 'Encounter',
        id: randomUUID(),
        status: 'in-progress',
        class: { code: 'EMER' },
        subject: { reference: `Patient/${PATIENT}` },
      }),
    );
    expect(await ask('charting.markEnteredInError', { ...taken, ...other })).toBe('not-changeable');
  });

  it('has a Provenance of each where it was changed while it was being sent: the second is no creation', async () => {
    const station = stationFor(server);
    const { ask } = chartingOn(station);
    const id = await ask('charting.recordTask', requests['charting.recordTask'] ?? {});
    let isChanged = false;
    const fetch = recording([], async ({ method }) => {
      if (method === 'GET' || isChanged) return null;
      isChanged = true;
      const change = { patientId: PATIENT, id, versionId: '', status: 'in-progress', reason: null };
      expect(await ask('charting.changeTask', change)).toBe(id);
      return null;
    });
    for (let run = 0; run < 3; run += 1) await upload({ station, server, fetch });
    expect(station.outbox.counts()).toEqual(nothing);
    const provenances = await provenancesOf(`Task/${station.outbox.resolveId({ type: 'Task', id })}`);
    const codes = provenances.map(({ activity }) => activity?.coding?.[0]?.code);
    expect(codes.toSorted()).toEqual(['CREATE', 'UPDATE']);
  });

  it('is recovered with its Provenance by whoever gets the work out of a workstation', async () => {
    const station = stationFor(server);
    const { ask } = chartingOn(station);
    const id = await ask('charting.recordTask', requests['charting.recordTask'] ?? {});
    const file = join(station.folder, 'outbox.db');
    station.reopen();
    const opened = openDatabase({ file, key: outboxKey(), mode: 'write', migrations: outboxMigrations });
    if (!opened.ok) throw new Error(opened.error.code);
    const { bundle } = recoverWork(opened.value, () => 'a-uuid');
    opened.value.close();
    const [task, provenance, ...more] = (JSON.parse(bundle) as Bundle).entry ?? [];
    expect(more).toEqual([]);
    expect(task).toMatchObject({ fullUrl: 'urn:uuid:a-uuid', resource: { resourceType: 'Task' } });
    expect(provenance).toMatchObject({
      resource: { target: [{ reference: 'urn:uuid:a-uuid' }], agent: [{ who: { display: 'Dr Osei' } }, {}] },
      request: { method: 'POST', ifNoneExist: expect.stringMatching(/^_tag=/) },
    });
    expect(JSON.stringify(provenance)).not.toContain(`Task/${id}`);
  });

  it('is gone with its Provenance when it is withdrawn before it was sent', async () => {
    const station = stationFor(server);
    const { ask, writes } = chartingOn(station);
    const id = await ask('charting.recordTask', requests['charting.recordTask'] ?? {});
    const before = server.store.list('Provenance').length;
    const [item] = station.outbox.list({ limit: 1 }).items;
    expect(await writes.withdraw({ id: item?.id ?? '' })).toEqual({ ok: true, value: {} });
    await upload({ station, server });
    expect(station.shown('Task', id)).toBeNull();
    expect(server.store.list('Provenance')).toHaveLength(before);
  });

  const allergy = (id: string, more: object = {}) =>
    JSON.stringify({
      ...{ resourceType: 'AllergyIntolerance', id, clinicalStatus: { coding: [{ system: CLINICAL, code: 'active' }] } },
      ...{ code: { text: 'Latex' }, patient: { reference: `Patient/${PATIENT}` }, ...more },
    });

  it('has a Provenance of the decision where a conflict was decided for it, and none of before', async () => {
    const station = stationFor(server);
    const { id, versionId } = known(station, server, allergy(randomUUID()));
    const { ask, writes } = chartingOn(station);
    const refute = { patientId: PATIENT, id, versionId, reason: 'Tested negative' };
    expect(await ask('charting.refuteAllergy', refute)).toBe(id);
    server.store.put(allergy(id, { criticality: 'high' }));
    await upload({ station, server });
    expect(await provenancesOf(`AllergyIntolerance/${id}`)).toEqual([]);
    const [item] = station.outbox.list({ limit: 1 }).items;
    const conflict = station.outbox.conflict({ id: item?.id ?? '' });
    const decided = { id: item?.id ?? '', token: conflict?.token ?? '', resolution: { kind: 'mine' as const } };
    expect(await writes.resolve(decided)).toEqual({ ok: true, value: {} });
    await upload({ station, server });
    const [provenance, ...more] = await provenancesOf(`AllergyIntolerance/${id}`);
    expect(more).toEqual([]);
    expect(provenance?.entity).toBeUndefined();
    expect(provenance?.activity?.coding?.[0]?.code).toBe('UPDATE');
  });

  it('security: has a Provenance under the labels of what it tells of', async () => {
    const station = stationFor(server);
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }];
    const { id, versionId } = known(station, server, allergy(randomUUID(), { meta: { security } }));
    const { ask } = chartingOn(station);
    await ask('charting.refuteAllergy', { patientId: PATIENT, id, versionId, reason: 'Tested negative' });
    await upload({ station, server });
    const [provenance] = await provenancesOf(`AllergyIntolerance/${id}`);
    expect(provenance?.meta?.security).toEqual(security);
    expect(provenance?.reason?.at(-1)).toEqual({ text: 'Tested negative' });
  });

  it('security: is refused and recorded for whose patient she isn’t, and nothing is kept', async () => {
    const station = stationFor(server);
    const { ask, recorded } = chartingOn(station, []);
    for (const [call, request] of Object.entries(requests)) {
      recorded.length = 0;
      expect(await ask(call, request), call).toMatch(/^not-(permitted|found)$/);
      expect(recorded.map(({ action, view }) => [action, view])).toEqual([['denied', call]]);
    }
    expect(station.outbox.counts()).toEqual(nothing);
  });

  it('security: is refused in the encounter of another patient', () => {
    const station = stationFor(server);
    server.store.put({ resourceType: 'Patient', id: 'p2' });
    const of = (patient: string) =>
      known(
        station,
        server,
        JSON.stringify({
          ...{ resourceType: 'Encounter', id: randomUUID(), status: 'in-progress', class: { code: 'IMP' } },
          subject: { reference: `Patient/${patient}` },
        }),
      ).id;
    const task = (encounter: string) => {
      const resourceId = randomUUID();
      const resource = { resourceType: 'Task', id: resourceId, status: 'requested', intent: 'order' };
      const about = { for: { reference: `Patient/${PATIENT}` }, encounter: { reference: `Encounter/${encounter}` } };
      const body = JSON.stringify({ ...resource, ...about });
      return station.outbox.add(change({ type: 'Task', action: 'create', resourceId, body }));
    };
    expect(task(of('p2'))).toEqual({ ok: false, error: { code: 'not-writable' } });
    expect(task(of(PATIENT)).ok).toBe(true);
  });

  it('is refused with its place where it is no valid R4, and nothing is kept', async () => {
    const station = stationFor(server);
    const { charting } = chartingOn(station);
    const request = { ...requests['charting.recordAllergy'], criticality: 'huge' };
    const answer = await charting.recordAllergy(request as never);
    expect(answer).toEqual({
      ok: false,
      error: {
        code: 'invalid',
        detail: 'Criticality: is none of the codes that FHIR has for it (AllergyIntolerance.criticality)',
      },
    });
    expect(station.outbox.counts()).toEqual(nothing);
  });
});

describe('with a ward of patients', () => {
  let ward: Ward;
  const coded = (code: string, display: string) => ({ coding: [{ system: 'http://snomed.info/sct', code, display }] });
  const label = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] };
  const problem = (id: string, patient: string, code: object, meta: object = {}) => ({
    ...{
      resourceType: 'Condition',
      id,
      meta: { versionId: '1', ...meta },
      subject: { reference: `Patient/${patient}` },
    },
    code,
  });
  const absence = (id: string, code: string) => ({
    ...{ resourceType: 'AllergyIntolerance', id, meta: { versionId: '1' }, patient: { reference: 'Patient/held' } },
    code: coded(code, 'None'),
  });
  beforeAll(async () => {
    const more = [
      problem('c1', 'mine', { ...coded('195967001', 'Asthma'), text: 'Asthma of Zebedee Quackenbush' }),
      problem('c2', 'clear', coded('38341003', 'Arterial hypertension')),
      problem('c3', 'mine', coded('86406008', 'Asthenia by HIV'), label),
      absence('a1', '716186003'),
      absence('a2', '409137002'),
      problem('c4', 'foreign', coded('1', 'Asthma of a stranger')),
      { resourceType: 'Patient', id: 'clear', meta: { versionId: '1' } },
    ];
    ward = await openWard(
      [
        { id: 'mine', relation: 'care-team', label: 'none' },
        { id: 'held', relation: 'care-team', label: 'none' },
        { id: 'foreign', relation: 'none', label: 'none' },
      ],
      more,
    );
  });
  afterAll(() => ward.close());

  it('security: suggests codings of records that she may see, and no text and no patient', async () => {
    const bridge = bridgeTo(ward);
    const items = async (query: string) => {
      const answer = await bridge.ask('charting.suggest', { kind: 'problem', query });
      return answer.ok ? (answer.value as { items: object[] }).items : [];
    };
    expect(await items('ásth')).toEqual([{ system: 'http://snomed.info/sct', code: '195967001', display: 'Asthma' }]);
    for (const query of ['zebedee', 'quack', 'hiv', 'stranger', 'sthma']) expect(await items(query)).toEqual([]);
    await bridge.close();
  });

  it('states no known allergies only where there are none, and says so', async () => {
    const bridge = bridgeTo(ward);
    const answer = await bridge.ask('charting.recordNoKnownAllergies', { patientId: 'mine' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'allergies-recorded' } });
    const refute = { patientId: 'mine', id: 'mine-AllergyIntolerance', versionId: '1', reason: 'Tested negative' };
    expect(await bridge.ask('charting.refuteAllergy', refute)).toMatchObject({ ok: true });
    expect(await bridge.ask('charting.recordNoKnownAllergies', { patientId: 'mine' })).toMatchObject({ ok: true });
    const chart = await bridge.ask('chart.read', { patientId: 'mine' });
    expect(chart).toMatchObject({ ok: true, value: { allergyStatement: 'none-known' } });
    await bridge.close();
  });

  it('refutes what stated that there were none once an allergy is recorded, so that it never comes back', async () => {
    const bridge = bridgeTo(ward);
    const patientId = 'held';
    const statement = async () => {
      const chart = await bridge.ask('chart.read', { patientId });
      return chart.ok && (chart.value as { allergyStatement: string }).allergyStatement;
    };
    /** Records an allergy, and refutes it. */
    const pass = async (category: string[]) => {
      const request = { ...requests['charting.recordAllergy'], patientId, category };
      const recorded = (await bridge.ask('charting.recordAllergy', request)) as { value?: { id: string } };
      expect(await statement()).toBe('recorded');
      const shown = { patientId, id: recorded.value?.id, versionId: '', reason: 'Tested negative' };
      expect(await bridge.ask('charting.refuteAllergy', shown)).toMatchObject({ ok: true });
    };
    const refute = { patientId, id: 'held-AllergyIntolerance', versionId: '1', reason: 'Tested negative' };
    expect(await bridge.ask('charting.refuteAllergy', refute)).toMatchObject({ ok: true });
    expect(await statement()).toBe('none-known');
    await pass(['food']);
    expect(await statement()).toBe('no-known-drug-allergy');
    await pass(['medication']);
    expect(await statement()).toBe('none-recorded');
    await bridge.close();
  });
});

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writtenTypes } from '../../../build/written-types.mjs';
import { correctableType } from '../../../preload/contract/clinical.ts';
import { noteKind } from '../../../preload/contract/notes.ts';
import { type VitalKind, vitalKind } from '../../../preload/contract/results.ts';
import type { DevServer } from '../../server/index.ts';
import { chartingRequests } from '../../support/charting.ts';
import { faultsByOthers } from '../../support/valid.ts';
import { known, outboxServer, PATIENT, type Station, stationFor, upload } from '../outbox/support.ts';
import { chartingOn } from './charting-on.ts';

const requests = chartingRequests(PATIENT);
const named = { text: 'x', coding: null };
/** Filled to the last field: what is left out is valid all the more. */
const filled: Record<string, Record<string, unknown>> = {
  'charting.recordAllergy': {
    ...{ substance: named, category: ['food', 'medication'], criticality: 'high', onset: '2021-03' },
    ...{ reactions: [{ manifestation: named, severity: 'severe' }], note: 'n' },
  },
  'charting.recordProblem': { severity: 'moderate', onset: '2019', note: 'n' },
  'charting.recordMedication': {
    ...{ dose: { value: '0.50', unit: 'mg' }, route: 'oral', frequency: { times: 2, period: 1, unit: 'd' } },
    ...{ asNeeded: true, instruction: 'with food', since: '2026-02', note: 'n' },
  },
  'charting.recordTask': {
    ...{ owner: { reference: 'Practitioner/dev-osei', display: 'Dr Osei' }, due: '2026-03-02', note: 'n' },
  },
  'charting.recordImmunization': {
    ...{ occurrence: '2026-03-01', lot: 'L1', expiry: '2027-01-31', site: 'left-arm', route: 'intramuscular' },
    ...{ dose: '0.5', doseNumber: 2, note: 'n' },
  },
};
const VALUES: Readonly<Record<VitalKind, string>> = {
  ...{ 'heart-rate': '82', 'respiratory-rate': '16', 'body-temperature': '37.0', 'oxygen-saturation': '97' },
  ...{ 'oxygen-flow': '2', 'blood-pressure': '120', 'body-weight': '71.50' },
};
const diastolicOf = (kind: VitalKind) => (kind === 'blood-pressure' ? '80' : null);

describe('what the server has stored of everything that can be written', () => {
  let server: DevServer;
  let station: Station;
  let page: ReturnType<typeof chartingOn>;
  beforeAll(async () => {
    server = await outboxServer();
  });
  afterAll(() => server.stop());

  /** Until nothing waits: a record, and then its Provenance. */
  async function send(): Promise<void> {
    for (let run = 0; run < 3; run += 1) await upload({ station, server });
    expect(station.outbox.counts()).toEqual({ waiting: 0, conflicts: 0, parked: 0 });
  }

  const sent: { type: string; id: string }[] = [];

  /** Asks for a write that must be taken. */
  async function write(call: string, more: object = {}): Promise<void> {
    const id = await page.ask(call, { ...requests[call], ...more });
    const item = station.outbox.list({ limit: 100 }).items.find(({ resourceId }) => resourceId === id);
    expect(item, `${call}: ${id}`).toBeDefined();
    sent.push({ type: item?.resourceType ?? '', id });
  }

  /** The last one of a type, in the version that the server has. */
  function shown(type: string) {
    const local = sent.findLast((one) => one.type === type)?.id ?? '';
    const id = station.outbox.resolveId({ type, id: local });
    return { id, versionId: JSON.parse(station.shown(type, id) ?? '{}').meta?.versionId ?? '' };
  }

  async function writeAll(): Promise<void> {
    for (const call of Object.keys(requests).filter((one) =>
      /\.(record(?!NoKnown)|startVisit|labelSpecimen)/.test(one),
    )) {
      await write(call);
      await write(call, filled[call]);
    }
    await write('charting.recordImmunization', { notDone: 'Has a fever' });
    await write('charting.recordNote', { sign: false });
    for (const kind of vitalKind.options) {
      const made = await page.writes.recordVital({
        ...{ patientId: PATIENT, kind, value: VALUES[kind], diastolic: diastolicOf(kind) },
      });
      if (!made.ok) throw new Error(made.error.code);
      sent.push({ type: 'Observation', id: made.value.observationId });
    }
    for (const kind of noteKind.options) {
      const made = await page.writes.createNote({ patientId: PATIENT, kind, body: 'Slept well.' });
      expect(made.ok).toBe(true);
    }
  }

  async function changeAll(): Promise<void> {
    await write('charting.refuteAllergy', shown('AllergyIntolerance'));
    await write('charting.changeProblem', { ...shown('Condition'), end: '2026-02', reason: 'Well again' });
    await write('charting.stopMedication', { ...shown('MedicationStatement'), end: '2026-02-01' });
    await write('charting.changeTask', { ...shown('Task'), status: 'rejected', reason: 'No bed' });
    await write('charting.signNote', shown('DocumentReference'));
    const { id, versionId } = shown('Observation');
    const corrected = { patientId: PATIENT, observationId: id, versionId, value: '72.1', diastolic: null };
    expect(await page.writes.correctVital(corrected)).toMatchObject({ ok: true });
    const appointment = known(station, server, JSON.stringify(booked(randomUUID())));
    sent.push({ type: 'Appointment', id: appointment.id });
    await write('charting.checkIn', appointment);
    await send();
    await write('charting.addNote', { noteId: shown('DocumentReference').id });
  }

  it('is valid R4 by the programs of others, in each of its versions, with what tells who wrote it', async () => {
    station = stationFor(server);
    page = chartingOn(station);
    await writeAll();
    await send();
    await changeAll();
    await send();
    for (const type of correctableType.options) await write('charting.markEnteredInError', { ...shown(type), type });
    await send();
    const versions = writtenTypes.flatMap((type) =>
      server.store
        .list(type)
        .filter((one) => type === 'Provenance' || JSON.stringify(one).includes(`"Patient/${PATIENT}"`))
        .flatMap(({ id }) =>
          server.store.versions(type, id ?? '').map(({ text }) => JSON.parse(text ?? '{}') as object),
        ),
    );
    const types = new Set(versions.map((one) => (one as { resourceType: string }).resourceType));
    expect([...types].toSorted()).toEqual(writtenTypes);
    expect(versions.length).toBeGreaterThan(80);
    expect(versions.flatMap(faultsByOthers)).toEqual([]);
  });
});

const booked = (id: string) => ({
  ...{ resourceType: 'Appointment', id, status: 'booked', start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:20:00Z' },
  participant: [{ actor: { reference: `Patient/${PATIENT}` }, status: 'accepted' }],
});

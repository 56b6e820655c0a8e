import { randomUUID } from 'node:crypto';
import type { AllergyIntolerance, Provenance } from 'fhir/r4';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import type { CorrectableType } from '../../../preload/contract/clinical.ts';
import type { DevServer } from '../../server/index.ts';
import { chartingRequests } from '../../support/charting.ts';
import { watchCommits } from '../../support/commits.ts';
import {
  change,
  createdFrom,
  known,
  outboxServer,
  PATIENT,
  type Station,
  stationFor,
  upload,
  versions,
} from '../outbox/support.ts';
import { chartingOn } from './charting-on.ts';

const requests = chartingRequests(PATIENT);
const nothing = { waiting: 0, conflicts: 0, parked: 0 };
const problem = {
  code: 'rejected',
  lines: ['Not so.'],
  issues: [{ code: 'value', at: 'reaction.severity', said: 'Not so.' }],
};
const named = (text: string) => ({ text, coding: null });

/** What a form is given, and what is typed instead, by the call; each field of the form says something. */
const forms: readonly (readonly [call: string, type: string, given: object, corrected: object])[] = [
  [
    'recordAllergy',
    'AllergyIntolerance',
    {
      ...{ substance: { text: 'Latex', coding: { system: 'urn:x', code: 'l', display: 'Latex' } }, onset: '2021-03' },
      ...{ category: ['environment'], criticality: 'high', verification: 'confirmed', note: 'Told by her' },
      reactions: [{ manifestation: named('Hives'), severity: 'severe' }],
    },
    { criticality: 'low' },
  ],
  [
    'recordProblem',
    'Condition',
    { problem: named('Asthma'), verification: 'provisional', severity: 'mild', onset: '2020', note: 'Since school' },
    { verification: 'confirmed' },
  ],
  [
    'recordMedication',
    'MedicationStatement',
    {
      ...{ drug: named('Digoxin'), status: 'active', dose: { value: '0.0625', unit: 'mg' }, route: 'oral' },
      ...{ frequency: { times: 2, period: 1, unit: 'd' }, asNeeded: true, instruction: 'with food, at night' },
      ...{ since: '2019-02-03', note: 'From her GP' },
    },
    { dose: { value: '0.125', unit: 'mg' } },
  ],
  [
    'recordTask',
    'Task',
    { title: 'Change the dressing', owner: null, due: '2031-01-02', priority: 'urgent', note: 'Left leg' },
    { priority: 'stat' },
  ],
  [
    'recordImmunization',
    'Immunization',
    {
      ...{ vaccine: named('Influenza'), occurrence: '2026-02-28', notDone: null, lot: 'AB1', expiry: '2027-01-31' },
      ...{ site: 'left-arm', route: 'intramuscular', dose: '0.50', doseNumber: 2, note: 'No fever' },
    },
    { lot: 'AB2' },
  ],
];

describe('a change that the server has rejected', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await outboxServer();
  });
  beforeEach(() => server.faults.clear());
  afterAll(() => server.stop());

  /** Writes something and has it rejected; the id of the record and of the change. */
  async function rejected(station: Station, call: string, request: object) {
    const { ask } = chartingOn(station);
    const id = await ask(call, request);
    const item = station.outbox.list({ limit: 100 }).items.find(({ resourceId }) => resourceId === id);
    station.outbox.begin({ ids: [item?.id ?? ''], serverTime: null });
    station.outbox.park({ id: item?.id ?? '', problem });
    return { id, change: item?.id ?? '' };
  }
  const shown = (station: Station, type: string, id: string) => JSON.parse(station.shown(type, id) ?? 'null');
  const parked = async (station: Station, type: string, id: string) => {
    return chartingOn(station).charting.parked({ patientId: PATIENT, type: type as CorrectableType, id });
  };

  it.each(forms)(
    '%s is shown as it was typed, and sent once as it was corrected',
    async (name, type, given, corrected) => {
      const station = stationFor(server);
      const { ask } = chartingOn(station, [PATIENT], '2026-03-01T17:30:00Z');
      const { id, change } = await rejected(station, `charting.${name}`, { patientId: PATIENT, ...given });
      const before = shown(station, type, id);
      expect(await parked(station, type, id)).toMatchObject({
        ok: true,
        value: { changeId: change, versionId: '', problem, rejected: { given } },
      });
      const again = { patientId: PATIENT, ...given, ...corrected, corrects: change };
      expect(await ask(`charting.${name}`, again)).toBe(id);
      expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
      const after = shown(station, type, id);
      expect(after.identifier).toEqual(before.identifier);
      for (const made of ['recordedDate', 'dateAsserted', 'authoredOn', 'recorded', 'occurrenceDateTime', 'note'])
        expect(after[made]).toEqual(before[made]);
      for (let run = 0; run < 3; run += 1) await upload({ station, server });
      expect(station.outbox.counts()).toEqual(nothing);
      const [created, ...more] = createdFrom(server, type, id);
      expect(more).toEqual([]);
      expect(JSON.stringify(server.store.read(type, created ?? ''))).toContain(
        Object.values(corrected).map((one) => (typeof one === 'object' ? one.value : one))[0],
      );
      const provenances = (server.store.list('Provenance') as unknown as Provenance[]).filter(
        ({ target }) => target[0]?.reference === `${type}/${created}`,
      );
      expect(provenances).toMatchObject([{ activity: { coding: [{ code: 'CREATE' }] } }]);
    },
  );

  const registered = [
    ['startVisit', 'Encounter', { class: 'EMER', reason: 'Fell' }, { reason: 'Fell from a ladder', class: 'SS' }],
    ['labelSpecimen', 'Specimen', { type: 'urine', text: 'From a catheter' }, { type: 'midstream-urine', text: null }],
    // Its concept says "Urine specimen", which nobody has typed.
    ['labelSpecimen', 'Specimen', { type: 'urine', text: null }, { type: 'midstream-urine', text: 'Again' }],
  ] as const;
  it.each(registered)('%s is corrected with the number and the time that it has', async (name, type, given, other) => {
    const station = stationFor(server);
    const { ask, ehr } = chartingOn(station, [PATIENT], '2026-03-01T17:30:00Z');
    const about = { patientId: PATIENT, ...(type === 'Specimen' && { collected: null }) };
    const { id, change } = await rejected(station, `charting.${name}`, {
      ...{ ...about, ...given, number: { kind: 'next' } },
    });
    const before = shown(station, type, id);
    const numbered = () =>
      station.outbox.numbered({ since: '2026-03-01T00:00:00Z' }).map(({ body: _, ...noted }) => noted);
    const first = numbered();
    expect(await parked(station, type, id)).toMatchObject({ value: { rejected: { given } } });
    // The server has rejected it, so it is there.
    ehr.isThere = true;
    const again = { ...about, ...other, number: { kind: 'kept' } };
    expect(await ask(`charting.${name}`, { ...again, corrects: randomUUID() })).toBe('not-parked');
    expect(await ask(`charting.${name}`, again)).toBe('number-wrong');
    expect(await ask(`charting.${name}`, { ...again, number: { kind: 'next' }, corrects: change })).toBe(
      'number-wrong',
    );
    expect(await ask(`charting.${name}`, { ...again, corrects: change })).toBe(id);
    const after = shown(station, type, id);
    for (const kept of ['identifier', 'period', 'participant', 'collection']) expect(after[kept]).toEqual(before[kept]);
    expect(station.outbox.list({ limit: 100 }).items[0]?.title).toContain(before.identifier[0].value);
    expect(first).toMatchObject([{ type, value: before.identifier[0].value }]);
    expect(numbered()).toEqual(first);
    for (let run = 0; run < 3; run += 1) await upload({ station, server });
    const [created, ...more] = createdFrom(server, type, id);
    expect(more).toEqual([]);
    expect(JSON.stringify(server.store.read(type, created ?? ''))).toContain(
      type === 'Encounter' ? 'Fell from a ladder' : 'Mid-stream',
    );
  });

  it('is none any more once it was corrected, withdrawn or sent: nothing is sent beside it', async () => {
    const station = stationFor(server);
    const { ask, writes } = chartingOn(station);
    const request = requests['charting.recordTask'] ?? {};
    const { id, change } = await rejected(station, 'charting.recordTask', request);
    const again = { ...request, corrects: change };
    expect(await ask('charting.recordTask', { ...again, patientId: 'other' })).toBe('not-permitted');
    expect(await ask('charting.recordProblem', { ...requests['charting.recordProblem'], corrects: change })).toBe(
      'not-parked',
    );
    expect(await ask('charting.recordTask', again)).toBe(id);
    expect(await ask('charting.recordTask', again)).toBe('not-parked');
    expect(await parked(station, 'Task', id)).toMatchObject({ error: { code: 'not-found' } });
    const other = await rejected(station, 'charting.recordTask', request);
    await writes.withdraw({ id: other.change });
    expect(await ask('charting.recordTask', { ...request, corrects: other.change })).toBe('not-parked');
    await upload({ station, server });
    expect(await ask('charting.recordTask', again)).toBe('not-parked');
    expect(createdFrom(server, 'Task', id)).toHaveLength(1);
  });

  it('is not corrected by the outbox either once it is on its way again, whatever was looked at before', async () => {
    const station = stationFor(server);
    const { id, change: corrects } = await rejected(
      station,
      'charting.recordTask',
      requests['charting.recordTask'] ?? {},
    );
    const body = station.shown('Task', id) ?? '';
    station.outbox.retry({ id: corrects });
    const late = change({ type: 'Task', action: 'update', resourceId: id, body, corrects });
    expect(station.outbox.add(late)).toEqual({ ok: false, error: { code: 'stale' } });
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
  });

  it('that did something to a record is done again otherwise, to the version to which it was done', async () => {
    const station = stationFor(server);
    const text = JSON.stringify({
      ...{ resourceType: 'AllergyIntolerance', id: randomUUID(), code: { text: 'Latex' } },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
      },
      patient: { reference: `Patient/${PATIENT}` },
      note: [{ text: 'From school' }],
    });
    const { id, versionId } = known(station, server, text);
    const refute = { patientId: PATIENT, id, versionId };
    const { change } = await rejected(station, 'charting.refuteAllergy', { ...refute, reason: 'Tested negativ' });
    expect(await parked(station, 'AllergyIntolerance', id)).toMatchObject({
      value: { versionId, rejected: { kind: 'deed', deed: 'refute', reason: 'Tested negativ', end: null } },
    });
    const { ask } = chartingOn(station);
    const corrected = { ...refute, reason: 'Tested negative', corrects: change };
    expect(await ask('charting.refuteAllergy', { ...corrected, versionId: '99' })).toBe('stale');
    expect(await ask('charting.refuteAllergy', corrected)).toBe(id);
    const notes = (shown(station, 'AllergyIntolerance', id) as AllergyIntolerance).note ?? [];
    expect(notes.map(({ text: words }) => words)).toEqual(['From school', 'Tested negative']);
    for (let run = 0; run < 2; run += 1) await upload({ station, server });
    expect(versions(server, 'AllergyIntolerance', id)).toEqual([versionId, String(Number(versionId) + 1)]);
    const [provenance, ...more] = (server.store.list('Provenance') as unknown as Provenance[]).filter(
      ({ target }) => target[0]?.reference === `AllergyIntolerance/${id}`,
    );
    expect(more).toEqual([]);
    expect(JSON.stringify(provenance?.entity)).toContain(`/_history/${versionId}`);
    expect(provenance?.reason?.at(-1)?.text).toBe('Tested negative');
  });

  it.each([
    [
      'Condition',
      'charting.changeProblem',
      { change: 'resolve', end: '2026-02', reason: 'Cured' },
      { deed: 'resolve', end: '2026-02', reason: 'Cured' },
    ],
    ['Task', 'charting.changeTask', { status: 'failed', reason: 'No time' }, { deed: 'failed', reason: 'No time' }],
    ['Appointment', 'charting.checkIn', { status: 'arrived' }, { deed: 'arrived', reason: null }],
    [
      'MedicationStatement',
      'charting.stopMedication',
      { reason: 'Rash', end: '2026-01-02' },
      { deed: 'stop', end: '2026-01-02', reason: 'Rash' },
    ],
    [
      'Immunization',
      'charting.markEnteredInError',
      { reason: 'Wrong arm' },
      { deed: 'entered-in-error', reason: 'Wrong arm' },
    ],
  ])('of a server’s %s tells by %s what was done, and why', async (type, call, given, told) => {
    const station = stationFor(server);
    const person = { reference: `Patient/${PATIENT}` };
    const clinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
    const records: Record<string, object> = {
      Condition: { subject: person, clinicalStatus: { coding: [{ system: clinical, code: 'active' }] } },
      Task: { status: 'requested', intent: 'order', for: person },
      Appointment: { status: 'booked', participant: [{ actor: person, status: 'accepted' }] },
      MedicationStatement: { status: 'active', subject: person, medicationCodeableConcept: { text: 'x' } },
      Immunization: { status: 'completed', patient: person, vaccineCode: { text: 'x' }, occurrenceDateTime: '2026' },
    };
    const { id, versionId } = known(
      station,
      server,
      JSON.stringify({ resourceType: type, id: randomUUID(), ...records[type] }),
    );
    const { change } = await rejected(station, call, { patientId: PATIENT, id, versionId, type, ...given });
    expect(await parked(station, type, id)).toMatchObject({ value: { versionId, rejected: told } });
    const { ask } = chartingOn(station);
    const again = { patientId: PATIENT, id, versionId, type, ...given, corrects: change };
    expect(await ask(call, again)).toBe(id);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
  });

  it('is not corrected in a form that doesn’t say all of it', async () => {
    const station = stationFor(server);
    const { ask } = chartingOn(station);
    const id = await ask('charting.recordProblem', requests['charting.recordProblem'] ?? {});
    const over = { patientId: PATIENT, id, versionId: '', change: 'resolve', end: null, reason: null };
    await rejected(station, 'charting.changeProblem', over);
    expect(await parked(station, 'Condition', id)).toMatchObject({ error: { code: 'not-correctable' } });
  });

  it('stays as it was, draft and all, or is corrected without its draft, wherever the program dies', async () => {
    let [left, isCounting] = [Number.POSITIVE_INFINITY, false];
    const open = ((options: Parameters<typeof openDatabase>[0]) => {
      const opened = openDatabase(options as never);
      const die = () => {
        if (!isCounting) return;
        left -= 1;
        if (left < 0) throw new Error('died');
      };
      if (opened.ok) watchCommits(opened.value, { before: die, after: die });
      return opened;
    }) as typeof openDatabase;
    const seen = new Set<string>();
    for (let deaths = 0, isDone = false; !isDone; deaths += 1) {
      const station = stationFor(server, { open });
      const { charting } = chartingOn(station);
      const request = requests['charting.recordTask'] ?? {};
      const { id, change } = await rejected(station, 'charting.recordTask', request);
      const key = { patientId: PATIENT, resourceType: 'Task', resourceId: id } as const;
      const draft = {
        ...key,
        kind: null,
        versionId: '',
        title: 'Task',
        body: { title: 'y' },
        changedAt: '2026-03-01T10:00:00Z',
      };
      station.outbox.keepDraft({ ...draft, labels: null, sealed: false } as never);
      [left, isCounting] = [deaths, true];
      const answer = await charting.recordTask({ ...request, title: 'y', corrects: change } as never).catch(() => null);
      isDone = left >= 0;
      isCounting = false;
      if (!isDone) station.reopen('died');
      const [row, ...more] = station.outbox.list({ limit: 9 }).items;
      expect(more).toEqual([]);
      const hasDraft = station.outbox.drafts({ patientId: PATIENT }).length > 0;
      const isOld = row?.state === 'parked';
      expect([hasDraft, shown(station, 'Task', id).description]).toEqual(isOld ? [true, 'x'] : [false, 'y']);
      if (answer?.ok) expect(isOld).toBe(false);
      seen.add(isOld ? 'old' : 'new');
    }
    expect([...seen].toSorted()).toEqual(['new', 'old']);
  });
});

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeptDraft } from '../../../main/cache/operations.ts';
import type { Draft } from '../../../preload/contract/drafts.ts';
import type { DevServer } from '../../server/index.ts';
import { add, change, outboxServer, PATIENT, type Station, stationFor, upload } from './support.ts';

let server: DevServer;
beforeAll(async () => {
  server = await outboxServer();
});
afterAll(() => server.stop());

type Note = Extract<KeptDraft<Draft>, { resourceType: 'DocumentReference' }>;

function draft(given: Partial<Note> = {}): Note {
  return {
    patientId: PATIENT,
    resourceType: 'DocumentReference',
    resourceId: null,
    kind: 'progress',
    versionId: '',
    title: 'Progress note',
    body: 'Slept well.',
    changedAt: '2026-03-01T10:00:00.000Z',
    labels: null,
    sealed: false,
    ...given,
  };
}

const bodies = (station: Station) => station.outbox.drafts({}).map(({ body }) => body);

function note(id: string, text: string) {
  const data = Buffer.from(text).toString('base64');
  const content = [{ attachment: { contentType: 'text/plain', data } }];
  const subject = { reference: `Patient/${PATIENT}` };
  return JSON.stringify({ resourceType: 'DocumentReference', id, status: 'current', subject, content });
}

type Vital = Extract<KeptDraft<Draft>, { resourceType: 'Observation' }>;

function vitalDraft(given: Partial<Vital> = {}): Vital {
  return {
    patientId: PATIENT,
    resourceType: 'Observation',
    resourceId: null,
    kind: 'body-temperature',
    versionId: '',
    title: 'Body temperature',
    body: { value: ' 038,', diastolic: null, unit: '°C' },
    changedAt: '2026-03-01T10:00:05.000Z',
    labels: null,
    sealed: false,
    ...given,
  };
}

describe('a draft of a vital sign', () => {
  it('is there after a death, number and unit exactly as typed, beside a note of the same patient', () => {
    const station = stationFor(server);
    const pressure = vitalDraft({
      resourceId: 'n1',
      kind: null,
      body: { value: '12', diastolic: '', unit: 'mmHg' },
      changedAt: '2026-03-01T10:00:06.000Z',
      labels: { confidentiality: 'R', sensitivity: ['HIV'], authors: ['Practitioner/a'] },
    });
    // A note of the same id, and a new one: neither takes the other's place.
    for (const one of [draft(), draft({ resourceId: 'n1' }), vitalDraft(), pressure]) station.outbox.keepDraft(one);
    station.reopen('died');
    const patient = { family: 'Ng', given: 'Ana', prefix: '' };
    const all = station.outbox.drafts({ patientId: PATIENT });
    expect(all).toHaveLength(4);
    expect(all.slice(0, 2)).toEqual([
      { ...pressure, patient },
      { ...vitalDraft(), patient },
    ]);
    station.outbox.dropDraft({ patientId: PATIENT, resourceType: 'Observation', resourceId: 'n1' });
    station.outbox.dropDraft({ patientId: PATIENT, resourceType: 'DocumentReference', resourceId: null });
    expect(station.outbox.drafts({}).map(({ resourceType, resourceId }) => [resourceType, resourceId])).toEqual([
      ['Observation', null],
      ['DocumentReference', 'n1'],
    ]);
  });

  it('is found by the server’s id once what it corrects was sent', async () => {
    const station = stationFor(server);
    const resourceId = randomUUID();
    const subject = { reference: `Patient/${PATIENT}` };
    const code = { coding: [{ system: 'http://loinc.org', code: '8310-5' }] };
    const body = JSON.stringify({ resourceType: 'Observation', id: resourceId, status: 'final', code, subject });
    add(station, change({ type: 'Observation', action: 'create', resourceId, body }));
    station.outbox.keepDraft(vitalDraft({ resourceId }));
    await upload({ station, server });
    const id = station.outbox.resolveId({ type: 'Observation', id: resourceId });
    expect(id).not.toBe(resourceId);
    expect(station.outbox.drafts({})).toMatchObject([{ resourceId: id }]);
    station.outbox.dropDraft({ patientId: PATIENT, resourceType: 'Observation', resourceId: id });
    expect(station.outbox.drafts({})).toEqual([]);
  });
});

describe('a draft', () => {
  it('is there after a death, whole, with whose it is', () => {
    const station = stationFor(server);
    const labels = { confidentiality: 'R', sensitivity: ['HIV'], authors: ['Practitioner/a'] } as const;
    const text = draft({ body: 'Zażółć 🙂\nline', labels });
    expect(station.outbox.keepDraft(text)).toEqual({ ok: true, value: null });
    station.reopen('died');
    const [kept] = station.outbox.drafts({ patientId: PATIENT });
    expect(kept).toEqual({ ...text, patient: { family: 'Ng', given: 'Ana', prefix: '' } });
  });

  it('is one for each note of a patient and one for a new note, the newest text', () => {
    const station = stationFor(server);
    station.outbox.keepDraft(draft({ body: 'a' }));
    station.outbox.keepDraft(draft({ body: 'ab', changedAt: '2026-03-01T10:00:01.000Z' }));
    station.outbox.keepDraft(draft({ resourceId: 'n1', body: 'c', changedAt: '2026-03-01T10:00:02.000Z' }));
    station.outbox.keepDraft(draft({ patientId: 'p2', body: 'd', changedAt: '2026-03-01T10:00:03.000Z' }));
    expect(bodies(station)).toEqual(['d', 'c', 'ab']);
    expect(station.outbox.drafts({ patientId: 'p2' })).toHaveLength(1);
    station.outbox.dropDraft({ patientId: PATIENT, resourceType: 'DocumentReference', resourceId: null } as const);
    expect(bodies(station)).toEqual(['d', 'c']);
  });

  it('never counts as a change, and nothing of it is sent', async () => {
    const station = stationFor(server);
    station.outbox.keepDraft(draft());
    expect(station.outbox.counts()).toEqual({ waiting: 0, conflicts: 0, parked: 0 });
    expect(station.outbox.list({ limit: 10 })).toEqual({ items: [], total: 0 });
    expect(station.outbox.queue()).toEqual([]);
    await upload({ station, server });
    expect(server.requests).toEqual([]);
    expect(bodies(station)).toEqual(['Slept well.']);
  });

  it('goes in the same moment in which the note that it became is kept, and only then', () => {
    const station = stationFor(server);
    station.outbox.keepDraft(draft());
    station.outbox.keepDraft(draft({ patientId: 'p2' }));
    const resourceId = randomUUID();
    const key = { patientId: PATIENT, resourceType: 'DocumentReference', resourceId: null } as const;
    const made = change({ type: 'DocumentReference', action: 'create', resourceId, draft: key });
    expect(station.outbox.add({ ...made, body: '{"resourceType":"Patient"}' }).ok).toBe(false);
    expect(bodies(station)).toHaveLength(2);
    add(station, { ...made, body: note(resourceId, 'Slept well.') });
    station.reopen('died');
    expect(station.outbox.drafts({}).map(({ patientId }) => patientId)).toEqual(['p2']);
    expect(station.outbox.counts().waiting).toBe(1);
  });

  it('of a note that was written here is found by the server’s id once that is known, and stays one', async () => {
    const station = stationFor(server);
    const resourceId = randomUUID();
    add(station, change({ type: 'DocumentReference', action: 'create', resourceId, body: note(resourceId, 'a') }));
    station.outbox.keepDraft(draft({ resourceId, body: 'ab' }));
    await upload({ station, server });
    const noteId = station.outbox.resolveId({ type: 'DocumentReference', id: resourceId });
    expect(noteId).not.toBe(resourceId);
    expect(station.outbox.drafts({})).toMatchObject([{ resourceId: noteId, body: 'ab' }]);
    station.outbox.keepDraft(draft({ resourceId, body: 'abc' }));
    expect(station.outbox.drafts({})).toMatchObject([{ resourceId: noteId, body: 'abc' }]);
    station.outbox.dropDraft({ patientId: PATIENT, resourceType: 'DocumentReference', resourceId: noteId });
    expect(bodies(station)).toEqual([]);
  });

  it('stays when the patient’s records are purged', () => {
    const station = stationFor(server);
    station.outbox.keepDraft(draft());
    expect(station.write.purgePatients({ patientIds: [PATIENT] })).toEqual([PATIENT]);
    expect(bodies(station)).toEqual(['Slept well.']);
  });
});

it('security: drafts are in no file as text', () => {
  const station = stationFor(server);
  const body = 'Canary of a draft in a file';
  station.outbox.keepDraft(draft({ body }));
  station.outbox.keepDraft(vitalDraft({ body: { value: body, diastolic: null, unit: '°C' } }));
  const files = readdirSync(station.folder);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect(readFileSync(join(station.folder, file)).includes(body)).toBe(false);
});

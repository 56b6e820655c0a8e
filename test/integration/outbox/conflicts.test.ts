import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Choice, Conflict, Resolution } from '../../../preload/contract/sync.ts';
import { conflict as conflictSchema } from '../../../preload/contract/sync.ts';
import type { DevServer } from '../../server/index.ts';
import { said, saidText } from '../../support/said.ts';
import {
  add,
  change,
  createdFrom,
  edit,
  heartRate,
  known,
  newHeartRate,
  outboxServer,
  PATIENT,
  recording,
  type Sent,
  type Station,
  stationFor,
  upload,
  versions,
  withValue,
} from './support.ts';

let server: DevServer;
beforeAll(async () => {
  server = await outboxServer();
});
afterEach(() => server.faults.clear());
afterAll(() => server.stop());

const start = (neverMerge: string[] = []) => stationFor(server, { neverMerge });

const nothing = { waiting: 0, conflicts: 0, parked: 0 };
const text = (type: string, id: string) => server.store.versions(type, id).at(-1)?.text ?? '';

/** Mine says 80, theirs 90, both of 70. */
function bothChange(station: Station) {
  const { id } = known(station, server, heartRate(randomUUID(), '70'));
  const changeId = edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
  server.store.put(heartRate(id, '90'));
  return { id, changeId };
}

/** A person decides what is shown at that moment. */
function decide(station: Station, id: string, resolution: Resolution) {
  return station.outbox.resolve({ id, token: station.outbox.conflict({ id })?.token ?? '', resolution });
}

function conflictOf(station: Station, id: string): Conflict {
  const found = station.outbox.conflict({ id });
  expect(() => conflictSchema.parse(found)).not.toThrow();
  return found as Conflict;
}

/** How a newer version is noticed. */
const ways: [string, (station: Station, id: string) => Promise<void>][] = [
  ['sending alone', async (station) => void (await upload({ station, server, without: ['transaction'] }))],
  [
    'sending a transaction',
    async (station) => {
      add(station, newHeartRate('60'));
      await upload({ station, server });
    },
  ],
  ['the download', async (station, id) => station.learn(server, `Observation/${id}`)],
  [
    'a server that answers 409',
    async (station) => {
      const fetch = recording([], async ({ method }) =>
        method === 'PUT' ? new Response(null, { status: 409 }) : null,
      );
      await upload({ station, server, without: ['transaction'], fetch });
    },
  ],
];

describe.each(ways)('two who changed the same element, noticed by %s', (_how, notice) => {
  it('keeps base, mine and theirs, and sends nothing until a person has decided', async () => {
    const station = start();
    const { id, changeId } = bothChange(station);
    await notice(station, id);
    expect(station.outbox.counts()).toEqual({ ...nothing, conflicts: 1 });
    expect(station.local('Observation', id)).toBe(2);
    expect(station.shown('Observation', id)).toContain('"value":80');
    station.reopen('died');
    const found = conflictOf(station, changeId);
    expect(found).toMatchObject({ deletedOnServer: false, change: { state: 'conflict', patientId: PATIENT } });
    expect(found.theirsUpdated).not.toBeNull();
    expect(found.fields).toEqual([
      {
        path: 'value',
        base: said('70 /min'),
        mine: said('80 /min'),
        theirs: said('90 /min'),
        both: null,
        encrypted: { base: false, mine: false, theirs: false },
        exact: { all: [{ at: 'valueQuantity.value', base: '70', mine: '80', theirs: '90' }], more: 0 },
        changedBy: 'both',
      },
    ]);
    await upload({ station, server });
    expect(text('Observation', id)).toContain('"value":90');
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
  });

  it('is settled by mine as a new version on top of theirs', async () => {
    const station = start();
    const { id, changeId } = bothChange(station);
    await notice(station, id);
    expect(decide(station, changeId, { kind: 'mine' }).ok).toBe(true);
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    await upload({ station, server });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
    expect(text('Observation', id)).toContain('"value":80');
    expect(station.shown('Observation', id)).toBe(text('Observation', id));
    expect(station.outbox.counts()).toEqual(nothing);
  });

  it('is settled by theirs, and nothing is sent', async () => {
    const station = start();
    const { id, changeId } = bothChange(station);
    await notice(station, id);
    expect(decide(station, changeId, { kind: 'theirs' })).toEqual({
      ok: true,
      value: { patients: [PATIENT] },
    });
    expect(station.shown('Observation', id)).toBe(text('Observation', id));
    expect(station.local('Observation', id)).toBe(0);
    await upload({ station, server });
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
    expect(decide(station, changeId, { kind: 'mine' })).toMatchObject({ ok: false });
  });
});

describe('changes of different elements', () => {
  const withNote = ',"note":[{"text":"after exercise"}]';

  it.each(['sending alone', 'the download'])('are merged without a person, noticed by %s', async (how) => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70.0'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '80.50'));
    server.store.put(heartRate(id, '70.0', withNote));
    if (how === 'the download') station.learn(server, `Observation/${id}`);
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2', '3']);
    expect(text('Observation', id)).toContain('"value":80.50');
    expect(text('Observation', id)).toContain('after exercise');
  });

  it('security: are never merged in allergies, problems and medications, nor where policy says so', async () => {
    const station = start(['Observation']);
    const subject = { reference: `Patient/${PATIENT}` };
    const resources = [
      { resourceType: 'AllergyIntolerance', patient: subject, criticality: 'low' },
      { resourceType: 'Condition', subject },
      {
        resourceType: 'MedicationRequest',
        subject,
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: { text: 'x' },
      },
      { resourceType: 'MedicationStatement', subject, status: 'active', medicationCodeableConcept: { text: 'x' } },
      JSON.parse(heartRate('x', '70')) as object,
    ];
    for (const resource of resources) {
      const id = randomUUID();
      const type = (resource as { resourceType: string }).resourceType;
      known(station, server, JSON.stringify({ ...resource, id }));
      edit(station, type, id, (shown) => JSON.stringify({ ...JSON.parse(shown), note: [{ text: 'mine' }] }));
      server.store.put(JSON.stringify({ ...resource, id, identifier: [{ value: 'theirs' }] }));
    }
    await upload({ station, server });
    expect(station.outbox.counts()).toEqual({ ...nothing, conflicts: resources.length });
  });

  it.each([
    ['additional', { ...nothing, conflicts: 1 }],
    ['generated', nothing],
  ])('security: of an allergy are told where theirs is a narrative only that is %s', async (status, counts) => {
    const station = start();
    const id = randomUUID();
    const narrative = (words: string) => ({ status, div: `<div xmlns="http://www.w3.org/1999/xhtml">${words}</div>` });
    const penicillin = {
      resourceType: 'AllergyIntolerance',
      id,
      text: narrative('Rash as a child.'),
      patient: { reference: `Patient/${PATIENT}` },
      code: { text: 'Penicillin' },
    };
    known(station, server, JSON.stringify(penicillin));
    edit(station, 'AllergyIntolerance', id, (shown) =>
      JSON.stringify({ ...JSON.parse(shown), note: [{ text: 'mine' }] }),
    );
    server.store.put(JSON.stringify({ ...penicillin, text: narrative('Anaphylaxis in 2019.') }));
    await upload({ station, server });
    expect(station.outbox.counts()).toEqual(counts);
  });

  it('security: nothing is proposed of a signature and a text that its signer has not read: a person chooses each', async () => {
    const station = start();
    const id = randomUUID();
    const content = (words: string) => [{ attachment: { contentType: 'text/plain', data: btoa(words) } }];
    const note = {
      resourceType: 'DocumentReference',
      id,
      status: 'current',
      docStatus: 'preliminary',
      subject: { reference: `Patient/${PATIENT}` },
      content: content('Afebrile.'),
    };
    known(station, server, JSON.stringify(note));
    const signed = { docStatus: 'final', authenticator: { reference: 'Practitioner/dev-osei' } };
    const changeId = edit(station, 'DocumentReference', id, (shown) =>
      JSON.stringify({ ...JSON.parse(shown), ...signed }),
    );
    server.store.put(JSON.stringify({ ...note, content: content('Febrile.') }));
    await upload({ station, server });
    const { decideAll, fields } = conflictOf(station, changeId);
    expect(decideAll).toBe(true);
    expect(fields.map(({ path, changedBy }) => [path, changedBy])).toEqual([
      ['docStatus', 'mine'],
      ['content', 'theirs'],
      ['authenticator', 'mine'],
    ]);
    const merged = (choices: Record<string, Choice>) => decide(station, changeId, { kind: 'merged', choices });
    expect(merged({ content: 'theirs' })).toEqual({ ok: false, error: { code: 'not-mergeable' } });
    expect(merged({ content: 'theirs', docStatus: 'theirs', authenticator: 'theirs' }).ok).toBe(true);
    expect(versions(server, 'DocumentReference', id)).toEqual(['1', '2']);
  });

  it('are proposed beside a text that both have written: the status comes with the own one', async () => {
    const station = start();
    const id = randomUUID();
    const content = (words: string) => [{ attachment: { contentType: 'text/plain', data: btoa(words) } }];
    const subject = { reference: `Patient/${PATIENT}` };
    const note = { resourceType: 'DocumentReference', id, status: 'current', docStatus: 'final', subject };
    known(station, server, JSON.stringify({ ...note, content: content('a') }));
    const changeId = edit(station, 'DocumentReference', id, (shown) =>
      JSON.stringify({ ...JSON.parse(shown), docStatus: 'amended', content: content('mine') }),
    );
    server.store.put(JSON.stringify({ ...note, content: content('theirs') }));
    await upload({ station, server });
    expect(conflictOf(station, changeId).decideAll).toBe(false);
    expect(decide(station, changeId, { kind: 'merged', choices: { content: 'mine' } }).ok).toBe(true);
  });

  it('are joined by a person’s choices, element by element', async () => {
    const station = start(['Observation']);
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const changeId = edit(station, 'Observation', id, (shown) =>
      withValue(shown, '80').replace('"final"', '"amended"').replace('Heart rate', 'Pulse'),
    );
    server.store.put(heartRate(id, '90', withNote).replace('Heart rate', 'HR'));
    await upload({ station, server });
    expect(conflictOf(station, changeId).fields.map(({ path, changedBy }) => [path, changedBy])).toEqual([
      ['status', 'mine'],
      ['code', 'both'],
      ['value', 'both'],
      ['note', 'theirs'],
    ]);
    const merged = (choices: Record<string, 'mine' | 'theirs'>) =>
      decide(station, changeId, { kind: 'merged', choices });
    const refused = { ok: false, error: { code: 'not-mergeable' } };
    expect(merged({ value: 'mine', status: 'mine', note: 'theirs' })).toEqual(refused);
    // Of a type that is never merged by itself nothing is taken that nobody has named.
    expect(merged({ value: 'mine', code: 'theirs', status: 'mine' })).toEqual(refused);
    expect(merged({ value: 'mine', code: 'theirs', status: 'mine', note: 'theirs' }).ok).toBe(true);
    await upload({ station, server });
    expect(server.store.read('Observation', id)).toMatchObject({
      status: 'amended',
      code: { text: 'HR' },
      valueQuantity: { value: 80 },
      note: [{ text: 'after exercise' }],
    });
  });

  it('security: of an allergy are all decided by a person, who sees before what the chart will show', async () => {
    const station = start();
    const id = randomUUID();
    const reaction = (text: string) => ({ manifestation: [{ text }] });
    const penicillin = {
      resourceType: 'AllergyIntolerance',
      id,
      patient: { reference: `Patient/${PATIENT}` },
      code: { text: 'Penicillin' },
      criticality: 'low',
      reaction: [reaction('Rash')],
    };
    known(station, server, JSON.stringify(penicillin));
    const changeId = edit(station, 'AllergyIntolerance', id, (shown) =>
      JSON.stringify({ ...JSON.parse(shown), reaction: [reaction('Rash'), reaction('Itching')] }),
    );
    const theirs = { ...penicillin, criticality: 'high', reaction: [reaction('Rash'), reaction('Wheeze')] };
    server.store.put(JSON.stringify(theirs));
    await upload({ station, server });
    const { token, decideAll, fields } = conflictOf(station, changeId);
    expect(decideAll).toBe(true);
    expect(fields.map(({ path, changedBy }) => [path, changedBy])).toEqual([
      ['criticality', 'theirs'],
      ['reaction', 'both'],
    ]);
    const preview = (choices: Record<string, Choice>) => station.outbox.preview({ id: changeId, token, choices });
    expect(preview({ reaction: 'both' })).toBeNull();
    expect(preview({ reaction: 'both', criticality: 'both' })).toBeNull();
    const choices = { reaction: 'both', criticality: 'theirs' } as const;
    const manifestations = ['Rash', 'Wheeze', 'Itching'];
    expect(preview(choices)).toMatchObject({
      kind: 'allergy',
      allergy: {
        substance: 'Penicillin',
        criticality: 'high',
        reactions: manifestations.map((manifestation) => ({ manifestation })),
      },
    });
    expect(decide(station, changeId, { kind: 'merged', choices }).ok).toBe(true);
    await upload({ station, server });
    expect(server.store.read('AllergyIntolerance', id)).toMatchObject({
      criticality: 'high',
      reaction: manifestations.map(reaction),
    });
  });

  it('are told in full where two versions would read alike', async () => {
    const station = start();
    const dosage = (value: number, count: number) => ({
      text: 'one in the morning',
      timing: { repeat: { frequency: count } },
      doseAndRate: [{ doseQuantity: { value, unit: 'mg' } }],
    });
    const id = randomUUID();
    const statement = {
      resourceType: 'MedicationStatement',
      id,
      status: 'active',
      medicationCodeableConcept: { text: 'Warfarin' },
      subject: { reference: `Patient/${PATIENT}` },
      dosage: [dosage(5, 1)],
    };
    known(station, server, JSON.stringify(statement));
    const changeId = edit(station, 'MedicationStatement', id, (shown) =>
      JSON.stringify({ ...JSON.parse(shown), dosage: [dosage(3, 1)] }),
    );
    server.store.put(JSON.stringify({ ...statement, dosage: [dosage(5, 2)] }));
    await upload({ station, server });
    const [field] = conflictOf(station, changeId).fields;
    const sides = [field?.base, field?.mine, field?.theirs].map(saidText);
    expect(new Set(sides).size).toBe(3);
    expect(sides[1]).toContain('doseQuantity: ');
    expect(field?.both).toBeNull();
  });

  it('conflict again where the server has gone on while a person decided', async () => {
    const station = start();
    const { id, changeId } = bothChange(station);
    await upload({ station, server });
    decide(station, changeId, { kind: 'mine' });
    server.store.put(heartRate(id, '95'));
    await upload({ station, server });
    expect(conflictOf(station, changeId).fields).toMatchObject([
      { base: said('90 /min'), mine: said('80 /min'), theirs: said('95 /min') },
    ]);
  });

  it('that say the same need nobody, and no further version', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    server.store.put(heartRate(id, '80.0'));
    await upload({ station, server });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
    expect(station.shown('Observation', id)).toBe(text('Observation', id));
  });
});

describe('a record that the server has deleted', () => {
  it.each(['sending', 'the download'])('while it was edited is a conflict, noticed by %s', async (how) => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const changeId = edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    server.store.remove('Observation', id);
    if (how === 'sending') await upload({ station, server });
    else station.learnGone('Observation', id);
    expect(conflictOf(station, changeId)).toMatchObject({ deletedOnServer: true, theirsUpdated: null });
    expect(station.shown('Observation', id)).toContain('"value":80');
    expect(decide(station, changeId, { kind: 'merged', choices: {} })).toEqual({
      ok: false,
      error: { code: 'not-mergeable' },
    });
    // Kept, it becomes a record of its own: the deleted one is not brought back.
    expect(decide(station, changeId, { kind: 'mine' }).ok).toBe(true);
    expect(station.shown('Observation', id)).toBeNull();
    const [left] = station.outbox.list({ limit: 10 }).items;
    expect(left).toMatchObject({ action: 'create', state: 'waiting' });
    await upload({ station, server });
    expect(createdFrom(server, 'Observation', left?.resourceId ?? '')).toHaveLength(1);
    expect(versions(server, 'Observation', id)).toEqual(['1', '-2']);
  });

  it('can be let go', async () => {
    const station = start();
    const { id } = known(station, server, heartRate(randomUUID(), '70'));
    const changeId = edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    server.store.remove('Observation', id);
    await upload({ station, server });
    expect(decide(station, changeId, { kind: 'theirs' }).ok).toBe(true);
    expect(station.shown('Observation', id)).toBeNull();
    expect(station.outbox.counts()).toEqual(nothing);
  });

  it('and that the clinician deleted too needs nobody', async () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    add(station, change({ type: 'Observation', action: 'delete', resourceId: id, baseVersionId: versionId }));
    server.store.remove('Observation', id);
    expect(await upload({ station, server })).toEqual({ ok: true });
    expect(station.outbox.counts()).toEqual(nothing);
    expect(versions(server, 'Observation', id)).toEqual(['1', '-2']);
  });

  it('is not deleted where others have changed it since: that is a conflict', async () => {
    const station = start();
    const { id, versionId } = known(station, server, heartRate(randomUUID(), '70'));
    const changeId = add(
      station,
      change({ type: 'Observation', action: 'delete', resourceId: id, baseVersionId: versionId }),
    );
    server.store.put(heartRate(id, '71'));
    await upload({ station, server });
    const value = conflictOf(station, changeId).fields.find(({ path }) => path === 'value');
    expect(value).toMatchObject({ base: said('70 /min'), mine: null, theirs: said('71 /min') });
    expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    expect(station.shown('Observation', id)).toBe(text('Observation', id));
  });
});

describe('a conflict', () => {
  it('blocks its own record only', async () => {
    const station = start();
    bothChange(station);
    const sent: Sent[] = [];
    await upload({ station, server });
    const other = newHeartRate('61');
    add(station, other);
    await upload({ station, server, fetch: recording(sent) });
    expect(createdFrom(server, 'Observation', other.resourceId)).toHaveLength(1);
    expect(sent.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('tells a note by its text, and codes, times and people by their names', async () => {
    const station = start();
    const id = randomUUID();
    const data = (body: string) => Buffer.from(body).toString('base64');
    const note = {
      resourceType: 'DocumentReference',
      id,
      status: 'current',
      subject: { reference: `Patient/${PATIENT}` },
      type: { coding: [{ system: 'http://loinc.org', code: '11506-3', display: 'Progress note' }] },
      author: [{ reference: 'Practitioner/a', display: 'Dr A' }],
      content: [{ attachment: { contentType: 'text/plain; charset=utf-8', data: data('Slept well. Ü') } }],
    };
    known(station, server, JSON.stringify(note));
    const changeId = edit(station, 'DocumentReference', id, (shown) =>
      shown.replace(data('Slept well. Ü'), data('Slept badly.')),
    );
    const theirs = { ...note, author: [{ display: 'Dr B' }], type: { text: 'Night note' } };
    server.store.put(
      JSON.stringify({ ...theirs, content: [{ attachment: { contentType: 'text/plain', data: data('Awake.') } }] }),
    );
    await upload({ station, server });
    const fields = Object.fromEntries(conflictOf(station, changeId).fields.map((field) => [field.path, field]));
    expect(fields['content']).toMatchObject({
      base: said('Slept well. Ü'),
      mine: said('Slept badly.'),
      theirs: said('Awake.'),
    });
    expect([saidText(fields['type']?.base), saidText(fields['type']?.theirs)]).toEqual(['Progress note', 'Night note']);
    expect(fields['author']).toMatchObject({ base: said('Dr A'), mine: said('Dr A') });
    for (const { base, mine, theirs } of Object.values(fields))
      for (const side of [base, mine, theirs]) expect(saidText(side) ?? '').not.toMatch(/[{}]|urn:|http/);
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fieldWrappingKey } from '../../../../main/cache/fields/key.ts';
import { setMeta } from '../../../../main/cache/meta.ts';
import { openDatabase } from '../../../../main/cache/open.ts';
import { isIdentical, readResource } from '../../../../main/cache/outbox/content.ts';
import { createFieldKey } from '../../../../main/cache/outbox/schema/0006-field-key.ts';
import { outboxMigrations } from '../../../../main/cache/outbox/schema/index.ts';
import { rekeyDatabase } from '../../../../main/cache/rekey.ts';
import { createSealedFields } from '../../../../main/cache/schema/0008-sealed-fields.ts';
import { cacheMigrations } from '../../../../main/cache/schema/index.ts';
import { KEPT } from '../../../../main/documents/fields/elements.ts';
import { seesAll } from '../../cache/support.ts';
import { cacheKey, everythingIn, mark, newFolder, openMarked, outboxKey, wrapping } from './support.ts';

const patient = (more: object = {}) =>
  JSON.stringify({
    resourceType: 'Patient',
    id: 'p',
    meta: { versionId: '1' },
    name: [{ family: 'Ng' }],
    identifier: [{ system: 'urn:national', value: 'CANARY-national' }],
    ...more,
  });

const observation = (version: number, value = 'CANARYvalue', id = 'o') =>
  `{"resourceType":"Observation","id":"${id}","status":"final","meta":{"versionId":"${version}","lastUpdated":"2026-03-01T09:0${version}:00Z"},` +
  `"text":{"status":"generated","div":"<div>CANARYnarrative ${value}</div>"},"code":{"text":"HIV test"},` +
  `"subject":{"reference":"Patient/p"},"valueString":"${value}","note":[{"text":"CANARYnote"}],` +
  `"component":[{"code":{"text":"ratio"},"valueQuantity":{"value":1.50,"unit":"CANARYunit"}}]}`;

const note = JSON.stringify({
  resourceType: 'DocumentReference',
  id: 'd',
  meta: { versionId: '1' },
  status: 'current',
  subject: { reference: 'Patient/p' },
  description: 'Session',
  content: [{ attachment: { contentType: 'text/plain', data: Buffer.from('CANARYsession').toString('base64') } }],
});

const marks = [
  mark('Observation', 'value'),
  mark('Observation', 'note.text'),
  mark('Observation', 'component.value'),
  mark('DocumentReference', 'content.attachment.data'),
  mark('Patient', 'identifier.value', { blindIndex: true }),
];

const encoded = Buffer.from('CANARYsession').toString('base64');
const field = (station: ReturnType<typeof openMarked>, path: string, id = 'o', key = wrapping()) =>
  station.read.field({ type: 'Observation', id, path, wrapping: key });

describe('marked fields in the cache', () => {
  it('security: stand nowhere in what the decrypted database holds', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1), observation(2, 'CANARYother'), note);
    const all = everythingIn(station.db);
    expect(all).toContain('HIV test');
    expect(all.toLowerCase()).not.toContain('canary');
    expect(all).not.toContain(encoded);
    expect(all).not.toContain('1.50');
  });

  it('security: are masked in every view', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1), note);
    const asked = { patientId: 'p', ...seesAll };
    const views = [
      station.read.chartSummary(asked),
      station.read.resultGroups(asked),
      station.read.note({ ...asked, noteId: 'd' }),
      station.read.resource({ type: 'Observation', id: 'o' }),
      station.read.resource({ type: 'Patient', id: 'p' }),
    ];
    expect(JSON.stringify(views).toLowerCase()).not.toContain('canary');
    expect(JSON.stringify(views)).not.toContain(encoded);
  });

  it('security: are found by none of their words, and stand in nothing that is found by others', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1), note);
    station.write.expandRun({ panel: ['p'], tasks: [] });
    const one = { patients: [0], records: seesAll.sight };
    const sight = { newest: 0, careTeam: one, panel: one };
    const found = (text: string) => [
      station.read.findInChart({ patientId: 'p', ...seesAll, text }),
      station.read.findInPanel({ sight, text, practitioner: 'Practitioner/a' }),
    ];
    for (const word of ['CANARYvalue', 'canarynote', 'canarynarr', 'canaryunit', 'canarysession', 'canary', '1.50'])
      expect(found(word)).toMatchObject([
        { items: [], total: 0 },
        { items: [], total: 0 },
      ]);
    for (const [word, id] of [
      ['hiv', 'o'],
      ['session', 'd'],
    ] as const) {
      const answers = found(word);
      expect(answers).toMatchObject([{ items: [{ id }] }, { items: [{ id }] }]);
      expect(JSON.stringify(answers).toLowerCase()).not.toContain('canary');
    }
  });

  it.each([
    [
      'QuestionnaireResponse',
      'item.answer.value',
      { item: [{ linkId: '1', text: 'Session', answer: [{ valueString: 'CANARYanswer' }] }] },
    ],
    [
      'MedicationRequest',
      'dosageInstruction.text',
      { medicationCodeableConcept: { text: 'Session' }, dosageInstruction: [{ text: 'CANARYdose' }] },
    ],
    [
      'MedicationStatement',
      'dosage',
      {
        medicationCodeableConcept: { text: 'Session' },
        dosage: [{ text: 'CANARYdose', patientInstruction: 'CANARY' }],
      },
    ],
    [
      'Communication',
      'payload.contentString',
      { topic: { text: 'Session' }, payload: [{ contentString: 'CANARYtext' }] },
    ],
    [
      'AllergyIntolerance',
      'reaction.note',
      { code: { text: 'Session' }, reaction: [{ manifestation: [{ text: 'x' }], note: [{ text: 'CANARYnote' }] }] },
    ],
  ])('security: of %s are not found by their words either (%s)', (resourceType, path, content) => {
    const to = { reference: 'Patient/p' };
    const record = { resourceType, id: 'r', meta: { versionId: '1' }, subject: to, patient: to, ...content };
    const [open, masked] = [[], [mark(resourceType, path)]].map((marked) => {
      const station = openMarked(marked);
      station.learn(patient({ identifier: [] }), JSON.stringify(record));
      return station;
    });
    const words = (station: typeof open) =>
      station?.read.search({ type: resourceType, query: '_content=canary*', sight: null });
    const found = (station: typeof open) =>
      station?.read.findInChart({ patientId: 'p', ...seesAll, text: 'canary' })?.total;
    // A message is in no chart.
    if (resourceType !== 'Communication') expect(found(open)).toBe(1);
    if (path !== 'contained.code') expect(words(open)).toMatchObject({ ok: true, value: { entries: [{ id: 'r' }] } });
    expect(words(masked)).toMatchObject({ ok: true, value: { entries: [] } });
    expect(found(masked)).toBe(0);
    const all = masked ? everythingIn(masked.db).toLowerCase() : '';
    expect(all).toContain('session');
    expect(all).not.toContain('canary');
  });

  it('are there to the digit for who hands over what opens them', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1), note);
    const text = station.read.resource({ type: 'Observation', id: 'o', wrapping: wrapping() }) ?? '';
    expect(isIdentical(readResource(text), readResource(observation(1)))).toBe(true);
    expect(field(station, 'value')?.fields).toEqual([
      { at: 'valueString', path: 'valueString', how: 'kept', content: '{"value":"CANARYvalue"}' },
    ]);
    expect(field(station, 'component.value')?.fields).toEqual([
      {
        at: 'component[0].valueQuantity',
        path: 'component.valueQuantity',
        how: 'kept',
        content: '{"value":{"value":1.50,"unit":"CANARYunit"}}',
      },
    ]);
    expect(field(station, 'value', 'none')).toBeNull();
  });

  it('security: open by no other key', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1));
    expect(() => field(station, 'value', 'o', new Uint8Array(32))).toThrow('cache-damaged');
    expect(() => field(station, 'value', 'o', cacheKey())).toThrow('cache-damaged');
  });

  it.each([
    ['another record', () => observation(1, 'x', 'o2'), 'o2'],
    ['an older version', () => observation(2, 'CANARYnewer'), 'o'],
  ])('security: of %s do not open in the place of one', (_what, other, id) => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1));
    const body = (of: string) =>
      (station.db.prepare(`SELECT body FROM resource WHERE id = ?`).get(of) as { body: string }).body;
    const { _valueString: older } = JSON.parse(body('o'));
    station.learn(other());
    const spliced = { ...JSON.parse(body(id)), _valueString: older };
    station.db.prepare('UPDATE resource SET body = ? WHERE id = ?').run(JSON.stringify(spliced), id);
    expect(field(station, 'value', id)?.fields).toEqual([{ at: 'valueString', path: 'valueString', how: 'damaged' }]);
    // Nor do those of another place in the same record.
    const moved = { ...JSON.parse(body(id)), note: [JSON.parse(body(id)).note[0], JSON.parse(body(id)).note[0]] };
    station.db.prepare('UPDATE resource SET body = ? WHERE id = ?').run(JSON.stringify(moved), id);
    expect(field(station, 'note.text', id)?.fields.map(({ how }) => how)).toEqual(['kept', 'damaged']);
  });

  it('are found by equal value where policy allows it, and only so', () => {
    const station = openMarked(marks);
    const find = (value: string, path = 'identifier.value') =>
      station.read.findField({ type: 'Patient', path, value, hash: null, wrapping: wrapping() });
    station.learn(patient(), observation(1));
    expect(find('CANARY-national')).toEqual([{ id: 'p', patientId: 'p' }]);
    expect(find('CANARY-nationa')).toEqual([]);
    expect(find('CANARY-national', 'identifier.system')).toEqual([]);
    expect(
      station.read.findField({
        type: 'Observation',
        path: 'value',
        value: 'CANARYvalue',
        hash: null,
        wrapping: wrapping(),
      }),
    ).toEqual([]);
    station.learn(patient({ meta: { versionId: '2' }, identifier: [{ value: 'another' }] }));
    expect(find('CANARY-national')).toEqual([]);
    expect(find('another')).toHaveLength(1);
  });

  it('are those that policy marks now, in what was stored before too', () => {
    const folder = newFolder();
    const before = openMarked([], folder);
    before.learn(patient(), observation(1), observation(2), note);
    expect(everythingIn(before.db)).toContain('CANARYvalue');
    before.close();
    const marked = openMarked(marks, folder);
    expect(everythingIn(marked.db).toLowerCase()).not.toContain('canary');
    expect(marked.db.prepare(`INSERT INTO search_text (search_text) VALUES ('integrity-check')`).run()).toBeTruthy();
    marked.close();
    const after = openMarked([], folder);
    expect(
      isIdentical(
        readResource(after.read.resource({ type: 'Observation', id: 'o' }) ?? ''),
        readResource(observation(2)),
      ),
    ).toBe(true);
    const found = after.read.search({ type: 'Observation', query: '_content=CANARYnote', sight: null } as never);
    expect(JSON.stringify(found)).toContain('"o"');
  });

  it('only in records with the label that the mark names', () => {
    const station = openMarked([mark('Observation', 'value', { label: 'HIV' })]);
    const labelled = observation(1, 'CANARYhiv', 'l').replace('"meta":{', '"meta":{"security":[{"code":"HIV"}],');
    station.learn(patient(), observation(1, 'plain', 'o'), labelled);
    const all = everythingIn(station.db);
    expect(all).not.toContain('CANARYhiv');
    expect(all).toContain('"valueString":"plain"');
  });

  it('follow the cache to another key', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1));
    station.close();
    const next = () => new Uint8Array(32).fill(9);
    rekeyDatabase({ file: join(station.folder, 'cache.db'), keys: [cacheKey(), next()] });
    const again = openMarked(marks, station.folder, next());
    expect(field(again, 'value', 'o', fieldWrappingKey(next()))?.fields).toMatchObject([{ how: 'kept' }]);
    expect(() => field(again, 'value')).toThrow('cache-damaged');
    again.learn(observation(2, 'newer'));
    expect(field(again, 'value', 'o', fieldWrappingKey(next()))?.fields).toMatchObject([
      { content: '{"value":"newer"}' },
    ]);
  });

  it('cost a record without any nothing: its text is as the server wrote it, and there is no key', () => {
    const station = openMarked([mark('Condition', 'note.text')]);
    station.learn(patient(), observation(1));
    expect(station.read.resource({ type: 'Observation', id: 'o' })).toBe(observation(1));
    expect(station.db.prepare('SELECT * FROM field_key').all()).toEqual([]);
  });

  it('come into a cache and an outbox of before there were any', () => {
    const folder = newFolder();
    const before = cacheMigrations.slice(0, cacheMigrations.indexOf(createSealedFields));
    const made = openDatabase({ file: join(folder, 'cache.db'), key: cacheKey(), mode: 'create', migrations: before });
    const kept = outboxMigrations.slice(0, outboxMigrations.indexOf(createFieldKey));
    const other = openDatabase({ file: join(folder, 'outbox.db'), key: outboxKey(), mode: 'create', migrations: kept });
    if (!made.ok || !other.ok) throw new Error('not made');
    setMeta(made.value, 'outbox.made', 'true');
    for (const { value } of [made, other]) value.close();
    const station = openMarked(marks, folder);
    station.learn(patient(), observation(1));
    expect(field(station, 'value')?.fields).toHaveLength(1);
    const plan = (query: string) => JSON.stringify(station.db.prepare(`EXPLAIN QUERY PLAN ${query}`).all());
    expect(plan('SELECT rid FROM field_index WHERE hash IN (1, 2)')).toContain('SEARCH field_index USING PRIMARY KEY');
    expect(plan('DELETE FROM field_index WHERE rid = 1')).toContain('SEARCH field_index USING');
  });

  it('that are the same again change nothing', () => {
    const station = openMarked(marks);
    station.learn(patient(), observation(1));
    const unversioned = observation(1).replace(/"meta":\{[^}]*\},/, '');
    station.learn(unversioned.replace('"o"', '"u"'));
    const rows = () => station.db.prepare('SELECT count(*) AS n FROM history').get();
    station.learn(unversioned.replace('"o"', '"u"'), observation(1));
    expect(rows()).toEqual({ n: 0 });
  });

  it('security: a server that sends what looks like ours gains nothing, and breaks nothing', () => {
    const station = openMarked(marks);
    const extension = [{ url: KEPT, valueBase64Binary: 'AAAA'.repeat(20) }];
    const forged = {
      resourceType: 'Observation',
      id: 'f',
      meta: { versionId: '1' },
      subject: { reference: 'Patient/p' },
    };
    const text = JSON.stringify({ ...forged, valueString: 'CANARY', _valueString: { extension }, code: { extension } });
    station.learn(patient(), text);
    expect(everythingIn(station.db)).not.toContain('CANARY"');
    const back = station.read.resource({ type: 'Observation', id: 'f', wrapping: wrapping() }) ?? '';
    expect(isIdentical(readResource(back), readResource(text))).toBe(true);
    expect(field(station, 'code', 'f')?.fields).toMatchObject([{ how: 'damaged' }]);
  });
});

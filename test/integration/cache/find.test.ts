import { describe, expect, test } from 'vitest';
import { openInMemory } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import type { PanelSight, Sight } from '../../../main/cache/sight.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { chartFound, panelFound } from '../../../preload/contract/find.ts';
import { fill, seesAll } from './support.ts';

const { sight: all } = seesAll;
const subject = { reference: 'Patient/p' };
const base64 = (text: string) => Buffer.from(text).toString('base64');

function note(id: string, text: string, more: object = {}, contentType = 'text/plain') {
  const attachment = { contentType, data: base64(text) };
  return { resourceType: 'DocumentReference', id, status: 'current', subject, content: [{ attachment }], ...more };
}

function panelSight(records: Sight = all, patients: readonly number[] = [0]): PanelSight {
  const one = { patients, records };
  return { newest: 0, careTeam: one, panel: one };
}

function openWith(resources: readonly object[]) {
  const db = openInMemory(cacheMigrations);
  const store = { read: createReads(db), write: createWrites(db) };
  const patients = ['p', 'q'].map((id) => ({ resourceType: 'Patient', id, name: [{ family: id.toUpperCase() }] }));
  fill(store, ['p', 'q'], [...patients, ...resources]);
  const chart = (text: string, sight: Sight = all) => {
    const found = store.read.findInChart({ patientId: 'p', sight, text });
    if (!found) throw new Error('the patient is not cached');
    return chartFound.parse(found);
  };
  const panel = (text: string, sight = panelSight()) =>
    panelFound.parse(store.read.findInPanel({ sight, text, practitioner: 'Practitioner/a' }));
  return { ...store, db, chart, panel, ids: (text: string) => chart(text).items.map(({ id }) => id) };
}

/** What is marked in the snippet of each record that was found. */
function marked({ items }: { items: readonly { snippet: { text: string; marks: [number, number][] } | null }[] }) {
  return items.map(({ snippet }) => snippet?.marks.map(([from, to]) => snippet.text.slice(from, to)));
}

describe('finding in a chart', () => {
  test('finds notes by the beginnings of words in any order, by phrases, without accents and case', () => {
    const store = openWith([
      note('a', 'Patient mit starkem Husten, Fièvre élevée seit gestern.'),
      note(
        'b',
        '<p>Fever since <b>yesterday</b>; <script>husten()</script>chest pain on exertion</p>',
        {},
        'text/html',
      ),
      note('c', 'Pain in the chest wall.'),
      note('f', 'e\u0301le\u0301phantiasis'),
    ]);
    expect(store.ids('husten FIEV')).toEqual(['a']);
    expect(store.ids('elevee')).toEqual(['a']);
    expect(store.ids('husten')).toEqual(['a']);
    expect(store.ids('chest pain').toSorted()).toEqual(['b', 'c']);
    expect(store.ids('"chest pain"')).toEqual(['b']);
    expect(store.ids('"chest pa')).toEqual(['b']);
    expect(store.ids('elephant')).toEqual(['f']);
    expect(store.ids('script')).toEqual([]);
    expect(marked(store.chart('"chest pain" exert'))).toEqual([['chest pain', 'exertion']]);
    expect(marked(store.chart('elephant'))).toEqual([['e\u0301le\u0301phantiasis']]);
  });

  test('finds notes by the words that the chart shows of them, however they are written', () => {
    const latin = {
      contentType: 'text/plain;charset=windows-1252',
      data: Buffer.from('Lungen\u00f6dem', 'latin1').toString('base64'),
    };
    const picture = `<img src="data:image/png;base64,${'A'.repeat(600_000)}">`;
    const store = openWith([
      note('a', '', { content: [{ attachment: latin }] }),
      note('b', '<p>Lungen&ouml;dem</p>', {}, 'text/html'),
      note('c', `<p>${picture}Lungen\u00f6dem</p>`, {}, 'text/html; charset="utf-8"'),
    ]);
    expect(store.ids('lungen\u00f6dem').toSorted()).toEqual(['a', 'b', 'c']);
    expect(marked(store.chart('lungen\u00f6dem'))).toEqual(Array(3).fill(['Lungen\u00f6dem']));
  });

  test('shows what is struck out in a formatted note as struck out', () => {
    const html = '<table><tr><td>Metformin<td><s>500 mg</s> 1000 mg</table><pre>a\nb';
    const store = openWith([note('a', html, {}, 'text/html')]);
    const [found] = store.chart('metformin').items;
    expect(found?.snippet?.text).toBe('Metformin · [struck out: 500 mg] 1000 mg a b');
    expect(marked(store.chart('500 mg'))).toEqual([['500', 'mg', 'mg']]);
  });

  test('finds what stands in answers, instructions and reactions, and shows it', () => {
    const store = openWith([
      {
        resourceType: 'QuestionnaireResponse',
        id: 'f',
        status: 'completed',
        subject,
        item: [{ text: 'Sleep', item: [{ text: 'What wakes you?', answer: [{ valueString: 'Nightmares, mostly' }] }] }],
      },
      {
        resourceType: 'MedicationRequest',
        id: 'm',
        status: 'active',
        intent: 'order',
        subject,
        medicationCodeableConcept: { text: 'Prednisolone' },
        dosageInstruction: [{ text: 'taper by 5 mg weekly', patientInstruction: 'at breakfast' }],
      },
      {
        resourceType: 'AllergyIntolerance',
        id: 'a',
        patient: subject,
        code: { text: 'Latex' },
        reaction: [
          { manifestation: [{ text: 'Rash' }], description: 'hives within minutes', note: [{ text: 'gloves' }] },
        ],
      },
    ]);
    for (const [word, id, shown] of [
      ['nightmares', 'f', 'Nightmares, mostly'],
      ['taper', 'm', 'taper by 5 mg weekly'],
      ['breakfast', 'm', 'at breakfast'],
      ['hives', 'a', 'hives within minutes'],
      ['gloves', 'a', 'gloves'],
    ] as const) {
      expect(store.chart(word).items, word).toMatchObject([{ id, snippet: { text: expect.stringContaining(shown) } }]);
    }
  });

  test('takes nothing of what is typed for an operator', () => {
    const store = openWith([note('a', 'NOT near OR content')]);
    for (const text of ['NOT', 'near OR', '-', '*', '"', '""', 'content:near', '(near', 'near*', "o'", '\u0000near']) {
      expect(() => store.ids(text)).not.toThrow();
    }
    expect(store.ids('not OR near')).toEqual(['a']);
    expect(store.ids('"" *')).toEqual([]);
  });

  test('finds records by what they are of: results, problems, allergies with their reactions, medicines by reference', () => {
    const text = (name: string) => ({ coding: [{ system: 'urn:x', code: name, display: name }] });
    const medicationReference = { reference: 'Medication/m' };
    const store = openWith([
      {
        ...{ resourceType: 'Observation', id: 'hb', status: 'final', subject, code: text('Haemoglobin A1c') },
        ...{ effectiveDateTime: '2026-02-01', valueQuantity: { value: 7.2, unit: '%' } },
      },
      { resourceType: 'Condition', id: 'co', subject, code: text('Anaemia') },
      {
        ...{ resourceType: 'AllergyIntolerance', id: 'al', patient: subject, code: text('Amoxicillin') },
        reaction: [{ manifestation: [text('Urticaria')] }],
      },
      { resourceType: 'Medication', id: 'm', code: text('Metformin 500 mg tablet') },
      { resourceType: 'MedicationRequest', id: 'mr', status: 'active', subject, medicationReference },
    ]);
    expect(store.ids('haemo a1c')).toEqual(['hb']);
    expect(store.ids('globin')).toEqual([]);
    expect(store.ids('urticaria amox')).toEqual(['al']);
    expect(store.ids('anaemia')).toEqual(['co']);
    expect(store.ids('metformin 500')).toEqual(['mr']);
    const [value] = store.chart('haemoglobin').items;
    expect(value).toMatchObject({ kind: 'result', trend: expect.stringContaining('Haemoglobin A1c') });
    expect(value?.snippet?.text).toContain('7.2 %');
    expect(marked(store.chart('metformin'))).toEqual([['Metformin']]);
    expect(store.panel('metformin').items.map(({ id }) => id)).toEqual(['mr']);
    const blind = { ...all, shown: { ...all.shown, types: all.shown.types.filter((type) => type !== 'Medication') } };
    expect(store.chart('metformin', blind).items).toEqual([]);
  });

  test('finds medicines that a record contains or only names, each once', () => {
    const contained = [
      { resourceType: 'Medication', id: 'x', code: { text: 'Amoxicillin', coding: [{ code: 'amox' }] } },
    ];
    const of = (id: string, medicationReference: object, more: object = {}, resourceType = 'MedicationRequest') => ({
      ...{ resourceType, id, status: 'active', intent: 'order', subject, medicationReference, ...more },
    });
    const store = openWith([
      of('a', { reference: '#x' }, { contained }),
      of('b', { reference: '#x', display: 'Capsules' }, { contained }),
      of('c', { reference: 'Medication/gone', display: 'Amoxicillin 500 mg' }),
      of('d', { display: 'Amoxicillin' }, {}, 'MedicationStatement'),
      of('e', { reference: '#x' }, { contained }, 'MedicationStatement'),
      of('n', { reference: '#y' }, { contained }),
    ]);
    expect(store.ids('amoxicillin').toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(store.ids('capsules')).toEqual(['b']);
    expect(store.chart('amoxicillin').items.find(({ id }) => id === 'a')?.snippet?.text).toContain('Amoxicillin');
    expect(store.panel('amoxicillin').total).toBe(5);
  });

  test('finds a note whose text lies in a file of its own, unless that may not be seen', () => {
    const content = [{ attachment: { contentType: 'text/plain', url: 'Binary/b' } }];
    const store = openWith([
      { resourceType: 'DocumentReference', id: 'd', status: 'current', subject, content },
      { resourceType: 'Binary', id: 'b', contentType: 'text/plain', data: base64('Discharged with cholesteatoma.') },
    ]);
    expect(store.ids('cholesteatoma')).toEqual(['d']);
    expect(marked(store.chart('cholesteatoma'))).toEqual([['cholesteatoma']]);
    expect(store.panel('cholesteatoma').total).toBe(1);
    const blind = { ...all, shown: { ...all.shown, types: all.shown.types.filter((type) => type !== 'Binary') } };
    expect(store.chart('cholesteatoma', blind).items).toEqual([]);
    expect(store.panel('cholesteatoma', panelSight(blind)).items).toEqual([]);
  });

  test('lists the newest first, no more than it says, and counts all', () => {
    const day = (at: number) => new Date(Date.UTC(2026, 0, 1 + at)).toISOString();
    const store = openWith(Array.from({ length: 70 }, (_, at) => note(`n${at}`, 'stable', { date: day(at) })));
    const { items, total, more } = store.chart('stable');
    expect([items.length, total, more]).toEqual([50, 70, false]);
    expect(items.map(({ id }) => id).slice(0, 3)).toEqual(['n69', 'n68', 'n67']);
    expect(store.panel('stable')).toMatchObject({ total: 70, patients: [{ id: 'p' }], panel: 2, incomplete: 0 });
  });

  test('marks what was entered in error, and says which kinds were not all searched', () => {
    const store = openWith([note('wrong', 'left leg', { status: 'entered-in-error' })]);
    expect(store.chart('left leg').items).toMatchObject([{ id: 'wrong', withdrawn: true, trend: null }]);
    store.write.startRun({
      tasks: [{ label: 'x', resourceType: 'Condition', url: 'Condition', patients: ['p'] }],
    });
    const tasks = store.read.tasks({});
    store.write.refuseTask({ seq: tasks[0]?.seq ?? 0, serverTime: '2026-03-01T10:00:00Z' });
    expect(store.chart('leg').gaps).toContainEqual({ kind: 'problem', state: 'not-permitted' });
  });
});

describe('security: what a search shows', () => {
  test('security: nothing of another patient, of a type or label that may not be seen, nor how much of it there is', () => {
    const label = {
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] },
    };
    const store = openWith([
      note('own', 'canary one'),
      note('other', 'canary two', { subject: { reference: 'Patient/q' } }),
      note('secret', 'canary three', label),
      { resourceType: 'Condition', id: 'co', subject, code: { text: 'canary' } },
    ]);
    const sight = { ...all, newest: 1, shown: { ...all.shown, types: ['Patient', 'DocumentReference'] } };
    expect(store.chart('canary', sight)).toMatchObject({ items: [{ id: 'own' }], total: 1 });
    const found = store.panel('canary', { ...panelSight(sight), newest: 1 });
    expect(found.items.map(({ id }) => id).toSorted()).toEqual(['other', 'own']);
    expect(found.gaps).toContainEqual({ kind: 'problem', state: 'not-permitted' });
    expect(
      store.panel('canary', {
        ...panelSight({ ...sight, shown: { types: ['DocumentReference'], labels: [] } }),
        newest: 1,
      }),
    ).toMatchObject({ items: [], total: 0, panel: 0, patients: [] });
    const opens = { ...sight, restricted: { ...sight.restricted, purpose: { types: [], labels: [1] } } };
    expect(store.chart('three', opens)).toMatchObject({ items: [], withheld: { restricted: 'purpose' } });
    expect(store.panel('three', { ...panelSight(opens), newest: 1 })).toMatchObject({
      items: [],
      withheld: { restricted: 'purpose' },
    });
    expect(() => store.chart('canary')).toThrow('sight-outdated');
    expect(() => store.panel('canary')).toThrow('sight-outdated');
  });

  test('security: a patient who left the panel is found no longer', () => {
    const store = openWith([note('a', 'canary')]);
    expect(store.panel('canary').total).toBe(1);
    store.db.prepare(`UPDATE patient SET panel = 0 WHERE id = 'p'`).run();
    expect(store.panel('canary')).toMatchObject({ total: 0, items: [], patients: [], panel: 1 });
  });
});

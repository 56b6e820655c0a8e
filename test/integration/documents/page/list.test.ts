import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../../main/cache/open.ts';
import { createReads } from '../../../../main/cache/reads/index.ts';
import { separateFiles } from '../../../../main/cache/schema/0009-files.ts';
import { cacheMigrations } from '../../../../main/cache/schema/index.ts';
import { createWrites } from '../../../../main/cache/writes/index.ts';
import { placeholder } from '../../../../preload/contract/placeholders.ts';
import { fill, keyOf, openCache, SERVER_TIME, seesAll, temporaryDirectory } from '../../cache/support.ts';

const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'Ng' }] };

function reference(id: string, attachments: readonly object[], more: object = {}) {
  return {
    resourceType: 'DocumentReference',
    id,
    status: 'current',
    subject: { reference: 'Patient/p' },
    date: `2026-01-0${id.length}`,
    content: attachments.map((attachment) => ({ attachment })),
    ...more,
  };
}

const sealed = {
  contentType: 'application/vnd.wardlight.encrypted',
  url: 'Binary/1',
  size: 4_096,
  extension: [
    {
      url: 'https://wardlight.org/fhir/StructureDefinition/encryption',
      extension: [
        { url: 'format', valueString: 'aws-encryption-sdk-2' },
        { url: 'contentType', valueCode: 'pdf' },
      ],
    },
  ],
};
const text = { contentType: 'Text/Plain; charset=utf-8', data: 'aGk=' };
const pdf = { contentType: 'application/pdf', url: 'Binary/2', size: 12 };

function filled(resources: readonly object[]) {
  const cache = openCache();
  fill(cache, ['p'], [patient, ...resources]);
  return cache;
}

describe('the list of files', () => {
  test('has the documents that are files, newest first, and the notes have the others', () => {
    const { read } = filled([
      reference('n', [text]),
      reference('nn', [pdf, text]),
      reference('nnn', []),
      reference('ffff', [sealed], { description: 'Wound', author: [{ display: 'Dr Who' }] }),
      reference('fffff', [pdf]),
      reference('old', [sealed], { status: 'superseded' }),
      reference('bad', [sealed], { status: 'entered-in-error' }),
    ]);
    const list = read.documentList({ ...seesAll, patientId: 'p' });
    expect(list).toMatchObject({ state: 'complete', asOf: SERVER_TIME, total: 2 });
    expect(list?.items.map(({ encrypted, ...item }) => item)).toEqual([
      {
        id: 'fffff',
        title: placeholder('document'),
        author: null,
        date: '2026-01-05',
        status: 'current',
        kind: 'pdf',
        size: 12,
        unsent: null,
      },
      {
        id: 'ffff',
        title: 'Wound',
        author: 'Dr Who',
        date: '2026-01-04',
        status: 'current',
        kind: 'pdf',
        size: 4_096,
        unsent: null,
      },
    ]);
    const notes = read.chartSummary({ ...seesAll, patientId: 'p' })?.notes;
    expect(notes?.items.map(({ id }) => id)).toEqual(['nnn', 'nn', 'n']);
    expect(notes?.total).toBe(3);
  });

  test('hands out the record of what is encrypted, as it is stored, and of nothing else', () => {
    const wound = reference('s', [sealed]);
    const huge = reference('huge', [{ ...sealed, data: 'A'.repeat(300_000) }]);
    const { read } = filled([wound, reference('plain', [pdf]), huge]);
    const list = read.documentList({ ...seesAll, patientId: 'p' });
    const encrypted = Object.fromEntries(list?.items.map((item) => [item.id, item.encrypted]) ?? []);
    expect(encrypted).toEqual({ s: JSON.stringify(wound), plain: null, huge: null });
  });

  test('takes nothing that a server claims for granted', () => {
    const odd = {
      ...sealed,
      size: 'many',
      extension: [{ ...sealed.extension[0], extension: [{ url: 'contentType', valueCode: 'x' }] }],
    };
    const { read } = filled([reference('o', [odd]), reference('oo', [{ contentType: 'x', size: -1 }])]);
    const list = read.documentList({ ...seesAll, patientId: 'p' });
    expect(list?.items.map(({ kind, size }) => [kind, size])).toEqual([
      ['other', null],
      [null, null],
    ]);
  });

  test('is null for a patient who is not cached, and is not shown where policy bars documents', () => {
    expect(openCache().read.documentList({ ...seesAll, patientId: 'p' })).toBeNull();
    const { read } = filled([reference('s', [sealed])]);
    const sight = { ...seesAll.sight, shown: { types: ['Patient'], labels: [] } };
    expect(read.documentList({ sight, patientId: 'p' })).toMatchObject({ state: 'not-permitted', items: [], total: 0 });
  });

  test('leaves out what has a label that may not be seen, and says that it is there', () => {
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }];
    const { read } = filled([reference('s', [sealed], { meta: { security } }), reference('plain', [pdf])]);
    const labels = read.labels({ after: 0 }).map(({ number }) => number);
    const sight = {
      ...seesAll.sight,
      newest: Math.max(...labels),
      restricted: { purpose: { types: [], labels }, emergency: { types: [], labels: [] } },
    };
    const list = read.documentList({ sight, patientId: 'p' });
    expect(list).toMatchObject({ total: 1, withheld: { restricted: 'purpose', denied: false } });
    expect(list?.items.map(({ id }) => id)).toEqual(['plain']);
    expect(() => read.documentList({ ...seesAll, patientId: 'p' })).toThrow('sight-outdated');
  });
});

test('files of a cache of before leave the notes, and are found again when they change', () => {
  const file = join(temporaryDirectory(), 'a.db');
  const opened = openDatabase({ file, key: keyOf(1), mode: 'create', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const cache = { read: createReads(opened.value), write: createWrites(opened.value) };
  fill(cache, ['p'], [patient, reference('n', [text]), reference('ff', [pdf])]);
  // As a program of before has stored it.
  opened.value.exec('UPDATE entry SET bucket = 0 WHERE bucket = 2; UPDATE resource SET bucket = 0 WHERE bucket = 2');
  expect(cache.read.chartSummary({ ...seesAll, patientId: 'p' })?.notes.total).toBe(2);

  separateFiles(opened.value);
  const shown = () => [
    cache.read.chartSummary({ ...seesAll, patientId: 'p' })?.notes.items.map(({ id }) => id),
    cache.read.documentList({ ...seesAll, patientId: 'p' })?.items.map(({ id }) => id),
  ];
  expect(shown()).toEqual([['n'], ['ff']]);
  const versioned = (id: string, attachment: object) => reference(id, [attachment], { meta: { versionId: '2' } });
  fill(cache, ['p'], [patient, versioned('n', pdf), versioned('ff', text)]);
  expect(shown()).toEqual([['ff'], ['n']]);
  opened.value.close();
});

import { describe, expect, test } from 'vitest';
import { type AskedScope, patientPage } from '../../../preload/contract/patients.ts';
import { fill, listsAll, openCache, SERVER_TIME } from './support.ts';

function patient(id: string, family: string, given: string, more: object = {}) {
  return { resourceType: 'Patient', id, name: [{ family, given: given.split(' ') }], ...more };
}

function encounter(id: string, subject: string, display: string, more: object = {}) {
  const location = [{ location: { display } }];
  return {
    resourceType: 'Encounter',
    id,
    status: 'in-progress',
    subject: { reference: `Patient/${subject}` },
    location,
    ...more,
  };
}

const people = [
  patient('p1', 'Nguyễn', 'Thị Minh', { birthDate: '1961-03-12', meta: { lastUpdated: '2026-01-03T00:00:00Z' } }),
  patient('p2', "O'Brien", 'Seán', { birthDate: '1990', meta: { lastUpdated: '2026-01-01T00:00:00Z' } }),
  patient('p3', 'Smith-Jones', 'Ada', {
    identifier: [{ value: 'X-1' }, { type: { coding: [{ code: 'MR' }] }, value: 'MRN-0042' }],
  }),
  patient('p4', 'Ødegård', 'Åse', { birthDate: '2020-01-01', gender: 'female', deceasedBoolean: true }),
  patient('p5', 'Smith-Jones', 'Ada'),
  encounter('e1', 'p1', 'Ward 3 West, Bed 12'),
  encounter('e2', 'p2', 'Ward 10, Bed 1', { period: { start: '2026-01-01' } }),
  encounter('e3', 'p2', 'Ward 9, Bed 2', { period: { start: '2026-01-02' } }),
  encounter('e4', 'p3', 'Ward 3 East', { status: 'finished' }),
];

function opened() {
  const cache = openCache();
  fill(cache, ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'], [...people, patient('stranger', 'Other', 'Panel')]);
  const list = (query: string, more: Partial<Parameters<typeof cache.read.patientList>[0]> = {}) =>
    cache.read.patientList({ ...listsAll, query, sort: 'name', descending: false, offset: 0, limit: 50, ...more });
  return { ...cache, list, ids: (...args: Parameters<typeof list>) => list(...args).items.map(({ id }) => id) };
}

/** Names that are similar in each way, and some that are not. */
function openNames() {
  const cache = openCache();
  const names = [
    patient('a1', 'Andersson', 'Jon', { birthDate: '1960-09-10' }),
    patient('a2', 'Anderson', 'John', { birthDate: '1960-09-10' }),
    patient('a3', 'Abel', 'Joan', { birthDate: '1961-09-10' }),
    patient('b1', 'Berg', 'Ivar', { birthDate: '1961' }),
    patient('b2', 'Bonnier', 'Ida', { birthDate: '1961' }),
    patient('o1', "O'Brien", 'Siobhán'),
    patient('o2', 'OBRIEN', 'Sean'),
    patient('g1', 'García', 'Ana'),
    patient('g2', 'GARCIA', 'Álvaro'),
    patient('n1', 'Nowak', 'Jan'),
    patient('n2', 'Nowak', 'Piotr'),
    patient('x1', '', ''),
    patient('x2', '', ''),
  ];
  const ids = names.map(({ id }) => id);
  fill(cache, ids, names);
  const list = (more: Partial<Parameters<typeof cache.read.patientList>[0]> = {}) =>
    cache.read.patientList({ ...listsAll, query: '', sort: 'name', descending: false, offset: 0, limit: 50, ...more });
  return { ...cache, list };
}

describe('the patient list', () => {
  test('shows the panel alone, as the contract says, and how much of it is known', () => {
    const { list } = opened();
    const page = list('');
    expect(patientPage.parse(page)).toEqual(page);
    expect(page).toMatchObject({ total: 5, panel: 6, asOf: SERVER_TIME, complete: false });
    expect(page.items[0]).toEqual({
      id: 'p1',
      name: { family: 'Nguyễn', given: 'Thị Minh', prefix: '' },
      birthDate: '1961-03-12',
      deceased: false,
      sex: 'unknown',
      mrn: null,
      location: 'Ward 3 West, Bed 12',
      marks: [],
      lastUpdated: '2026-01-03T00:00:00Z',
      appointment: null,
      alike: false,
      similar: false,
    });
    expect(
      openCache().read.patientList({ ...listsAll, query: '', sort: 'name', descending: false, offset: 0, limit: 5 }),
    ).toEqual({
      items: [],
      total: 0,
      panel: 0,
      asOf: null,
      complete: false,
    });
  });

  test.each([
    ['nguyen', ['p1']],
    ['NGUYỄN thi', ['p1']],
    ['min ng', ['p1']],
    ['obrien', ['p2']],
    ["O'Br", ['p2']],
    ['brien se', ['p2']],
    ['jones', ['p3', 'p5']],
    ['smith-j', ['p3', 'p5']],
    ['mrn-00', ['p3']],
    ['0042', ['p3']],
    ['x-1', ['p3']],
    ['odegard', ['p4']],
    ['ase', ['p4']],
    ['ward', ['p1', 'p2']],
    ['west 12', ['p1']],
    ['ward 9', ['p2']],
    ['ward 10', []],
    ['east', []],
    ['guyen', []],
    ['nguyen smith', []],
    ["' -- %_", ['p1', 'p2', 'p4', 'p3', 'p5']],
    ['other', []],
  ])('finds %j', (query, expected) => {
    expect([...opened().ids(query)].sort()).toEqual([...expected].sort());
  });

  test('sorts each way, with what is unknown last and ties by id', () => {
    const { ids } = opened();
    expect(ids('')).toEqual(['p1', 'p2', 'p4', 'p3', 'p5']);
    expect(ids('', { descending: true })).toEqual(['p5', 'p3', 'p4', 'p2', 'p1']);
    expect(ids('', { sort: 'age' })).toEqual(['p4', 'p2', 'p1', 'p3', 'p5']);
    expect(ids('', { sort: 'age', descending: true })).toEqual(['p1', 'p2', 'p4', 'p3', 'p5']);
    expect(ids('', { sort: 'location' })).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(ids('', { sort: 'location', descending: true }).slice(0, 3)).toEqual(['p2', 'p1', 'p3']);
    expect(ids('', { sort: 'updated', descending: true })).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(ids('', { offset: 1, limit: 2 })).toEqual(['p2', 'p4']);
    expect(ids('', { offset: 9 })).toEqual([]);
  });

  test('tells who could be taken for another one of the list, whatever rows are asked for', () => {
    const { list, write, read } = openNames();
    const similar = (request: Parameters<typeof list>[0] = {}) =>
      list(request).items.flatMap(({ id, similar }) => (similar ? [id] : []));
    expect(similar().sort()).toEqual(['a1', 'a2', 'g1', 'g2', 'o1', 'o2']);
    expect(similar({ limit: 2 })).toEqual(['a2']);
    expect(similar({ query: 'jon andersson', exact: true })).toEqual(['a1']);
    // Who is not on this list is nobody's double on it.
    expect(similar({ scope: { list: 'unfinished' }, unfinished: ['a1', 'o1', 'o2'] }).sort()).toEqual(['o1', 'o2']);
    write.startRun({ tasks: [{ label: 'x', resourceType: 'Patient', url: 'x', patients: null }] });
    const renamed = JSON.stringify(patient('a1', 'Zoe', 'Jon', { meta: { versionId: '2' } }));
    write.applyPage({ seq: read.tasks({})[0]?.seq ?? 0, resources: [renamed], next: null, serverTime: SERVER_TIME });
    expect(similar().sort()).toEqual(['g1', 'g2', 'o1', 'o2']);
  });

  test('follows what changes: a name, a location, the end of an encounter, the panel', () => {
    const { ids, list, write, read } = opened();
    write.startRun({ tasks: [{ label: 'x', resourceType: 'Patient', url: 'x', patients: null }] });
    const seq = read.tasks({})[0]?.seq ?? 0;
    const changed = [
      patient('p1', 'Tran', 'Minh', { meta: { versionId: '2', lastUpdated: '2026-02-01T00:00:00Z' } }),
      encounter('e1', 'p1', 'Ward 3 West, Bed 12', { status: 'finished', meta: { versionId: '2' } }),
    ];
    write.applyPage({ seq, resources: changed.map((one) => JSON.stringify(one)), next: null, serverTime: SERVER_TIME });
    expect(ids('nguyen')).toEqual([]);
    expect(ids('tran')).toEqual(['p1']);
    expect(ids('west')).toEqual([]);
    expect(list('tran').items[0]?.location).toBeNull();
    write.expandRun({ panel: ['p2'], tasks: [] });
    expect(list('')).toMatchObject({ total: 1, panel: 1, complete: true });
    expect(read.panel()).toEqual(['p2']);
  });
});

describe('lists that a clinician works from', () => {
  const day = { from: '2026-03-12T00:00:00Z', to: '2026-03-13T00:00:00Z' };
  const appointment = (id: string, of: string, start: string, more: object = {}) => ({
    resourceType: 'Appointment',
    id,
    status: 'booked',
    description: 'Follow-up',
    start,
    participant: [{ actor: { reference: `Patient/${of}` }, status: 'accepted' }],
    ...more,
  });
  const restricted = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] };
  function withAppointments() {
    const cache = openCache();
    fill(
      cache,
      ['p1', 'p2', 'p3', 'p4', 'p5'],
      [
        ...people,
        appointment('a1', 'p3', '2026-03-12T15:00:00Z'),
        appointment('a2', 'p2', '2026-03-12T09:30:00Z', { status: 'arrived' }),
        appointment('a3', 'p2', '2026-03-12T16:00:00Z'),
        appointment('a4', 'p4', '2026-03-12T10:00:00Z', { status: 'cancelled' }),
        appointment('a5', 'p5', '2026-03-13T00:00:00Z'),
        appointment('a6', 'p1', '2026-03-12T11:00:00Z', { meta: restricted }),
      ],
    );
    const sight = { ...listsAll.sight, newest: 1 };
    const list = (scope: AskedScope, more: object = {}) =>
      cache.read.patientList({
        ...listsAll,
        ...{ sight, scope, query: '', sort: 'list', descending: false, offset: 0, limit: 50, ...more },
      }).items;
    return { ...cache, sight, list };
  }

  test('a ward has those who lie there, and no ward whose name begins alike', () => {
    const { list } = withAppointments();
    expect(list({ list: 'ward', ward: 'Ward 3 West' }).map(({ id }) => id)).toEqual(['p1']);
    expect(list({ list: 'ward', ward: 'Ward 3' })).toEqual([]);
    expect(list({ list: 'ward', ward: 'ward 9' }).map(({ id }) => id)).toEqual(['p2']);
  });

  test('security: appointments of the day are told in their order, without those that are off or labelled', () => {
    const { list } = withAppointments();
    const told = list({ list: 'appointments', ...day }).map(({ id, appointment }) => [id, appointment]);
    expect(told).toEqual([
      ['p2', { start: '2026-03-12T09:30:00Z', what: 'Follow-up', status: 'arrived' }],
      ['p3', { start: '2026-03-12T15:00:00Z', what: 'Follow-up', status: 'booked' }],
    ]);
  });

  test('who was opened last comes first, and unfinished work is that of the clinician’s patients alone', () => {
    const { list, write } = withAppointments();
    for (const [at, patientId] of ['p1', 'p5', 'p1', 'unknown'].entries()) write.noteOpened({ patientId, at });
    expect(list({ list: 'recent' }).map(({ id }) => id)).toEqual(['p1', 'p5']);
    const unfinished = ['p4', 'stranger'];
    expect(list({ list: 'unfinished' }, { unfinished }).map(({ id }) => id)).toEqual(['p4']);
  });

  test('each list is counted as it is shown', () => {
    const { read, sight, write } = withAppointments();
    write.noteOpened({ patientId: 'p1', at: 1 });
    expect(read.patientLists({ ...listsAll, sight, ...day, unfinished: ['p4'] })).toEqual({
      mine: 5,
      wards: [
        { ward: 'Ward 3 West', count: 1 },
        { ward: 'Ward 9', count: 1 },
      ],
      appointments: 2,
      recent: 1,
      unfinished: 1,
    });
  });

  test('security: where places may not be told, no ward is named and nobody is found by one', () => {
    const { read, sight } = withAppointments();
    const blind = { ...sight, careTeam: { ...sight.careTeam, location: false } };
    expect(read.patientLists({ ...listsAll, sight: blind, ...day }).wards).toEqual([]);
    const request = { ...listsAll, query: '', sort: 'name', descending: false, offset: 0, limit: 9 } as const;
    const scope = { list: 'ward', ward: 'Ward 9' } as const;
    expect(read.patientList({ ...request, sight: blind, scope }).items).toEqual([]);
  });

  test.each([
    ['12-Mar-1961', ['p1']],
    ['12.3.1961', ['p1']],
    ['3/12/1961', ['p1']],
    ['12 mar 1961 nguyen', ['p1']],
    ['12 marzo 1961', ['p1']],
    ['1961-03-12', ['p1']],
    ['1990', ['p2']],
    ['13-Mar-1961', []],
  ])('a date of birth typed as %s finds %j', (query, expected) => {
    expect(opened().ids(query)).toEqual(expected);
  });

  test('a name that sounds alike is found after those that are as typed, and is marked', () => {
    const cache = openCache();
    fill(
      cache,
      ['s1', 's2', 's3'],
      [patient('s1', 'Schmidt', 'Katherine'), patient('s2', 'Smith', 'Anna'), patient('s3', 'Tanaka', 'Yuki')],
    );
    const list = (query: string, more: object = {}) =>
      cache.read
        .patientList({ ...listsAll, query, sort: 'name', descending: false, offset: 0, limit: 9, ...more })
        .items.map(({ id, alike }) => [id, alike]);
    expect(list('smith')).toEqual([
      ['s2', false],
      ['s1', true],
    ]);
    expect(list('schmitt catherine')).toEqual([['s1', true]]);
    expect(list('smith', { exact: true })).toEqual([['s2', false]]);
    expect(list('xyz')).toEqual([]);
  });
});

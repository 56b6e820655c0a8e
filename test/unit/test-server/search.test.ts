import type { Bundle, Patient } from 'fhir/r4';
import { beforeAll, describe, expect, it } from 'vitest';
import { idsOf, withClient } from './client.ts';

const client = withClient();
const ids = async (path: string) => idsOf((await client.get<Bundle>(path)).body).sort();

beforeAll(() => {
  const { store } = client.server;
  const person = (id: string, family: string, birthDate: string, more: Partial<Patient> = {}) =>
    store.put({ resourceType: 'Patient', id, name: [{ family, given: ['Zoë'] }], birthDate, ...more });
  person('p1', 'Müller', '1980-05-01', { generalPractitioner: [{ reference: 'Practitioner/d1' }], active: true });
  person('p2', 'Mulligan', '1980-06-15');
  person('p3', "O'Hara", '1999-01-01', { active: false });
  store.put({ resourceType: 'Practitioner', id: 'd1', name: [{ family: 'House' }] });
  const result = (id: string, patient: string, code: string, value: number, time: string) =>
    store.put({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code, display: 'Test code' }], text: 'Serum thing' },
      subject: { reference: `Patient/${patient}` },
      effectiveDateTime: time,
      valueQuantity: { value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
    });
  result('o1', 'p1', '2823-3', 4.1, '2024-01-10T08:00:00Z');
  result('o2', 'p1', '2951-2', 140, '2024-02-10T08:00:00Z');
  result('o3', 'p2', '2823-3', 6.2, '2024-03-10T08:00:00Z');
  store.put({
    resourceType: 'Observation',
    id: 'o4',
    status: 'final',
    code: { text: 'by patient' },
    performer: [{ reference: 'Patient/p3' }],
  });
  store.put({
    resourceType: 'Provenance',
    id: 'v1',
    recorded: '2024-01-01T00:00:00Z',
    target: [{ reference: 'Observation/o1' }],
    agent: [{ who: { reference: 'Practitioner/d1' } }],
  });
});

describe('parameters', () => {
  it.each([
    // string: starts with, without case and accents
    ['/Patient?name=mull', ['p1', 'p2']],
    ['/Patient?family:exact=Mulligan', ['p2']],
    ['/Patient?family:contains=lig', ['p2']],
    ['/Patient?name=zoe&family=o%27hara', ['p3']],
    // token
    ['/Observation?code=2823-3', ['o1', 'o3']],
    ['/Observation?code=http://loinc.org|2823-3,http://loinc.org|2951-2', ['o1', 'o2', 'o3']],
    ['/Observation?code=http://snomed.info/sct|2823-3', []],
    ['/Observation?code=|2823-3', []],
    ['/Observation?code:text=serum', ['o1', 'o2', 'o3']],
    ['/Patient?active:not=true', ['p2', 'p3']],
    ['/Patient?active:missing=true', ['p2']],
    // date
    ['/Patient?birthdate=1980', ['p1', 'p2']],
    ['/Patient?birthdate=gt1980-05', ['p2', 'p3']],
    ['/Patient?birthdate=ge1980-05-01&birthdate=lt1980-06', ['p1']],
    ['/Observation?date=2024-02', ['o2']],
    ['/Observation?date=sa2024-02-10', ['o3']],
    ['/Observation?date=eb2024-02-10', ['o1']],
    // quantity
    ['/Observation?value-quantity=gt6', ['o2', 'o3']],
    ['/Observation?value-quantity=4.1|http://unitsofmeasure.org|mmol/L', ['o1']],
    ['/Observation?value-quantity=4', ['o1']],
    ['/Observation?value-quantity=4.0', []],
    ['/Observation?value-quantity=140||mg/dL', []],
    ['/Observation?code-value-quantity=http://loinc.org|2823-3$gt5', ['o3']],
    // reference
    ['/Observation?patient=p1,p2', ['o1', 'o2', 'o3']],
    ['/Observation?subject=Patient/p2', ['o3']],
    ['/Observation?subject:Patient=p2', ['o3']],
    // chains and _has
    ['/Observation?patient.family=Müller', ['o1', 'o2']],
    ['/Observation?subject:Patient.birthdate=1980-06-15', ['o3']],
    ['/Observation?subject:Patient.general-practitioner.family=House', ['o1', 'o2']],
    ['/Patient?_has:Observation:patient:code=2823-3&birthdate=1980-05-01', ['p1']],
    ['/Patient?_has:Observation:patient:value-quantity=gt5', ['p1', 'p2']],
    ['/Observation?_has:Provenance:target:agent=Practitioner/d1', ['o1']],
    ['/Observation?_id=o1,o4', ['o1', 'o4']],
    // compartment: by any membership parameter, not just patient
    ['/Patient/p1/Observation', ['o1', 'o2']],
    ['/Patient/p3/Observation', ['o4']],
    ['/Observation?patient=p3', []],
    ['/?_type=Practitioner,Provenance&_id=d1,v1', ['d1', 'v1']],
  ])('%s', async (path, expected) => {
    expect(await ids(path)).toEqual(expected);
  });

  it('searches by POST as by GET', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const { body } = await client.send<Bundle>('POST', '/Observation/_search?code=2823-3', 'patient=p1', form);
    expect(idsOf(body)).toEqual(['o1']);
  });

  it('ignores what it does not know, leaves it out of the self link, and refuses it when strict', async () => {
    const { body } = await client.get<Bundle>('/Patient?favourite-colour=red&family=Mulligan');
    expect(idsOf(body)).toEqual(['p2']);
    expect(body.link?.[0]?.url).toBe(`${client.server.url}/Patient?family=Mulligan`);
    expect((await client.get('/Patient?favourite-colour=red', { prefer: 'handling=strict' })).status).toBe(400);
  });

  it('_lastUpdated separates what was written before and after', async () => {
    const mark = client.server.store.put({ resourceType: 'Basic', id: 'mark', code: { text: 'x' } }).lastUpdated;
    client.server.store.put({ resourceType: 'Basic', id: 'later', code: { text: 'x' } });
    expect(await ids(`/Basic?_lastUpdated=gt${mark}`)).toEqual(['later']);
    expect(await ids(`/Basic?_lastUpdated=le${mark}`)).toEqual(['mark']);
    expect(await ids(`/Basic?_lastUpdated=ge${mark}`)).toEqual(['later', 'mark']);
  });
});

describe('what a page holds', () => {
  it('adds includes both ways, once, marked as such', async () => {
    const { body } = await client.get<Bundle>(
      '/Observation?code=2823-3&_include=Observation:subject&_revinclude=Provenance:target&_include:iterate=Patient:general-practitioner',
    );
    const modes = body.entry!.map((entry) => `${entry.search?.mode} ${entry.resource?.id}`);
    expect(modes.sort()).toEqual(['include d1', 'include p1', 'include p2', 'include v1', 'match o1', 'match o3']);
    expect(body.total).toBe(2);
  });

  it('cuts down to elements and summaries, and says so', async () => {
    const { body } = await client.get<Bundle<Patient>>('/Patient?_id=p1&_elements=birthDate');
    const [{ resource } = {}] = body.entry!;
    expect(Object.keys(resource!).sort()).toEqual(['birthDate', 'id', 'meta', 'resourceType']);
    expect(resource!.meta!.tag).toContainEqual(expect.objectContaining({ code: 'SUBSETTED' }));
    const count = (await client.get<Bundle>('/Patient?_summary=count')).body;
    expect([count.total, count.entry]).toEqual([3, undefined]);
  });

  it('an empty result has no entry', async () => {
    const { body } = await client.get<Bundle>('/Patient?family=nobody');
    expect([body.total, 'entry' in body]).toEqual([0, false]);
  });

  it('sorts by several parameters, either way', async () => {
    const order = async (sort: string) => idsOf((await client.get<Bundle>(`/Observation?_sort=${sort}`)).body);
    expect(await order('-date')).toEqual(['o3', 'o2', 'o1', 'o4']);
    expect(await order('patient,-date')).toEqual(['o2', 'o1', 'o3', 'o4']);
    expect(await order('-_lastUpdated')).toEqual(['o4', 'o3', 'o2', 'o1']);
  });
});

describe('paging', () => {
  it.each(['', '&_sort=_lastUpdated', '&_sort=-birthdate', '&_sort=family,_id'])(
    'gives each resource exactly once while others are written (%s)',
    async (sort) => {
      const { store } = client.server;
      const cohort = `cohort${sort.length}`;
      const member = (i: number): Patient => ({
        resourceType: 'Patient',
        id: `${cohort}-${i}`,
        identifier: [{ system: 'urn:cohort', value: cohort }],
        name: [{ family: `F${i % 7}` }],
        birthDate: `19${50 + (i % 9)}-01-01`,
      });
      for (let i = 0; i < 53; i += 1) store.put(member(i));
      let extra = 1000;
      const pages = await client.pages(`/Patient?identifier=urn:cohort|${cohort}&_count=10${sort}`, async () => {
        // New members, and changes and deletions elsewhere, between any two pages.
        store.put(member(extra));
        extra += 1;
        store.put({
          resourceType: 'Patient',
          id: 'p1',
          name: [{ family: 'Müller', given: ['Zoë'] }],
          birthDate: '1980-05-01',
        });
      });
      const seen = pages.flatMap(idsOf).filter((id) => Number(id.split('-')[1]) < 1000);
      expect(seen).toHaveLength(53);
      expect(new Set(seen).size).toBe(53);
      expect(pages.length).toBeGreaterThanOrEqual(6);
    },
  );

  it('caps _count at 1000 and refuses a broken cursor', async () => {
    for (let i = 0; i < 1005; i += 1)
      client.server.store.put({ resourceType: 'Basic', id: `b${i}`, code: { text: 'many' } });
    const { body } = await client.get<Bundle>('/Basic?_count=5000');
    expect(body.entry).toHaveLength(1000);
    expect((await client.get('/Basic?_cursor=rubbish')).status).toBe(400);
  });
});

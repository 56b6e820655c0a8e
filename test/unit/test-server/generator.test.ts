import type {
  AllergyIntolerance,
  CareTeam,
  DocumentReference,
  Encounter,
  FhirResource,
  Group,
  Location,
  Observation,
  Patient,
} from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { generate } from '../../server/data/generate/generate.ts';
import { validate } from '../../server/fhir/validate.ts';
import { devUsers } from '../../server/users.ts';

const now = new Date('2026-03-01T09:00:00Z');
const make = (seed: number, patients = 40) => generate({ patients, seed, now, users: devUsers });
const text = JSON.stringify(make(1));
/** As a client gets them: raw number literals are plain numbers after a parse. */
const resources = JSON.parse(text) as FhirResource[];

function all<T extends FhirResource>(type: T['resourceType']): T[] {
  return resources.filter((resource) => resource.resourceType === type) as T[];
}

describe('the generator', () => {
  it('makes the same bytes from the same seed, other patients from another', () => {
    expect(JSON.stringify(make(1))).toBe(text);
    expect(JSON.stringify(make(2))).not.toBe(text);
  });

  it('makes valid resources with unique ids whose references lead somewhere', () => {
    const keys = resources.map((r) => `${r.resourceType}/${r.id}`);
    expect(new Set(keys).size).toBe(keys.length);
    const known = new Set(keys);
    for (const resource of resources) validate(resource);
    const references = [...text.matchAll(/"reference":"([^"]+)"/g)].map(([, reference = '']) => reference);
    expect(references.filter((reference) => !known.has(reference))).toEqual([]);
    expect(resources.length / 40).toBeGreaterThan(140);
    expect(resources.length / 40).toBeLessThan(260);
  });

  it('covers every kind of certainty about allergies', () => {
    const list = all<AllergyIntolerance>('AllergyIntolerance');
    const codes = new Set(list.flatMap((a) => a.code?.coding?.map((c) => c.code) ?? ['text only']));
    const verification = new Set(list.map((a) => a.verificationStatus?.coding?.[0]?.code));
    const clinical = new Set(list.map((a) => a.clinicalStatus?.coding?.[0]?.code));
    for (const code of ['716186003', '409137002', '91936005', 'text only']) expect(codes).toContain(code);
    for (const code of ['confirmed', 'unconfirmed', 'refuted', 'entered-in-error'])
      expect(verification).toContain(code);
    for (const code of ['active', 'inactive', 'resolved']) expect(clinical).toContain(code);
    // FHIR R4 ait-2: what was entered in error has no clinical status.
    for (const a of list) {
      expect(a.clinicalStatus === undefined).toBe(a.verificationStatus?.coding?.[0]?.code === 'entered-in-error');
    }
    const withSome = new Set(list.map((a) => a.patient.reference));
    expect(all<Patient>('Patient').filter((p) => !withSome.has(`Patient/${p.id}`)).length).toBeGreaterThan(0);
    const absent = list.filter((a) => ['716186003', '409137002'].includes(a.code?.coding?.[0]?.code ?? ''));
    for (const a of absent)
      expect(list.filter((other) => other.patient.reference === a.patient.reference)).toHaveLength(1);
  });

  it.each([1, 7, 99])('puts a penicillin anaphylaxis in bed 12 and gives no cephalosporin there (seed %i)', (seed) => {
    const made = JSON.parse(JSON.stringify(make(seed, 12))) as FhirResource[];
    const stays = made.filter((r) => r.resourceType === 'Encounter') as Encounter[];
    const inBed = stays.filter(
      (e) => e.status === 'in-progress' && e.location?.some((l) => l.location.reference === 'Location/ward-1-bed-12'),
    );
    expect(inBed).toHaveLength(1);
    const patient = inBed[0]!.subject!.reference!;
    const allergy = (made.filter((r) => r.resourceType === 'AllergyIntolerance') as AllergyIntolerance[]).find(
      (a) => a.patient.reference === patient,
    );
    expect(allergy).toMatchObject({ criticality: 'high', reaction: [{ severity: 'severe' }] });
    const orders = made.filter((r) => r.resourceType === 'MedicationRequest' && JSON.stringify(r).includes(patient));
    expect(JSON.stringify(orders)).not.toMatch(/ceftriaxone|penicillin/);
  });

  it('gives one patient to a bed, and every stay a ward and a bed', () => {
    const stays = all<Encounter>('Encounter').filter((e) => e.status === 'in-progress');
    const beds = stays.map((e) => e.location?.at(-1)?.location.reference);
    expect(stays.length).toBeGreaterThan(20);
    expect(new Set(beds).size).toBe(stays.length);
    const locations = new Map(all<Location>('Location').map((l) => [`Location/${l.id}`, l]));
    for (const bed of beds) {
      const ward = locations.get(locations.get(bed!)!.partOf!.reference!)!;
      expect(ward.physicalType?.coding?.[0]?.code).toBe('wa');
    }
    for (const { location } of stays) {
      expect(location?.filter(({ status }) => status === 'active')).toHaveLength(1);
      expect(location?.at(-1)?.location.display).toMatch(/^Ward .+, Bed \d+$/);
    }
  });

  it.each([1, 7, 99])('puts children on the children’s ward and adults elsewhere (seed %i)', (seed) => {
    const made = JSON.parse(JSON.stringify(make(seed, 60))) as FhirResource[];
    const births = new Map(
      made.flatMap((r) => (r.resourceType === 'Patient' ? [[`Patient/${r.id}`, Date.parse(r.birthDate!)]] : [])),
    );
    const stays = made.flatMap((r) => (r.resourceType === 'Encounter' && r.status === 'in-progress' ? [r] : []));
    for (const { subject, location } of stays) {
      const age = (now.getTime() - births.get(subject!.reference!)!) / (365.25 * 86_400_000);
      expect(location!.at(-1)!.location.display!.includes('Paediatrics')).toBe(age < 16);
    }
    expect(new Set(stays.map(({ location }) => location!.at(-1)!.location.display!.split(',')[0])).size).toBe(4);
  });

  it('leaves the first user without a tenth of the patients, and panels agree with care teams', () => {
    const patients = all<Patient>('Patient').map((p) => `Patient/${p.id}`);
    for (const user of devUsers) {
      const cared = all<CareTeam>('CareTeam')
        .filter((team) => team.participant?.some((p) => p.member?.reference === `Practitioner/${user.practitionerId}`))
        .map((team) => team.subject?.reference);
      const panel = all<Group>('Group').find((group) => group.id === `panel-${user.username}`);
      expect((panel?.member ?? []).map((m) => m.entity.reference).sort()).toEqual(cared.sort());
      const expected = { osei: 36, lindqvist: 20, locum: 0 }[user.username];
      expect(cared).toHaveLength(expected!);
    }
    expect(patients).toHaveLength(40);
  });

  it('has the faults that results have, on purpose', () => {
    const results = all<Observation>('Observation');
    const units = new Set(
      results.filter((o) => o.code.coding?.[0]?.code === '2160-0').map((o) => o.valueQuantity?.code),
    );
    expect(units).toContain('umol/L');
    expect(units).toContain('mg/dL');
    expect(results.some((o) => o.status === 'entered-in-error')).toBe(true);
    expect(results.some((o) => o.valueString !== undefined)).toBe(true);
    expect(results.some((o) => o.dataAbsentReason !== undefined)).toBe(true);
    expect(results.some((o) => o.valueQuantity?.comparator === '<')).toBe(true);
    expect(results.some((o) => o.interpretation?.[0]?.coding?.[0]?.code === 'HH')).toBe(true);
    expect(text).toMatch(/"value":\d+\.\d0[,}]/);
    const times = results.map((o) => Date.parse(o.effectiveDateTime!));
    expect(Math.max(...times)).toBeLessThanOrEqual(now.getTime());
    expect(Math.min(...times)).toBeLessThan(now.getTime() - 4 * 365 * 86_400_000);
  });

  it('has all ages, two look-alikes, second scripts and readable notes', () => {
    const patients = all<Patient>('Patient');
    const births = patients.map((p) => p.birthDate!).sort();
    expect(births[0]! < '1926').toBe(true);
    expect(births.at(-1)! > '2026-02').toBe(true);
    const [jon] = patients.filter((p) => p.name?.[0]?.text === 'Jon Andersson');
    const [john] = patients.filter((p) => p.name?.[0]?.text === 'John Anderson');
    expect(jon?.birthDate).toBe(john?.birthDate);
    expect(patients.some((p) => /[\p{Script=Han}\p{Script=Arabic}]/u.test(p.name?.[1]?.text ?? ''))).toBe(true);
    const note = all<DocumentReference>('DocumentReference')[0]!.content[0]!.attachment;
    expect(Buffer.from(note.data!, 'base64').toString('utf8')).toMatch(/Plan|DISCHARGE|night|wash|Anxious/);
    expect(Buffer.from(note.data!, 'base64')).toHaveLength(note.size!);
  });
});

import { mkdtempSync } from 'node:fs';
import type { CareTeam, FhirResource, Observation, Patient } from 'fhir/r4';
import { type DevServer, startServer } from '../server/index.ts';
import { sessionFolder } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { nightRound } from '../support/night-round.ts';
import { letterOf } from './letter.ts';

/** Who of the ward stands for what. */
export interface WardPatients {
  /** With something in each section. */
  readonly full: string;
  /** Of whom nothing is recorded. */
  readonly empty: string;
  /** Merged, deceased, of a test, confidential, under a name that turns round. */
  readonly marked: string;
  /** With entries that open for a purpose alone. */
  readonly restricted: string;
  /** Leaves the care team, of which a nurse is too. */
  readonly leaver: string;
}

/** A note that is not signed, as a conflict needs one. */
export const PLAIN_NOTE = 'plain-note';

/** An allergy that two people change, which is never merged for them. */
export const PLAIN_ALLERGY = 'plain-allergy';

const SNOMED = 'http://snomed.info/sct';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ALLERGY = 'http://terminology.hl7.org/CodeSystem/allergyintolerance';
const HTEST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' };
const coded = (code: string, text: string) => ({ coding: [{ system: SNOMED, code }], text });
const subjectOf = (id: string) => ({ reference: `Patient/${id}` });

/** A server with a ward on which every state of a chart lies. */
export async function startWard(clock: () => Date): Promise<{ server: DevServer; patients: WardPatients }> {
  // Without transactions each change is answered for itself: one can be refused while another is taken.
  const keys = { folder: mkdtempSync(sessionFolder('token-')), pin: 'synthetic-1234' };
  const dialect = { transactions: false };
  const server = await startServer({ patients: 14, seed: 7, clock, keys, files: true, dialect });
  const adults = byRecords(server, panelOf(server)).filter((id) => isAdult(server, id));
  const [full = '', restricted = '', marked = '', like = ''] = adults;
  const nurses = panelOf(server, 'lindqvist');
  const leaver = adults.slice(4).find((id) => nurses.includes(id)) ?? '';
  for (const resource of [...richness(full), ...nightRound(full), letterOf(full)]) server.store.put(resource);
  for (const resource of secrets(restricted)) server.store.put(resource);
  mark(server, marked, full);
  nameAlike(server, full, like);
  return { server, patients: { full, restricted, marked, leaver, empty: bareOne(server, full) } };
}

const patientOf = (server: DevServer, id: string) => server.store.read('Patient', id) as Patient;

const isAdult = (server: DevServer, id: string) => (patientOf(server, id).birthDate ?? '9') < '1990';

/** Those with most results first. */
function byRecords(server: DevServer, ids: readonly string[]): string[] {
  const results = server.store.list('Observation') as Observation[];
  const count = (id: string) => results.filter(({ subject }) => subject?.reference === `Patient/${id}`).length;
  return ids.toSorted((a, b) => count(b) - count(a));
}

const NIGHT = 'Asleep at each round. Pulse regular, chest clear, no pain when asked at four.';

/** What the generator gives nobody: marks of the banner, and a medicine line with all its parts. */
function richness(id: string): FhirResource[] {
  const subject = subjectOf(id);
  return [
    {
      ...{ resourceType: 'Flag', id: 'flag-precautions', status: 'active', subject, period: { start: '2026-10-28' } },
      code: coded('409529001', 'Contact precautions: MRSA'),
    },
    {
      ...{ resourceType: 'Flag', id: 'flag-falls', status: 'active', subject },
      code: coded('129839007', 'At risk for falls'),
    },
    { resourceType: 'Condition', id: 'pregnant', code: coded('77386006', 'Pregnant'), subject },
    {
      ...{ resourceType: 'MedicationRequest', id: 'thyroxine', status: 'active', intent: 'order', subject },
      medicationCodeableConcept: { text: 'Levothyroxine' },
      authoredOn: '2026-10-02',
      dosageInstruction: [
        {
          text: 'Half an hour before breakfast',
          route: { text: 'oral' },
          doseAndRate: [{ doseQuantity: { value: 50, unit: 'ug' } }],
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        },
      ],
    },
  ];
}

/** A note and an allergy that are shown for a purpose alone, and one of each that everybody may change. */
function secrets(id: string): FhirResource[] {
  const subject = subjectOf(id);
  const labelled = (code: string) => ({ security: [{ system: CONFIDENTIALITY, code }] });
  const plain = (text: string) => [
    { attachment: { contentType: 'text/plain', data: Buffer.from(text).toString('base64') } },
  ];
  return [
    {
      ...{ resourceType: 'DocumentReference', id: PLAIN_NOTE, status: 'current', docStatus: 'preliminary', subject },
      ...{ description: 'Night round', date: '2026-11-20T05:40:00Z', content: plain(NIGHT) },
    },
    {
      ...{ resourceType: 'DocumentReference', id: 'secret-note', meta: labelled('R'), status: 'current' },
      ...{ docStatus: 'final', description: 'Psychiatric review', subject },
      ...{ date: '2026-10-31T08:00:00Z', content: plain('Spoke of what she wants nobody else to read.') },
    },
    {
      ...{ resourceType: 'AllergyIntolerance', id: PLAIN_ALLERGY, patient: subjectOf(id), criticality: 'low' },
      ...{ code: { text: 'Amoxicillin' }, reaction: [{ manifestation: [{ text: 'Rash' }] }] },
      clinicalStatus: { coding: [{ system: `${ALLERGY}-clinical`, code: 'active' }] },
      verificationStatus: { coding: [{ system: `${ALLERGY}-verification`, code: 'unconfirmed' }] },
    },
    {
      ...{ resourceType: 'AllergyIntolerance', id: 'secret-allergy', meta: labelled('V'), patient: subjectOf(id) },
      ...{ clinicalStatus: { coding: [{ code: 'active' }] }, code: { text: 'Disulfiram' } },
    },
  ] as FhirResource[];
}

function mark(server: DevServer, id: string, replacedBy: string): void {
  server.store.put({
    ...patientOf(server, id),
    meta: { security: [HTEST, { system: CONFIDENTIALITY, code: 'R' }] },
    name: [{ use: 'official', family: 'Smi\u202Eth', given: ['\u0410nna'] }],
    deceasedDateTime: '1901-01-01',
    link: [{ type: 'replaced-by', other: subjectOf(replacedBy) }],
  });
}

function nameAlike(server: DevServer, id: string, other: string): void {
  const [name] = patientOf(server, id).name ?? [];
  server.store.put({ ...patientOf(server, other), name: [{ ...name, given: (name?.given ?? []).slice(0, 1) }] });
}

/** Somebody who has just come: on a care team, and nothing else. */
function bareOne(server: DevServer, like: string): string {
  const id = 'just-arrived';
  const teams = server.store.list('CareTeam') as CareTeam[];
  const team = teams.find(({ subject }) => subject?.reference === `Patient/${like}`) as CareTeam;
  server.store.put({
    ...{ resourceType: 'Patient', id, gender: 'unknown', birthDate: '1980-02' },
    name: [{ family: 'Aaltonen', given: ['Noor'] }],
  } as Patient);
  server.store.put({ ...team, id: `${id}-team`, subject: subjectOf(id) });
  return id;
}

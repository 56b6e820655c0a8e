import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Audit } from '../../../main/audit/audit.ts';
import { openAuditStore } from '../../../main/audit/store.ts';
import { type Cache, createCache } from '../../../main/cache/client.ts';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { auditWith, eventsInFile } from '../../support/audit.ts';
import { memoryKeyStore } from '../../unit/vault/support.ts';
import { files } from './bridge.ts';

const SERVER_TIME = '2026-03-01T10:00:00Z';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const SNOMED = 'http://snomed.info/sct';

/** Security labels as servers write them, by the name that the tables use. */
export const labels = {
  none: [],
  N: [{ system: CONFIDENTIALITY, code: 'N' }],
  R: [{ system: CONFIDENTIALITY, code: 'R' }],
  V: [{ system: CONFIDENTIALITY, code: 'V' }],
  'N+V': [
    { system: CONFIDENTIALITY, code: 'N' },
    { system: CONFIDENTIALITY, code: 'V' },
  ],
  HIV: [{ system: ACT_CODE, code: 'HIV' }],
  'R+PSY': [
    { system: CONFIDENTIALITY, code: 'R' },
    { system: ACT_CODE, code: 'PSY' },
  ],
  unknown: [{ system: CONFIDENTIALITY, code: 'X-9' }],
  local: [{ system: 'urn:hospital:labels', code: 'staff' }],
} as const;
export type Label = keyof typeof labels;

/** Clinicians by the codes of their roles. Each is on every care team of the ward. */
export const roles = {
  nobody: [],
  physician: ['309343006'],
  nurse: ['224535009'],
  student: ['398130009'],
  clerk: ['224608005'],
  'clerk and nurse': ['224608005', '224535009'],
} as const;
export type Role = keyof typeof roles;

export const practitionerOf = (role: Role) => `Practitioner/${role.replaceAll(' ', '-')}`;

export type Relation = 'care-team' | 'panel' | 'none';

export interface WardPatient {
  readonly id: string;
  readonly relation: Relation;
  readonly label: Label;
  /** Label of the Patient resource itself. */
  readonly identity?: Label;
}

/** A word that stands in every element of a patient's records of one label, and nowhere else. */
export function canaryOf({ id }: Pick<WardPatient, 'id'>, what: 'labelled' | 'patient'): string {
  return `Canary-${what}-${id}-`.replaceAll('+', 'x');
}

/** One patient with a note, a value, an allergy, a problem, an alert, a medicine and a stay that have the label. */
export function recordsOf(patient: WardPatient): object[] {
  const { id, label, identity = 'none' } = patient;
  const own = canaryOf(patient, 'patient');
  const word = canaryOf(patient, 'labelled');
  const subject = { reference: `Patient/${id}` };
  const meta = (of: Label) => ({
    meta: { versionId: '1', lastUpdated: SERVER_TIME, ...(labels[of].length > 0 && { security: labels[of] }) },
  });
  const text = (name: string) => ({ text: `${word}${name}`, coding: [{ system: 'urn:x', code: `${word}${name}` }] });
  const marked = (resourceType: string, rest: object) => ({
    resourceType,
    id: `${id}-${resourceType}`,
    ...meta(label),
    ...rest,
  });
  return [
    { resourceType: 'Patient', id, ...meta(identity), name: [{ family: `${own}name`, given: [`${own}given`] }] },
    marked('DocumentReference', {
      status: 'current',
      docStatus: 'final',
      description: `${word}title`,
      subject,
      author: [{ display: `${word}author` }],
      date: SERVER_TIME,
      content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(`${word}text`).toString('base64') } }],
    }),
    marked('Observation', {
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      code: text('code'),
      subject,
      effectiveDateTime: SERVER_TIME,
      valueQuantity: { value: 81.25, unit: `${word}unit` },
    }),
    marked('AllergyIntolerance', {
      patient: subject,
      clinicalStatus: { coding: [{ code: 'active' }] },
      code: text('allergy'),
    }),
    marked('Condition', { subject, clinicalStatus: { coding: [{ code: 'active' }] }, code: text('problem') }),
    marked('Flag', { status: 'active', subject, code: text('alert') }),
    marked('MedicationRequest', {
      status: 'active',
      intent: 'order',
      subject,
      medicationCodeableConcept: text('drug'),
    }),
    marked('Encounter', {
      status: 'in-progress',
      class: { code: 'IMP' },
      subject,
      type: [text('stay')],
      location: [{ location: { display: `${word}ward` } }],
    }),
  ];
}

function staff(patients: readonly WardPatient[]): object[] {
  const members = Object.keys(roles) as Role[];
  return [
    ...members.map((role) => ({
      resourceType: 'PractitionerRole',
      id: `role-${role.replaceAll(' ', '-')}`,
      practitioner: { reference: practitionerOf(role) },
      code: roles[role].map((code) => ({ coding: [{ system: SNOMED, code }] })),
    })),
    ...patients
      .filter(({ relation }) => relation === 'care-team')
      .map(({ id }) => ({
        resourceType: 'CareTeam',
        id: `team-${id}`,
        status: 'active',
        subject: { reference: `Patient/${id}` },
        participant: [...members.map(practitionerOf), 'Practitioner/dr'].map((reference) => ({
          member: { reference },
        })),
      })),
  ];
}

export interface Ward {
  readonly cache: Cache;
  readonly audit: Audit;
  /** Ends the processes; what stands in the record of access then, oldest first. */
  events(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** The real cache process and the real record of access, with a ward of patients in them. */
export async function openWard(patients: readonly WardPatient[], more: readonly object[] = []): Promise<Ward> {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-ward-'));
  const at = files(folder);
  const cache = createCache({ fork: forkProcess('../cache/process-entry.ts') });
  const key = (byte: number) => new Uint8Array(32).fill(byte);
  const outbox = { file: at.outbox, key: key(2) };
  const opened = await cache.open({ file: at.cache, key: key(1), create: true, outbox });
  if (!opened.ok) throw new Error(opened.error.code);
  await fillWard(cache, patients, [...patients.flatMap(recordsOf), ...staff(patients), ...more]);
  const keyStore = memoryKeyStore();
  const open = () =>
    openAuditStore({
      fork: forkProcess('../audit/process-entry.ts'),
      folder: at.audit,
      keyStore,
      binding: undefined,
      now: () => Date.now(),
      newId: randomUUID,
    });
  const audit = auditWith({ open });
  const close = async () => {
    await cache.close();
    await audit.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    cache,
    audit,
    async events() {
      await audit.close();
      const logKey = Buffer.from(keyStore.entries.get('audit/database-key') ?? '', 'base64');
      return eventsInFile(join(at.audit, 'audit.db'), logKey);
    },
    close,
  };
}

const TYPES = [
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'Flag',
  'Observation',
  'Encounter',
  'DocumentReference',
];

/** As one finished run of sync: whatever is of a patient's chart is known to be complete. */
async function fillWard(cache: Cache, patients: readonly WardPatient[], resources: readonly object[]): Promise<void> {
  const typeOf = (one: object) => (one as { resourceType: string }).resourceType;
  const types = [...new Set([...TYPES, ...resources.map(typeOf)])];
  const ids = patients.map(({ id }) => id);
  await cache.write.startRun({
    tasks: types.map((type) => ({ label: type, resourceType: type, url: type, patients: ids })),
  });
  const tasks = await cache.read.tasks({});
  for (const { seq, resourceType } of tasks) {
    const bodies = resources.filter((one) => typeOf(one) === resourceType).map((one) => JSON.stringify(one));
    await cache.write.applyPage({ seq, resources: bodies, next: null, serverTime: SERVER_TIME });
  }
  const panel = patients.filter(({ relation }) => relation !== 'none').map(({ id }) => id);
  await cache.write.expandRun({ panel, tasks: [] });
  await cache.write.finishRun({ asOf: SERVER_TIME });
}

/** Stores one more record, as a sync does that is under way. */
export async function bring(cache: Cache, resource: object): Promise<void> {
  const { resourceType } = resource as { resourceType: string };
  await cache.write.startRun({
    tasks: [{ label: resourceType, resourceType, url: resourceType, patients: [] }],
  });
  const tasks = await cache.read.tasks({});
  const page = { resources: [JSON.stringify(resource)], next: null, serverTime: SERVER_TIME };
  await cache.write.applyPage({ seq: tasks[0]?.seq ?? 0, ...page });
}

const forkProcess = (entry: string) => (): ChildPort => {
  const child: ChildProcess = fork(join(import.meta.dirname, entry), { serialization: 'advanced', stdio: 'inherit' });
  child.on('error', () => undefined);
  return {
    postMessage: (message) => child.send(message as object, () => undefined),
    on: (event: string, listener: (value: never) => void) => child.on(event, listener as () => void),
    kill: () => child.kill('SIGKILL'),
  };
};

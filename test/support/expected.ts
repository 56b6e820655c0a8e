import type { DevServer } from '../server/index.ts';

export interface VersionRow {
  type: string;
  id: string;
  versionId: string;
}

/** Types that a first sync fetches per patient, beside Patient itself. */
const RECORD_TYPES = [
  'AllergyIntolerance',
  'CarePlan',
  'Condition',
  'Consent',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'Immunization',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Procedure',
  'ServiceRequest',
  'Appointment',
  'Task',
  'Device',
  'QuestionnaireResponse',
];

function lastVersion(server: DevServer, type: string, id: string): string {
  const versions = server.store.versions(type, id);
  return versions[versions.length - 1]?.versionId ?? '';
}

/** Patients on whose active care teams a development user is; without a name the first one. */
export function panelOf(server: DevServer, user = server.users[0]?.username): string[] {
  const practitioner = `Practitioner/${server.users.find(({ username }) => username === user)?.practitionerId}`;
  const teams = server.store.list('CareTeam').filter((team) => JSON.stringify(team).includes(`"${practitioner}"`));
  return teams.map((team) => String(Reflect.get(team, 'subject')?.reference).replace('Patient/', ''));
}

export function rowKey({ type, id, versionId }: VersionRow): string {
  return `${type}/${id}/_history/${versionId}`;
}

/** What the cache must hold of the panel's records, as sorted `Type/id/_history/version`. */
export function expectedRecords(server: DevServer): string[] {
  const panel = new Set(panelOf(server));
  const rows: string[] = [...panel].map((id) =>
    rowKey({ type: 'Patient', id, versionId: lastVersion(server, 'Patient', id) }),
  );
  for (const type of RECORD_TYPES) {
    for (const { id = '' } of server.store.list(type)) {
      const [latest] = server.store.versions(type, id).slice(-1);
      if (latest?.patients.some((patient) => panel.has(patient))) {
        rows.push(rowKey({ type, id, versionId: latest.versionId }));
      }
    }
  }
  return rows.sort();
}

/** The cache's rows of the same types. */
export function heldRecords(rows: readonly VersionRow[]): string[] {
  const types = new Set([...RECORD_TYPES, 'Patient']);
  return rows
    .filter(({ type }) => types.has(type))
    .map(rowKey)
    .sort();
}

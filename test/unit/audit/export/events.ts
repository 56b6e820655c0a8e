import type { AuditEvent } from 'fhir/r4';

type Entity = NonNullable<AuditEvent['entity']>[number];

interface Shape {
  readonly subtype: string;
  readonly time?: string;
  readonly who?: string;
  readonly purpose?: string;
  readonly patient?: string;
  readonly outcome?: AuditEvent['outcome'];
  readonly more?: readonly Entity[];
}

/** Events of a ward, in the form in which the log has them. */
export const wardEvents = {
  event({
    subtype,
    time = '2026-03-02T08:15:00Z',
    who = 'osei',
    purpose = 'TREAT',
    patient,
    outcome = '0',
    more = [],
  }: Shape): AuditEvent {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
    return {
      resourceType: 'AuditEvent',
      type: { code: 'rest' },
      subtype: [{ code: subtype }],
      recorded: time,
      outcome,
      purposeOfEvent: [{ coding: [{ system, code: purpose }] }],
      agent: [{ who: { reference: `Practitioner/${who}` }, requestor: true }],
      source: { observer: { display: 'Wardlight' } },
      entity: [...(patient === undefined ? [] : [{ what: { reference: `Patient/${patient}` } }]), ...more],
    };
  },
  view: (name: string): Entity => ({ what: { identifier: { system: 'urn:wardlight:view', value: name } } }),
  detail: (type: string, valueString: string): Entity => ({ name: 'context', detail: [{ type, valueString }] }),
};

import type { AuditEvent } from 'fhir/r4';

type Entity = NonNullable<AuditEvent['entity']>[number];
type Detail = NonNullable<Entity['detail']>[number];

/**
 * The closed list of what `entity.detail` can tell, by its `type`. Those of the patient stand in her entity, so that a
 * server or the verifier can judge the alarms' rules again from the events alone.
 */
export const patientDetails = ['relation', 'discharged', 'same-family-name', 'own-record', 'colleague'] as const;
export const contextDetails = [
  /** In the clinician's own words. */
  'reason',
  /** A code: of a lock, a failure, a policy's alarm, a finding. */
  'code',
  /** Patients that a search returned; `earlier`: the request by which they were recorded one by one. */
  'returned',
  'earlier',
  /** Records that a run has stored, and patients whose records they are. */
  'records',
  'patients',
  /** To whom or what something was disclosed. */
  'recipient',
  /** Of what is encrypted. */
  'encryption-context',
  'key-id',
  'algorithm',
  /** Of the program, a policy, a setting. */
  'version',
  'policy',
  'setting',
  'value',
  /** By how many milliseconds a clock went astray. */
  'milliseconds',
  /** The record, the one before it, and the first entry and the one after the last that a finding is about. */
  'log',
  'predecessor',
  'first',
  'end',
  /** Events that were kept beside it while it could not be written. */
  'kept',
  /** Of an alarm. */
  'rule',
  'measured',
  'threshold',
  /** The past moment as of which a chart was shown. */
  'as-of',
] as const;
export type ContextDetail = (typeof contextDetails)[number];
export type Details = Partial<Record<ContextDetail, string>>;

/** What was known of a patient when an access to her records was decided. */
export interface PatientFacts {
  readonly relation: 'care-team' | 'panel' | 'none';
  /** Confidentiality other than normal, and sensitivities, of the Patient resource: codes, or `system|code`. */
  readonly labels: readonly string[];
  /** ISO instant of the end of her last encounter; null where one is in progress or none is known. */
  readonly discharged: string | null;
  /** She and the clinician have the same family name; are the same person; she is a clinician who is known here. */
  readonly sameFamilyName: boolean;
  readonly ownRecord: boolean;
  readonly colleague: boolean;
}

const flag = (type: (typeof patientDetails)[number], holds: boolean): Detail[] =>
  holds ? [{ type, valueString: 'true' }] : [];

/** The facts as details of the patient's entity; what doesn't hold is left out. */
export function factDetails(facts: PatientFacts): Detail[] {
  return [
    { type: 'relation', valueString: facts.relation },
    ...(facts.discharged === null ? [] : [{ type: 'discharged', valueString: facts.discharged }]),
    ...flag('same-family-name', facts.sameFamilyName),
    ...flag('own-record', facts.ownRecord),
    ...flag('colleague', facts.colleague),
  ];
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

/** Labels as the codings of `entity.securityLabel`. */
export function labelCodings(labels: readonly string[]): NonNullable<Entity['securityLabel']> {
  return labels.map((label) => {
    const bar = label.indexOf('|');
    if (bar > 0) return { system: label.slice(0, bar), code: label.slice(bar + 1) || 'unknown' };
    // `unknown`: a level that is none of HL7's, and that counts as a restriction.
    if (label === 'unknown' || bar === 0) return { display: label };
    return { system: label === 'R' || label === 'V' ? CONFIDENTIALITY : ACT_CODE, code: label };
  });
}

/** The labels that `labelCodings` has written. */
export function labelsIn({ securityLabel = [] }: Entity): string[] {
  return securityLabel.map(({ system, code, display }) => {
    if (code === undefined) return display ?? 'unknown';
    return system === CONFIDENTIALITY || system === ACT_CODE ? code : `${system ?? ''}|${code}`;
  });
}

/** Details in the order of the list. */
export function contextOf(details: Details): Detail[] {
  return contextDetails.flatMap((type) => {
    const value = details[type];
    // FHIR has no empty strings.
    return value === undefined || value === '' ? [] : [{ type, valueString: value }];
  });
}

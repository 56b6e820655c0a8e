import type { AuditAction, Interaction } from './actions.ts';
import type { Details, PatientFacts } from './details.ts';

/** Under which key something is encrypted, and what the encryption is bound to. */
export interface Encryption {
  readonly context: Readonly<Record<string, string>>;
  readonly keyId: string;
  readonly algorithm: string;
}

/** What is to be recorded: who, what, whose, why, and whether it was allowed. */
export interface AuditEntry {
  readonly action: AuditAction;
  /** `Practitioner/<id>`; null where nobody has signed in, and for what the program does by itself. */
  readonly practitioner: string | null;
  /** The FHIR server's address; empty where there is none. */
  readonly server: string;
  /** Codes of the clinician's roles, `system|code`. */
  readonly roles?: readonly string[];
  readonly patientId?: string;
  /** What was known of the patient when it was decided. */
  readonly facts?: PatientFacts;
  /** The record that is read or written, `DocumentReference/<id>`; a new one has the id that it has here. */
  readonly resource?: string;
  /** The view or call that was asked for, such as `chart.read`. */
  readonly view?: string;
  /** The request of a search, as it came. */
  readonly query?: string;
  /** What was denied, or what a change that is sent does; a read where it isn't said. */
  readonly attempted?: Interaction;
  /** Purpose of use, a code of HL7 v3 ActReason; TREAT where it isn't said. */
  readonly purpose?: string;
  /** Under emergency access. */
  readonly emergency?: boolean;
  /** Why, in the clinician's own words. */
  readonly reason?: string;
  /** `X-Request-Id` of the request that was really made; without it what is recorded together shares one of its own. */
  readonly requestId?: string;
  readonly encryption?: Encryption;
  readonly details?: Details;
  /** Ids of the AuditEvents that an alarm is about, or the alarm that a person has looked at. */
  readonly evidence?: readonly string[];
  /** Of whom an alarm tells, `Practitioner/<id>`. */
  readonly about?: string;
}

/** The workstation and the program that record. */
export interface Recorder {
  /** The workstation's identifier, and its system. */
  readonly id: string;
  readonly system: string;
  readonly host: string;
  /** Of Wardlight. */
  readonly version: string;
}

import { coded } from './codes.ts';
import { instantOf, type JsonObject, printResource, type Writing } from './resource.ts';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const PARTICIPANT = `${TERMINOLOGY}/provenance-participant-type`;
const ACT_REASON = `${TERMINOLOGY}/v3-ActReason`;

/** v3-DataOperation, as R4's value set of activities has them. */
const ACTIVITIES = {
  create: ['CREATE', 'create'],
  update: ['UPDATE', 'revise'],
  nullify: ['NULLIFY', 'nullify'],
} as const;
export type Activity = keyof typeof ACTIVITIES;

export interface Attestation {
  readonly activity: Activity;
  readonly type: string;
  /** Of the record that was written; the outbox puts the server's in its place. */
  readonly resourceId: string;
  /** The version that was changed; null for a new record. */
  readonly baseVersionId: string | null;
  /** Who wrote as what: `system|code`. */
  readonly roles: readonly string[];
  /** v3-ActReason. */
  readonly purpose: string;
  readonly emergency: boolean;
  /** Why, in the clinician's words, where they were asked for. */
  readonly reason: string | null;
  /** When what was written was begun, where that was noted; it was done when it was recorded. */
  readonly began?: string;
  /** The program on this workstation. */
  readonly device: JsonObject;
}

/**
 * Who wrote a record, with what, when and what for (R4 provenance.html). `id` is its own. The outbox gives it the labels
 * of what it tells of, when that is sent.
 */
export function provenanceOf(attestation: Attestation, writing: Omit<Writing, 'encounter'>): string {
  const { activity, type, resourceId, baseVersionId, device } = attestation;
  const { id, practitioner, display } = writing;
  const [code, words] = ACTIVITIES[activity];
  const role = attestation.roles.map(roleOf);
  const resource: JsonObject = {
    resourceType: 'Provenance',
    id,
    target: [{ reference: `${type}/${resourceId}` }],
    ...occurred(attestation, writing),
    recorded: instantOf(writing),
    reason: reasonsOf(attestation),
    activity: coded(`${TERMINOLOGY}/v3-DataOperation`, code, words),
    agent: [
      {
        type: coded(PARTICIPANT, 'author', 'Author'),
        ...(role.length > 0 && { role }),
        who: { reference: practitioner, display },
      },
      { type: coded(PARTICIPANT, 'assembler', 'Assembler'), who: device },
    ],
    ...(baseVersionId !== null && {
      entity: [{ role: 'revision', what: { reference: `${type}/${resourceId}/_history/${baseVersionId}` } }],
    }),
  };
  return printResource(resource);
}

/** Not where the clock was put back since: a period that ends before it begins is none (R4 datatypes.html#Period, per-1). */
function occurred({ began }: Attestation, writing: Pick<Writing, 'now' | 'offsetMinutes'>): JsonObject {
  if (began === undefined || Date.parse(began) > writing.now) return {};
  return { occurredPeriod: { start: began, end: instantOf(writing) } };
}

function reasonsOf({ purpose, emergency, reason }: Attestation): JsonObject[] {
  const codes = [...new Set([...(emergency ? ['BTG'] : []), purpose])];
  return [...codes.map((code) => coded(ACT_REASON, code)), ...(reason === null ? [] : [{ text: reason }])];
}

function roleOf(role: string): JsonObject {
  const bar = role.indexOf('|');
  return { coding: [{ ...(bar > 0 && { system: role.slice(0, bar) }), code: role.slice(bar + 1) }] };
}

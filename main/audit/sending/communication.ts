import type { Communication, Reference } from 'fhir/r4';
import type { AlarmRule } from '../../../preload/contract/audit.ts';
import type { FhirClient } from '../../fhir/client.ts';
import { ENTRY_TAG } from '../delivery/fhir.ts';
import { failureOf, isOfContent, isSameServer, SEVERAL_THERE } from '../delivery/fhir-answers.ts';
import { undelivered } from '../delivery/receipt.ts';
import type { News } from './news.ts';
import type { Channel } from './outcome.ts';
import { RULE_WORDS } from './words.ts';

/** System of the identifier by which a server knows an alarm again. */
export const ALARM_SYSTEM = 'urn:wardlight:alarm';

/** Somebody is to look at once: care was overridden, or the record itself is in doubt. */
const AT_ONCE: ReadonlySet<AlarmRule> = new Set(['emergency-access', 'log-finding']);

export interface CommunicationOptions {
  /** References of who is told. */
  readonly recipients: readonly string[];
  /** The client of whoever has unlocked; null while nobody has. */
  readonly fhir: () => FhirClient | null;
  readonly now: () => number;
}

/** Alarms as FHIR Communications, created on the server that they are about by whoever is signed in there. */
export function createCommunicationChannel({ recipients, fhir, now }: CommunicationOptions): Channel {
  const clientFor = ({ site }: News): FhirClient | null => {
    const client = fhir();
    return client && (site === null || isSameServer(client.base, site)) ? client : null;
  };
  return {
    name: 'communication',
    takes: (alarm) => clientFor(alarm) !== null,
    async send(alarm, signal) {
      const client = clientFor(alarm);
      if (!client) return undelivered('not-signed-in');
      const time = new Date(now()).toISOString();
      const answer = await client.send(
        {
          method: 'POST',
          url: 'Communication',
          body: JSON.stringify(communicationOf(alarm, recipients, time)),
          ifNoneExist: `identifier=${encodeURIComponent(`${ALARM_SYSTEM}|${alarm.id}`)}`,
          prefer: 'return=minimal',
        },
        signal,
      );
      if (answer.ok) {
        const { status, location } = answer.value;
        return { ok: true, value: { kind: 'received', status, location, time } };
      }
      const { status } = answer.error;
      if (status === SEVERAL_THERE) return { ok: true, value: { kind: 'received', status, location: null, time } };
      if (status !== null && isOfContent(answer.error)) return { ok: true, value: { kind: 'refused', status, time } };
      return failureOf(answer.error);
    },
  };
}

/** A FHIR R4 Communication of an alarm, sent at a time (ISO instant). */
export function communicationOf(alarm: News, recipients: readonly string[], sent: string): Communication {
  const { id, rule, about, patient, device } = alarm;
  const event: Reference = { type: 'AuditEvent', identifier: { system: ENTRY_TAG, value: id } };
  return {
    resourceType: 'Communication',
    identifier: [{ system: ALARM_SYSTEM, value: id }],
    status: 'completed',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'alert', display: 'Alert' },
        ],
      },
    ],
    priority: AT_ONCE.has(rule) ? 'stat' : 'urgent',
    ...(patient !== null && { subject: { reference: `Patient/${patient}` } }),
    about: [event, ...(about === null ? [] : [{ reference: about }])],
    sent,
    recipient: recipients.map((reference) => ({ reference })),
    ...(device && { sender: { type: 'Device', identifier: device } }),
    payload: [{ contentString: textOf(alarm) }],
  };
}

/** What rang, in plain words: no names, and nothing that a clinician has written. */
function textOf({ rule, at, measured, threshold, evidence }: News): string {
  const counted = measured === null ? '' : ` Counted: ${measured}.`;
  const least = threshold === null ? '' : ` Threshold: ${threshold}.`;
  return `Wardlight alarm (${rule}): ${RULE_WORDS[rule]}.${counted}${least} Rang at ${at}; goes by ${evidence.length} recorded events.`;
}

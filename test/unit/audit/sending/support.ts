import { randomUUID } from 'node:crypto';
import type { AuditEvent } from 'fhir/r4';
import type { AuditEntry } from '../../../../main/audit/events/entry.ts';
import { auditEvent } from '../../../../main/audit/events/event.ts';
import { type News, newsOf } from '../../../../main/audit/sending/news.ts';
import type { AuditStore } from '../../../../main/audit/store.ts';
import { type TestLog, TIME } from '../delivery/support.ts';
import { recorder } from '../support.ts';

export const SERVER = 'https://fhir.example/fhir';

/** An alarm as the watch records it. */
export function alarmEvent(
  change: Partial<AuditEntry> = {},
  { id = randomUUID(), recorded = TIME }: { id?: string; recorded?: string } = {},
): AuditEvent {
  const entry: AuditEntry = {
    action: 'alarm',
    practitioner: null,
    server: SERVER,
    view: 'alarms',
    about: 'Practitioner/dev-osei',
    patientId: 'p1',
    evidence: ['look-1', 'look-2'],
    details: { rule: 'many-charts', measured: '31', threshold: '20' },
    ...change,
  };
  return auditEvent(entry, { id, recorded, requestId: 'request', recorder });
}

/** A person's judgement of an alarm. */
export function markEvent(alarm: string): AuditEvent {
  return alarmEvent({ action: 'alarm-false', practitioner: 'Practitioner/officer', evidence: [alarm], reason: 'No.' });
}

/** What is sent of an alarm. */
export function newsAbout(change: Partial<AuditEntry> = {}, stamp?: { id?: string; recorded?: string }): News {
  const event = alarmEvent(change, stamp);
  const news = newsOf({ seq: 7, leaf: leafWith(event) });
  if (!news) throw new Error('no alarm');
  return news;
}

/** An entry of a log with this event. */
export function leafWith(event: object): string {
  return `{"event":${JSON.stringify(event)},"previous":"${Buffer.alloc(32).toString('base64')}","seq":7,"version":1}`;
}

/** A log of a test as main has the open one. */
export function storeOver({ log, origin, verifier }: TestLog): Pick<AuditStore, 'sendings' | 'range' | 'identity'> {
  const asked = (name: 'alarmsDue' | 'keepOutcome' | 'outcomes' | 'signRequest') => async (args: unknown) =>
    structuredClone((log[name] as (args: unknown) => unknown)(structuredClone(args)));
  return {
    sendings: {
      alarmsDue: asked('alarmsDue'),
      keepOutcome: asked('keepOutcome'),
      outcomes: asked('outcomes'),
      signRequest: asked('signRequest'),
    } as unknown as AuditStore['sendings'],
    range: async (first, end) => log.range({ first, end }),
    identity: { origin, vkey: verifier.vkey, predecessor: null },
  };
}

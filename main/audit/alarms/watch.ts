import type { AuditEvent } from 'fhir/r4';
import type { AlarmPolicy } from '../../managed/alarms.ts';
import type { AuditEntry } from '../events/entry.ts';
import { type Alarm, type Alarms, createAlarms } from './engine.ts';
import { factOf, isOfAlarms } from './facts.ts';
import type { AlarmMemory } from './memory.ts';

export interface WatchOptions {
  readonly policy: AlarmPolicy;
  readonly memory: AlarmMemory;
  readonly offsetMinutes: (at: number) => number;
  /** Records an alarm. */
  readonly note: (entry: AuditEntry) => Promise<void>;
}

/** Looks at each event that was recorded, offline too, and rings. Nobody waits for it. */
export interface AlarmWatch {
  observe(events: readonly AuditEvent[]): void;
  /** Resolves when all that was observed is judged and recorded. */
  close(): Promise<void>;
}

export function createAlarmWatch({ policy, memory, offsetMinutes, note }: WatchOptions): AlarmWatch {
  let work: Promise<unknown> = Promise.resolve();
  let alarms: Alarms | null = null;

  async function loaded(): Promise<Alarms> {
    if (alarms) return alarms;
    const remembered = await memory.load().catch(() => null);
    alarms = createAlarms({ policy, offsetMinutes, state: remembered?.state });
    for (const { alarm, event } of remembered?.missed ?? []) await note(alarmEntry(alarm, event));
    return alarms;
  }

  async function judge(events: readonly AuditEvent[]): Promise<void> {
    const engine = await loaded();
    for (const event of events) {
      // What rings is no reason to ring.
      if (isOfAlarms(event)) continue;
      for (const alarm of engine.observe(factOf(event))) await note(alarmEntry(alarm, event));
    }
  }

  return {
    observe(events) {
      // A rule that fails must not keep the next event from being judged.
      work = work.then(() => judge(events)).catch(() => undefined);
    },
    async close() {
      await work;
    },
  };
}

/** An alarm is an event of its own, with the events that it goes by. */
function alarmEntry(alarm: Alarm, { source }: Pick<AuditEvent, 'source'>): AuditEntry {
  const { rule, about, patientId, evidence, measured, threshold } = alarm;
  return {
    action: 'alarm',
    practitioner: null,
    server: source.site ?? '',
    view: 'alarms',
    evidence,
    ...(about !== null && { about }),
    ...(patientId !== null && { patientId }),
    details: {
      rule,
      ...(measured !== null && { measured: String(measured) }),
      ...(threshold !== null && { threshold: String(threshold) }),
    },
  };
}

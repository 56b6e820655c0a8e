import type { AuditEvent } from 'fhir/r4';
import type { AlarmPolicy } from '../../managed/alarms.ts';
import type { AuditEntry } from '../events/entry.ts';
import { type Alarm, type Alarms, createAlarms } from './engine.ts';
import { factOf } from './facts.ts';
import type { AlarmMemory } from './memory.ts';

export interface WatchOptions {
  readonly policy: AlarmPolicy;
  readonly memory: AlarmMemory;
  readonly offsetMinutes: (at: number) => number;
  /** Records an alarm. */
  readonly note: (entry: AuditEntry) => Promise<void>;
  /** Calls back after `ms`; answers how to cancel that. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** Looks at each event that was recorded, offline too, and rings. Nobody waits for it. */
export interface AlarmWatch {
  observe(events: readonly AuditEvent[]): void;
  /** Resolves when all that was observed is judged, recorded and kept. */
  close(): Promise<void>;
}

/** After so long what was learned is kept; a crash costs no more than that. */
const KEEP_MS = 60_000;

export function createAlarmWatch({ policy, memory, offsetMinutes, note, after }: WatchOptions): AlarmWatch {
  let work: Promise<unknown> = Promise.resolve();
  let alarms: Alarms | null = null;
  let unschedule: (() => void) | null = null;

  async function loaded(): Promise<Alarms> {
    const state = alarms ? undefined : await memory.load().catch(() => null);
    alarms ??= createAlarms({ policy, offsetMinutes, state: state ?? undefined });
    return alarms;
  }

  async function judge(events: readonly AuditEvent[]): Promise<void> {
    const engine = await loaded();
    for (const event of events) {
      const fact = factOf(event);
      // What rings is no reason to ring.
      if (fact.action === 'alarm' || fact.action === 'alarm-false') continue;
      for (const alarm of engine.observe(fact)) await note(alarmEntry(alarm, event));
    }
    unschedule ??= after(KEEP_MS, () => {
      unschedule = null;
      queue(keep);
    });
  }

  async function keep(): Promise<void> {
    if (alarms) await memory.save(alarms.state());
  }

  function queue(task: () => Promise<void>): void {
    // A rule that fails must not keep the next event from being judged.
    work = work.then(task).catch(() => undefined);
  }

  return {
    observe(events) {
      queue(() => judge(events));
    },
    async close() {
      unschedule?.();
      queue(keep);
      await work;
    },
  };
}

/** An alarm is an event of its own, with the events that it goes by. */
export function alarmEntry(alarm: Alarm, { source }: Pick<AuditEvent, 'source'>): AuditEntry {
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

/** A person has looked at an alarm and found nothing in it: who, which, and why. */
export function falseAlarmEntry(
  alarmId: string,
  reason: string,
  by: { readonly practitioner: string; readonly server: string },
): AuditEntry {
  return { action: 'alarm-false', ...by, view: 'alarms', evidence: [alarmId], reason };
}

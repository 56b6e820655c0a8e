import type { AuditEvent } from 'fhir/r4';
import type { AlarmPolicy } from '../../managed/alarms.ts';
import { alarmOf } from '../review/lines.ts';
import { type Alarm, createAlarms } from './engine.ts';
import { factOf, isOfAlarms } from './facts.ts';
import type { AlarmState } from './habits.ts';

/** An alarm, and the event at which it rang. */
export interface Ringing {
  readonly alarm: Alarm;
  readonly event: AuditEvent;
}

export interface Remembered {
  readonly state: AlarmState;
  /** Alarms that should stand in the record and don't: the program was ended between a deed and its alarm. */
  readonly missed: readonly Ringing[];
}

/**
 * What is known from before the program was started. Habits name patients and clinicians, and may stand nowhere but in the
 * encrypted record.
 */
export interface AlarmMemory {
  load(): Promise<Remembered>;
}

export interface ReplayOptions {
  readonly policy: AlarmPolicy;
  readonly offsetMinutes: (at: number) => number;
  readonly now: () => number;
  /** The record's events from a time on (ISO instant), oldest first, in pages. */
  readonly query: (since: string) => AsyncIterable<readonly AuditEvent[]>;
}

const DAY_MS = 24 * 60 * 60_000;
/** An alarm is recorded right after its deed: what would ring now, and didn't earlier than this, is another policy's. */
const MISSED_MS = 10 * 60_000;

/**
 * Judges the record's own events once more: what they taught is known then, and what was told isn't told again. What the
 * last of them should have rung, and the record doesn't tell, is.
 */
export function createReplayedMemory({ policy, offsetMinutes, now, query }: ReplayOptions): AlarmMemory {
  return {
    async load() {
      const alarms = createAlarms({ policy, offsetMinutes });
      const since = new Date(now() - policy.historyDays * DAY_MS).toISOString();
      let untold: (Ringing & { readonly at: number })[] = [];
      let newest = 0;
      for await (const events of query(since)) {
        for (const event of events) {
          const at = Date.parse(event.recorded);
          if (Number.isNaN(at)) continue;
          newest = at;
          if (isOfAlarms(event)) untold = untold.filter(({ alarm }) => !tells(event, alarm));
          else untold.push(...alarms.observe(factOf(event)).map((alarm) => ({ alarm, event, at })));
        }
        untold = untold.filter(({ at }) => at > newest - MISSED_MS);
      }
      return { state: alarms.state(), missed: untold };
    },
  };
}

function tells(event: AuditEvent, { rule, about, patientId }: Alarm): boolean {
  const told = alarmOf({ seq: 0, event });
  return told?.rule === rule && told.about === about && told.patient === patientId;
}

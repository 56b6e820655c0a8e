import type { AuditEvent } from 'fhir/r4';
import type { AlarmPolicy } from '../../managed/alarms.ts';
import { createAlarms } from './engine.ts';
import { factOf, isOfAlarms } from './facts.ts';
import type { AlarmState } from './habits.ts';

/**
 * What is known from before the program was started. Habits name patients and clinicians, and may stand nowhere but in the
 * encrypted record.
 */
export interface AlarmMemory {
  load(): Promise<AlarmState>;
}

export interface ReplayOptions {
  readonly policy: AlarmPolicy;
  readonly offsetMinutes: (at: number) => number;
  readonly now: () => number;
  /** The record's events from a time on (ISO instant), oldest first, in pages. */
  readonly query: (since: string) => AsyncIterable<readonly AuditEvent[]>;
}

const DAY_MS = 24 * 60 * 60_000;

/** Judges the record's own events once more: what they taught is known then, and what was told isn't told again. */
export function createReplayedMemory({ policy, offsetMinutes, now, query }: ReplayOptions): AlarmMemory {
  return {
    async load() {
      const alarms = createAlarms({ policy, offsetMinutes });
      const since = new Date(now() - policy.historyDays * DAY_MS).toISOString();
      for await (const events of query(since)) {
        const facts = events.filter((event) => !isOfAlarms(event)).map(factOf);
        for (const fact of facts) if (!Number.isNaN(fact.at)) alarms.observe(fact);
      }
      return alarms.state();
    },
  };
}

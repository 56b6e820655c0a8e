import type { AuditEvent } from 'fhir/r4';
import type { AlarmPolicy } from '../../managed/alarms.ts';
import { createAlarms } from './engine.ts';
import { type Fact, factOf } from './facts.ts';
import type { AlarmState } from './habits.ts';

/** Where habits outlive the program. They name patients and clinicians: nowhere but in the encrypted record. */
export interface AlarmMemory {
  /** What was kept; null where nothing is, or it can't be read any more. */
  load(): Promise<AlarmState | null>;
  save(state: AlarmState): Promise<void>;
}

export interface ReplayOptions {
  readonly policy: AlarmPolicy;
  readonly offsetMinutes: (at: number) => number;
  readonly now: () => number;
  /** The record's events from a time on (ISO instant), oldest first, in pages. */
  readonly query: (since: string) => AsyncIterable<readonly AuditEvent[]>;
}

const DAY_MS = 24 * 60 * 60_000;

/** Learns the habits again from the record itself, so that nothing else has to be kept or believed. */
export function createReplayedMemory({ policy, offsetMinutes, now, query }: ReplayOptions): AlarmMemory {
  return {
    async load() {
      const alarms = createAlarms({ policy, offsetMinutes });
      const since = new Date(now() - policy.historyDays * DAY_MS).toISOString();
      for await (const events of query(since)) for (const fact of events.map(factOf)) learn(alarms, fact);
      return alarms.state();
    },
    save: async () => undefined,
  };
}

function learn(alarms: ReturnType<typeof createAlarms>, fact: Fact): void {
  if (!Number.isNaN(fact.at)) alarms.learn(fact);
}

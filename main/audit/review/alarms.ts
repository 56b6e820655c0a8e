import type { StoredEntry } from '../entries.ts';
import { alarmOf, type BareAlarm, type BareMark, markOf, readEntry } from './lines.ts';

/** An alarm with what a person has made of it. */
export interface JudgedAlarm {
  readonly alarm: BareAlarm;
  readonly mark: BareMark | null;
}

/** Alarms newest first, each with the newest judgement of it. `entries`: newest first. */
export function judgedAlarms(entries: readonly StoredEntry[]): JudgedAlarm[] {
  const read = entries.map(readEntry);
  const marks = new Map<string, BareMark>();
  for (const entry of read) {
    const mark = markOf(entry);
    if (mark && !marks.has(mark.alarm)) marks.set(mark.alarm, mark);
  }
  // One that was recorded twice is one.
  const alarms = new Map(read.flatMap((entry) => alarmOf(entry) ?? []).map((alarm) => [alarm.id, alarm]));
  return [...alarms.values()].map((alarm) => ({ alarm, mark: marks.get(alarm.id) ?? null }));
}

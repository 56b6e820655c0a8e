import type { AlarmPolicy } from '../../managed/alarms.ts';
import type { Fact } from './facts.ts';
import type { HabitBook } from './habits.ts';

export type RuleName = keyof AlarmPolicy['rules'];

/** What a rule sees beside the event. */
export interface Sight {
  readonly policy: AlarmPolicy;
  readonly habits: HabitBook;
  /** What the same person did in the last so many milliseconds, this event included. */
  recent(windowMs: number): readonly Fact[];
  /** Others of the patient's care team who have opened the chart at the workstation in the last so many milliseconds. */
  team(windowMs: number): number;
  /** Day and hour of the event by the workstation's time. */
  readonly day: string;
  readonly hour: number;
  /** The person had not been seen before today at the workstation. */
  readonly isNewHere: boolean;
}

/** What a rule has found; numbers where it has counted. */
export interface Found {
  readonly evidence: readonly Fact[];
  readonly measured?: number;
  readonly threshold?: number;
  /** It is about this patient, and is told again of another one. */
  readonly ofPatient?: true;
}

/** Judges one event in its surroundings; null where there is nothing to tell. Pure. */
export type Rule = (fact: Fact, sight: Sight) => Found | null;

/** The newest fact of each patient. */
export function byPatient(facts: readonly Fact[]): Fact[] {
  return [...new Map(facts.map((fact) => [fact.patientId, fact])).values()];
}

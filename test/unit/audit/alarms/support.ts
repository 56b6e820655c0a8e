import { type Alarm, type Alarms, createAlarms } from '../../../../main/audit/alarms/engine.ts';
import type { Fact } from '../../../../main/audit/alarms/facts.ts';
import { type AlarmPolicy, alarmsSchema } from '../../../../main/managed/alarms.ts';
import { plainFacts } from '../support.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Ten o'clock of the first day that is judged. */
export const NOW = Date.parse('2026-03-30T10:00:00Z');

export const NURSE = 'http://snomed.info/sct|224535009';
export const ANN = 'Practitioner/ann';
const BEN = 'Practitioner/ben';

/** A look at a chart of a patient of hers, if nothing else is said. */
export function factAt(at: number, change: Partial<Fact> = {}): Fact {
  return {
    id: `event-${at}-${change.patientId ?? 'p'}-${change.action ?? 'read'}`,
    at,
    action: 'read',
    person: ANN,
    roles: [NURSE],
    device: 'pc-1',
    patientId: 'p',
    about: plainFacts(),
    emergency: false,
    milliseconds: null,
    isInBinder: false,
    ...change,
  };
}

export interface Bench {
  readonly alarms: Alarms;
  /** Names of the rules that rang for all of them. */
  ring(facts: readonly Fact[]): string[];
  all(facts: readonly Fact[]): Alarm[];
}

export function bench(change: Parameters<typeof alarmsSchema.parse>[0] = {}): Bench {
  const policy: AlarmPolicy = alarmsSchema.parse(change);
  const alarms = createAlarms({ policy, offsetMinutes: () => 0 });
  const all = (facts: readonly Fact[]) => facts.flatMap((fact) => alarms.observe(fact));
  return { alarms, all, ring: (facts) => all(facts).map(({ rule }) => rule) };
}

/** Charts of different patients, a minute apart. */
export function charts(count: number, from = NOW, change: Partial<Fact> = {}): Fact[] {
  return Array.from({ length: count }, (_, index) =>
    factAt(from + index * MINUTE_MS, { patientId: `c${index}`, ...change }),
  );
}

/** Two weeks in which two nurses opened so many charts between nine and ten. */
export function learnTwoWeeks({ alarms }: Bench, count = 8, change: Partial<Fact> = {}): void {
  for (let day = 14; day > 0; day -= 1) {
    for (const person of [ANN, BEN]) {
      for (const fact of charts(count, NOW - day * DAY_MS - HOUR_MS, { person, ...change })) alarms.observe(fact);
    }
  }
}

import type { Fact } from './facts.ts';

/** What a person did on one day: the most of each in any window, and the hours in which she opened charts. */
export interface Day {
  charts: number;
  output: number;
  /** Patients who had left long ago. */
  late: number;
  /** Bit for each hour of the day, by the workstation's time. */
  hours: number;
}

/** What is known of a person's ways. Plain JSON. */
export interface Person {
  roles: readonly string[];
  /** By day, `YYYY-MM-DD` of the workstation's time. */
  days: Record<string, Day>;
  /** Workstations at which she has opened charts, with the first day. */
  devices: Record<string, string>;
  /** Of the last 24 hours. */
  recent: Fact[];
}

/** What the events of before have taught, and what was told of them. */
export interface AlarmState {
  people: Record<string, Person>;
  /** Who of a patient's care team has opened her chart at which workstation, and when last. */
  visits: Record<string, Record<string, number>>;
  /** Until when something is not told again. */
  quiet: Record<string, number>;
}

export const emptyState = (): AlarmState => ({ people: {}, visits: {}, quiet: {} });

type Measure = 'charts' | 'output' | 'late';

/** The days of one person, or of all who have a role, before today. */
export interface Habits {
  readonly days: number;
  /** What is not exceeded on a share of the days. */
  usual(measure: Measure, share: number): number;
  /** Share of the days with work at that hour or the ones beside it. */
  at(hour: number): number;
}

function habitsOf(days: readonly Day[]): Habits {
  return {
    days: days.length,
    usual(measure, share) {
      if (days.length === 0) return 0;
      const sorted = days.map((day) => day[measure]).sort((a, b) => a - b);
      return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
    },
    at(hour) {
      const bits = [hour + 23, hour, hour + 1].reduce((sum, one) => sum | (1 << (one % 24)), 0);
      const there = days.filter(({ hours }) => (hours & bits) !== 0).length;
      return days.length === 0 ? 0 : there / days.length;
    },
  };
}

function daysBefore(person: Person | undefined, today: string): Day[] {
  return Object.entries(person?.days ?? {}).flatMap(([day, done]) => (day < today ? [done] : []));
}

/** Looks habits up; what was worked out holds for the day, as only days before it count. */
export function createHabits(state: () => AlarmState) {
  let day = '';
  const known = new Map<string, Habits>();

  function remembered(key: string, today: string, work: () => readonly Day[]): Habits {
    if (day !== today) known.clear();
    day = today;
    const found = known.get(key) ?? habitsOf(work());
    known.set(key, found);
    return found;
  }

  return {
    own: (person: string, today: string) =>
      remembered(`person ${person}`, today, () => daysBefore(state().people[person], today)),
    /** Of everybody here with one of the roles; of everybody at all where no role is known. */
    role: (roles: readonly string[], today: string) =>
      remembered(`role ${[...roles].sort().join(' ')}`, today, () =>
        Object.values(state().people)
          .filter((one) => roles.length === 0 || one.roles.some((role) => roles.includes(role)))
          .flatMap((one) => daysBefore(one, today)),
      ),
    /** Days on which somebody else worked at a workstation. */
    others: (person: string, device: string, today: string) =>
      Object.entries(state().people)
        .filter(([id, { devices }]) => id !== person && device in devices)
        .reduce((most, [, one]) => Math.max(most, daysBefore(one, today).length), 0),
  };
}

export type HabitBook = ReturnType<typeof createHabits>;

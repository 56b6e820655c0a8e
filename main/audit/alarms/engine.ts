import type { AlarmPolicy } from '../../managed/alarms.ts';
import {
  clockTampering,
  emergencyAccess,
  logFinding,
  policyTampering,
  unusualHours,
  unusualWorkstation,
} from './circumstances.ts';
import { bulkOutput, failedUnlocks, manyCharts, outsidePanel } from './counting.ts';
import { type Fact, isChart, isOutput } from './facts.ts';
import { type AlarmState, createHabits, type Day, emptyState, type Person } from './habits.ts';
import { afterDischarge, colleague, confidential, lateToday, ownRecord, sameFamilyName } from './kinship.ts';
import { byPatient, type Found, type Rule, type RuleName, type Sight } from './rule.ts';

/** Something that a person is to look at. */
export interface Alarm {
  readonly rule: RuleName;
  /** `Practitioner/<id>`; null where it is about nobody. */
  readonly about: string | null;
  readonly patientId: string | null;
  /** Ids of AuditEvents. */
  readonly evidence: readonly string[];
  readonly measured: number | null;
  readonly threshold: number | null;
}

/** Judges each event by the rules, and learns from it what is usual. */
export interface Alarms {
  observe(fact: Fact): Alarm[];
  state(): AlarmState;
}

const RULES: Readonly<Record<RuleName, Rule>> = {
  'many-charts': manyCharts,
  'outside-panel': outsidePanel,
  'same-family-name': sameFamilyName,
  'own-record': ownRecord,
  colleague,
  confidential,
  'failed-unlocks': failedUnlocks,
  'unusual-hours': unusualHours,
  'unusual-workstation': unusualWorkstation,
  'emergency-access': emergencyAccess,
  'bulk-output': bulkOutput,
  'after-discharge': afterDischarge,
  'policy-tampering': policyTampering,
  'clock-tampering': clockTampering,
  'log-finding': logFinding,
};

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const RECENT_MAX = 2_000;
const EVIDENCE_MAX = 100;
/** Charts whose visitors are remembered before those of long ago are forgotten. */
const VISITS_MAX = 1_000;
const visitKey = ({ device, patientId }: Fact) => `${device} ${patientId}`;
/** Who is nobody that is known, at one workstation. */
const nobodyAt = (device: string) => `nobody at ${device}`;

export interface AlarmsOptions {
  readonly policy: AlarmPolicy;
  /** What was learned before. */
  readonly state?: AlarmState | undefined;
  /** Minutes by which the workstation's time is ahead of UTC. */
  readonly offsetMinutes: (at: number) => number;
}

export function createAlarms({ policy, state: given, offsetMinutes }: AlarmsOptions): Alarms {
  const state = given ?? emptyState();
  const habits = createHabits(() => state);
  const active = (Object.keys(RULES) as RuleName[]).filter((name) => policy.rules[name].on);

  function personOf(fact: Fact): Person {
    const key = fact.person ?? nobodyAt(fact.device);
    const known = state.people[key] ?? { roles: [], days: {}, devices: {}, recent: [] };
    state.people[key] = known;
    if (fact.roles.length > 0) known.roles = fact.roles;
    return known;
  }

  function remember(person: Person, fact: Fact): void {
    const since = fact.at - DAY_MS;
    if ((person.recent[0]?.at ?? fact.at) < since || person.recent.length >= RECENT_MAX) {
      person.recent = person.recent.filter(({ at }) => at >= since).slice(1 - RECENT_MAX);
    }
    person.recent.push(fact);
  }

  function sightOf(person: Person, fact: Fact): Sight {
    const local = new Date(fact.at + offsetMinutes(fact.at) * 60_000);
    const day = local.toISOString().slice(0, 10);
    return {
      policy,
      habits,
      recent: (windowMs) => person.recent.filter(({ at }) => at > fact.at - windowMs && at <= fact.at),
      team: (windowMs) =>
        Object.entries(state.visits[visitKey(fact)] ?? {}).filter(
          ([person, at]) => person !== fact.person && at > fact.at - windowMs,
        ).length,
      day,
      hour: local.getUTCHours(),
      isNewHere: (person.devices[fact.device] ?? day) === day,
    };
  }

  function learnFrom(person: Person, fact: Fact, sight: Sight): void {
    if (fact.person === null) return;
    const day = dayOf(person, sight.day);
    if (isOutput(fact)) {
      const { windowMs } = policy.rules['bulk-output'];
      day.output = Math.max(day.output, sight.recent(windowMs).filter(isOutput).length);
    }
    if (!isChart(fact)) return;
    person.devices[fact.device] ??= sight.day;
    if (fact.about?.relation === 'care-team') visited(fact, fact.person);
    const { windowMs } = policy.rules['many-charts'];
    day.charts = Math.max(day.charts, byPatient(sight.recent(windowMs).filter(isChart)).length);
    day.hours |= 1 << sight.hour;
    if (fact.about?.discharged) day.late = Math.max(day.late, lateToday(sight));
  }

  function visited(fact: Fact, person: string): void {
    const key = visitKey(fact);
    state.visits[key] = { ...state.visits[key], [person]: fact.at };
    const keys = Object.keys(state.visits);
    if (keys.length <= VISITS_MAX) return;
    const since = fact.at - (policy.ward?.windowMs ?? 0);
    for (const old of keys) {
      if (Object.values(state.visits[old] ?? {}).every((at) => at <= since)) delete state.visits[old];
    }
  }

  function dayOf(person: Person, day: string): Day {
    const known = person.days[day];
    if (known) return known;
    const fresh: Day = { charts: 0, output: 0, late: 0, hours: 0 };
    person.days[day] = fresh;
    const days = Object.keys(person.days).sort();
    for (const old of days.slice(0, Math.max(0, days.length - policy.historyDays))) delete person.days[old];
    return fresh;
  }

  /** True the first time; a thing that goes on is one thing. */
  function isNews(rule: RuleName, fact: Fact, { ofPatient }: Found): boolean {
    const key = [rule, fact.person ?? fact.device, ...(ofPatient ? [fact.patientId] : [])].join(' ');
    if ((state.quiet[key] ?? 0) > fact.at) return false;
    for (const [old, until] of Object.entries(state.quiet)) if (until <= fact.at) delete state.quiet[old];
    state.quiet[key] = fact.at + policy.quietMs;
    return true;
  }

  function alarmOf(rule: RuleName, fact: Fact, { evidence, measured, threshold, ofPatient }: Found): Alarm {
    return {
      rule,
      about: fact.person,
      patientId: ofPatient ? fact.patientId : null,
      evidence: evidence.slice(-EVIDENCE_MAX).map(({ id }) => id),
      measured: measured ?? null,
      threshold: threshold ?? null,
    };
  }

  return {
    observe(fact) {
      const person = personOf(fact);
      remember(person, fact);
      const sight = sightOf(person, fact);
      const alarms = active.flatMap((rule) => {
        const found = RULES[rule](fact, sight);
        return found && isNews(rule, fact, found) ? [alarmOf(rule, fact, found)] : [];
      });
      learnFrom(person, fact, sight);
      return alarms;
    },
    state: () => state,
  };
}

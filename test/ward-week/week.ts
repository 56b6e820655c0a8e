import { createAlarms } from '../../main/audit/alarms/engine.ts';
import { factOf } from '../../main/audit/alarms/facts.ts';
import type { RuleName } from '../../main/audit/alarms/rule.ts';
import { auditEvent } from '../../main/audit/events/event.ts';
import { defaultPolicy } from '../../main/managed/policy.ts';
import { random as createRandom } from '../sim/random.ts';
import { plant } from './abuses.ts';
import { work } from './habits.ts';
import { createHospital } from './hospital.ts';
import { createLog, type Happening } from './log.ts';

export interface WeekOptions {
  readonly seed: number;
  readonly clinicians: number;
  /** Weeks of work before, from which the habits are learned. */
  readonly weeksBefore: number;
}

export interface FoundAbuse {
  readonly abuse: string;
  readonly clinician: string;
  /** The rule that was made for it. */
  readonly rule: RuleName;
  /** All rules that told of it. */
  readonly toldBy: readonly RuleName[];
}

export interface Week {
  readonly seed: number;
  readonly clinicians: number;
  readonly workstations: number;
  readonly events: number;
  readonly planted: readonly FoundAbuse[];
  readonly found: number;
  /** Alarms in the week that go by nothing planted, by rule. */
  readonly falseAlarms: Readonly<Partial<Record<RuleName, number>>>;
  readonly falseAlarmsPerClinicianMonth: number;
  readonly ok: boolean;
}

/** A Monday at midnight. The workstations' time is UTC. */
const START_MS = Date.parse('2026-01-05T00:00:00Z');
const WEEK_DAYS = 7;
const MONTH_DAYS = 30.4;
const RATE_MAX = 1;

interface Rung {
  readonly rule: RuleName;
  readonly abuses: ReadonlySet<string>;
}

/** One workstation's record, read by the rules as the running client would: each event once, when it is recorded. */
function listen(happenings: readonly Happening[], device: string, evaluatedFrom: number): Rung[] {
  const alarms = createAlarms({ policy: defaultPolicy.audit.alarms, offsetMinutes: () => 0 });
  const abuseOf = new Map<string, string>();
  const rung: Rung[] = [];
  const recorder = { id: device, system: 'urn:wardlight:workstation', host: device, version: '0.1.0' };
  happenings.forEach(({ at, entry, abuse }, index) => {
    const id = `${device}-${index}`;
    if (abuse !== null) abuseOf.set(id, abuse);
    const fact = factOf(auditEvent(entry, { id, recorded: new Date(at).toISOString(), requestId: id, recorder }));
    const told = alarms.observe(fact);
    if (at < evaluatedFrom) return;
    for (const { rule, evidence } of told) {
      rung.push({ rule, abuses: new Set(evidence.flatMap((one) => abuseOf.get(one) ?? [])) });
    }
  });
  return rung;
}

function byDevice(happenings: readonly Happening[]): Map<string, Happening[]> {
  const devices = new Map<string, Happening[]>();
  for (const happening of happenings) {
    const known = devices.get(happening.device) ?? [];
    known.push(happening);
    devices.set(happening.device, known);
  }
  for (const list of devices.values()) list.sort((a, b) => a.at - b.at);
  return devices;
}

/**
 * A week of a hospital after some weeks of learning: normal habits and ten abuses, all by the seed. Each workstation
 * knows its own record only.
 */
export function simulateWeek({ seed, clinicians, weeksBefore }: WeekOptions): Week {
  const from = weeksBefore * WEEK_DAYS;
  const days = from + WEEK_DAYS;
  const hospital = createHospital(createRandom(seed, 'hospital'), { clinicians, days, evaluatedFrom: from });
  const log = createLog(START_MS);
  for (const who of hospital.clinicians) {
    const random = createRandom(seed, who.id);
    for (let day = 0; day < days; day += 1) work({ hospital, log, random }, who, day);
  }
  const ward = { hospital, log, random: createRandom(seed, 'ward') };
  const planted = plant(seed, ward, { from, days: WEEK_DAYS });
  const devices = byDevice(log.happenings);
  const evaluatedFrom = START_MS + from * 24 * 60 * 60_000;
  const rung = [...devices].flatMap(([device, happenings]) => listen(happenings, device, evaluatedFrom));
  const falseAlarms: Partial<Record<RuleName, number>> = {};
  for (const { rule, abuses } of rung) if (abuses.size === 0) falseAlarms[rule] = (falseAlarms[rule] ?? 0) + 1;
  const count = Object.values(falseAlarms).reduce((sum, one) => sum + one, 0);
  const rate = count / ((clinicians * WEEK_DAYS) / MONTH_DAYS);
  const told = planted.map(({ name, rule, who }): FoundAbuse => {
    const rules = rung.filter(({ abuses }) => abuses.has(name)).map((one) => one.rule);
    return { abuse: name, clinician: who, rule, toldBy: [...new Set(rules)] };
  });
  const found = told.filter(({ toldBy }) => toldBy.length > 0).length;
  return {
    seed,
    clinicians,
    workstations: devices.size,
    events: log.happenings.length,
    planted: told,
    found,
    falseAlarms,
    falseAlarmsPerClinicianMonth: Math.round(rate * 1_000) / 1_000,
    ok: found === planted.length && rate <= RATE_MAX,
  };
}

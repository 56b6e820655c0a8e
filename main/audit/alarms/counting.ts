import type { AlarmPolicy } from '../../managed/alarms.ts';
import { type Fact, isChart, isOutput } from './facts.ts';
import { byPatient, type Rule, type Sight } from './rule.ts';

type Habit = AlarmPolicy['rules']['many-charts'];

/** The most that would be no surprise: of the person's busier days, and of her role's busiest. */
function limitOf(fact: Fact, sight: Sight, habit: Habit, measure: 'charts' | 'output'): number {
  const own = sight.habits.own(fact.person ?? '', sight.day);
  const role = sight.habits.role(fact.roles, sight.day);
  const { knownAfterDays } = sight.policy;
  if (own.days < knownAfterDays && role.days < knownAfterDays) return habit.leastUnknown;
  const isOwnKnown = own.days >= knownAfterDays;
  return Math.max(
    habit.least,
    isOwnKnown ? habit.ownFactor * own.usual(measure, 0.9) : 0,
    role.days >= knownAfterDays ? habit.roleFactor * role.usual(measure, 0.99) : 0,
  );
}

/** Many charts in a short time, beside what the person and her role usually open. */
export const manyCharts: Rule = (fact, sight) => {
  if (!isChart(fact)) return null;
  const habit = sight.policy.rules['many-charts'];
  const charts = byPatient(sight.recent(habit.windowMs).filter(isChart));
  if (charts.length <= habit.least) return null;
  const threshold = limitOf(fact, sight, habit, 'charts');
  return charts.length > threshold ? { evidence: charts, measured: charts.length, threshold } : null;
};

/** Much that is printed, exported or copied. */
export const bulkOutput: Rule = (fact, sight) => {
  if (!isOutput(fact)) return null;
  const habit = sight.policy.rules['bulk-output'];
  const output = sight.recent(habit.windowMs).filter(isOutput);
  if (output.length <= habit.least) return null;
  const threshold = limitOf(fact, sight, habit, 'output');
  return output.length > threshold ? { evidence: output, measured: output.length, threshold } : null;
};

const isOutside = (fact: Fact) => isChart(fact) && fact.about?.relation === 'none';

/** Charts outside care team and panel: tried, which is denied, or opened by emergency access. */
export const outsidePanel: Rule = (fact, sight) => {
  if (!isOutside(fact)) return null;
  const { windowMs, patients: threshold } = sight.policy.rules['outside-panel'];
  const charts = byPatient(sight.recent(windowMs).filter(isOutside));
  return charts.length >= threshold ? { evidence: charts, measured: charts.length, threshold } : null;
};

/** A wrong passphrase again and again, at the lock screen or for emergency access. */
export const failedUnlocks: Rule = (fact, sight) => {
  const isFailure = ({ action }: Fact) => action === 'unlock-failed' || action === 'emergency-failed';
  if (fact.action === 'keys-destroyed') return { evidence: [fact] };
  if (!isFailure(fact)) return null;
  const { windowMs, attempts: threshold } = sight.policy.rules['failed-unlocks'];
  const failures = sight.recent(windowMs).filter(isFailure);
  return failures.length >= threshold ? { evidence: failures, measured: failures.length, threshold } : null;
};

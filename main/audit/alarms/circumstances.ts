import { isChart } from './facts.ts';
import { byPatient, type Rule } from './rule.ts';

const HOUR_MS = 60 * 60_000;

/** Charts at an hour at which neither the person nor her role works. */
export const unusualHours: Rule = (fact, { policy, habits, recent, day, hour }) => {
  if (!isChart(fact)) return null;
  const { charts: least, share } = policy.rules['unusual-hours'];
  const charts = byPatient(recent(HOUR_MS).filter(isChart));
  if (charts.length < least) return null;
  const [own, role] = [habits.own(fact.person ?? '', day), habits.role(fact.roles, day)];
  // Somebody who is new has no hours yet; those of her role say what is usual.
  if (role.days < policy.knownAfterDays || role.at(hour) >= share) return null;
  if (own.days >= policy.knownAfterDays && own.at(hour) >= share) return null;
  return { evidence: charts, measured: charts.length, threshold: least };
};

/** Somebody works where only others have worked so far. */
export const unusualWorkstation: Rule = (fact, { policy, habits, recent, day, isNewHere }) => {
  if (!isChart(fact) || !isNewHere) return null;
  const { charts: least } = policy.rules['unusual-workstation'];
  const charts = byPatient(recent(24 * HOUR_MS).filter((one) => isChart(one) && one.device === fact.device));
  if (charts.length < least) return null;
  if (habits.others(fact.person ?? '', fact.device, day) < policy.knownAfterDays) return null;
  return { evidence: charts, measured: charts.length, threshold: least };
};

/** Each emergency access is looked at. */
export const emergencyAccess: Rule = (fact) =>
  fact.action === 'emergency' ? { evidence: [fact], ofPatient: true } : null;

/** IT's policies were replaced by what they are not. */
export const policyTampering: Rule = (fact) => (fact.action === 'policy-alarm' ? { evidence: [fact] } : null);

/** The clock was set, by more than clocks go wrong by themselves. */
export const clockTampering: Rule = (fact, { policy }) => {
  if (fact.action !== 'clock-jump') return null;
  const { leastMs: threshold } = policy.rules['clock-tampering'];
  const measured = Math.abs(fact.milliseconds ?? 0);
  return measured >= threshold ? { evidence: [fact], measured, threshold } : null;
};

export const logFinding: Rule = (fact) => (fact.action === 'log-finding' ? { evidence: [fact] } : null);

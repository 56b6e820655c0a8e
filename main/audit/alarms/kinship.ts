import { type Fact, isChart } from './facts.ts';
import { byPatient, type Rule, type Sight } from './rule.ts';

/** Whoever is on the patient's care team looks for her sake, whatever her name. */
const isOnTeam = ({ about }: Fact) => about?.relation === 'care-team';

/** Her care team works here: whoever else has her on the panel is of the same ward, and has to do with her. */
function isOfWard({ about }: Fact, { policy: { ward }, team }: Sight): boolean {
  return ward !== null && about?.relation === 'panel' && team(ward.windowMs) >= ward.team;
}

function ofStranger(holds: (fact: Fact) => boolean): Rule {
  return (fact, sight) => {
    if (!isChart(fact) || !holds(fact) || isOnTeam(fact) || isOfWard(fact, sight)) return null;
    return { evidence: [fact], ofPatient: true };
  };
}

/** The patient and the clinician have the same family name. */
export const sameFamilyName = ofStranger(({ about }) => about?.sameFamilyName === true);
/** A patient who is a clinician herself. */
export const colleague = ofStranger(({ about }) => about?.colleague === true);
/** The clinician's own record, on whosever team. */
export const ownRecord: Rule = (fact) =>
  isChart(fact) && fact.about?.ownRecord === true ? { evidence: [fact], ofPatient: true } : null;

/** A patient who is marked as very restricted, as a public figure, or, where nothing relates the two, at all. */
export const confidential: Rule = (fact, sight) => {
  const marked = sight.policy.rules.confidential.labels;
  return ofStranger(({ about }) => {
    const { labels = [], relation } = about ?? {};
    return relation === 'panel' ? labels.some((label) => marked.includes(label)) : labels.length > 0;
  })(fact, sight);
};

function hasLeft({ policy }: Sight): (fact: Fact) => boolean {
  const { afterMs } = policy.rules['after-discharge'];
  return (fact) => {
    const discharged = fact.about?.discharged ?? null;
    return isChart(fact) && !isOnTeam(fact) && discharged !== null && fact.at - Date.parse(discharged) > afterMs;
  };
}

const DAY_MS = 24 * 60 * 60_000;

/** Patients whose care has ended long ago; who sees such patients every day has a habit of it. */
export const afterDischarge: Rule = (fact, sight) => {
  const isLate = hasLeft(sight);
  if (!isLate(fact)) return null;
  const { ownFactor } = sight.policy.rules['after-discharge'];
  const own = sight.habits.own(fact.person ?? '', sight.day).usual('late', 0.9);
  const role = sight.habits.role(fact.roles, sight.day).usual('late', 0.9);
  const late = byPatient(sight.recent(DAY_MS).filter(isLate));
  const threshold = ownFactor * Math.max(own, role);
  return late.length > threshold ? { evidence: late, measured: late.length, threshold } : null;
};

/** Patients of the day who had left long ago: what the rule's habit is made of. */
export function lateToday(sight: Sight): number {
  return byPatient(sight.recent(DAY_MS).filter(hasLeft(sight))).length;
}

import type { Problem } from '../../../preload/contract/chart.ts';

/** Clinical status codes that end a problem (R4 condition-clinical); all others count as active. */
const ENDED = new Set(['inactive', 'remission', 'resolved']);
const NEVER_TRUE = new Set(['refuted', 'entered-in-error']);

/** Problems that hold, and those that don't. */
export function sortProblems(items: readonly Problem[]): {
  readonly active: readonly Problem[];
  readonly past: readonly Problem[];
} {
  const isActive = ({ clinicalStatus, verificationStatus }: Problem) =>
    !ENDED.has(clinicalStatus) && !NEVER_TRUE.has(verificationStatus);
  return { active: items.filter(isActive), past: items.filter((item) => !isActive(item)) };
}

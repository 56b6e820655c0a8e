import type { NewProblem, ProblemChange } from '../../preload/contract/clinical.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import {
  type Base,
  baseOf,
  type Changed,
  conceptOf,
  dayOf,
  during,
  failed,
  noted,
  patientOf,
  withoutEnd,
  writerOf,
  written,
} from './change.ts';
import { CONDITION_CATEGORY, CONDITION_CLINICAL, CONDITION_VERIFICATION, coded, severityOf } from './codes.ts';
import { codesIn, conceptWords, instantOf, type Writing, type Written } from './resource.ts';

/** A new entry of the problem list (R4 condition.html). */
export function newProblem(given: NewProblem, writing: Writing): Written {
  const { problem, verification, severity, onset, note } = given;
  const resource = {
    resourceType: 'Condition',
    id: writing.id,
    clinicalStatus: coded(CONDITION_CLINICAL, 'active', 'Active'),
    verificationStatus: coded(CONDITION_VERIFICATION, verification),
    category: [coded(CONDITION_CATEGORY, 'problem-list-item', 'Problem List Item')],
    ...(severity && { severity: severityOf(severity) }),
    code: conceptOf(problem),
    subject: patientOf(writing),
    ...during(writing),
    ...(onset && { onsetDateTime: onset }),
    recordedDate: instantOf(writing),
    recorder: writerOf(writing),
    ...noted(note, writing),
  };
  return written(resource, phrase('new-problem', problem.text)).value;
}

interface Target {
  readonly code: 'active' | 'inactive' | 'resolved';
  readonly display: string;
  readonly from: readonly string[];
}

const CHANGES: Readonly<Record<ProblemChange['change'], Target>> = {
  resolve: {
    code: 'resolved',
    display: 'Resolved',
    from: ['active', 'recurrence', 'relapse', 'inactive', 'remission'],
  },
  inactivate: { code: 'inactive', display: 'Inactive', from: ['active', 'recurrence', 'relapse', 'remission'] },
  reactivate: { code: 'active', display: 'Active', from: ['inactive', 'remission', 'resolved'] },
};

/** A problem with another clinical status. What is active again has not ended (R4 condition.html, con-4). */
export function changedProblem(base: Base & ProblemChange, writing: Writing): Changed {
  const found = baseOf('Condition', base, writing);
  if (!found.ok) return found;
  const { change, end, reason } = base;
  const { code, display, from } = CHANGES[change];
  const [status = 'active'] = codesIn(found.value['clinicalStatus'], CONDITION_CLINICAL);
  const [verification] = codesIn(found.value['verificationStatus'], CONDITION_VERIFICATION);
  if (verification === 'entered-in-error' || !from.includes(status)) return failed('not-changeable');
  const before = withoutEnd(found.value);
  const resource = {
    ...before,
    clinicalStatus: coded(CONDITION_CLINICAL, code, display),
    ...(change !== 'reactivate' && { abatementDateTime: end ?? dayOf(writing) }),
    ...noted(reason, writing, before['note']),
  };
  return written(resource, phrase(code, conceptWords(before['code']) ?? placeholder('problem')));
}

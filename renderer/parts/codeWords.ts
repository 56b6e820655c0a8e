import { t } from '../words/t.ts';

/*
 * Words for the codes of R4's required bindings, and for the few of others that every chart shows. A code that isn't here
 * is shown as it is.
 */

/** Statuses of all types of records: none of these codes means two things. */
const status = {
  accepted: t('accepted'),
  active: t('active'),
  amended: t('amended'),
  appended: t('with an addition'),
  arrived: t('arrived'),
  booked: t('booked'),
  cancelled: t('cancelled'),
  'checked-in': t('checked in'),
  completed: t('completed'),
  corrected: t('corrected'),
  current: t('current'),
  declined: t('declined'),
  draft: t('draft'),
  'entered-in-error': t('entered in error'),
  failed: t('failed'),
  final: t('final'),
  finished: t('finished'),
  fulfilled: t('has taken place'),
  'health-unknown': t('health not known'),
  'in-progress': t('in progress'),
  inactive: t('inactive'),
  intended: t('intended'),
  'needs-action': t('not answered yet'),
  noshow: t('did not come'),
  'not-done': t('not done'),
  'not-started': t('not started'),
  'not-taken': t('not taken'),
  'on-hold': t('on hold'),
  onleave: t('on leave'),
  partial: t('partial'),
  pending: t('pending'),
  planned: t('planned'),
  preliminary: t('preliminary'),
  preparation: t('being prepared'),
  proposed: t('proposed'),
  ready: t('ready'),
  received: t('received'),
  recurrence: t('recurred'),
  registered: t('registered'),
  rejected: t('rejected'),
  relapse: t('relapsed'),
  remission: t('in remission'),
  requested: t('requested'),
  reserved: t('reserved'),
  resolved: t('resolved'),
  revoked: t('revoked'),
  scheduled: t('scheduled'),
  stopped: t('stopped'),
  superseded: t('superseded'),
  suspended: t('suspended'),
  tentative: t('tentative'),
  triaged: t('triaged'),
  unknown: t('status not known'),
  waitlist: t('on the waiting list'),
} as const;

const verification = {
  unconfirmed: t('unconfirmed'),
  provisional: t('provisional'),
  differential: t('differential diagnosis'),
  confirmed: t('confirmed'),
  refuted: t('refuted'),
  'entered-in-error': t('entered in error'),
  unknown: t('certainty not recorded'),
} as const;

const criticality = {
  low: t('low criticality'),
  high: t('high criticality'),
  'unable-to-assess': t('criticality could not be assessed'),
} as const;

const severity = { mild: t('mild'), moderate: t('moderate'), severe: t('severe') } as const;

const allergyType = { allergy: t('allergy'), intolerance: t('intolerance') } as const;

const allergyCategory = {
  food: t('food'),
  medication: t('medicine'),
  environment: t('environment'),
  biologic: t('biological product'),
} as const;

const intent = {
  proposal: t('proposal'),
  plan: t('plan'),
  directive: t('directive'),
  order: t('order'),
  'original-order': t('original order'),
  'reflex-order': t('reflex order'),
  'filler-order': t('order of who carries it out'),
  'instance-order': t('single order'),
  option: t('option'),
  unknown: t('intent not known'),
} as const;

const priority = {
  routine: t('routine'),
  urgent: t('urgent'),
  asap: t('as soon as possible'),
  stat: t('at once'),
} as const;

const gender = {
  male: t('male'),
  female: t('female'),
  other: t('other gender'),
  unknown: t('gender not known'),
} as const;

/** HL7 v3 ActEncounterCode. Its binding is extensible: others may come. */
const encounterClass = {
  AMB: t('outpatient visit'),
  EMER: t('emergency'),
  FLD: t('in the field'),
  HH: t('home visit'),
  IMP: t('inpatient stay'),
  ACUTE: t('acute inpatient stay'),
  NONAC: t('non-acute inpatient stay'),
  OBSENC: t('observation stay'),
  PRENC: t('before admission'),
  SS: t('short stay'),
  VR: t('virtual visit'),
} as const;

const documentRelation = {
  replaces: t('replaces'),
  transforms: t('is made from'),
  signs: t('signs'),
  appends: t('is an addition to'),
} as const;

const sets = {
  status,
  verification,
  criticality,
  severity,
  allergyType,
  allergyCategory,
  intent,
  priority,
  gender,
  encounterClass,
  documentRelation,
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type CodeSet = keyof typeof sets;

/** What a code of a set says; the code itself, or `other`, where there are no words for it. */
export function codeWords(set: CodeSet, code: string, other = code): string {
  const words: Readonly<Record<string, string>> = sets[set];
  // Own entries only: the server chooses the code, and `constructor` is no status.
  return (Object.hasOwn(words, code) && words[code]) || other;
}

/** Of most records, a status. */
export function statusWords(code: string): string {
  return codeWords('status', code);
}

/** The status of a medicine or another record, with the intent where it is no order: `active (proposal)`. */
export function orderWords(status: string): string {
  const [, code = '', intended = ''] = /^(\S+) \((\S+)\)$/.exec(status) ?? [];
  return code === '' ? statusWords(status) : `${statusWords(code)} (${codeWords('intent', intended)})`;
}

const setsByName: Readonly<Record<string, CodeSet>> = {
  class: 'encounterClass',
  clinicalStatus: 'status',
  criticality: 'criticality',
  docStatus: 'status',
  gender: 'gender',
  intent: 'intent',
  lifecycleStatus: 'status',
  priority: 'priority',
  status: 'status',
  verificationStatus: 'verification',
};
/** Names that mean something else elsewhere. */
const setsByPlace: Readonly<Record<string, CodeSet>> = {
  'AllergyIntolerance.category': 'allergyCategory',
  'AllergyIntolerance.reaction.severity': 'severity',
  'AllergyIntolerance.type': 'allergyType',
  'DocumentReference.relatesTo.code': 'documentRelation',
};

/** Codes, as `element:code`, of which the words say something: in this language, as they are read on the page. */
export function codesSaying(says: (words: string) => boolean): string[] {
  return Object.entries(setsByName).flatMap(([at, set]) =>
    Object.entries(sets[set]).flatMap(([code, words]) => (says(words) ? [`${at}:${code}`] : [])),
  );
}

/** The set of which the code of an element is; null for one whose codes are the record's own. */
export function codeSetAt(type: string, at: string): CodeSet | null {
  const place = `${type}.${at}`;
  if (Object.hasOwn(setsByPlace, place)) return setsByPlace[place] ?? null;
  const name = at.slice(at.lastIndexOf('.') + 1);
  return Object.hasOwn(setsByName, name) ? (setsByName[name] ?? null) : null;
}

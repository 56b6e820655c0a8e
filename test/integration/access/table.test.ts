import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultBundle } from '../../../main/access/policy/defaults.ts';
import type { ChartSummary } from '../../../preload/contract/chart.ts';
import type { PatientPage } from '../../../preload/contract/patients.ts';
import { type Answer, type Bridge, bridgeTo, engineOf, PASSPHRASE } from './bridge.ts';
import {
  canaryOf,
  type Label,
  labels,
  openWard,
  practitionerOf,
  type Relation,
  type Role,
  type Ward,
  type WardPatient,
} from './ward.ts';

/*
 * What comes of it, as the page sees it. `shown`: the record is there, with its text. `purpose`, `emergency`: the section
 * says that restricted entries exist, and how they are opened. `hidden`: nothing is said, but where an absence is acted
 * upon. `barred`: the section is not permitted as a whole. `denied`: the patient is.
 */
type Reading = 'shown' | 'purpose' | 'emergency' | 'hidden' | 'barred' | 'denied';
type Writing = 'done' | 'not-permitted' | 'not-found';
type Row = readonly [Role, Relation, Label, Action, 'online' | 'offline', Reading | Writing | 'listed' | 'not listed'];

type Action =
  | 'read'
  | 'list'
  | 'create'
  | 'update'
  /** Reading after a purpose was stated, or after an emergency was declared. */
  | 'open TREAT'
  | 'open HOPERAT'
  | 'emergency'
  | 'emergency, wrong passphrase'
  /** Writing after. */
  | 'open TREAT, update'
  | 'emergency, create'
  | 'emergency, update';

const rows: readonly Row[] = [
  // Who is on the care team reads what is not restricted, and is told of what is.
  ['nobody', 'care-team', 'none', 'read', 'online', 'shown'],
  ['nobody', 'care-team', 'none', 'read', 'offline', 'shown'],
  ['nobody', 'care-team', 'N', 'read', 'online', 'shown'],
  ['nobody', 'care-team', 'R', 'read', 'online', 'purpose'],
  ['nobody', 'care-team', 'R', 'read', 'offline', 'purpose'],
  ['nobody', 'care-team', 'V', 'read', 'online', 'purpose'],
  ['nobody', 'care-team', 'V', 'read', 'offline', 'purpose'],
  ['nobody', 'care-team', 'N+V', 'read', 'online', 'purpose'],
  ['nobody', 'care-team', 'HIV', 'read', 'online', 'purpose'],
  ['nobody', 'care-team', 'R+PSY', 'read', 'online', 'purpose'],
  ['nobody', 'care-team', 'local', 'read', 'online', 'purpose'],
  ['nobody', 'care-team', 'unknown', 'read', 'online', 'emergency'],
  ['physician', 'care-team', 'none', 'read', 'offline', 'shown'],
  ['physician', 'care-team', 'R', 'read', 'online', 'purpose'],
  ['physician', 'care-team', 'V', 'read', 'online', 'purpose'],
  ['physician', 'care-team', 'unknown', 'read', 'offline', 'emergency'],
  ['nurse', 'care-team', 'HIV', 'read', 'offline', 'purpose'],
  ['clerk and nurse', 'care-team', 'none', 'read', 'online', 'shown'],
  ['clerk and nurse', 'care-team', 'R', 'read', 'online', 'purpose'],
  // By a Group or List alone, the very restricted stays closed.
  ['physician', 'panel', 'none', 'read', 'online', 'shown'],
  ['physician', 'panel', 'R', 'read', 'online', 'purpose'],
  ['physician', 'panel', 'HIV', 'read', 'online', 'purpose'],
  ['physician', 'panel', 'V', 'read', 'online', 'emergency'],
  ['physician', 'panel', 'N+V', 'read', 'offline', 'emergency'],
  ['nobody', 'panel', 'unknown', 'read', 'online', 'emergency'],
  // Whose patient it is not, sees nothing, whatever the label.
  ['nobody', 'none', 'none', 'read', 'online', 'denied'],
  ['physician', 'none', 'none', 'read', 'online', 'denied'],
  ['physician', 'none', 'none', 'read', 'offline', 'denied'],
  ['physician', 'none', 'N', 'read', 'online', 'denied'],
  ['physician', 'none', 'R', 'read', 'online', 'denied'],
  ['physician', 'none', 'V', 'read', 'online', 'denied'],
  ['nurse', 'none', 'HIV', 'read', 'offline', 'denied'],
  ['student', 'none', 'none', 'read', 'online', 'denied'],
  ['clerk', 'none', 'none', 'read', 'online', 'denied'],
  // Students and clerks.
  ['student', 'care-team', 'none', 'read', 'online', 'shown'],
  ['student', 'care-team', 'R', 'read', 'online', 'hidden'],
  ['student', 'care-team', 'V', 'read', 'online', 'hidden'],
  ['student', 'care-team', 'HIV', 'read', 'offline', 'hidden'],
  ['student', 'care-team', 'local', 'read', 'online', 'hidden'],
  ['student', 'care-team', 'unknown', 'read', 'online', 'hidden'],
  ['student', 'panel', 'R', 'read', 'online', 'hidden'],
  ['clerk', 'care-team', 'none', 'read', 'online', 'barred'],
  ['clerk', 'care-team', 'none', 'read', 'offline', 'barred'],
  ['clerk', 'care-team', 'R', 'read', 'online', 'barred'],
  ['clerk', 'panel', 'V', 'read', 'online', 'barred'],
  // Opening by a purpose.
  ['nobody', 'care-team', 'R', 'open TREAT', 'online', 'shown'],
  ['physician', 'care-team', 'R', 'open TREAT', 'offline', 'shown'],
  ['physician', 'care-team', 'V', 'open TREAT', 'online', 'shown'],
  ['physician', 'care-team', 'HIV', 'open TREAT', 'online', 'shown'],
  ['physician', 'panel', 'R', 'open TREAT', 'online', 'shown'],
  ['physician', 'panel', 'V', 'open TREAT', 'online', 'emergency'],
  ['physician', 'care-team', 'unknown', 'open TREAT', 'online', 'emergency'],
  ['physician', 'care-team', 'R', 'open HOPERAT', 'online', 'purpose'],
  ['physician', 'none', 'R', 'open TREAT', 'online', 'denied'],
  ['physician', 'none', 'none', 'open TREAT', 'online', 'denied'],
  ['student', 'care-team', 'R', 'open TREAT', 'online', 'hidden'],
  ['student', 'care-team', 'V', 'open TREAT', 'offline', 'hidden'],
  ['clerk', 'care-team', 'R', 'open TREAT', 'online', 'barred'],
  // Emergency access.
  ['nobody', 'none', 'none', 'emergency', 'online', 'shown'],
  ['physician', 'none', 'none', 'emergency', 'offline', 'shown'],
  ['physician', 'none', 'R', 'emergency', 'online', 'shown'],
  ['physician', 'none', 'V', 'emergency', 'online', 'shown'],
  ['nurse', 'none', 'unknown', 'emergency', 'offline', 'shown'],
  ['physician', 'panel', 'V', 'emergency', 'online', 'shown'],
  ['physician', 'care-team', 'unknown', 'emergency', 'online', 'shown'],
  ['student', 'none', 'none', 'emergency', 'online', 'denied'],
  ['student', 'care-team', 'V', 'emergency', 'online', 'hidden'],
  ['clerk', 'none', 'none', 'emergency', 'offline', 'denied'],
  ['clerk', 'care-team', 'R', 'emergency', 'online', 'barred'],
  ['physician', 'none', 'none', 'emergency, wrong passphrase', 'online', 'denied'],
  ['physician', 'none', 'V', 'emergency, wrong passphrase', 'offline', 'denied'],
  ['physician', 'panel', 'V', 'emergency, wrong passphrase', 'online', 'emergency'],
  // Finding.
  ['nobody', 'care-team', 'none', 'list', 'online', 'listed'],
  ['clerk', 'care-team', 'V', 'list', 'online', 'listed'],
  ['student', 'panel', 'R', 'list', 'offline', 'listed'],
  ['physician', 'none', 'none', 'list', 'online', 'not listed'],
  ['physician', 'none', 'V', 'list', 'offline', 'not listed'],
  // Writing.
  ['nobody', 'care-team', 'none', 'create', 'online', 'done'],
  ['nurse', 'care-team', 'none', 'create', 'offline', 'done'],
  ['physician', 'panel', 'none', 'create', 'online', 'done'],
  ['physician', 'none', 'none', 'create', 'online', 'not-permitted'],
  ['student', 'care-team', 'none', 'create', 'online', 'not-permitted'],
  ['clerk', 'care-team', 'none', 'create', 'online', 'not-permitted'],
  ['clerk and nurse', 'care-team', 'none', 'create', 'online', 'done'],
  ['physician', 'care-team', 'N', 'update', 'online', 'done'],
  ['physician', 'none', 'none', 'update', 'offline', 'not-permitted'],
  ['student', 'care-team', 'none', 'update', 'online', 'not-permitted'],
  ['physician', 'care-team', 'R', 'update', 'online', 'not-found'],
  ['physician', 'care-team', 'V', 'update', 'offline', 'not-found'],
  ['student', 'care-team', 'R', 'update', 'online', 'not-found'],
  ['physician', 'care-team', 'R+PSY', 'open TREAT, update', 'online', 'done'],
  ['physician', 'care-team', 'V', 'open TREAT, update', 'online', 'not-permitted'],
  ['physician', 'none', 'none', 'emergency, create', 'online', 'done'],
  ['physician', 'none', 'none', 'emergency, update', 'online', 'not-permitted'],
  ['student', 'none', 'none', 'emergency, create', 'online', 'not-permitted'],
];

const allLabels = Object.keys(labels) as Label[];
const patients: WardPatient[] = (['care-team', 'panel', 'none'] as const).flatMap((relation) =>
  allLabels.map((label) => ({ id: `${relation}-${label.replaceAll('+', '-')}`, relation, label })),
);
const patientOf = (relation: Relation, label: Label) =>
  patients.find((one) => one.relation === relation && one.label === label) as WardPatient;

let ward: Ward;
beforeAll(async () => {
  ward = await openWard(patients);
});
afterAll(() => ward?.close());

/** Everything that the page can ask of one patient. */
async function askAll(bridge: Bridge, { id }: WardPatient): Promise<Answer[]> {
  const word = canaryOf({ id }, 'labelled');
  return Promise.all([
    bridge.ask('chart.read', { patientId: id }),
    bridge.ask('notes.read', { patientId: id, noteId: `${id}-DocumentReference` }),
    bridge.ask('results.list', { patientId: id }),
    bridge.ask('results.trend', { patientId: id, code: `urn:x|${word}code` }),
    bridge.ask('results.trends', { patientId: id, codes: [`urn:x|${word}code`] }),
    bridge.ask('results.earlyWarning', { patientId: id }),
    bridge.ask('sync.sections', { patientId: id }),
  ]);
}

const summaryOf = (answer: Answer | undefined) => (answer?.ok ? (answer.value as unknown as ChartSummary) : null);

function readingOf([chart, note]: Answer[]): Reading {
  const summary = summaryOf(chart);
  if (!summary) return 'denied';
  const { state, items, withheld } = summary.notes;
  if (state === 'not-permitted') return 'barred';
  if (items.length > 0 && note?.ok) return 'shown';
  return withheld.restricted ?? 'hidden';
}

async function prepare(bridge: Bridge, action: Action, patientId: string): Promise<void> {
  const [how] = action.split(', ');
  const passphrase = action.endsWith('wrong passphrase') ? 'something else' : PASSPHRASE;
  const emergency = { patientId, purpose: 'ETREAT', reason: 'cardiac arrest', passphrase };
  if (how === 'emergency') await bridge.ask('access.declareEmergency', emergency);
  if (how?.startsWith('open')) await bridge.ask('access.openRestricted', { patientId, purpose: how.split(' ')[1] });
}

async function attempt(bridge: Bridge, action: Action, { id }: WardPatient): Promise<Writing> {
  const answer = action.endsWith('create')
    ? await bridge.ask('notes.create', { patientId: id, kind: 'progress', body: 'Written by a test.' })
    : await bridge.ask('notes.amend', {
        patientId: id,
        noteId: `${id}-DocumentReference`,
        versionId: '1',
        body: 'Amended by a test.',
      });
  return answer.ok ? 'done' : (answer.error.code as Writing);
}

async function isListed(bridge: Bridge, { id }: WardPatient): Promise<'listed' | 'not listed'> {
  const answer = await bridge.ask('patients.list', {
    query: canaryOf({ id }, 'patient'),
    sort: 'name',
    descending: false,
    offset: 0,
    limit: 500,
  });
  const page = answer.ok ? (answer.value as unknown as PatientPage) : null;
  const found = page?.items.some((row) => row.id === id) ?? false;
  // Whoever isn't listed isn't counted.
  expect(page?.total).toBe(page?.items.length);
  return found ? 'listed' : 'not listed';
}

/** Whatever isn't shown says nothing of itself, and an absence is never claimed of what is only withheld. */
function expectSilence(answers: Answer[], patient: WardPatient, reading: Reading): void {
  // The code that was asked for is no answer, of one trend or of several.
  const unasked = (value: object) => ({ ...value, code: '' });
  const values = answers.map((answer) => {
    if (!answer.ok) return answer;
    const { trends, ...value } = answer.value as { trends?: object[] };
    return { ...unasked(value), ...(trends && { trends: trends.map(unasked) }) };
  });
  const isOrdinary = patient.label === 'none' || patient.label === 'N';
  const word = canaryOf(patient, 'labelled');
  // Where a patient is, is for clerks to know.
  const told = JSON.stringify(values).replaceAll(
    reading === 'barred' && isOrdinary ? new RegExp(`${word}(?:stay|ward)`, 'g') : /$^/g,
    '',
  );
  if (reading !== 'shown') expect(told).not.toContain(word);
  if (reading === 'denied') expect(told).not.toContain('Canary');
  const summary = summaryOf(answers[0]);
  if (!summary || reading === 'shown') return;
  const expected = {
    purpose: { statement: 'restricted', withheld: { restricted: 'purpose', denied: false } },
    emergency: { statement: 'restricted', withheld: { restricted: 'emergency', denied: false } },
    hidden: { statement: 'partly-not-permitted', withheld: { restricted: null, denied: true } },
    barred: { statement: 'not-permitted', withheld: { restricted: null, denied: false } },
    denied: null,
  }[reading];
  expect(summary.allergyStatement).toBe(expected?.statement);
  for (const section of [summary.allergies, summary.problems, summary.medications, summary.alerts]) {
    expect(section).toMatchObject({ items: [], total: 0, withheld: expected?.withheld });
    expect(section.state).toBe(reading === 'barred' ? 'not-permitted' : 'complete');
  }
  // No absence is acted upon here: nothing hints at what is denied.
  const quiet = { restricted: expected?.withheld.restricted, denied: false };
  expect(summary.vitals).toMatchObject({ items: [], total: 0, withheld: quiet });
  // Who may see who and where a patient is, sees where she is, unless that is labelled itself.
  if (!isOrdinary) expect(summary.patient.location).toBeNull();
}

describe('security: who may do what', () => {
  it('has a row for at least sixty cases, each different', () => {
    expect(new Set(rows.map((row) => row.slice(0, 5).join())).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });

  it.each(rows)('security: %s, %s, label %s: %s %s: %s', async (role, relation, label, action, network, expected) => {
    const patient = patientOf(relation, label);
    const conditions = () => ({ offline: network === 'offline', managed: false, hour: 10 });
    const bridge = bridgeTo({ ...ward, practitioner: practitionerOf(role), conditions });
    try {
      if (action === 'list') return expect(await isListed(bridge, patient)).toBe(expected);
      await prepare(bridge, action, patient.id);
      if (/create|update/.test(action)) return expect(await attempt(bridge, action, patient)).toBe(expected);
      const answers = await askAll(bridge, patient);
      expect(readingOf(answers)).toBe(expected);
      expectSilence(answers, patient, expected as Reading);
    } finally {
      await bridge.close();
    }
  });
});

describe('security: policies of an organisation', () => {
  const read = async (policies: string, patient: WardPatient, network: 'online' | 'offline', hour = 10) => {
    const conditions = () => ({ offline: network === 'offline', managed: false, hour });
    const bridge = bridgeTo({ ...ward, engine: engineOf(policies), practitioner: practitionerOf('nurse'), conditions });
    const answers = await askAll(bridge, patient);
    await bridge.close();
    return readingOf(answers);
  };

  it('security: what is forbidden offline or at night is so in the chart', async () => {
    const policies = `${defaultBundle.policies}
      @id("no-charts-offline-at-night")
      forbid (principal, action, resource) when { context.offline && context.hour < 6 };`;
    const mine = patientOf('care-team', 'none');
    expect(await read(policies, mine, 'offline', 3)).toBe('denied');
    expect(await read(policies, mine, 'online', 3)).toBe('shown');
    expect(await read(policies, mine, 'offline', 12)).toBe('shown');
  });

  it('security: a forbid that can’t be evaluated denies, and is not skipped', async () => {
    const policies = `${defaultBundle.policies}
      @id("errs") forbid (principal, action == Action::"read", resource)
      when { resource.resourceType == "DocumentReference" && context.hour + 9223372036854775807 > 0 };`;
    expect(await read(policies, patientOf('care-team', 'none'), 'online')).toBe('barred');
    // Only where it errs: an hour of zero adds up.
    expect(await read(policies, patientOf('care-team', 'none'), 'online', 0)).toBe('barred');
    expect(
      engineOf(policies).decide({
        principal: { roles: [], scopes: null },
        action: 'read',
        record: { resourceType: 'DocumentReference', relation: 'care-team', confidentiality: 'N', sensitivity: [] },
        circumstances: { purpose: 'TREAT', stated: false, emergency: false, offline: false, managed: false, hour: 10 },
      }),
    ).toEqual({ allowed: false, policies: ['team-reads'], failed: ['errs'] });
  });
});

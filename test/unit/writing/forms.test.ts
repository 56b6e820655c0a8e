import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newAllergy, noKnownAllergies } from '../../../main/writing/allergies.ts';
import { givenIn } from '../../../main/writing/given.ts';
import { newImmunization } from '../../../main/writing/immunizations.ts';
import { newMedication } from '../../../main/writing/medications.ts';
import { newSoapNote } from '../../../main/writing/notes.ts';
import { newProblem } from '../../../main/writing/problems.ts';
import { provenanceOf } from '../../../main/writing/provenance.ts';
import { newTask } from '../../../main/writing/tasks.ts';
import { worded } from '../../../main/writing/worded.ts';
import * as shapes from '../../../preload/contract/clinical.ts';
import { LANGUAGES } from '../../../preload/contract/languages.ts';
import { soapOf, soapText } from '../../../preload/contract/soap.ts';
import { inEnglish } from '../../support/in-english.ts';
import { amounts, checked, comments, dates, days, names, shortTexts, writing } from './support.ts';

const among = <Value extends string>({ options }: { options: readonly Value[] }) => fc.constantFrom(...options);
const orNull = <Value>(values: fc.Arbitrary<Value>) => fc.option(values);

const allergies = fc.record({
  substance: names,
  category: fc.array(among(shapes.allergyCategory), { maxLength: 4 }),
  criticality: orNull(among(shapes.allergyCriticality)),
  verification: among(shapes.allergyCertainty),
  onset: orNull(dates),
  reactions: fc.array(fc.record({ manifestation: names, severity: orNull(among(shapes.severity)) }), { maxLength: 3 }),
  note: comments,
});
const problems = fc.record({
  problem: names,
  verification: among(shapes.problemCertainty),
  severity: orNull(among(shapes.severity)),
  onset: orNull(dates),
  note: comments,
});
const medications = fc.record({
  drug: names,
  status: fc.constantFrom('active' as const, 'intended' as const, 'on-hold' as const),
  dose: orNull(fc.record({ value: amounts, unit: fc.constantFrom('mg', 'mL', 'tablet', 'drops') })),
  route: orNull(among(shapes.medicationRoute)),
  frequency: orNull(
    fc.record({
      times: fc.integer({ min: 1, max: 48 }),
      period: fc.integer({ min: 1, max: 365 }),
      unit: fc.constantFrom('h' as const, 'd' as const, 'wk' as const, 'mo' as const),
    }),
  ),
  asNeeded: fc.boolean(),
  instruction: orNull(shortTexts),
  since: orNull(dates),
  note: comments,
});
const tasks = fc.record({
  title: shortTexts,
  owner: orNull(fc.record({ reference: fc.constantFrom('Practitioner/x', 'CareTeam/y'), display: shortTexts })),
  due: orNull(days),
  priority: among(shapes.taskPriority),
  note: comments,
});
const immunizations = fc.record({
  vaccine: names,
  occurrence: orNull(dates),
  notDone: orNull(fc.constant('Declined by the patient')),
  lot: orNull(shortTexts),
  expiry: orNull(days),
  site: orNull(among(shapes.immunizationSite)),
  route: orNull(among(shapes.immunizationRoute)),
  dose: orNull(amounts),
  doseNumber: orNull(fc.integer({ min: 1, max: 20 })),
  note: comments,
});

/**
 * What comes back of it as it was recorded: of "now" the day, lists without what is there twice, a dose as it is spelt, and
 * of a vaccine that was not given nothing that belongs to one that was.
 */
function kept({ occurrence, category, dose, notDone, ...typed }: Record<string, unknown>): object {
  const { lot: _lot, expiry: _expiry, site: _site, route: _route, ...said } = typed;
  const spelt = (one: unknown) => ({ ...(one as object), value: String(Number((one as { value: string }).value)) });
  return {
    ...(typeof notDone === 'string' ? { ...said, notDone } : typed),
    ...(typeof dose === 'object' && { dose: dose && spelt(dose) }),
    ...(typeof occurrence === 'string' && { occurrence }),
    ...(Array.isArray(category) && { category: [...new Set(category)] }),
  };
}

const at = fc.record({
  encounter: orNull(fc.constant('Encounter/e1')),
  offsetMinutes: fc.constantFrom(-210, 0, 60, 345),
  language: fc.constantFrom(...LANGUAGES),
});

/** Each form, what may be typed into it, and what the record must still say of that. */
const forms: [
  string,
  fc.Arbitrary<object>,
  (given: never, at: typeof writing) => { body: string; title: string },
  (given: never) => string[],
][] = [
  [
    'allergy',
    allergies,
    newAllergy,
    (given: shapes.NewAllergy) => [
      given.substance.text,
      ...given.reactions.map(({ manifestation }) => manifestation.text),
    ],
  ],
  ['problem', problems, newProblem, (given: shapes.NewProblem) => [given.problem.text]],
  [
    'medication',
    medications,
    newMedication,
    (given: shapes.NewMedication) => [given.drug.text, given.instruction ?? ''],
  ],
  ['task', tasks, newTask, (given: shapes.NewTask) => [given.title, given.owner?.display ?? '']],
  ['immunization', immunizations, newImmunization, (given: shapes.NewImmunization) => [given.vaccine.text]],
];

describe('each form', () => {
  it.each(forms)(
    'of an %s makes valid R4 of whatever the contract lets through, and says all of it',
    async (_, given, make, said) => {
      await fc.assert(
        fc.asyncProperty(given, at, async (typed, where) => {
          const written = worded(make(typed as never, { ...writing, ...where }), where.language);
          const resource = await checked(written);
          const texts = JSON.stringify(resource);
          // What was typed can be gone on with, should the server reject it.
          expect(givenIn(written.body, writing.patientId)?.given).toMatchObject(kept({ ...typed }));
          for (const text of said(typed as never)) expect(texts).toContain(JSON.stringify(text).slice(1, -1));
          expect(resource).toMatchObject({ id: writing.id });
          expect([...written.title].length).toBeLessThanOrEqual(200);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('keeps the digits of a dose as they were typed', () => {
    const given = { drug: { text: 'Digoxin', coding: null }, status: 'active', dose: { value: '0.0625', unit: 'mg' } };
    const rest = { route: 'oral', frequency: { times: 1, period: 1, unit: 'd' }, asNeeded: false, instruction: null };
    const { body, title } = newMedication(
      { ...given, ...rest, since: null, note: null } as shapes.NewMedication,
      writing,
    );
    expect(body).toContain('"value":0.0625,');
    expect(inEnglish(title)).toBe('Digoxin 0.0625 mg, oral, once daily');
  });

  it.each([
    [{ value: '0.50', unit: 'mg' }, '0.5 mg'],
    [{ value: '5.0', unit: 'mL' }, '5 mL'],
    [{ value: '007', unit: 'mg' }, '7 mg'],
    [{ value: '50', unit: 'ug' }, '50 micrograms'],
    [{ value: '10.0', unit: 'IU' }, '10 units'],
    [{ value: '2', unit: 'tablet' }, '2 tablet'],
  ])('writes a dose of %j so that it can’t be misread', (dose, words) => {
    const rest = { route: null, frequency: null, asNeeded: false, instruction: null, since: null, note: null };
    const drug = { text: 'Digoxin', coding: null };
    const { body, title } = newMedication({ drug, status: 'active', dose, ...rest } as shapes.NewMedication, writing);
    expect(inEnglish(title)).toBe(`Digoxin ${words}`);
    expect(inEnglish(body)).toContain(`"text":"${words}"`);
    expect(body).toContain(`"value":${words.split(' ')[0]},`);
  });

  it('says of a vaccine that was not given why, and nothing of how it would have been', async () => {
    const given = { vaccine: { text: 'MMR', coding: null }, notDone: 'Febrile today', lot: 'A1', expiry: '2027-01-31' };
    const rest = { occurrence: null, site: 'left-arm', route: 'intramuscular', dose: '0.5', doseNumber: 2, note: null };
    const resource = await checked(newImmunization({ ...given, ...rest } as shapes.NewImmunization, writing));
    expect(resource).toMatchObject({ status: 'not-done', statusReason: { text: 'Febrile today' } });
    for (const name of ['lotNumber', 'site', 'route', 'doseQuantity', 'performer']) {
      expect(resource).not.toHaveProperty(name);
    }
  });

  it('states no known allergies by a code', async () => {
    const resource = await checked(noKnownAllergies(writing));
    expect(resource).toMatchObject({ code: { coding: [{ system: 'http://snomed.info/sct', code: '716186003' }] } });
    // It is no allergy that a form could make another one of.
    expect(givenIn(noKnownAllergies(writing).body, writing.patientId)).toBeNull();
  });
});

describe('a note in sections', () => {
  const sections = { subjective: 'Feels well.', objective: '', assessment: 'Stable\nfor days', plan: 'Home' };
  const textOf = (note: object) => {
    const data: string = Reflect.get(note, 'content')[0].attachment.data;
    return Buffer.from(data, 'base64').toString();
  };

  it('has its headings in the language in which it was written', async () => {
    const note = await checked(newSoapNote({ kind: 'progress', sections, language: 'es', sign: false }, writing));
    expect(textOf(note)).toBe('Subjetivo\nFeels well.\n\nEvaluación\nStable\nfor days\n\nPlan\nHome');
  });

  it('is one text under headings, signed by its author or waiting for that', async () => {
    const signed = await checked(newSoapNote({ kind: 'progress', sections, language: 'en', sign: true }, writing));
    expect(textOf(signed)).toBe('Subjective\nFeels well.\n\nAssessment\nStable\nfor days\n\nPlan\nHome');
    expect(signed).toMatchObject({ docStatus: 'final', authenticator: { reference: 'Practitioner/dr' } });
    const open = await checked(newSoapNote({ kind: 'progress', sections, language: 'en', sign: false }, writing));
    expect(open['docStatus']).toBe('preliminary');
    expect(open).not.toHaveProperty('authenticator');
  });

  it('comes back from its text as it was, as from a draft', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z ]{0,20}$/), { maxLength: 4 }).map((all) => all.join('\n').trim());
    const any = fc.record({ subjective: lines, objective: lines, assessment: lines, plan: lines });

    fc.assert(
      fc.property(any, fc.constantFrom(...LANGUAGES), (given, language) => {
        expect(soapOf(soapText(given, language))).toEqual(given);
      }),
    );
    // A draft from before the language was changed; each heading once, in its order.
    expect(soapOf('Subjetivo\nTos.\n\nPlan\nAgua.')).toEqual({ ...soapOf(''), subjective: 'Tos.', plan: 'Agua.' });
    expect(soapOf('no heading').subjective).toBe('no heading');
  });
});

describe('a Provenance', () => {
  it('is valid R4 and says who, as what, with what, why and of which version', async () => {
    const body = provenanceOf(
      {
        ...{ activity: 'nullify', type: 'Condition', resourceId: 'c1', baseVersionId: '3', purpose: 'TREAT' },
        ...{ roles: ['http://snomed.info/sct|309343006', 'plain'], emergency: true, reason: 'Wrong patient' },
        device: { type: 'Device', identifier: { system: 'urn:x', value: 'w1' }, display: 'Wardlight 1' },
      },
      writing,
    );
    const resource = await checked({ body, title: '' });
    expect(resource).toMatchObject({
      target: [{ reference: 'Condition/c1' }],
      activity: { coding: [{ code: 'NULLIFY' }] },
      reason: [{ coding: [{ code: 'BTG' }] }, { coding: [{ code: 'TREAT' }] }, { text: 'Wrong patient' }],
      agent: [{ who: { reference: 'Practitioner/dr' } }, { who: { identifier: { value: 'w1' } } }],
      entity: [{ role: 'revision', what: { reference: 'Condition/c1/_history/3' } }],
      recorded: '2026-03-12T15:32:05.250+01:00',
    });
    expect(resource).not.toHaveProperty('occurredPeriod');
  });

  it('says since when it was written, where that is known and the clock was not put back', async () => {
    const attestation = {
      ...{ type: 'QuestionnaireResponse', resourceId: 'q1', baseVersionId: null, purpose: 'TREAT' },
      ...{
        activity: 'create' as const,
        roles: [],
        emergency: false,
        reason: null,
        device: { type: 'Device', identifier: { value: 'w1' } },
      },
    };
    const told = async (began: string) =>
      checked({ body: provenanceOf({ ...attestation, began }, writing), title: '' });
    expect(await told('2026-03-11T23:59:00.000+01:00')).toMatchObject({
      occurredPeriod: { start: '2026-03-11T23:59:00.000+01:00', end: '2026-03-12T15:32:05.250+01:00' },
    });
    expect(await told('2026-03-12T16:00:00.000+01:00')).not.toHaveProperty('occurredPeriod');
  });
});

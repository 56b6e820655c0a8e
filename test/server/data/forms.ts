import type { Extension, Questionnaire, QuestionnaireItem, ValueSet } from 'fhir/r4';

/* Forms of an invented hospital, in words of our own: none of them is a published instrument. */

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';
const LOINC = 'http://loinc.org';
const OWN = 'https://hospital.example/fhir';

type Item = Omit<QuestionnaireItem, 'linkId' | 'type' | 'text'>;

function item(type: QuestionnaireItem['type'], linkId: string, text: string, more: Item = {}): QuestionnaireItem {
  return { linkId, type, text, ...more };
}

function expression(name: 'calculatedExpression' | 'initialExpression', fhirpath: string): Extension {
  return { url: `${SDC}-${name}`, valueExpression: { language: 'text/fhirpath', expression: fhirpath } };
}

function context(code: string, type: string): Extension {
  return {
    url: `${SDC}-launchContext`,
    extension: [
      { url: 'name', valueCoding: { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext', code } },
      { url: 'type', valueCode: type },
    ],
  };
}

function unit(code: string): Extension {
  return {
    url: `${HL7}/questionnaire-unit`,
    valueCoding: { system: 'http://unitsofmeasure.org', code, display: code },
  };
}

const limits = (min: number, max: number): Extension[] => [
  { url: `${HL7}/minValue`, valueInteger: min },
  { url: `${HL7}/maxValue`, valueInteger: max },
];

function questionnaire(id: string, title: string, more: Omit<Questionnaire, 'resourceType' | 'status'>): Questionnaire {
  return {
    resourceType: 'Questionnaire',
    id,
    url: `${OWN}/Questionnaire/${id}`,
    version: '1.0',
    name: id.replaceAll('-', '_'),
    title,
    status: 'active',
    subjectType: ['Patient'],
    ...more,
  };
}

/** One question of a score: the first answer counts 1. */
function scored(linkId: string, text: string, ...answers: string[]): QuestionnaireItem {
  const answerOption = answers.map((display, index) => ({
    valueCoding: {
      system: `${OWN}/CodeSystem/skin`,
      code: `${linkId}-${index + 1}`,
      display,
      extension: [{ url: `${HL7}/ordinalValue`, valueDecimal: index + 1 }],
    },
  }));
  return item('choice', linkId, text, { required: true, answerOption });
}

const score = `%resource.item.where(linkId='parts').item.answer.value.extension.where(url='${HL7}/ordinalValue').value.sum()`;

const skin = questionnaire('skin-risk', 'Skin risk check', {
  description: 'How likely pressure is to harm the skin. On admission, then daily.',
  item: [
    item('group', 'parts', 'How the patient is today', {
      item: [
        scored('feels', 'Feels pressure and says so', 'Not at all', 'Only pain', 'Mostly', 'Fully'),
        scored('moist', 'Skin is damp', 'Always', 'Often', 'Now and then', 'Hardly ever'),
        scored('walks', 'Gets about', 'Stays in bed', 'Sits out', 'Walks a little', 'Walks often'),
        scored('turns', 'Changes position alone', 'Never', 'A little', 'Often', 'Whenever needed'),
        scored('eats', 'Eats', 'Next to nothing', 'About half', 'Most of it', 'All of it'),
      ],
    }),
    item('integer', 'score', 'Score, 5 to 20', {
      readOnly: true,
      extension: [expression('calculatedExpression', score)],
    }),
    item('group', 'plan', 'At risk: what is done', {
      enableWhen: [{ question: 'score', operator: '<=', answerInteger: 14 }],
      item: [
        item('choice', 'measures', 'Measures', {
          required: true,
          repeats: true,
          answerOption: ['Turned every two hours', 'Air mattress', 'Heels raised', 'Dietitian asked'].map(
            (valueString) => ({
              valueString,
            }),
          ),
        }),
        item('text', 'remarks', 'Remarks', { maxLength: 500 }),
      ],
    }),
  ],
});

const LANGUAGES = ['English', 'Spanish', 'Polish', 'Arabic'];

const languages: ValueSet = {
  resourceType: 'ValueSet',
  id: 'languages',
  status: 'active',
  compose: {
    include: [
      {
        system: `${OWN}/CodeSystem/languages`,
        concept: LANGUAGES.map((display) => ({ code: display.slice(0, 2).toLowerCase(), display })),
      },
    ],
  },
};

const admission = questionnaire('nursing-admission', 'Nursing admission check', {
  description: 'What has to be asked of everybody who comes to a ward.',
  extension: [context('patient', 'Patient'), context('user', 'Practitioner')],
  contained: [languages],
  item: [
    item('display', 'intro', 'Ask the patient. Ask the family only where the patient can’t answer.'),
    item('date', 'born', 'Date of birth, as the patient says it', {
      required: true,
      extension: [expression('initialExpression', '%patient.birthDate')],
    }),
    item('open-choice', 'language', 'Language', { required: true, answerValueSet: '#languages' }),
    item('boolean', 'interpreter', 'An interpreter is needed', {
      enableWhen: [
        { question: 'language', operator: '!=', answerCoding: { system: `${OWN}/CodeSystem/languages`, code: 'en' } },
      ],
    }),
    item('boolean', 'smokes', 'Smokes', { required: true }),
    item('integer', 'cigarettes', 'Cigarettes a day', {
      required: true,
      enableWhen: [{ question: 'smokes', operator: '=', answerBoolean: true }],
      extension: limits(1, 200),
    }),
    item('boolean', 'falls', 'Has fallen within a year', { required: true }),
    item('group', 'fall', 'Fall', {
      repeats: true,
      enableWhen: [{ question: 'falls', operator: '=', answerBoolean: true }],
      item: [
        item('date', 'fall-day', 'When'),
        item('string', 'fall-how', 'How it came about', { required: true, maxLength: 200 }),
      ],
    }),
    item('dateTime', 'last-meal', 'Last meal'),
    item('string', 'brought', 'What was brought along', { repeats: true, maxLength: 100 }),
    item('reference', 'told', 'Who was told of the admission'),
    item('attachment', 'photo', 'Photo of valuables'),
  ],
});

const weightOf = {
  url: `${SDC}-observationLinkPeriod`,
  valueDuration: { value: 3, system: 'http://unitsofmeasure.org', code: 'a' },
};

const weight = questionnaire('pain-and-weight', 'Pain and weight', {
  description: 'Pain at rest and moving, and how the weight has changed.',
  extension: [context('patient', 'Patient')],
  item: [
    item('integer', 'rest', 'Pain at rest, 0 to 10', { required: true, extension: limits(0, 10) }),
    item('integer', 'moving', 'Pain when moving, 0 to 10', { required: true, extension: limits(0, 10) }),
    item('string', 'where', 'Where it hurts', {
      required: true,
      enableBehavior: 'any',
      enableWhen: [
        { question: 'rest', operator: '>', answerInteger: 0 },
        { question: 'moving', operator: '>', answerInteger: 0 },
      ],
    }),
    item('decimal', 'before', 'Weight in the record', {
      readOnly: true,
      code: [{ system: LOINC, code: '29463-7', display: 'Body weight' }],
      extension: [weightOf, unit('kg')],
    }),
    item('decimal', 'now', 'Weight now', {
      extension: [unit('kg'), ...limits(1, 600), { url: `${HL7}/maxDecimalPlaces`, valueInteger: 1 }],
    }),
    item('decimal', 'change', 'Change', {
      readOnly: true,
      extension: [
        unit('kg'),
        expression(
          'calculatedExpression',
          "%resource.item.where(linkId='now').answer.value - %resource.item.where(linkId='before').answer.value",
        ),
      ],
    }),
  ],
});

/** What the development server offers to be filled in. */
export const forms: readonly Questionnaire[] = [skin, admission, weight];

import { parse } from 'lossless-json';
import { during, patientOf, writerOf, written } from './change.ts';
import { instantOf, type Writing, type Written } from './resource.ts';

/** A form that was filled in, with the items of its QuestionnaireResponse as JSON. */
export interface FilledForm {
  readonly questionnaire: { readonly url: string; readonly version: string | null; readonly title: string };
  readonly items: string;
}

/** How a form is called where its Questionnaire isn't looked up (SDC questionnaireresponse-display). */
const DISPLAY = 'http://hl7.org/fhir/StructureDefinition/display';

/** The answers to a form (R4 questionnaireresponse.html), whole: there is none half filled in. */
export function newAnswers({ questionnaire, items }: FilledForm, writing: Writing): Written {
  const { url, version, title } = questionnaire;
  const item = parse(items) as unknown[];
  const resource = {
    resourceType: 'QuestionnaireResponse',
    id: writing.id,
    questionnaire: version === null ? url : `${url}|${version}`,
    _questionnaire: { extension: [{ url: DISPLAY, valueString: title }] },
    status: 'completed',
    subject: patientOf(writing),
    ...during(writing),
    authored: instantOf(writing),
    author: writerOf(writing),
    ...(item.length > 0 && { item }),
  };
  return written(resource, `Form: ${title}`).value;
}

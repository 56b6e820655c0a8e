import { parse } from 'lossless-json';
import { phrase } from '../../preload/contract/placeholders.ts';
import { during, patientOf, writerOf, written } from './change.ts';
import { instantOf, type Writing, type Written } from './resource.ts';

/** A form that was filled in, with the items of its QuestionnaireResponse as JSON. */
export interface FilledForm {
  readonly questionnaire: { readonly url: string; readonly version: string | null; readonly title: string };
  readonly items: string;
}

/**
 * How a form is called where its Questionnaire isn't looked up. On the response itself: HL7's schema has no place for an
 * extension of `questionnaire`, and servers that check by it refuse one.
 */
export const FORM_TITLE = 'https://wardlight.org/fhir/StructureDefinition/form-title';

/** The answers to a form (R4 questionnaireresponse.html), whole: there is none half filled in. */
export function newAnswers({ questionnaire, items }: FilledForm, writing: Writing): Written {
  const { url, version, title } = questionnaire;
  const item = parse(items) as unknown[];
  const resource = {
    resourceType: 'QuestionnaireResponse',
    id: writing.id,
    extension: [{ url: FORM_TITLE, valueString: title }],
    questionnaire: version === null ? url : `${url}|${version}`,
    status: 'completed',
    subject: patientOf(writing),
    ...during(writing),
    authored: instantOf(writing),
    author: writerOf(writing),
    ...(item.length > 0 && { item }),
  };
  return written(resource, phrase('new-form', title)).value;
}

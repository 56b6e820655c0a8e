import type { QuestionnaireItem } from 'fhir/r4';
import { readDefinition } from '../../../main/forms/definition.ts';
import { createFormsService, type FormSource } from '../../../main/forms/service.ts';

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire';

export const item = (type: QuestionnaireItem['type'], linkId: string, more: object = {}) => ({
  ...{ type, linkId, text: linkId },
  ...more,
});

export const fhirpath = (name: string, expression: string) => ({
  url: `${SDC}-${name}`,
  valueExpression: { language: 'text/fhirpath', expression },
});
export const calculated = (expression: string) => ({ extension: [fhirpath('calculatedExpression', expression)] });

export function formText(items: readonly object[], more: object = {}): string {
  return JSON.stringify({ resourceType: 'Questionnaire', id: 'q', status: 'active', item: items, ...more });
}

/** A reading of the clock, an hour ahead of UTC. */
export const READING = '2026-03-01T00:00:00.000+01:00';

/** What a query has found. */
export const records = (...entries: string[]) => ({ total: entries.length, entries });

export function sourceOf(text: string, more: Partial<FormSource> = {}): FormSource {
  return { text, known: { patient: null, user: null, encounter: null }, found: {}, openedAt: READING, ...more };
}

/** The state of a form with some answers. */
export function evaluated(text: string, answers: Record<string, string>, more: Partial<FormSource> = {}) {
  const answer = createFormsService().evaluate({ ...sourceOf(text, more), answers });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value;
}

/** Keys of the lines that are asked, with what is wrong with them. */
export function faultsIn(text: string, answers: Record<string, string>): Record<string, string | null> {
  const lines = evaluated(text, answers).lines.flatMap((line) => (line.kind === 'item' ? [line] : []));
  return Object.fromEntries(lines.map(({ key, fault }) => [key, fault?.code ?? null]));
}

/** Items of a QuestionnaireResponse, as they would be recorded. */
export function recordedItems(text: string, answers: Record<string, string>, more: Partial<FormSource> = {}) {
  const answer = createFormsService().complete({ ...sourceOf(text, more), answers });
  if (!answer.ok) throw new Error(answer.error.code);
  return { ...answer.value, items: JSON.parse(answer.value.items) as object[] };
}

/** Why a form is refused; null where it is read. */
export function refusalOf(text: string): string | null {
  try {
    readDefinition(text);
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

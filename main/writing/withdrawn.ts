import type { CorrectableType } from '../../preload/contract/clinical.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import { FORM_TITLE } from './answers.ts';
import { type Base, baseOf, type Changed, type ChangeError, failed, noted, withoutEnd, written } from './change.ts';
import { ALLERGY_VERIFICATION, CONDITION_VERIFICATION, coded } from './codes.ts';
import { codesIn, conceptWords, type JsonObject, listOf, objectOf, textOf, type Writing } from './resource.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const ERROR = 'entered-in-error';

/**
 * Elements that say that a record was made in error, and without what may not stand beside them (R4 ait-2, con-5, and
 * con-4, which wants a clinical status of what has ended).
 */
function marks(type: CorrectableType, before: JsonObject): JsonObject {
  if (type === 'AllergyIntolerance' || type === 'Condition') {
    const { clinicalStatus: _notOfAnError, ...rest } = withoutEnd(before);
    const system = type === 'Condition' ? CONDITION_VERIFICATION : ALLERGY_VERIFICATION;
    return { ...rest, verificationStatus: coded(system, ERROR, 'Entered in Error') };
  }
  if (type === 'DocumentReference') return { ...before, status: ERROR, docStatus: ERROR };
  return { ...before, status: ERROR };
}

/** Types that have no `note`: the reason is in the Provenance alone. */
const WITHOUT_NOTE: ReadonlySet<CorrectableType> = new Set([
  'DocumentReference',
  'Appointment',
  'Encounter',
  'QuestionnaireResponse',
]);

/**
 * A record that should never have been made: it stays, marked so. What was never sent is withdrawn instead, and a
 * laboratory takes its results back itself.
 */
export function enteredInError(
  type: CorrectableType,
  base: Base & { reason: string },
  writing: Writing,
): Changed | { ok: false; error: { code: ChangeError | 'not-sent' } } {
  const found = baseOf(type, base, writing);
  if (!found.ok) return found;
  if (base.versionId === '') return failed('not-sent');
  const before = found.value;
  if (isInError(before) || (type === 'Observation' && !isVitalSign(before))) return failed('not-changeable');
  if ((type === 'Encounter' || type === 'Specimen') && !isOwn(before, writing)) return failed('not-changeable');
  const note = WITHOUT_NOTE.has(type) ? {} : noted(base.reason, writing, before['note']);
  return written({ ...marks(type, before), ...note }, phrase('in-error', nameOf(before)));
}

function isInError(resource: JsonObject): boolean {
  const verification = resource['verificationStatus'];
  const codes = [ALLERGY_VERIFICATION, CONDITION_VERIFICATION].flatMap((system) => codesIn(verification, system));
  return resource['status'] === ERROR || resource['docStatus'] === ERROR || codes.includes(ERROR);
}

function isVitalSign({ category }: JsonObject): boolean {
  return listOf(category).some((one) => codesIn(one, CATEGORY).includes('vital-signs'));
}

/** Others' visits and specimens are taken back where they were registered. */
function isOwn({ participant, collection }: JsonObject, { practitioner }: Writing): boolean {
  const people = [...listOf(participant).map(({ individual }) => individual), objectOf(collection)['collector']];
  return people.some((one) => textOf(objectOf(one)['reference'])?.endsWith(practitioner) ?? false);
}

function nameOf(resource: JsonObject): string {
  const { resourceType, code, vaccineCode, medicationCodeableConcept, type, description } = resource;
  const concepts = [code, vaccineCode, medicationCodeableConcept, type].flatMap((one) => conceptWords(one) ?? []);
  if (resourceType === 'Encounter') return placeholder('encounter');
  return concepts[0] ?? textOf(description) ?? formTitle(resource) ?? placeholder('record');
}

/** What a QuestionnaireResponse that was written here calls its form. */
function formTitle({ extension }: JsonObject): string | undefined {
  return listOf(extension).flatMap(({ url, valueString }) =>
    url === FORM_TITLE ? (textOf(valueString) ?? []) : [],
  )[0];
}

import {
  instantOf,
  type JsonObject,
  listOf,
  objectOf,
  parseResource,
  printResource,
  textOf,
  type Writing,
  type Written,
} from './resource.ts';

/**
 * Elements that say when and in what stay a record was first made, and by whom, and which number it has: a correction
 * changes none of them.
 */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['encounter', 'recordedDate', 'recorder'],
  Condition: ['encounter', 'recordedDate', 'recorder'],
  MedicationStatement: ['context', 'dateAsserted'],
  Task: ['encounter', 'authoredOn', 'requester'],
  Immunization: ['encounter', 'recorded'],
  QuestionnaireResponse: ['encounter'],
  Encounter: ['identifier', 'participant', 'period'],
  Specimen: ['identifier', 'collection'],
};

/** What a form makes of a rejected new record that was corrected in it, as of when that was first recorded. */
export function asCorrected({ body, ...written }: Written, rejected: string, writing: Writing): Written {
  const [made, old] = [parseResource(body), parseResource(rejected)];
  const kept = KEPT[String(made['resourceType'])] ?? [];
  const before = Object.fromEntries(kept.map((name) => [name, old[name]]));
  const resource = {
    ...made,
    ...before,
    ...noteAsBefore(made, old),
    ...occurrenceAsBefore(made, old),
    ...modified(made, writing),
  };
  return { ...written, body: printResource(withoutNothing(resource)) };
}

/** A comment that nobody has changed is of when it was written. */
function noteAsBefore({ note }: JsonObject, { note: old }: JsonObject): JsonObject {
  const words = (one: unknown) => textOf(listOf(one)[0]?.['text']);
  return note !== undefined && words(note) === words(old) ? { note: old } : {};
}

/** "Now" of what was given is when it was given, and a day that stays the same keeps its time. */
function occurrenceAsBefore({ occurrenceDateTime, performer }: JsonObject, old: JsonObject): JsonObject {
  const [made, before] = [textOf(occurrenceDateTime), textOf(old['occurrenceDateTime'])];
  if (made === undefined || before === undefined) return {};
  const isSame = made.length > 10 || before.startsWith(made);
  const who = performer !== undefined && old['performer'] !== undefined ? { performer: old['performer'] } : {};
  return { ...(isSame && { occurrenceDateTime: before }), ...who };
}

/** Not before it was asked for (R4 task.html, inv-1). */
function modified({ resourceType }: JsonObject, writing: Writing): JsonObject {
  return resourceType === 'Task' ? { lastModified: instantOf(writing) } : {};
}

function withoutNothing(resource: JsonObject): JsonObject {
  return objectOf(Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== undefined)));
}

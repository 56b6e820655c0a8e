import { parse, stringify } from 'lossless-json';

/** An object of JSON whose numbers keep the digits that were written (`LosslessNumber`). */
export type JsonObject = Record<string, unknown>;

/** Who writes, for whom and when. */
export interface Writing {
  readonly patientId: string;
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  /** The clinician's name. */
  readonly display: string;
  /** The encounter in progress, `Encounter/<id>`, where one is known. */
  readonly encounter: string | null;
  /** Workstation time in milliseconds. */
  readonly now: number;
  /** Minutes by which the workstation's clock is ahead of UTC. */
  readonly offsetMinutes: number;
  /** Fresh UUID, the id of what is new. */
  readonly id: string;
}

/** A resource as it goes into the outbox: its JSON text, and what it is in a clinician's words. */
export interface Written {
  readonly body: string;
  readonly title: string;
  /** The identifier that was reserved for this workstation and is the record's now. */
  readonly number?: { readonly system: string; readonly value: string };
}

export const LOINC = 'http://loinc.org';

/** The resource of a text, with its decimals as written. */
export function parseResource(text: string): JsonObject {
  return objectOf(parse(text));
}

/** The text of a resource: decimals as they were written or typed. */
export function printResource(resource: JsonObject): string {
  const text = stringify(resource);
  if (text === undefined) throw new Error('no resource');
  return text;
}

/** FHIR instant with milliseconds and the workstation's offset (R4 datatypes.html#instant). */
export function instantOf({ now, offsetMinutes }: Pick<Writing, 'now' | 'offsetMinutes'>): string {
  const local = new Date(now + offsetMinutes * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offsetMinutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A member that is an object; an empty one where it isn't. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The objects of a member that is a list. */
export function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** A member that is a text with something in it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** What a CodeableConcept says to people. */
export function conceptWords(concept: unknown): string | undefined {
  const { text, coding } = objectOf(concept);
  return textOf(text) ?? listOf(coding).flatMap(({ display }) => textOf(display) ?? [])[0];
}

/** Codes of a CodeableConcept in a system. */
export function codesIn(concept: unknown, system: string): string[] {
  return listOf(objectOf(concept)['coding'])
    .filter((coding) => coding['system'] === system)
    .flatMap(({ code }) => textOf(code) ?? []);
}

/** True where the server has sent only a part of the resource: that is never the base of an update (R4 resource.html#tag). */
export function isPartial(resource: JsonObject): boolean {
  return listOf(objectOf(resource['meta'])['tag']).some(({ code }) => code === 'SUBSETTED');
}

/** Version of the server that the resource was made of; empty where it was never sent. */
export function versionOf(resource: JsonObject): string {
  return textOf(objectOf(resource['meta'])['versionId']) ?? '';
}

/** True where the record is the patient's: a caller is allowed one patient, and names any record. */
export function isAbout(resource: JsonObject, patientId: string): boolean {
  const { subject, patient, for: whom } = resource;
  const actors = listOf(resource['participant']).map(({ actor }) => actor);
  return [subject, patient, whom, ...actors].some((one) => {
    const reference = textOf(objectOf(one)['reference'])?.replace(/\/_history\/[^/]+$/, '');
    return reference === `Patient/${patientId}` || (reference?.endsWith(`/Patient/${patientId}`) ?? false);
  });
}

/**
 * People who are answerable for a record, with who writes now among them: whose change it is must not be told of
 * somebody else (R4 documentreference.html#author, observation.html#performer).
 */
export function withWriter(people: unknown, { practitioner, display }: Pick<Writing, 'practitioner' | 'display'>) {
  const named: readonly unknown[] = Array.isArray(people) ? people : [];
  const isNamed = listOf(people).some(({ reference }) => {
    const text = textOf(reference)?.replace(/\/_history\/[^/]+$/, '');
    return text === practitioner || (text?.endsWith(`/${practitioner}`) ?? false);
  });
  return isNamed ? named : [...named, { reference: practitioner, display }];
}

/** Without the narrative that a program made of the older data; one that a person wrote stays. */
export function withoutNarrative(resource: JsonObject): JsonObject {
  if (objectOf(resource['text'])['status'] === 'additional') return resource;
  const { text: _stale, ...rest } = resource;
  return rest;
}

/** The text shortened for a list. */
export function short(text: string, max = 200): string {
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`;
}

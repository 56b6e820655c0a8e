import type { Result } from '../../preload/contract/channel.ts';
import type { Named } from '../../preload/contract/clinical.ts';
import {
  instantOf,
  isAbout,
  isPartial,
  type JsonObject,
  listOf,
  parseResource,
  printResource,
  versionOf,
  type Writing,
  type Written,
  withoutNarrative,
} from './resource.ts';

/** Why a record can't be changed so. */
export type ChangeError = 'not-found' | 'stale' | 'not-changeable';
export type Changed = Result<Written, ChangeError>;

/** A record as the cache has it, and the version that the clinician saw. */
export interface Base {
  readonly resource: string;
  readonly versionId: string;
}

export function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}

/** What is to be kept; codes for main's own words in it get them later (`worded`). */
export function written(resource: JsonObject, title: string): { ok: true; value: Written } {
  return { ok: true, value: { body: printResource(resource), title } };
}

/** The record that is to be changed, without the narrative that was made of it: hers, whole, and as it was shown. */
export function baseOf(
  type: string,
  { resource: text, versionId }: Base,
  { patientId }: Pick<Writing, 'patientId'>,
): Result<JsonObject, ChangeError> {
  const resource = parseResource(text);
  if (resource['resourceType'] !== type || !isAbout(resource, patientId)) return failed('not-found');
  if (versionOf(resource) !== versionId) return failed('stale');
  return isPartial(resource) ? failed('not-changeable') : { ok: true, value: withoutNarrative(resource) };
}

/** What was typed, with the coding that was chosen. */
export function conceptOf({ text, coding }: Named): JsonObject {
  return { ...(coding && { coding: [coding] }), text };
}

/** `note` with one more by who writes now; nothing where there is nothing to say. */
export function noted(
  words: string | null,
  writing: Pick<Writing, 'practitioner' | 'display' | 'now' | 'offsetMinutes'>,
  notes: unknown = [],
): JsonObject {
  const { practitioner, display } = writing;
  const authorReference = { reference: practitioner, display };
  const added = words === null ? [] : [{ authorReference, time: instantOf(writing), text: words }];
  const note = [...listOf(notes), ...added];
  return note.length > 0 ? { note } : {};
}

/** The day at the workstation. */
export function dayOf(writing: Pick<Writing, 'now' | 'offsetMinutes'>): string {
  return instantOf(writing).slice(0, 10);
}

export function patientOf({ patientId }: Pick<Writing, 'patientId'>): JsonObject {
  return { reference: `Patient/${patientId}` };
}

export function writerOf({ practitioner, display }: Pick<Writing, 'practitioner' | 'display'>): JsonObject {
  return { reference: practitioner, display };
}

/** The encounter in progress, under the name that the type has for it. */
export function during({ encounter }: Pick<Writing, 'encounter'>, name = 'encounter'): JsonObject {
  return encounter === null ? {} : { [name]: { reference: encounter } };
}

/** A Condition without when it was over. */
export function withoutEnd(resource: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !/^_?abatement[A-Z]/.test(name)));
}

import type { ChartSummary, EncounterItem, NoteItem, Problem, Unsent } from '../../../preload/contract/chart.ts';
import { placeholder } from '../../../preload/contract/placeholders.ts';
import { dateText } from '../dates.ts';
import { statusCode } from '../ingest/buckets.ts';
import { bound, codings, conceptText, encryptedPaths, field, items, text, textOrMask, versionIdOf } from '../json.ts';
import { type Lookup, personText } from './medications.ts';
import { voidNumbers } from './numbers.ts';
import { flagWarns } from './safety.ts';

/** A Condition as the chart shows it; what the banner says of it depends on the time. */
export function problemView(resource: unknown, lookup: Lookup, unsent: Unsent = null): Omit<Problem, 'warns'> {
  return {
    id: text(resource, 'id') ?? '',
    text: conceptText(field(resource, 'code')) ?? placeholder('problem'),
    clinicalStatus: statusCode(resource, 'clinicalStatus'),
    verificationStatus: statusCode(resource, 'verificationStatus'),
    onset: dateText(field(resource, 'onsetDateTime')) ?? dateText(field(resource, 'onsetPeriod', 'start')),
    abatement: dateText(field(resource, 'abatementDateTime')) ?? dateText(field(resource, 'abatementPeriod', 'start')),
    recorded: dateText(field(resource, 'recordedDate')),
    recorder: recorderOf(resource, lookup),
    encrypted: encryptedPaths(resource),
    versionId: versionIdOf(resource),
    unsent,
  };
}

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

function recorderOf(resource: unknown, lookup: Lookup): string | null {
  const recorder = field(resource, 'recorder') ?? field(resource, 'asserter');
  return recorder === undefined ? null : personText(recorder, lookup);
}

/** A Flag as the chart shows it. */
export function alertView(resource: unknown): ChartSummary['alerts']['items'][number] {
  return {
    id: text(resource, 'id') ?? '',
    text: conceptText(field(resource, 'code')) ?? placeholder('alert'),
    category: conceptText(items(resource, 'category')[0]) ?? null,
    since: dateText(field(resource, 'period', 'start')),
    warns: flagWarns(resource),
    encrypted: encryptedPaths(resource),
  };
}

/** An Encounter as the chart shows it; `location` is worked out by the caller, who knows the Locations. */
export function encounterView(resource: unknown, location: string | null, unsent: Unsent = null): EncounterItem {
  const reasons = items(resource, 'reasonCode').flatMap((reason) => conceptText(reason) ?? []);
  const encounterClass = field(resource, 'class');
  return {
    id: text(resource, 'id') ?? '',
    type:
      conceptText(items(resource, 'type')[0]) ??
      conceptText(field(resource, 'serviceType')) ??
      placeholder('encounter'),
    class: text(encounterClass, 'display') ?? text(encounterClass, 'code') ?? 'unknown',
    classCode: text(encounterClass, 'system') === ACT_CODE ? (text(encounterClass, 'code') ?? null) : null,
    status: text(resource, 'status') ?? 'unknown',
    start: dateText(field(resource, 'period', 'start')),
    end: dateText(field(resource, 'period', 'end')),
    location,
    reason: reasons.length === 0 ? null : bound(reasons.join(', ')),
    number: visitNumber(resource),
    voidNumbers: voidNumbers(resource),
    isOurs: items(resource, 'identifier').some((one) => text(one, 'value')?.startsWith('urn:uuid:')),
    versionId: text(resource, 'meta', 'versionId') ?? '',
    encrypted: encryptedPaths(resource),
    unsent,
  };
}

function visitNumber(resource: unknown): string | null {
  const found = items(resource, 'identifier').find((one) =>
    codings(field(one, 'type')).some(({ code }) => code === 'VN'),
  );
  return text(found, 'value') ?? null;
}

/** A DocumentReference as the chart lists it. */
export function noteView(resource: unknown, lookup: Lookup, unsent: Unsent = null): NoteItem {
  const authors = items(resource, 'author').flatMap((author) => personText(author, lookup) ?? []);
  const attachment = field(items(resource, 'content')[0], 'attachment');
  return {
    id: text(resource, 'id') ?? '',
    title:
      textOrMask(resource, 'description') ??
      conceptText(field(resource, 'type')) ??
      text(attachment, 'title') ??
      placeholder('document'),
    author: authors.length === 0 ? null : bound(authors.join(', ')),
    date: dateText(field(resource, 'date')) ?? dateText(field(attachment, 'creation')),
    status: text(resource, 'docStatus') ?? text(resource, 'status') ?? 'unknown',
    encrypted: encryptedPaths(resource),
    unsent,
  };
}

import type { Medication, Unsent } from '../../../preload/contract/chart.ts';
import { phrase, placeholder } from '../../../preload/contract/placeholders.ts';
import { dateText } from '../dates.ts';
import {
  bound,
  conceptText,
  encryptedPaths,
  field,
  isTrue,
  items,
  maskWord,
  text,
  textOrMask,
  versionIdOf,
} from '../json.ts';
import { dosageOf } from './doses.ts';

/** Finds a cached resource by its reference, such as the Medication of a request. */
export type Lookup = (reference: unknown) => unknown;

/** A MedicationRequest or MedicationStatement as the chart shows it. The resource was read by `parseExact`. */
export function medicationView(resource: unknown, lookup: Lookup, unsent: Unsent = null): Medication {
  const statement = field(resource, 'resourceType') === 'MedicationStatement';
  const instructions = items(resource, statement ? 'dosage' : 'dosageInstruction');
  const drug = drugOf(resource, lookup);
  const changed = dateText(field(resource, 'meta', 'lastUpdated'));
  return {
    id: text(resource, 'id') ?? '',
    source: statement ? 'MedicationStatement' : 'MedicationRequest',
    drug: bound(isTrue(resource, 'doNotPerform') ? phrase('do-not-give', drug) : drug),
    ...dosageOf(instructions),
    asNeeded: instructions.some(
      (one) => isTrue(one, 'asNeededBoolean') || field(one, 'asNeededCodeableConcept') !== undefined,
    ),
    status: statusOf(resource),
    authored: authoredOf(resource),
    author: authorOf(resource, lookup),
    changed,
    encrypted: encryptedPaths(resource),
    versionId: versionIdOf(resource),
    unsent,
  };
}

function drugOf(resource: unknown, lookup: Lookup): string {
  const named = conceptText(field(resource, 'medicationCodeableConcept'));
  if (named) return named;
  const reference = field(resource, 'medicationReference');
  const display = maskWord(reference) ?? textOrMask(reference, 'display');
  if (display) return display;
  const medication = contained(resource, text(reference, 'reference')) ?? lookup(field(reference, 'reference'));
  return conceptText(field(medication, 'code')) ?? ingredients(medication) ?? placeholder('medicine');
}

function contained(resource: unknown, reference: string | undefined): unknown {
  if (!reference?.startsWith('#')) return undefined;
  return items(resource, 'contained').find((one) => text(one, 'id') === reference.slice(1));
}

function ingredients(medication: unknown): string | undefined {
  const names = items(medication, 'ingredient').flatMap((one) => conceptText(field(one, 'itemCodeableConcept')) ?? []);
  return names.length === 0 ? undefined : names.join(' / ');
}

/** The status, with the intent where it is no order: a proposal is not a prescription. */
function statusOf(resource: unknown): string {
  const status = text(resource, 'status') ?? 'unknown';
  const intent = text(resource, 'intent');
  return intent && ['proposal', 'plan', 'option'].includes(intent) ? `${status} (${intent})` : status;
}

function authoredOf(resource: unknown): string | null {
  return (
    dateText(field(resource, 'authoredOn')) ??
    dateText(field(resource, 'effectiveDateTime')) ??
    dateText(field(resource, 'effectivePeriod', 'start')) ??
    dateText(field(resource, 'dateAsserted'))
  );
}

function authorOf(resource: unknown, lookup: Lookup): string | null {
  const author = field(resource, 'requester') ?? field(resource, 'informationSource');
  return author === undefined ? null : personText(author, lookup);
}

/** A referenced person's or organisation's name: the reference's own display, else the cached resource's. */
export function personText(reference: unknown, lookup: Lookup): string | null {
  const display = maskWord(reference) ?? textOrMask(reference, 'display');
  if (display) return display;
  const found = lookup(field(reference, 'reference'));
  const own = text(found, 'name') ?? text(found, 'practitioner', 'display');
  if (own) return own;
  const [name] = items(found, 'name');
  const words = [...items(name, 'prefix'), ...items(name, 'given'), field(name, 'family')];
  const joined = words.filter((word) => typeof word === 'string').join(' ');
  return joined === '' ? (text(name, 'text') ?? null) : bound(joined);
}

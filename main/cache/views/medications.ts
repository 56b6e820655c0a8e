import type { Medication } from '../../../preload/contract/chart.ts';
import { dateText } from '../dates.ts';
import {
  bound,
  conceptText,
  digits,
  encryptedPaths,
  field,
  isTrue,
  items,
  maskWord,
  text,
  textOrMask,
} from '../json.ts';
import { quantityText, rangeText } from './quantity.ts';

/** Finds a cached resource by its reference, such as the Medication of a request. */
export type Lookup = (reference: unknown) => unknown;

/** A MedicationRequest or MedicationStatement as the chart shows it. The resource was read by `parseExact`. */
export function medicationView(resource: unknown, lookup: Lookup): Medication {
  const statement = field(resource, 'resourceType') === 'MedicationStatement';
  const instructions = items(resource, statement ? 'dosage' : 'dosageInstruction');
  const drug = drugOf(resource, lookup);
  return {
    id: text(resource, 'id') ?? '',
    source: statement ? 'MedicationStatement' : 'MedicationRequest',
    drug: bound(isTrue(resource, 'doNotPerform') ? `DO NOT GIVE: ${drug}` : drug),
    dosage: bound(instructions.flatMap((one) => dosageText(one) ?? []).join('; ')),
    asNeeded: instructions.some(
      (one) => isTrue(one, 'asNeededBoolean') || field(one, 'asNeededCodeableConcept') !== undefined,
    ),
    status: statusOf(resource),
    authored: authoredOf(resource),
    author: authorOf(resource, lookup),
    encrypted: encryptedPaths(resource),
  };
}

function drugOf(resource: unknown, lookup: Lookup): string {
  const named = conceptText(field(resource, 'medicationCodeableConcept'));
  if (named) return named;
  const reference = field(resource, 'medicationReference');
  const display = maskWord(reference) ?? textOrMask(reference, 'display');
  if (display) return display;
  const medication = contained(resource, text(reference, 'reference')) ?? lookup(field(reference, 'reference'));
  return conceptText(field(medication, 'code')) ?? ingredients(medication) ?? 'Unnamed medicine';
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

/** An instruction's own words, else its parts: dose, route, how often, when. */
function dosageText(instruction: unknown): string | undefined {
  const written = maskWord(instruction) ?? textOrMask(instruction, 'text');
  if (written) return written;
  const dose = items(instruction, 'doseAndRate')[0];
  const parts = [
    quantityText(field(dose, 'doseQuantity')) ?? rangeText(field(dose, 'doseRange')),
    rateText(dose),
    conceptText(field(instruction, 'route')),
    timingText(field(instruction, 'timing')),
    text(instruction, 'patientInstruction'),
    conceptText(field(instruction, 'asNeededCodeableConcept')),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(', ');
}

function rateText(dose: unknown): string | undefined {
  const numerator = quantityText(field(dose, 'rateRatio', 'numerator'));
  const denominator = quantityText(field(dose, 'rateRatio', 'denominator'));
  if (numerator && denominator) return `${numerator} per ${denominator}`;
  return quantityText(field(dose, 'rateQuantity')) ?? rangeText(field(dose, 'rateRange'));
}

const units: ReadonlyMap<string, string> = new Map(
  Object.entries({
    s: 'second',
    min: 'minute',
    h: 'hour',
    d: 'day',
    wk: 'week',
    mo: 'month',
    a: 'year',
  }),
);

/** How often, such as `2 times every 1 day`; the code's own words (`BID`) where there are any. */
function timingText(timing: unknown): string | undefined {
  const coded = conceptText(field(timing, 'code'));
  if (coded) return coded;
  const repeat = field(timing, 'repeat');
  const period = digits(repeat, 'period');
  const unit = units.get(text(repeat, 'periodUnit') ?? '');
  const when = items(repeat, 'when').filter((one) => typeof one === 'string');
  const often =
    period && unit
      ? `${digits(repeat, 'frequency') ?? '1'} times every ${period} ${unit}${period === '1' ? '' : 's'}`
      : '';
  return [often, ...when].filter((part) => part !== '').join(' ') || undefined;
}

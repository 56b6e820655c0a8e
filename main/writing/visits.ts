import type { NewVisit, VisitClass } from '../../preload/contract/clinical.ts';
import { VOID_NUMBER } from '../../preload/contract/extensions.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import { type Base, baseOf, type Changed, failed, patientOf, writerOf, written } from './change.ts';
import { classOf, coded } from './codes.ts';
import {
  conceptWords,
  instantOf,
  type JsonObject,
  listOf,
  parseResource,
  textOf,
  type Writing,
  type Written,
} from './resource.ts';

/** An identifier that was reserved for this workstation. */
export interface ReservedNumber {
  readonly system: string;
  readonly value: string;
}

const IDENTIFIER_TYPE = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** A record that was never sent, with another number in the place of its first one. */
export function renumbered(base: Base & { readonly type: string }, number: ReservedNumber, writing: Writing): Changed {
  const found = baseOf(base.type, base, writing);
  if (!found.ok) return found;
  const all = listOf(found.value['identifier']);
  const place = all.findIndex(({ use }) => use === 'official');
  if (base.versionId !== '' || place < 0) return failed('not-changeable');
  const identifier = all.map((one, index) => (index === place ? { ...one, ...number, extension: voided(one) } : one));
  const { value: made } = written(
    { ...found.value, identifier },
    base.type === 'Encounter'
      ? phrase('new-visit', number.value)
      : phrase('new-specimen', number.value, conceptWords(found.value['type']) ?? placeholder('record')),
  );
  return { ok: true, value: { ...made, number } };
}

/** The number that a record of ours has; null where it has none. */
export function numberIn(body: string): ReservedNumber | null {
  const own = listOf(parseResource(body)['identifier']).find(({ use }) => use === 'official');
  const [system, value] = [textOf(own?.['system']), textOf(own?.['value'])];
  return system === undefined || value === undefined ? null : { system, value };
}

/** That labels with the number of before are void goes with the record, to whoever has one of them. */
function voided({ value, extension }: JsonObject): JsonObject[] {
  const before = typeof value === 'string' ? [{ url: VOID_NUMBER, valueString: value }] : [];
  return [...listOf(extension), ...before];
}

/** A visit that begins now, with the number that the EHR would have given it (R4 encounter.html). */
export function newVisit(
  given: Pick<NewVisit, 'reason'> & { readonly class: VisitClass },
  { system, value }: ReservedNumber,
  writing: Writing,
): Written {
  const { reason } = given;
  const resource: JsonObject = {
    resourceType: 'Encounter',
    id: writing.id,
    identifier: [{ use: 'official', type: coded(IDENTIFIER_TYPE, 'VN', 'Visit number'), system, value }],
    status: 'in-progress',
    class: classOf(given.class),
    subject: patientOf(writing),
    participant: [{ individual: writerOf(writing) }],
    period: { start: instantOf(writing) },
    ...(reason !== null && { reasonCode: [{ text: reason }] }),
  };
  return { ...written(resource, phrase('new-visit', value)).value, number: { system, value } };
}

import type { Result } from '../../preload/contract/channel.ts';
import type { NewSpecimen } from '../../preload/contract/clinical.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import { failed, patientOf, writerOf, written } from './change.ts';
import { specimenOf } from './codes.ts';
import { conceptWords, instantOf, type JsonObject, type Writing, type Written } from './resource.ts';
import type { ReservedNumber } from './visits.ts';

/** Time by which two clocks may differ. */
const AHEAD_MS = 5 * 60_000;

/** What was taken of a patient, with the number that its label says (R4 specimen.html). */
export function newSpecimen(
  { type, text, collected }: Pick<NewSpecimen, 'type' | 'text' | 'collected'>,
  { system, value }: ReservedNumber,
  writing: Writing,
): Result<Written, 'out-of-range'> {
  if (collected !== null && Date.parse(collected) > writing.now + AHEAD_MS) return failed('out-of-range');
  const concept = specimenOf(type, text);
  const resource: JsonObject = {
    resourceType: 'Specimen',
    id: writing.id,
    identifier: [{ use: 'official', system, value }],
    status: 'available',
    type: concept,
    subject: patientOf(writing),
    collection: { collector: writerOf(writing), collectedDateTime: collected ?? instantOf(writing) },
  };
  const { value: made } = written(
    resource,
    phrase('new-specimen', value, conceptWords(concept) ?? placeholder('record')),
  );
  return { ok: true, value: { ...made, number: { system, value } } };
}

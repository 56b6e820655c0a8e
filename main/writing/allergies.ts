import type { NewAllergy } from '../../preload/contract/clinical.ts';
import { phrase, placeholder } from '../../preload/contract/placeholders.ts';
import {
  type Base,
  baseOf,
  type Changed,
  conceptOf,
  during,
  failed,
  noted,
  patientOf,
  writerOf,
  written,
} from './change.ts';
import { ALLERGY_CLINICAL, ALLERGY_VERIFICATION, coded, noKnownAllergy } from './codes.ts';
import { codesIn, conceptWords, instantOf, type JsonObject, type Writing, type Written } from './resource.ts';

/** A new allergy or intolerance (R4 allergyintolerance.html). */
export function newAllergy(given: NewAllergy, writing: Writing): Written {
  const { substance, category, criticality, verification, onset, reactions, note } = given;
  const resource = {
    ...statement(verification, conceptOf(substance), writing),
    ...(category.length > 0 && { category: [...new Set(category)] }),
    ...(criticality && { criticality }),
    ...(onset && { onsetDateTime: onset }),
    ...noted(note, writing),
    ...(reactions.length > 0 && {
      reaction: reactions.map(({ manifestation, severity }) => ({
        manifestation: [conceptOf(manifestation)],
        ...(severity && { severity }),
      })),
    }),
  };
  return written(resource, phrase('new-allergy', substance.text)).value;
}

/** The coded statement that no allergies are known (design rule 7). */
export function noKnownAllergies(writing: Writing): Written {
  return written(statement('confirmed', noKnownAllergy, writing), phrase('new-no-known-allergies')).value;
}

function statement(verification: NewAllergy['verification'], code: JsonObject, writing: Writing): JsonObject {
  return {
    resourceType: 'AllergyIntolerance',
    id: writing.id,
    clinicalStatus: coded(ALLERGY_CLINICAL, 'active', 'Active'),
    verificationStatus: coded(ALLERGY_VERIFICATION, verification),
    code,
    patient: patientOf(writing),
    ...during(writing),
    recordedDate: instantOf(writing),
    recorder: writerOf(writing),
  };
}

/** An allergy that turned out to be none: it stays in the record, refuted, with the reason. */
export function refutedAllergy(base: Base & { reason: string }, writing: Writing): Changed {
  const found = baseOf('AllergyIntolerance', base, writing);
  if (!found.ok) return found;
  const before = found.value;
  const [verification] = codesIn(before['verificationStatus'], ALLERGY_VERIFICATION);
  if (verification === 'refuted' || verification === 'entered-in-error') return failed('not-changeable');
  const resource = {
    ...before,
    clinicalStatus: coded(ALLERGY_CLINICAL, 'inactive', 'Inactive'),
    verificationStatus: coded(ALLERGY_VERIFICATION, 'refuted', 'Refuted'),
    ...noted(base.reason, writing, before['note']),
  };
  return written(resource, phrase('refuted', conceptWords(before['code']) ?? placeholder('substance')));
}

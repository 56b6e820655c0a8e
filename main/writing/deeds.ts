import type { Deed } from '../../preload/contract/clinical.ts';
import { taskStatus } from '../../preload/contract/clinical.ts';
import { ALLERGY_VERIFICATION, CONDITION_CLINICAL, CONDITION_VERIFICATION } from './codes.ts';
import { codesIn, type JsonObject, listOf, objectOf, parseResource, textOf } from './resource.ts';

/** What was done to a record of the server, and what was said of it. */
export interface Done {
  readonly deed: Deed;
  readonly reason: string | null;
  /** When something was over, as exactly as it was known. */
  readonly end: string | null;
}

/** What a rejected change did; null where it was none of the deeds, or more than one. */
export function doneIn(texts: {
  readonly base: string;
  readonly mine: string;
  readonly provenance: string | null;
}): Done | null {
  const [base, mine] = [parseResource(texts.base), parseResource(texts.mine)];
  const deed = deedIn(base, mine);
  // Each deed leaves at most one comment: of a second one the dialog would say nothing.
  const notes = listOf(mine['note']).slice(listOf(base['note']).length);
  if (deed === null || notes.length > 1) return null;
  const end = textOf(mine['abatementDateTime']) ?? textOf(objectOf(mine['effectivePeriod'])['end']) ?? null;
  const hasEnd = deed === 'resolve' || deed === 'inactivate' || deed === 'stop';
  return {
    deed,
    reason: reasonIn(mine, texts.provenance) ?? textOf(notes[0]?.['text']) ?? null,
    end: hasEnd ? end : null,
  };
}

const PROBLEM_DEEDS: Readonly<Record<string, Deed>> = {
  resolved: 'resolve',
  inactive: 'inactivate',
  active: 'reactivate',
};

function deedIn(base: JsonObject, mine: JsonObject): Deed | null {
  if (isInError(mine)) return isInError(base) ? null : 'entered-in-error';
  const status = textOf(mine['status']);
  if (status !== undefined && status === textOf(base['status'])) return null;
  switch (mine['resourceType']) {
    case 'AllergyIntolerance':
      return codesIn(mine['verificationStatus'], ALLERGY_VERIFICATION).includes('refuted') ? 'refute' : null;
    case 'Condition':
      return PROBLEM_DEEDS[codesIn(mine['clinicalStatus'], CONDITION_CLINICAL)[0] ?? ''] ?? null;
    case 'MedicationStatement':
      return status === 'stopped' ? 'stop' : null;
    case 'Task':
      return taskStatus.safeParse(status).data ?? null;
    case 'Appointment':
      return status === 'arrived' || status === 'checked-in' ? status : null;
    default:
      return null;
  }
}

function isInError(resource: JsonObject): boolean {
  const verification = [ALLERGY_VERIFICATION, CONDITION_VERIFICATION].flatMap((system) =>
    codesIn(resource['verificationStatus'], system),
  );
  return [resource['status'], resource['docStatus'], ...verification].includes('entered-in-error');
}

/** As the Provenance says it, which all deeds have; where the sign-in doesn't cover one, as the record does. */
function reasonIn(mine: JsonObject, provenance: string | null): string | undefined {
  const told = provenance === null ? [] : listOf(parseResource(provenance)['reason']);
  const said = told.flatMap(({ text }) => textOf(text) ?? []);
  const status = mine['statusReason'];
  return said[0] ?? textOf(objectOf(Array.isArray(status) ? status[0] : status)['text']);
}

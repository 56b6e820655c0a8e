import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/*
 * HL7's own examples of R4 (CC0), as the standard's publisher has put them into a package. They are strange in all the
 * ways in which real servers are: half of a record missing, dates in years, references to nothing, pages of narrative.
 */

export interface Example extends Record<string, unknown> {
  readonly resourceType: string;
  readonly id: string;
}

const FOLDER = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');
/** The standard's own text as resources: thousands of one make. A few of each are as good. */
const DEFINITIONS = /^(CodeSystem|ConceptMap|OperationDefinition|SearchParameter|StructureDefinition|ValueSet)-/;
const DEFINITIONS_OF_EACH = 3;
/** The standard's definitions in one Bundle each. */
const SIZE_MAX = 1_000_000;

/** Every example of a record: one of each type at the least. */
export function hl7Examples(): Example[] {
  const seen = new Map<string, number>();
  const files = readdirSync(FOLDER).filter((file) => {
    if (!/^[A-Z].*\.json$/.test(file) || statSync(join(FOLDER, file)).size > SIZE_MAX) return false;
    const [, type] = DEFINITIONS.exec(file) ?? [];
    if (type === undefined) return true;
    seen.set(type, (seen.get(type) ?? 0) + 1);
    return (seen.get(type) ?? 0) <= DEFINITIONS_OF_EACH;
  });
  return files.map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Example);
}

const WHOSE = ['subject', 'patient', 'beneficiary', 'individual', 'for'] as const;
/** Where a type that has no `subject` names the patient. */
const NAMED: Readonly<Record<string, string>> = { Device: 'patient', Task: 'for' };

/** The example as a record of one patient: whoever it is about, or nobody, it is about her. */
export function aboutPatient(example: Example, patientId: string): Example {
  const reference = `Patient/${patientId}`;
  const text = JSON.stringify(example).replace(/"(?:https?:\/\/[^"]*\/)?Patient\/[^"/]+/g, `"${reference}`);
  const own = JSON.parse(text) as Example;
  const named = WHOSE.some((name) => (own[name] as { reference?: string } | undefined)?.reference === reference);
  return named ? own : { ...own, [NAMED[own.resourceType] ?? 'subject']: { reference } };
}

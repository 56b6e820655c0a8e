import fhir from 'fhir';
import { validate } from '../server/fhir/validate.ts';
import { brokenInvariants } from './invariants.ts';

/*
 * Whether a resource is valid R4, by programs that are not ours and that the product doesn't check with: HL7's JSON
 * schema, Lantana's FHIR.js (cardinality, bindings, types of references, unknown elements) and HL7's invariants by the
 * National Library of Medicine's FHIRPath.
 */

const others = new fhir.Fhir();

/** What is wrong with a resource; none where nothing is. */
export function faultsByOthers(resource: object): string[] {
  const plain = JSON.parse(JSON.stringify(resource)) as Record<string, unknown>;
  const { messages } = others.validate(plain, { errorOnUnexpected: true });
  const grave = messages.filter(
    ({ severity, location, message }) =>
      (severity === 'error' || severity === 'fatal') &&
      !(message === 'Missing property' && isExtended(plain, location)),
  );
  return [
    ...schemaFaults(plain),
    ...grave.map(({ location, message }) => `${location}: ${message}`),
    ...brokenInvariants(plain),
  ];
}

/** In the place of a primitive there may be an extension (R4 json.html#primitive), which FHIR.js takes for none. */
function isExtended(resource: object, location = ''): boolean {
  const [, ...path] = location.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  const name = path.pop();
  const holder = path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], resource);
  return typeof holder === 'object' && holder !== null && `_${name}` in holder;
}

function schemaFaults(resource: object): string[] {
  try {
    validate(resource);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** @throws with all that is wrong with a resource. */
export function expectValid(resource: object): void {
  const faults = faultsByOthers(resource);
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** Extension of an identifier: the number in whose place it was given, which turned out to be another patient's. */
export const VOID_NUMBER = 'https://wardlight.org/fhir/StructureDefinition/void-number';

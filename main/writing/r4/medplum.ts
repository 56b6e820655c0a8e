/** The part of the library that is used, so that no more of it is bundled. */
export { indexStructureDefinitionBundle, validateResource } from '@medplum/core';

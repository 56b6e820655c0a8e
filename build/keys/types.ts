import type { CapabilityStatement } from 'fhir/r4';
import type { FhirClient } from '../../main/fhir/client.ts';
import { ServerFailure } from './team.ts';

/** Types of which the server says that they can be searched (R4 capabilitystatement.html). */
export async function searchableTypes(fhir: Pick<FhirClient, 'get'>): Promise<string[]> {
  const answer = await fhir.get('metadata');
  if (!answer.ok) throw new ServerFailure(answer.error.code);
  const { rest = [] } = JSON.parse(answer.value.text) as CapabilityStatement;
  return rest.flatMap(({ resource = [] }) =>
    resource.flatMap(({ type, interaction }) =>
      interaction?.some(({ code }) => code === 'search-type') === false ? [] : [type],
    ),
  );
}

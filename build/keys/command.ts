import { randomUUID } from 'node:crypto';
import { createFhirClient, type FhirClient } from '../../main/fhir/client.ts';
import { needed, Refusal, type Secrets, type Values } from './arguments.ts';
import { hasKeys, type OrganisationKeys, openOrganisation } from './organisation.ts';

/** What a command has to say. */
export interface Outcome {
  readonly text: string;
  readonly value: object;
  readonly ok: boolean;
  /** What to do next, for a person; not part of the answer. */
  readonly advice?: string;
}

export type Command = (values: Values, secrets: Secrets, what: string | undefined) => Promise<Outcome>;

/** With the keys of the folder that is named. */
export async function opened(
  values: Values,
  secrets: Secrets,
  work: (keys: OrganisationKeys) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = needed(values, 'keys');
  if (!hasKeys(folder)) throw new Refusal('keys-missing', 'There are no keys in that folder.');
  return withKeys(folder, await secrets.ask('PIN of the token: '), work);
}

export async function withKeys(
  folder: string,
  pin: string,
  work: (keys: OrganisationKeys) => Promise<Outcome>,
): Promise<Outcome> {
  const keys = openedBy(folder, pin);
  try {
    return await work(keys);
  } finally {
    keys.close();
  }
}

function openedBy(folder: string, pin: string): OrganisationKeys {
  try {
    return openOrganisation({ folder, pin });
  } catch (error) {
    const isWrong = error instanceof Error && /PIN/.test(error.message);
    throw isWrong ? new Refusal('pin-wrong', 'The token does not open with that PIN.') : error;
  }
}

export async function clientOf(server: string, secrets: Secrets): Promise<FhirClient> {
  const token = await secrets.ask('Access token of the FHIR server: ');
  return createFhirClient({
    base: server,
    fetch,
    accessToken: async () => ({ ok: true, value: token }),
    requestId: randomUUID,
    retry: { wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), random: Math.random },
  });
}

/** `1 record`, `2 records`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

import type { FhirClient } from '../fhir/client.ts';

/** Nobody who stands before a lock screen waits longer. */
const LONGEST_MS = 15_000;

/**
 * Asks the server for the clinician's own record: an answer is worth something only where the token was looked at, and
 * the capability statement is given to anybody.
 */
export async function askServer(
  fhir: Pick<FhirClient, 'get'>,
  practitioner: string,
): Promise<{ serverTime: number } | 'lease-expired' | 'lease-sign-in'> {
  const answer = await fhir.get(practitioner, AbortSignal.timeout(LONGEST_MS));
  if (!answer.ok) return answer.error.code === 'unauthorized' ? 'lease-sign-in' : 'lease-expired';
  const serverTime = Date.parse(answer.value.serverTime ?? '');
  return Number.isNaN(serverTime) ? 'lease-expired' : { serverTime };
}

/** The same client; each authenticated answer that says the time is told. */
export function withContacts(fhir: FhirClient, onContact: (serverTime: number) => void): FhirClient {
  const told = async (path: string, asked: ReturnType<FhirClient['get']>) => {
    const answer = await asked;
    const serverTime = answer.ok ? Date.parse(answer.value.serverTime ?? '') : Number.NaN;
    if (!Number.isNaN(serverTime) && path !== 'metadata') onContact(serverTime);
    return answer;
  };
  return {
    base: fhir.base,
    get: (url, signal, conditions) => told(url, fhir.get(url, signal, conditions)),
    send: (write, signal) => told(write.url, fhir.send(write, signal)),
  };
}

import { parse, stringify } from 'lossless-json';
import type { Result } from '../../preload/contract/channel.ts';
import type { FhirClient } from '../fhir/client.ts';
import { type NetworkError, networkErrors } from './network.ts';

type Outcome = 'done' | 'later';

/** How often it is tried anew with a version that somebody else has just made. */
const ATTEMPTS = 3;

const unreachable: ReadonlySet<string> = new Set([...networkErrors, 'cancelled']);

/**
 * Sets a Task to `completed`, over the version that was read and no other. `done` also where the server does not take it,
 * which no later attempt would change.
 */
export async function completeTask(fhir: Pick<FhirClient, 'get' | 'send'>, task: string): Promise<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const answer = await fhir.get(task);
    if (!answer.ok) return isPassing(answer.error) ? 'later' : 'done';
    const read = taskOf(answer.value.text);
    if (!read || read.status === 'completed') return 'done';
    const body = stringify({ ...read.whole, status: 'completed' }) ?? '';
    const sent = await fhir.send({ method: 'PUT', url: task, body, ifMatch: read.versionId });
    if (sent.ok) return 'done';
    if (sent.error.code !== 'conflict') return isPassing(sent.error) ? 'later' : 'done';
  }
  return 'done';
}

function isPassing({ code, status }: { code: string; status: number | null }): boolean {
  return unreachable.has(code) || status === 429 || (status !== null && status >= 500);
}

function taskOf(text: string): { whole: object; status: string; versionId: string } | null {
  try {
    const whole = parse(text) as { status?: unknown; meta?: { versionId?: unknown } };
    const versionId = String(whole.meta?.versionId ?? '');
    return versionId === '' ? null : { whole, status: String(whole.status), versionId };
  } catch {
    return null;
  }
}

export interface AcknowledgeOptions {
  /** A token for an order that was found by an earlier start; `denied` where the server gives none any more. */
  renew: () => Promise<Result<string, 'denied' | NetworkError>>;
  clientFor: (accessToken: string) => Promise<Pick<FhirClient, 'get' | 'send'>>;
}

/** Acknowledges an order with the token that found it, or with a new one. */
export async function acknowledgeWipe(
  task: string,
  accessToken: string | undefined,
  { renew, clientFor }: AcknowledgeOptions,
): Promise<Outcome> {
  const token = accessToken === undefined ? await renew() : ({ ok: true, value: accessToken } as const);
  if (!token.ok) return token.error.code === 'denied' ? 'done' : 'later';
  return completeTask(await clientFor(token.value), task);
}

import type { Bundle, Resource } from 'fhir/r4';
import type { FhirError } from '../fhir/client.ts';
import type { FhirErrorCode } from '../fhir/errors.ts';
import { networkErrors } from './network.ts';

/** What is told as it is; the rest is the server's problem. */
const told = ['unauthorized', ...networkErrors] as const;

export interface AskFailure {
  readonly code: 'revoked' | 'server-error' | (typeof told)[number];
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | null;
}

export type Asked<Value> = { ok: true; value: Value } | { ok: false; error: AskFailure };

/** What a server answers that keeps no such records, or not for this client: then only its token endpoint can revoke. */
const notOffered: ReadonlySet<FhirErrorCode> = new Set(['forbidden', 'not-found', 'gone', 'rejected', 'conflict']);
const NOT_IMPLEMENTED = 501;

/** Whether a server has said that it doesn't offer what was asked. */
export function isNotOffered({ code, status }: FhirError): boolean {
  return notOffered.has(code) || status === NOT_IMPLEMENTED;
}

export function failed({ code, retryAfter }: FhirError): { ok: false; error: AskFailure } {
  const known = told.find((one) => one === code) ?? 'server-error';
  // Given up with the run: nothing is wrong with the server.
  return { ok: false, error: { code: code === 'cancelled' ? 'server-unreachable' : known, retryAfter } };
}

export function bundleOf(text: string): Bundle | null {
  try {
    const value = JSON.parse(text) as Bundle | null;
    return value?.resourceType === 'Bundle' ? value : null;
  } catch {
    return null;
  }
}

/** Null where it is no Bundle. */
export function entriesOf(text: string): Resource[] | null {
  const bundle = bundleOf(text);
  if (!bundle) return null;
  return (Array.isArray(bundle.entry) ? bundle.entry : []).flatMap((entry) => entry?.resource ?? []);
}

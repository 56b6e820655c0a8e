/** What of the network has failed, before a server could answer. */
export const networkErrors = [
  'offline',
  'server-unreachable',
  'server-certificate',
  'server-pin',
  'client-certificate',
  'proxy-refused',
] as const;

/** Why a request to a FHIR server gave no answer that can be used. */
export const fhirErrors = [
  ...networkErrors,
  'cancelled',
  'unauthorized',
  'forbidden',
  'not-found',
  'gone',
  'conflict',
  'too-many-requests',
  'rejected',
  'server-error',
  'server-answer-invalid',
] as const;
export type FhirErrorCode = (typeof fhirErrors)[number];

/** Chromium names its errors in the message (`net::ERR_…`), Node in a `code` down the chain of causes. */
export function networkCode(error: unknown, signal?: AbortSignal): FhirErrorCode {
  if (signal?.aborted) return 'cancelled';
  const said: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    said.push(cause.message, String((cause as { code?: unknown }).code ?? ''));
  }
  const words = said.join(' ');
  // Before the others: it names SSL too.
  if (/SSL_PINNED/.test(words)) return 'server-pin';
  if (/SSL_CLIENT_AUTH/.test(words)) return 'client-certificate';
  if (/PROXY_AUTH/.test(words)) return 'proxy-refused';
  if (/ERR_CERT|ERR_SSL|CERT_|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(words)) return 'server-certificate';
  if (/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ENETUNREACH|ENETDOWN/.test(words)) return 'offline';
  return 'server-unreachable';
}

/** What a status that is none of success means here (RFC 9110, section 15; R4 http.html). */
export function statusCode(status: number): FhirErrorCode {
  const named: Record<number, FhirErrorCode> = {
    401: 'unauthorized',
    403: 'forbidden',
    404: 'not-found',
    407: 'proxy-refused',
    409: 'conflict',
    410: 'gone',
    412: 'conflict',
    429: 'too-many-requests',
  };
  return named[status] ?? (status >= 500 ? 'server-error' : 'rejected');
}

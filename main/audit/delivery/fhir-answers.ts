import type { FhirError } from '../../fhir/client.ts';
import { type DeliveryFailure, type NotDelivered, undelivered } from './receipt.ts';

/* What the answers of a FHIR server mean for what is brought to it. */

/** More than one resource is what `If-None-Exist` asks for: several requests at once have made it, and it is there. */
export const SEVERAL_THERE = 412;

/** Whether two addresses are one server's. */
export function isSameServer(left: string, right: string): boolean {
  const whole = (text: string) => (text.endsWith('/') ? text : `${text}/`);
  return whole(left) === whole(right);
}

/** Refused for what was sent, and not for who sent it or when. */
export function isOfContent({ status }: FhirError): boolean {
  return status !== null && status >= 400 && status < 500 && ![401, 403, 407, 408, 425, 429].includes(status);
}

/** What keeps something from being brought, by the client's failure. */
export function failureOf({ code, retryAfter }: FhirError): NotDelivered {
  const codes: Readonly<Partial<Record<FhirError['code'], DeliveryFailure>>> = {
    unauthorized: 'not-signed-in',
    forbidden: 'access-denied',
    'server-certificate': 'target-certificate',
    'server-pin': 'target-certificate',
    'client-certificate': 'target-certificate',
    'too-many-requests': 'target-busy',
    'server-error': 'target-failed',
    cancelled: 'cancelled',
    offline: 'target-unreachable',
    'server-unreachable': 'target-unreachable',
    'proxy-refused': 'target-unreachable',
  };
  return undelivered(codes[code] ?? 'target-failed', retryAfter === null ? null : retryAfter * 1000);
}

import { hash } from 'node:crypto';
import type { NoteSigner } from '../log/note.ts';

/*
 * HTTP Message Signatures (RFC 9421) with Ed25519, over the digest of the body (RFC 9530). The key is the log's own, so
 * that whoever has its public key for the record can verify alarms too. The parameter `tag` says what it was signed for.
 */

/** A request that tells of an alarm. */
export interface AlarmRequest {
  readonly url: string;
  /** JSON. */
  readonly body: string;
  /** By which the other side knows an alarm again that comes twice. */
  readonly alarm: string;
  /** Seconds since 1970. */
  readonly created: number;
}

/** The only thing that is signed in this way. */
const TAG = 'wardlight-alarm';
const METHOD = 'POST';
const LABEL = 'wardlight';

/** The headers of the request, its signature among them. */
export function signedHeaders(
  { url, body, alarm, created }: AlarmRequest,
  signer: Pick<NoteSigner, 'vkey' | 'signMessage'>,
): Record<string, string> {
  const headers = {
    'content-type': 'application/json',
    'content-digest': `sha-256=:${hash('sha256', body, 'base64')}:`,
    // draft-ietf-httpapi-idempotency-key-header: a structured string.
    'idempotency-key': quoted(alarm),
  };
  const components: readonly (readonly [string, string])[] = [
    ['@method', METHOD],
    ['@target-uri', new URL(url).href],
    ...Object.entries(headers),
  ];
  const names = components.map(([name]) => quoted(name)).join(' ');
  const parameters = `(${names});created=${created};keyid=${quoted(signer.vkey)};tag=${quoted(TAG)}`;
  const lines = components.map(([name, value]) => `${quoted(name)}: ${value}`);
  // RFC 9421 section 2.5: no line feed at the end.
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n');
  return {
    ...headers,
    'signature-input': `${LABEL}=${parameters}`,
    signature: `${LABEL}=:${signer.signMessage(base).toString('base64')}:`,
  };
}

/** RFC 9651 section 3.3.3; ids and keys have nothing in them that would have to be escaped. */
function quoted(text: string): string {
  if (!/^[A-Za-z0-9 @/+=._:-]*$/.test(text)) throw new Error('not a text for a header');
  return `"${text}"`;
}

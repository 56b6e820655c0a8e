import { randomUUID } from 'node:crypto';
import { demand } from './access.ts';
import { type Call, type Fhir, JSON_TYPES, versionHeaders } from './call.ts';
import { create, read, update } from './interactions.ts';
import type { Reply } from './reply.ts';

/** Binary in its native form as well as JSON: FHIR R4 binary.html#rest. */

const wantsJson = (call: Call) =>
  /\bjson\b/.test(call.header('accept') ?? '') || call.params.get('_format')?.includes('json');

/** The stored JSON, or the bytes themselves where the client doesn't ask for FHIR. */
export function readBinary(fhir: Fhir, call: Call, id: string): Reply {
  const reply = read(fhir, call, 'Binary', id);
  if (reply.status !== 200 || wantsJson(call)) return reply;
  const version = fhir.store.current('Binary', id)!;
  const { contentType, data } = fhir.store.parsed(version) as { contentType?: string; data?: string };
  return {
    status: 200,
    headers: { ...versionHeaders(version), 'content-type': contentType ?? 'application/octet-stream' },
    body: Buffer.from(data ?? '', 'base64'),
  };
}

/** A write of raw bytes becomes a Binary; FHIR JSON of one is taken as such. */
export function writeBinary(fhir: Fhir, call: Call, id: string | undefined): Reply {
  const contentType = call.header('content-type') ?? 'application/octet-stream';
  const inner = call.body.subarray(0, 4096).toString('latin1');
  if (JSON_TYPES.test(contentType) && inner.includes('"Binary"')) {
    return id === undefined ? create(fhir, call, 'Binary') : update(fhir, call, 'Binary', id);
  }
  demand(call.access, 'Binary', id === undefined ? 'c' : 'u');
  const newId = id ?? randomUUID();
  const resource = { resourceType: 'Binary', id: newId, contentType, data: call.body.toString('base64') };
  const asJson: Call = {
    ...call,
    body: Buffer.from(JSON.stringify(resource)),
    header: (name) => (name === 'content-type' ? 'application/fhir+json' : call.header(name)),
  };
  return id === undefined ? create(fhir, asJson, 'Binary', newId) : update(fhir, asJson, 'Binary', id);
}

import { sealFields } from '../../../../main/documents/fields/seal.ts';
import { CERTIFICATE_TYP } from '../../../../main/documents/keys/certificates.ts';
import { publicHalf } from '../../../../main/documents/keys/device.ts';
import { certificateResource } from '../../../../main/documents/keys/directory.ts';
import { pseudonymOf } from '../../../../main/documents/keys/pseudonym.ts';
import { thumbprintOf } from '../../../../main/documents/keys/public-keys.ts';
import type { Recipient } from '../../../../main/documents/types.ts';
import { must, type Site } from './support.ts';

/** Has the pair of a nurse certified, who is on the care team of `p1`; answers its thumbprint. */
export function certified(site: Site, pair: JsonWebKey): string {
  const jwk = publicHalf(pair);
  const jti = thumbprintOf(jwk);
  const sub = 'Practitioner/dev-lindqvist';
  const iat = Math.floor(site.now() / 1000);
  const claims = { iss: 'x', sub, device: 'w', use: 'device', jwk, jti, iat, exp: iat + 3_600 };
  const certificate = site.keys.organisation.signed(CERTIFICATE_TYP, claims);
  site.server.store.put({ ...certificateResource(certificate, jti, sub), id: 'hers' });
  return jti;
}

/** A record of `p1` as a workstation has sealed it, for the organisation alone. */
export async function sealedRecord(
  { keys: { organisation } }: Site,
  record: { readonly resourceType: string; readonly id: string },
  path: string,
): Promise<string> {
  const { resourceType: type, id } = record;
  const named = (field: 'record' | 'patient' | 'author', value: string) =>
    pseudonymOf(organisation.contextKey(), field, value);
  const context = {
    v: '1',
    type,
    record: named('record', `${type}/${id}`),
    patient: named('patient', 'Patient/p1'),
    author: named('author', 'Practitioner/dev-osei'),
    role: 'x',
    purpose: 'TREAT',
    policy: '1',
    created: 'x',
  } as const;
  const fields = [{ type, path, label: null }];
  const recipients: Recipient[] = [{ kind: 'rsa', ...organisation.wrapping()[0]! }];
  return must(await sealFields(JSON.stringify(record), { fields, recipients, context }));
}

/** An observation whose value says a word to be searched for. */
export const observation = (id: string, more: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject: { reference: 'Patient/p1' },
  valueString: `CANARY ${id}`,
  ...more,
});

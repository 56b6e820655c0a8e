import { generateKeyPairSync } from 'node:crypto';
import type { DocumentReference } from 'fhir/r4';
import { beforeAll, expect, test } from 'vitest';
import { ENCRYPTION_URL, exposureOf } from '../../../../main/documents/keys/exposure.ts';
import { type PublicKey, readPem } from '../../../../main/documents/keys/public-keys.ts';
import type { FhirClient } from '../../../../main/fhir/client.ts';
import { encrypt } from './support.ts';

const keyOf = (): PublicKey => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 3_072 });
  return readPem(publicKey.export({ type: 'spki', format: 'pem' }).toString()) as PublicKey;
};

let lost: PublicKey;
let other: PublicKey;
let forLost: string;
let forOther: string;

const headerFor = async (key: PublicKey) =>
  (await encrypt([{ kind: 'rsa', ...key }], { document: `of ${key.thumbprint}` })).header.toString('base64');

beforeAll(async () => {
  [lost, other] = [keyOf(), keyOf()];
  [forLost, forOther] = [await headerFor(lost), await headerFor(other)];
});

const document = (id: string, header: string): DocumentReference => ({
  resourceType: 'DocumentReference',
  id,
  status: 'current',
  subject: { reference: 'Patient/p1' },
  content: [
    { attachment: { extension: [{ url: ENCRYPTION_URL, extension: [{ url: 'header', valueBase64Binary: header }] }] } },
  ],
});

/** A server of these answers, by path; a type's history and anything else that isn't there is refused. */
function serverOf(answers: Readonly<Record<string, readonly object[]>>): Pick<FhirClient, 'get'> {
  const error = { code: 'forbidden', status: 403, outcome: null, retryAfter: null, serverTime: null } as const;
  return {
    async get(url) {
      const found = answers[url.split('?')[0] ?? ''];
      if (!found) return { ok: false, error };
      const text = JSON.stringify({ resourceType: 'Bundle', entry: found.map((resource) => ({ resource })) });
      return { ok: true, value: { text, status: 200, serverTime: null, etag: null, location: null } };
    },
  };
}

test('a key could open what names it now, what ever named it, and what the service wrapped for it', async () => {
  const note = { resourceType: 'DocumentReference', id: 'note', status: 'current', content: [{ attachment: {} }] };
  const fhir = serverOf({
    DocumentReference: [document('now', forLost), document('before', forOther), document('never', forOther), note],
    'DocumentReference/before/_history': [document('before', forOther), document('before', forLost)],
    'DocumentReference/never/_history': [document('never', forOther)],
  });
  const exposed = await exposureOf(fhir, lost.thumbprint);
  expect(exposed).toEqual({
    ok: true,
    value: {
      documents: [
        { id: 'now', patient: 'Patient/p1', current: true },
        { id: 'before', patient: 'Patient/p1', current: false },
      ],
      examined: 3,
      unknown: [],
      fields: { records: [], examined: 0, unknown: [], refused: [] },
    },
  });
  const granted = new Set([`of ${other.thumbprint}`]);
  const served = serverOf({ DocumentReference: [document('served', forOther)] });
  expect(await exposureOf(served, lost.thumbprint, { granted })).toMatchObject({
    value: { documents: [{ id: 'served', current: false }], unknown: [] },
  });
});

test('what can’t be said is told as unknown, and never as safe', async () => {
  const damaged = Buffer.from(forOther, 'base64').subarray(0, 100).toString('base64');
  const odd = { ...document('odd', ''), content: [{ attachment: { extension: [null] } }] };
  const fhir = serverOf({
    DocumentReference: [document('no-history', forOther), document('damaged', damaged), odd],
    'DocumentReference/damaged/_history': [document('damaged', damaged)],
    'DocumentReference/odd/_history': [odd],
  });
  expect(await exposureOf(fhir, lost.thumbprint)).toMatchObject({
    value: { documents: [], unknown: ['no-history', 'damaged', 'odd'] },
  });
  expect(await exposureOf(serverOf({}), lost.thumbprint)).toEqual({ ok: false, error: { code: 'directory-refused' } });
});

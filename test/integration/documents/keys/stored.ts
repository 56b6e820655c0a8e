import { createHash } from 'node:crypto';
import type { DocumentReference } from 'fhir/r4';
import { type Header, parseHeader } from '../../../../main/documents/format/header.ts';
import { pseudonymOf } from '../../../../main/documents/keys/pseudonym.ts';
import type { EncryptionContext, Recipient } from '../../../../main/documents/types.ts';
import { newDocument } from '../../../../main/writing/documents.ts';
import { readEnvelope } from '../../../../main/writing/envelope.ts';
import { anyContext, encrypt, must, type Site } from './support.ts';

/** Stores the record of a file of Osei's about `p1`, as the queue leaves it on the server; answers the file's message. */
export async function storeFile(
  { keys, server, now }: Site,
  id: string,
  recipients: readonly Recipient[],
  more: Partial<EncryptionContext> = {},
): Promise<Buffer> {
  const named = (field: 'patient' | 'author', value: string) =>
    pseudonymOf(keys.organisation.contextKey(), field, value);
  const context = {
    ...anyContext,
    document: `document-${id}`,
    patient: named('patient', 'Patient/p1'),
    author: named('author', 'Practitioner/dev-osei'),
    ...more,
  };
  const { header, message } = await encrypt(recipients, context);
  const hash = (name: string) => createHash(name).update(message).digest('base64');
  const spooled = {
    size: message.length,
    plainSize: 1,
    sha256: hash('sha256'),
    sha1: hash('sha1'),
    header: header.toString('base64'),
    headerLength: header.length,
  };
  const writing = { patientId: 'p1', practitioner: 'Practitioner/dev-osei', display: 'x', encounter: null, id };
  const at = { now: now(), offsetMinutes: 0 };
  const { body } = newDocument(
    { kind: 'photo', title: 'Wound', file: 'image', spooled, context },
    { ...writing, ...at },
  );
  server.store.put(JSON.stringify({ ...JSON.parse(body), id }));
  return message;
}

/** The newest header of a stored file. */
export function storedHeader({ server }: Pick<Site, 'server'>, id: string): Header {
  const record = server.store.read('DocumentReference', id) as DocumentReference;
  const envelope = readEnvelope(JSON.stringify(record))?.envelope;
  return must(parseHeader(Buffer.from(envelope?.header ?? '', 'base64')));
}

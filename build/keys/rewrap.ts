import type { DocumentReference } from 'fhir/r4';
import { isMasked, MASKED } from '../../main/documents/fields/whole.ts';
import { type Header, headerBytes, parseHeader, proveHeader, withKeys } from '../../main/documents/format/header.ts';
import { KEYS_MAX } from '../../main/documents/format/limits.ts';
import { pseudonymOf } from '../../main/documents/keys/pseudonym.ts';
import type { FhirClient } from '../../main/fhir/client.ts';
import { ENCRYPTED, readEnvelope, rewrapped } from '../../main/writing/envelope.ts';
import { type Anew, goThrough, type Pass, type Progress } from './bulk.ts';
import { withFieldRecipients } from './fields.ts';
import type { OrganisationKeys } from './organisation.ts';
import type { Teams } from './team.ts';
import type { Unwrapper } from './unwrap.ts';
import { fileKeys, isSame, wantedOf } from './wanted.ts';

/* Wraps the data keys of the documents and sealed fields of a server anew, by the organisation's key in the token. */

export interface Rewrapping {
  readonly fhir: Pick<FhirClient, 'base' | 'get' | 'send'>;
  readonly keys: OrganisationKeys;
  readonly unwrap: Unwrapper;
  readonly teams: Teams;
  /** Types of the records whose sealed fields are looked for. */
  readonly types: readonly string[];
  /** File that says where it stands. */
  readonly state: string;
  readonly onProgress: (done: Progress) => void;
}

/** A page is what is looked at again after a stop. */
const PAGE = 20;
const search = (type: string, parameter: string, value: string) =>
  `${type}?${parameter}=${encodeURIComponent(value)}&_count=${PAGE}`;
const FILES: Pass = {
  name: 'files',
  type: 'DocumentReference',
  first: search('DocumentReference', 'contenttype', ENCRYPTED),
};

/** First the documents with files, then what has sealed fields, type by type. */
export async function rewrapAll(options: Rewrapping): Promise<Progress> {
  const { fhir, keys, types, state, onProgress } = options;
  const fields = types.map((type) => ({
    name: type,
    type,
    first: search(type, '_security', `${MASKED.system}|${MASKED.code}`),
    isOptional: true,
  }));
  return goThrough({
    fhir,
    key: [keys.wrapping()[0], keys.ecdh()[0]].flatMap((one) => one?.thumbprint ?? []).join(' '),
    passes: [FILES, ...fields],
    // A server that knows no such search answers with everything.
    isMeant: (pass, record) => pass === FILES || isMasked(record),
    anew: (pass, text) => (pass === FILES ? withRecipients(options, text) : withFieldRecipients(options, text)),
    state,
    onProgress,
  });
}

/** The record with a header for those who should be its recipients today. */
async function withRecipients({ keys, teams, unwrap }: Rewrapping, text: string): Promise<Anew> {
  const envelope = readEnvelope(text)?.envelope;
  const header = envelope && parseHeader(Buffer.from(envelope.header, 'base64'));
  if (!header?.ok) return { code: 'envelope-invalid' };
  const dataKey = await unwrap(header.value);
  if (dataKey === null) return { code: 'not-a-recipient' };
  try {
    if (!['original', 'rewrapped'].includes(proveHeader(header.value, dataKey))) return { code: 'header-not-genuine' };
    const people = peopleOf(keys, JSON.parse(text) as DocumentReference, header.value);
    if (people === null) return { code: 'context-mismatch' };
    const [inForce] = keys.wrapping();
    const devices = await teams.devices(people.patient, people.authors);
    const wanted = wantedOf([inForce!, ...devices], KEYS_MAX);
    const all = fileKeys(keys, header.value, wanted, dataKey);
    if (isSame(header.value.keys, all)) return 'unchanged';
    const next = withKeys(header.value, all, dataKey);
    return rewrapped(text, headerBytes(next).toString('base64')) ?? { code: 'envelope-invalid' };
  } finally {
    dataKey.fill(0);
  }
}

/** Of whom the record is, where the message says so too: the server could have written anybody's name into it. */
function peopleOf(keys: OrganisationKeys, { subject, author = [] }: DocumentReference, { context }: Header) {
  const contextKey = keys.contextKey();
  const patient = subject?.reference ?? '';
  if (pseudonymOf(contextKey, 'patient', patient) !== context['patient']) return null;
  const authors = author.flatMap(({ reference }) => reference ?? []);
  return { patient, authors: authors.filter((one) => pseudonymOf(contextKey, 'author', one) === context['author']) };
}

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Bundle, DocumentReference } from 'fhir/r4';
import * as z from 'zod';
import { type Header, headerBytes, parseHeader, proveHeader, withKeys } from '../../main/documents/format/header.ts';
import { KEYS_MAX } from '../../main/documents/format/limits.ts';
import { pseudonymOf } from '../../main/documents/keys/pseudonym.ts';
import type { FhirClient } from '../../main/fhir/client.ts';
import { ENCRYPTED, readEnvelope, rewrapped } from '../../main/writing/envelope.ts';
import { withFieldRecipients } from './fields.ts';
import type { OrganisationKeys } from './organisation.ts';
import { ServerFailure, type Teams } from './team.ts';
import type { Unwrapper } from './unwrap.ts';
import { fileKeys, isSame, wantedOf } from './wanted.ts';

/*
 * Wraps the data keys of the documents of a server anew, by the organisation's key in the token. What can be done twice
 * without harm needs no journal: where it stands is kept only so that a run that was stopped needn't look at all again.
 */

export interface Rewrapping {
  readonly fhir: Pick<FhirClient, 'base' | 'get' | 'send'>;
  readonly keys: OrganisationKeys;
  readonly unwrap: Unwrapper;
  readonly teams: Teams;
  /** File that says where it stands. */
  readonly state: string;
  readonly onProgress: (done: Progress) => void;
}

export interface Progress {
  readonly examined: number;
  readonly rewrapped: number;
  readonly unchanged: number;
  /** Documents that could not be wrapped anew, and why. */
  readonly failed: readonly { readonly id: string; readonly code: string }[];
}

const stateSchema = z.strictObject({
  server: z.string(),
  /** For whose keys it is done. */
  key: z.string(),
  /** What it looks through: documents with files, then those with sealed fields. */
  pass: z.enum(['files', 'fields']),
  /** Page to go on with; null: all is done. */
  next: z.string().nullable(),
  examined: z.int(),
  rewrapped: z.int(),
  unchanged: z.int(),
  failed: z.array(z.strictObject({ id: z.string(), code: z.string() })),
});
type State = z.infer<typeof stateSchema>;

/** A page is what is looked at again after a stop. */
const PAGE = 20;
const MASKED = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue|MASKED';
const search = (parameter: string, value: string) =>
  `DocumentReference?${parameter}=${encodeURIComponent(value)}&_count=${PAGE}`;
const passes = {
  files: { first: search('contenttype', ENCRYPTED), anew: withRecipients },
  fields: { first: search('_security', MASKED), anew: withFieldRecipients },
} as const;
/** How often it is tried with a version that somebody else has just made. */
const ATTEMPTS = 3;

export async function rewrapAll(options: Rewrapping): Promise<Progress> {
  const { fhir, keys, state, onProgress } = options;
  const inForce = [keys.wrapping()[0], keys.ecdh()[0]].flatMap((one) => one?.thumbprint ?? []);
  const key = inForce.join(' ');
  let at = resumed(state, fhir.base, key) ?? fresh(fhir.base, key);
  while (at.next !== null) {
    const answer = await fhir.get(at.next);
    if (
      !answer.ok &&
      at.next !== passes[at.pass].first &&
      ['gone', 'not-found', 'rejected'].includes(answer.error.code)
    ) {
      // The server has forgotten the page: what was done is found done.
      at = fresh(fhir.base, key);
      continue;
    }
    if (!answer.ok) throw new ServerFailure(answer.error.code);
    const { entries, next } = pageOf(answer.value.text);
    for (const id of entries) at = counted(at, id, await rewrapOne(options, passes[at.pass].anew, id));
    at = next === null && at.pass === 'files' ? { ...at, pass: 'fields', next: passes.fields.first } : { ...at, next };
    keep(state, at);
    onProgress(at);
  }
  return at;
}

type Outcome = { readonly done: 'rewrapped' | 'unchanged' } | { readonly code: string };

async function rewrapOne(options: Rewrapping, anew: typeof withRecipients, id: string): Promise<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // The text as the server writes it: what is not ours in it goes back as it came.
    const url = `DocumentReference/${id}`;
    const read = await options.fhir.get(url);
    if (!read.ok) {
      if (['gone', 'not-found'].includes(read.error.code)) return { done: 'unchanged' };
      throw new ServerFailure(read.error.code);
    }
    const { text } = read.value;
    const body = await anew(options, text);
    if (body === 'unchanged') return { done: 'unchanged' };
    if (typeof body !== 'string') return body;
    const versionId = (JSON.parse(text) as DocumentReference).meta?.versionId;
    if (versionId === undefined) return { code: 'version-missing' };
    const sent = await options.fhir.send({ method: 'PUT', url, body, ifMatch: versionId });
    if (sent.ok) return { done: 'rewrapped' };
    if (sent.error.code !== 'conflict') throw new ServerFailure(sent.error.code);
  }
  return { code: 'conflict' };
}

/** The record with a header for those who should be its recipients today. */
async function withRecipients(
  { keys, teams, unwrap }: Rewrapping,
  text: string,
): Promise<string | { readonly code: string }> {
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

function pageOf(text: string): { readonly entries: string[]; readonly next: string | null } {
  const { entry = [], link = [] } = JSON.parse(text) as Bundle;
  const entries = entry.flatMap(({ resource }) =>
    resource?.resourceType === 'DocumentReference' && resource.id ? [resource.id] : [],
  );
  return { entries, next: link.find(({ relation }) => relation === 'next')?.url ?? null };
}

function counted(at: State, id: string, outcome: Outcome): State {
  const examined = at.examined + 1;
  if ('code' in outcome) return { ...at, examined, failed: [...at.failed, { id, code: outcome.code }] };
  return { ...at, examined, [outcome.done]: at[outcome.done] + 1 };
}

function fresh(server: string, key: string): State {
  return { server, key, pass: 'files', next: passes.files.first, examined: 0, rewrapped: 0, unchanged: 0, failed: [] };
}

/** Where a run stands that was stopped; null where there is none, or it was another one. */
function resumed(file: string, server: string, key: string): State | null {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return state.server === server && state.key === key && state.next !== null ? state : null;
  } catch {
    return null;
  }
}

function keep(file: string, state: State): void {
  const pending = `${file}.new`;
  writeFileSync(pending, JSON.stringify(state), { mode: 0o600, flush: true });
  renameSync(pending, file);
}

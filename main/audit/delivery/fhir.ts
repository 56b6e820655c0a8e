import { createHash } from 'node:crypto';
import type { AuditEvent, Bundle, BundleEntry } from 'fhir/r4';
import type { FhirClient } from '../../fhir/client.ts';
import { failureOf, isOfContent, isSameServer, SEVERAL_THERE } from './fhir-answers.ts';
import { type Consignment, type Delivered, type NotDelivered, type Target, undelivered } from './receipt.ts';

export interface FhirTargetOptions {
  readonly name: string;
  /** Base address of the one server that this is. */
  readonly server: string;
  /** The client of whoever is signed in, for whatever server; null while nobody is. */
  readonly client: () => FhirClient | null;
  readonly now: () => number;
}

/**
 * AuditEvent has no identifier in R4, so each carries its id in the log as a tag, by which a server knows it again
 * (`If-None-Exist`). Its logical id is the server's: an id of ours would need PUT, which can replace.
 */
export const ENTRY_TAG = 'https://wardlight.org/fhir/audit-entry';

const BATCH = 100;

interface Counts {
  created: number;
  present: number;
  elsewhere: number;
  readonly refused: number[];
  readonly locations: string[];
}

interface Event {
  readonly seq: number;
  readonly entry: BundleEntry<AuditEvent>;
}

/**
 * AuditEvents on the FHIR server, by create alone. Only those go there that are about this server: what was seen of a
 * patient elsewhere is none of its business. What it can't promise: whoever administers the server can alter them.
 */
export function createFhirTarget({ name, server, client, now }: FhirTargetOptions): Target {
  async function deliver(segment: Consignment, signal: AbortSignal): Promise<Delivered> {
    const counts: Counts = { created: 0, present: 0, elsewhere: 0, refused: [], locations: [] };
    for (let first = segment.first; first < segment.end; first += BATCH) {
      const fhir = client();
      if (!fhir || !isSameServer(fhir.base, server)) return undelivered('not-signed-in');
      const events = await eventsFor(segment, first, counts);
      const failure = events.length === 0 ? null : await send(fhir, events, counts, signal);
      if (failure) return failure;
    }
    const { locations, ...numbers } = counts;
    return {
      ok: true,
      value: {
        kind: 'fhir',
        writeOnce: false,
        server,
        ...numbers,
        locations: createHash('sha256')
          .update(locations.map((one) => `${one}\n`).join(''))
          .digest('hex'),
        time: new Date(now()).toISOString(),
      },
    };
  }

  async function eventsFor(segment: Consignment, first: number, counts: Counts): Promise<Event[]> {
    const events: Event[] = [];
    for (const { seq, event } of await segment.events(first, Math.min(segment.end, first + BATCH))) {
      const resource = readEvent(event);
      if (!resource || !isAbout(resource, server)) counts.elsewhere += 1;
      else events.push({ seq, entry: createEntry(resource) });
    }
    return events;
  }

  return {
    name,
    deliver: (segment, signal) =>
      deliver(segment, signal).catch(() => undelivered(signal.aborted ? 'cancelled' : 'segment-unreadable')),
    // Its receipt has only counts.
    confirm: async () => ({ ok: true, value: null }),
  };
}

/** All at once; where the server doesn't take batches, or not so large ones, in halves down to single creates. */
async function send(
  fhir: FhirClient,
  events: readonly Event[],
  counts: Counts,
  signal: AbortSignal,
): Promise<NotDelivered | null> {
  const [only] = events;
  if (only && events.length === 1) return sendOne(fhir, only, counts, signal);
  const bundle: Bundle = { resourceType: 'Bundle', type: 'batch', entry: events.map(({ entry }) => entry) };
  const answer = await fhir.send({ method: 'POST', url: '', body: JSON.stringify(bundle) }, signal);
  const statuses = answer.ok ? statusesOf(answer.value.text, events.length) : null;
  if (!answer.ok && !isOfContent(answer.error)) return failureOf(answer.error);
  if (!statuses) {
    const middle = Math.ceil(events.length / 2);
    return (
      (await send(fhir, events.slice(0, middle), counts, signal)) ??
      (await send(fhir, events.slice(middle), counts, signal))
    );
  }
  for (const [at, { status, location }] of statuses.entries()) {
    const failure = count(events[at]?.seq ?? 0, status, location, counts);
    if (failure) return failure;
  }
  return null;
}

async function sendOne(fhir: FhirClient, { seq, entry }: Event, counts: Counts, signal: AbortSignal) {
  const { resource, request } = entry;
  const answer = await fhir.send(
    {
      method: 'POST',
      url: 'AuditEvent',
      body: JSON.stringify(resource),
      ifNoneExist: request?.ifNoneExist ?? '',
      prefer: 'return=minimal',
    },
    signal,
  );
  if (answer.ok) return count(seq, answer.value.status, answer.value.location ?? '', counts);
  const { status } = answer.error;
  return status !== null && isOfContent(answer.error) ? count(seq, status, '', counts) : failureOf(answer.error);
}

/** Counts what became of an event; a failure where it has to be sent again. */
function count(seq: number, status: number, location: string, counts: Counts): NotDelivered | null {
  if (status === 201) {
    counts.created += 1;
    counts.locations.push(location);
  } else if (status === 200 || status === SEVERAL_THERE) {
    counts.present += 1;
    counts.locations.push(location);
  } else if ([401, 403].includes(status)) return undelivered('access-denied');
  else if (status === 429 || status >= 500) return undelivered('target-busy');
  else counts.refused.push(seq);
  return null;
}

function createEntry(event: AuditEvent): BundleEntry<AuditEvent> {
  const { id = '', meta, ...rest } = event;
  const tag = [...(meta?.tag ?? []), { system: ENTRY_TAG, code: id }];
  const ifNoneExist = `_tag=${encodeURIComponent(`${ENTRY_TAG}|${id}`)}`;
  return {
    fullUrl: `urn:uuid:${id}`,
    resource: { ...rest, source: withoutEmptySite(rest.source), meta: { ...meta, tag } },
    request: { method: 'POST', url: 'AuditEvent', ifNoneExist },
  };
}

/** What is of the workstation itself has no site, and FHIR has no empty strings. */
function withoutEmptySite({ site, ...source }: AuditEvent['source']): AuditEvent['source'] {
  return site ? { ...source, site } : source;
}

function readEvent(text: string): AuditEvent | null {
  try {
    const value = JSON.parse(text) as Partial<AuditEvent> | null;
    return value?.resourceType === 'AuditEvent' && typeof value.id === 'string' ? (value as AuditEvent) : null;
  } catch {
    return null;
  }
}

/** About this server, or about no server: what is of the workstation itself names no patient. */
function isAbout({ source }: AuditEvent, server: string): boolean {
  return source?.site === undefined || source.site === '' || isSameServer(source.site, server);
}

interface EntryAnswer {
  readonly status: number;
  readonly location: string;
}

/** What the answer says of each entry; null where it isn't an answer to them all. */
function statusesOf(text: string, expected: number): EntryAnswer[] | null {
  try {
    const { type, entry } = JSON.parse(text) as Partial<Bundle>;
    if (type !== 'batch-response' || entry?.length !== expected) return null;
    const answers = entry.map(({ response }) => ({
      status: Number(response?.status?.slice(0, 3)),
      location: response?.location ?? '',
    }));
    return answers.every(({ status }) => status >= 200) ? answers : null;
  } catch {
    return null;
  }
}

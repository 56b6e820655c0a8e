import type { OperationOutcome } from 'fhir/r4';
import type { ServerText } from '../../cache/operations.ts';
import { readSearchset, type SearchsetPage } from '../../fhir/bundle-text.ts';
import type { FhirAnswer } from '../../fhir/client.ts';

/** What an answer or a page says of one version. */
export interface Version extends ServerText {
  readonly type: string;
  readonly id: string;
  readonly updated: string | null;
}

interface Head {
  resourceType?: unknown;
  id?: unknown;
  meta?: { versionId?: unknown; lastUpdated?: unknown; tag?: unknown } | null;
  identifier?: unknown;
}

/** Reads a resource's text as the version that it is; null where it is none. */
export function versionOf(text: string, etag: string | null = null): Version | null {
  const head = headOf(text);
  if (typeof head?.resourceType !== 'string' || typeof head.id !== 'string') return null;
  const { versionId, lastUpdated } = head.meta ?? {};
  return {
    type: head.resourceType,
    id: head.id,
    versionId: typeof versionId === 'string' ? versionId : (tagOf(etag) ?? ''),
    updated: typeof lastUpdated === 'string' ? lastUpdated : null,
    body: text,
  };
}

/** The version of one resource that an answer holds; null where it holds another, or none. */
export function answeredVersion({ text, etag }: FhirAnswer, type: string): Version | null {
  const version = versionOf(text, etag);
  return version?.type === type ? version : null;
}

/** A page of a search or a history; null where the text is none. */
export function pageOf(text: string): SearchsetPage | null {
  try {
    return readSearchset(text);
  } catch {
    return null;
  }
}

/** True of a text that says something, and is no resource: a firewall's page, or what a proxy made of the answer. */
export function isForeign(text: string): boolean {
  return text.trim() !== '' && typeof headOf(text)?.resourceType !== 'string';
}

/** An outcome by which a server refuses what it was sent, whatever the status says (R4 operationoutcome.html). */
export function refusalIn(text: string): OperationOutcome | null {
  const head = headOf(text);
  if (head?.resourceType !== 'OperationOutcome') return null;
  const outcome = head as OperationOutcome;
  const issues: readonly (OperationOutcome['issue'][number] | null)[] = Array.isArray(outcome.issue)
    ? outcome.issue
    : [];
  return issues.some((issue) => issue?.severity === 'error' || issue?.severity === 'fatal') ? outcome : null;
}

/** True of a version id that `If-Match` can carry. */
export function isTag(versionId: string | null): versionId is string {
  return versionId !== null && TAG.test(versionId);
}

const TAG = /^[\x21\x23-\x7e]{1,200}$/;

/** Version id of an ETag (`W/"3"`), or null. */
export function tagOf(etag: string | null): string | null {
  return /^(?:W\/)?"([^"]+)"$/.exec(etag?.trim() ?? '')?.[1] ?? null;
}

const LOCATION = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([^/?#]+))?$/;

/** Id and version of what was created, from a `Location`; null where it names no such resource. */
export function locationOf(location: string | null, type: string): { id: string; versionId: string | null } | null {
  const match = LOCATION.exec(location ?? '');
  return match?.[2] && match[1] === type ? { id: match[2], versionId: match[3] ?? null } : null;
}

/** True where the resource carries an identifier or a tag, given as `system|value`. */
export function isIdentifiedBy(text: string, token: string): boolean {
  return tokensOf(text).includes(token);
}

/** True where it carries one by which a client knows again what it has created. */
export function isIdentified(text: string): boolean {
  return tokensOf(text).some((token) => token.startsWith('urn:ietf:rfc:3986|urn:uuid:'));
}

function tokensOf(text: string): string[] {
  const head = headOf(text);
  // A QuestionnaireResponse has room for one identifier only, which is no list.
  const all = [head?.identifier, head?.meta?.tag].flat() as (
    | { system?: unknown; value?: unknown; code?: unknown }
    | null
    | undefined
  )[];
  return all.map((one) => `${one?.system}|${one?.value ?? one?.code}`);
}

function headOf(text: string): Head | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Head | null) : null;
  } catch {
    return null;
  }
}

import type { Witness } from '../cache/operations.ts';
import type { FhirErrorCode } from '../fhir/errors.ts';
import type { Capabilities } from './capabilities.ts';
import { type Failure, failed, type RunOptions, type ServerFacts, stopped } from './run-options.ts';

/** Patients of whom a version is asked for, where the first tells nothing. */
const WITNESSES = 3;
/** So many are looked through for those that the sign-in covers. */
const KNOWN = 100;
/** A copy that a server reads may be this late; what is younger is asked for again, and stops the run meanwhile. */
const LATE_MS = 2 * 60_000;

/** A version that the server had, as the cache knows it. */
type Known = Pick<Witness, 'type' | 'id' | 'versionId' | 'lastUpdated'> & { readonly patientId?: string | null };

/**
 * What one version says of the server. `forgotten`: it had it, and has it no longer. `suspicious`: so it looks, on a
 * server that doesn't tell deleted from unknown. `unknown`: nothing can be told; the record may not be read (403 says
 * nothing of what is there).
 */
type Verdict = 'known' | 'forgotten' | 'suspicious' | 'unknown';

/**
 * Whether the server remembers the newest version that the cache has seen. A restore forgets everything after some point
 * in time, so the newest is forgotten if anything is. Where nothing can be told by it, the newest of another patient is
 * asked for.
 */
export async function remembers(
  options: RunOptions,
  capabilities: Capabilities,
  serverTime: string,
): Promise<boolean | Failure> {
  const { cache, scopes } = options;
  const known = await cache.read.witnesses({ limit: KNOWN });
  if (known.length === 0) return true;
  const readable = known.filter(({ type }) => !scopes || scopes.allows(type, 'r'));
  const verdicts: Verdict[] = [];
  for (const witness of readable.slice(0, WITNESSES)) {
    const verdict = await ask(options, capabilities.hasVersions(witness.type), witness);
    if (typeof verdict !== 'string') return verdict;
    if (verdict === 'known') return true;
    if (verdict === 'forgotten') return isLate(witness.lastUpdated, serverTime) ? stopped('server-error') : false;
    verdicts.push(verdict);
  }
  if (verdicts.includes('suspicious')) {
    return verdicts.length < WITNESSES || verdicts.includes('unknown');
  }
  // Patients may all have gone out of reach; the clinician has not, unless the server is an empty one.
  return isThere(options, options.practitioner, new Set(['forbidden']));
}

/** Whether the server has forgotten any of a few versions of which it told older ones. */
export async function forgetsAny(
  options: RunOptions,
  { capabilities, serverTime }: Pick<ServerFacts, 'capabilities' | 'serverTime'>,
  items: readonly { type: string; id: string; versionId: string | null; lastUpdated: string | null }[],
): Promise<boolean | Failure> {
  for (const { type, id, versionId, lastUpdated } of items.slice(0, WITNESSES)) {
    if (!versionId || lastUpdated === null) continue;
    const verdict = await ask(options, capabilities.hasVersions(type), { type, id, versionId, lastUpdated });
    if (typeof verdict !== 'string') return verdict;
    if (verdict === 'forgotten') return isLate(lastUpdated, serverTime) ? stopped('server-error') : true;
  }
  return false;
}

function isLate(lastUpdated: string, serverTime: string): boolean {
  return Date.parse(serverTime) - Date.parse(lastUpdated) < LATE_MS;
}

async function ask(options: RunOptions, hasVersions: boolean, known: Known): Promise<Verdict | Failure> {
  const { fhir, signal } = options;
  const { type, id, versionId, lastUpdated } = known;
  if (!hasVersions) return askCurrent(options, false, known);
  const version = await fhir.get(`${type}/${id}/_history/${versionId}`, signal);
  if (version.ok) return judgeVersion(version.value.text, lastUpdated);
  if (version.error.code === 'gone') return judgeDeletion(options, known);
  if (!isAbsent(version.error.code)) return failed(version.error);
  return askCurrent(options, version.error.code === 'not-found', known);
}

/** What the record as it is says; `lacksVersion`: the server has said that it doesn't have the version. */
async function askCurrent(options: RunOptions, lacksVersion: boolean, known: Known): Promise<Verdict | Failure> {
  const current = await options.fhir.get(`${known.type}/${known.id}`, options.signal);
  if (current.ok) return judgeCurrent(current.value.text, known, lacksVersion);
  const { code } = current.error;
  if (code === 'forbidden') return 'unknown';
  if (code === 'gone') return lacksVersion ? judgeDeletion(options, known) : 'known';
  return code === 'not-found' ? judgeAbsence(options, known, lacksVersion) : failed(current.error);
}

/** Version ids are given out again after a restore: the time belongs to them. */
function judgeVersion(text: string, lastUpdated: string): Verdict | Failure {
  const meta = metaOf(text);
  if (!meta) return stopped('server-answer-invalid');
  return meta.updated === null || meta.updated === Date.parse(lastUpdated) ? 'known' : 'forgotten';
}

/**
 * The record was deleted, and the version can't be had: it may be that the server gives no version of such a record, that
 * it has forgotten this one, or that the number was given out again, for the deletion (http.html#vread). The record's
 * history tells these apart.
 */
async function judgeDeletion(
  { fhir, signal }: RunOptions,
  { type, id, versionId, lastUpdated }: Known,
): Promise<Verdict | Failure> {
  const answer = await fhir.get(`${type}/${id}/_history`, signal);
  if (!answer.ok) return isAbsent(answer.error.code) || answer.error.code === 'gone' ? 'unknown' : failed(answer.error);
  const history = historyOf(answer.value.text);
  if (!history) return stopped('server-answer-invalid');
  const { entries, isWhole } = history;
  const listed = entries.find(({ resource }) => resource?.meta?.versionId === versionId);
  if (listed) return judgeVersion(JSON.stringify(listed.resource), lastUpdated);
  const isReused = entries.some(({ resource, response }) => !resource && tagOf(response?.etag) === versionId);
  // The newest come first (R4 http.html#history): before an earlier one, or in the whole of it, this one would be listed.
  const tellsEarlier = entries.some(
    ({ resource }) => resource && (isWhole || Date.parse(String(resource.meta?.lastUpdated)) < Date.parse(lastUpdated)),
  );
  return isReused || tellsEarlier ? 'forgotten' : 'unknown';
}

interface HistoryEntry {
  readonly resource?: { readonly meta?: { readonly versionId?: unknown; readonly lastUpdated?: unknown } };
  readonly response?: { readonly etag?: unknown };
}

interface HistoryBundle {
  readonly resourceType?: unknown;
  readonly entry?: readonly HistoryEntry[];
  readonly link?: readonly { readonly relation?: unknown }[];
}

function historyOf(text: string): { entries: readonly HistoryEntry[]; isWhole: boolean } | null {
  try {
    const bundle = JSON.parse(text) as HistoryBundle | null;
    if (bundle?.resourceType !== 'Bundle') return null;
    return { entries: bundle.entry ?? [], isWhole: !bundle.link?.some(({ relation }) => relation === 'next') };
  } catch {
    return null;
  }
}

const tagOf = (etag: unknown) => /^(?:W\/)?"([^"]+)"$/.exec(String(etag))?.[1];

/** What the current version says of an earlier one that can't be had. */
function judgeCurrent(text: string, known: Known, lacksVersion: boolean): Verdict | Failure {
  const meta = metaOf(text);
  if (!meta) return stopped('server-answer-invalid');
  const ours = Date.parse(known.lastUpdated);
  if (meta.updated === null) return 'known';
  if (meta.versionId === known.versionId) return meta.updated === ours ? 'known' : 'forgotten';
  if (meta.updated < ours || lacksVersion) return 'forgotten';
  // Changed since, on the server that is known or on one that was restored: it tells nothing.
  return 'unknown';
}

/** A record that isn't there may be out of the clinician's reach, as its patient then is. */
async function judgeAbsence(
  options: RunOptions,
  { type, patientId = null }: Known,
  lacksVersion: boolean,
): Promise<Verdict | Failure> {
  if (patientId !== null) {
    const isReachable = type !== 'Patient' && (await isThere(options, `Patient/${patientId}`));
    if (typeof isReachable !== 'boolean') return isReachable;
    if (!isReachable) return 'unknown';
  }
  return lacksVersion ? 'forgotten' : 'suspicious';
}

function isAbsent(code: FhirErrorCode): boolean {
  return code === 'not-found' || code === 'forbidden';
}

interface Meta {
  readonly versionId: unknown;
  readonly updated: number | null;
}

/** Version and time of a resource; null where the text is none, such as one that was cut off. */
function metaOf(text: string): Meta | null {
  try {
    const resource = JSON.parse(text) as { meta?: { versionId?: unknown; lastUpdated?: unknown } } | null;
    if (typeof resource !== 'object' || resource === null) return null;
    const updated = Date.parse(String(resource.meta?.lastUpdated));
    return { versionId: resource.meta?.versionId, updated: Number.isNaN(updated) ? null : updated };
  } catch {
    return null;
  }
}

/** Whether a resource can be read; `allowed` are codes that say nothing against its being there. */
async function isThere(
  { fhir, signal }: RunOptions,
  url: string,
  allowed: ReadonlySet<FhirErrorCode> = new Set(),
): Promise<boolean | Failure> {
  const answer = await fhir.get(url, signal);
  if (answer.ok || allowed.has(answer.error.code)) return true;
  return isAbsent(answer.error.code) || answer.error.code === 'gone' ? false : failed(answer.error);
}

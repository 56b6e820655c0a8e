import type { Parameters, ParametersParameter } from 'fhir/r4';
import type { Cache } from '../cache/client.ts';
import type { NewTask, SyncTask } from '../cache/operations.ts';
import type { BulkClient, Manifest } from '../fhir/bulk.ts';
import type { RawError, RawResult } from '../fhir/raw.ts';
import type { Capabilities } from './capabilities.ts';
import { nameFiles } from './export-files.ts';
import type { Fetching } from './fetch.ts';
import { recordTypes, referencedTypes } from './plan.ts';
import { failed, type RunResult, type ServerFacts } from './run-options.ts';

export interface ExportPlan {
  /** Patients who are fetched whole, and are members of the Group. */
  readonly patients: readonly string[];
  readonly group: string | null;
  /** False where the others of the Group are here already, and only these patients are to be exported. */
  readonly isWholeGroup: boolean;
  readonly capabilities: Capabilities;
  readonly bulk: BulkClient | undefined;
}

/**
 * The first download of a Group that policy names, and later one of its new members, where the server offers exports.
 * What a new member's records say is older than the cursor, so no search for changes would bring it.
 */
export function exportTasks({ patients, group, isWholeGroup, capabilities, bulk }: ExportPlan): NewTask[] {
  if (!bulk || group === null || !capabilities.exportsGroups || patients.length === 0) return [];
  const types = [...recordTypes, ...referencedTypes].filter((type) => type === 'Patient' || capabilities.hasType(type));
  const query = `_outputFormat=application%2Ffhir%2Bndjson&_type=${types.join(',')}`;
  const members = isWholeGroup ? '' : `&${MEMBERS}=${patients.map((id) => `Patient/${id}`).join(',')}`;
  return [
    {
      label: 'All records',
      resourceType: 'Group',
      url: `Group/${group}/$export?${query}${members}`,
      patients,
      kind: 'export',
      // The changes of those who are known don't wait for it.
      phase: isWholeGroup ? 'safety' : 'changes',
    },
  ];
}

const MEMBERS = 'patient';

/** Only a POST can say whose records an export is to hold (Bulk Data Access 2.0, query parameters). */
function kickOffOf(url: string): { url: string; parameters?: Parameters } {
  const [path = '', query = ''] = url.split('?');
  const asked = new URLSearchParams(query);
  const members = asked.get(MEMBERS);
  if (members === null) return { url };
  const parameter: ParametersParameter[] = [...asked]
    .filter(([name]) => name !== MEMBERS)
    .map(([name, valueString]) => ({ name, valueString }));
  const patients = members.split(',').map((reference) => ({ name: MEMBERS, valueReference: { reference } }));
  return { url: path, parameters: { resourceType: 'Parameters', parameter: [...parameter, ...patients] } };
}

const POLL_FIRST_MS = 1_000;
const POLL_MAX_MS = 60_000;
/** Longest time that an export's files are waited for: no other run begins meanwhile, and nobody gets anything. */
const WAITED_MAX_MS = 30 * 60_000;
/** Attempts in a row that lead no further, after which an export is given up. */
const FAILURES_MAX = 3;
/** How long a server isn't asked for an export after one was given up: it would make each for nothing. */
const NO_EXPORT_MS = 24 * 60 * 60_000;
/** Where the cache keeps when an export was given up, as the server's time. */
const GIVEN_UP_AT = 'sync.exportGivenUpAt';

/** Answers to the kick-off that say that there is no export for this client. */
const notOffered: ReadonlySet<number | null> = new Set([400, 403, 404, 405, 406, 422, 501]);

/** Answers while an export is waited for after which it can be asked for again. */
const passing: ReadonlySet<number> = new Set([401, 429, 502, 503, 504]);

/** Failures that may pass, or may be all that ever comes; a redirection, which is refused, is among them. */
const doubtful: ReadonlySet<RawError['code']> = new Set(['server-error', 'too-many-requests', 'server-unreachable']);

/** Where an export stands, as the cache keeps it with the lines that are stored. */
interface Cursor {
  /** Address of its status; null before it was begun. */
  readonly status: string | null;
  /** Milliseconds that its files were waited for. */
  readonly waited: number;
  /** Attempts in a row that led no further. */
  readonly failures: number;
  /** By what the list of its files is known again; null before it was told. */
  readonly list: string | null;
  /** Lines of a file that are stored. */
  readonly lines: Readonly<Record<string, number>>;
  /** Files of which everything is stored. */
  readonly done: readonly string[];
}

const notBegun: Cursor = { status: null, waited: 0, failures: 0, list: null, lines: {}, done: [] };

interface Exporting {
  readonly fetching: Fetching;
  readonly bulk: BulkClient;
  readonly task: SyncTask;
  readonly place: Place;
}

type Place = ReturnType<typeof createPlace>;

/** The cursor of an export, here as in the cache. */
function createPlace({ write }: Cache, { seq, next }: SyncTask) {
  let cursor: Cursor = { ...notBegun, ...(next === null ? {} : (JSON.parse(next) as Partial<Cursor>)) };
  return {
    at: () => cursor,
    async move(change: Partial<Cursor>): Promise<void> {
      cursor = { ...cursor, ...change };
      await write.setCursor({ seq, next: JSON.stringify(cursor) });
    },
    /** Lines were stored, and the place after them with them: it leads on. */
    stored(lines: Cursor['lines']): void {
      cursor = { ...cursor, lines, failures: 0 };
    },
  };
}

/** `error` null: nothing will come of the export. */
type Step<Value> = RawResult<Value> | { ok: false; error: null };

const comesToNothing: Step<never> = { ok: false, error: null };
const cancelled: RawResult<never> = { ok: false, error: { code: 'cancelled', status: null, retryAfter: null } };

/**
 * A bulk export: begun, waited for, and its files stored line by line. The place in each file moves with the lines that
 * are stored, so that an export which is cut off repeats at most one portion. One that leads nowhere is given up, and
 * searches take its place: nobody goes without records for a server that can't export them.
 */
export async function fetchExport(
  fetching: Fetching,
  { serverTime }: ServerFacts,
  task: SyncTask,
  searchInstead: () => Promise<void>,
): Promise<RunResult> {
  const { bulk, cache, signal } = fetching.options;
  fetching.onStored(task, 0);
  const place = createPlace(cache, task);
  const isBegun = place.at().status !== null;
  if (!bulk || (!isBegun && (await wasGivenUp(cache, serverTime)))) {
    await searchInstead();
    return { ok: true };
  }
  const exported = await storeExport({ fetching, bulk, task, place });
  const { status, failures } = place.at();
  if (!exported.ok) {
    const { error } = exported;
    const isOffered = status !== null || error === null || !notOffered.has(error.status);
    if (error && isOffered && !leadsNowhere(error, failures)) {
      if (doubtful.has(error.code)) await place.move({ failures: failures + 1 });
      return failed(error);
    }
    if (isOffered) await cache.write.setMeta({ key: GIVEN_UP_AT, value: serverTime });
    await searchInstead();
  }
  if (status !== null) await bulk.cancel(status, signal);
  return { ok: true };
}

async function wasGivenUp({ read }: Cache, serverTime: string): Promise<boolean> {
  const at = await read.getMeta({ key: GIVEN_UP_AT });
  return at !== null && Math.abs(Date.parse(serverTime) - Date.parse(at)) < NO_EXPORT_MS;
}

/** What can't be used, such as an address where no token may go, is no other the next time. */
function leadsNowhere({ code }: RawError, failures: number): boolean {
  return code === 'server-answer-invalid' || (doubtful.has(code) && failures + 1 >= FAILURES_MAX);
}

async function storeExport(exporting: Exporting): Promise<Step<null>> {
  const { fetching, task } = exporting;
  const begun = await begin(exporting);
  if (!begun.ok) return begun;
  const waited = await waitFor(exporting, begun.value);
  if (!waited.ok) return waited;
  const { error, transactionTime } = waited.value;
  const stored = await storeFiles(exporting, waited.value);
  if (!stored.ok) return stored;
  const state = stored.value.isWhole && error.length === 0 ? 'done' : 'incomplete';
  await fetching.options.cache.write.endTask({ seq: task.seq, state, transactionTime });
  return { ok: true, value: null };
}

/** The address of its status. */
async function begin({ fetching, bulk, task, place }: Exporting): Promise<RawResult<string>> {
  const known = place.at().status;
  if (known !== null) return { ok: true, value: known };
  const begun = await bulk.begin(kickOffOf(task.url), fetching.options.signal);
  if (!begun.ok) return begun;
  const { status } = begun.value;
  await place.move({ status, failures: 0 });
  return { ok: true, value: status };
}

async function waitFor({ fetching, bulk, place }: Exporting, status: string): Promise<Step<Manifest>> {
  const { options, isStopping, sendMore } = fetching;
  const { timers, random, signal, stopping } = options;
  const ending = stopping ? AbortSignal.any([signal, stopping]) : signal;
  for (let polls = 0; ; polls += 1) {
    const asked = timers.now();
    const answer = await bulk.poll(status, signal);
    if (answer.ok && answer.value.manifest) return { ok: true, value: answer.value.manifest };
    const failure = answer.ok ? null : answer.error.status;
    // The server has forgotten the export, or can't make it.
    if (failure !== null && !passing.has(failure)) return comesToNothing;
    if (!answer.ok && failure !== 429) return answer;
    const retryAfter = answer.ok ? answer.value.retryAfter : answer.error.retryAfter;
    const step = Math.min(POLL_MAX_MS, POLL_FIRST_MS * 1.5 ** polls) * (0.75 + random() / 2);
    const ms = Math.max(step, (retryAfter ?? 0) * 1000);
    const { waited, failures } = place.at();
    if (waited + ms > WAITED_MAX_MS) return comesToNothing;
    await sendMore();
    await timers.wait(ms, ending);
    const passed = Math.max(0, timers.now() - asked);
    await place.move({ waited: waited + passed, failures: answer.ok ? 0 : failures });
    if (isStopping()) return cancelled;
  }
}

/**
 * What was stored of a list of other files counts for nothing: all of them are read then. Whole is what has as many lines
 * as the server says: a file that is cut off between two lines looks like one that ends there.
 */
async function storeFiles(exporting: Exporting, manifest: Manifest): Promise<RawResult<{ isWhole: boolean }>> {
  const { place } = exporting;
  const { files, list } = nameFiles(manifest);
  if (place.at().list !== list) await place.move({ list, lines: {}, done: [] });
  for (const { file, name, deletions } of files) {
    const { done } = place.at();
    if (done.includes(name)) continue;
    const stored = await storeFile(exporting, { url: file.url, name, deletions, serverTime: manifest.transactionTime });
    if (!stored.ok) return stored;
    if (file.count !== null && stored.value.lines < file.count) continue;
    await place.move({ lines: {}, done: [...done, name], failures: 0 });
  }
  return { ok: true, value: { isWhole: place.at().done.length === files.length } };
}

async function storeFile(
  { fetching, bulk, task, place }: Exporting,
  { url, name, deletions, serverTime }: { url: string; name: string; deletions: boolean; serverTime: string },
): Promise<RawResult<{ lines: number }>> {
  const { options, onStored, isStopping, sendMore } = fetching;
  const { cache, signal, onChanged } = options;
  // A soft end comes between two portions; what is under way is stored first.
  const ending = new AbortController();
  const stop = () => ending.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted || isStopping()) stop();
  let at = place.at().lines[name] ?? 0;
  const read = await bulk.lines(
    url,
    at,
    async (lines) => {
      const result = await cache.write.applyLines({
        seq: task.seq,
        file: name,
        lines,
        line: at,
        deletions,
        serverTime,
      });
      at += lines.length;
      place.stored({ ...place.at().lines, [name]: at });
      onChanged(result.patients);
      if (result.news) options.onChanges?.();
      onStored(task, result.stored);
      await sendMore();
      if (isStopping()) stop();
    },
    ending.signal,
  );
  signal.removeEventListener('abort', stop);
  if (read.ok) return { ok: true, value: { lines: at } };
  return ending.signal.aborted ? cancelled : read;
}

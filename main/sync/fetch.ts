import type { Cache } from '../cache/client.ts';
import type { SyncTask } from '../cache/operations.ts';
import type { FhirError } from '../fhir/client.ts';
import type { Division } from './division.ts';
import type { Pace } from './pace.ts';
import { FORM_PAGES, inHalves, saysPanel, withoutMissing } from './plan.ts';
import { type Failure, failed, type RunOptions, type RunResult, stopped } from './run-options.ts';
import { readUntold } from './untold.ts';
import { isTag } from './upload/texts.ts';

/** What the tasks of a run share. */
export interface Fetching {
  readonly options: RunOptions;
  readonly pace: Pace;
  readonly division: Division;
  /** Told of every answer that was stored. */
  readonly onStored: (task: SyncTask, stored: number) => void;
  /** True once no further page is to be asked for. */
  readonly isStopping: () => boolean;
  /** Sends what a clinician has changed meanwhile; to be called wherever a task takes its time. */
  readonly sendMore: () => Promise<void>;
}

/** Answers to a stored next link that a server gives when it has forgotten it; it begins anew then. */
const forgotten: ReadonlySet<string> = new Set(['not-found', 'gone', 'rejected', 'server-answer-invalid']);
/** A request that ends after this without an answer has taken the server too long. */
const TIMEOUT_MS = 30_000;
const TOO_LARGE = 413;
const unable: ReadonlySet<number | null> = new Set([TOO_LARGE, 500, 504]);
const busy: ReadonlySet<number | null> = new Set([429, 503]);

/** `alone`: the server has answered that it fails at this, which says nothing of whatever else it is asked for. */
export type TaskResult = RunResult | (Failure & { readonly alone: boolean });

/** A request's failure as that of its task. 503 and 429 ask to be left alone with everything. */
function taskFailed(error: FhirError): TaskResult {
  const alone = error.code === 'server-error' && !busy.has(error.status);
  return { ...failed(error), alone };
}

/** All pages of one search, history or comparison. Each page and the cursor behind it are one transaction. */
export async function fetchPages(fetching: Fetching, task: SyncTask): Promise<TaskResult> {
  const { options, onStored, isStopping, sendMore } = fetching;
  const { cache, fhir, policy } = options;
  const { seq } = task;
  let url: string | null = task.next ?? task.url;
  let kept = task.next;
  const asked: string[] = [];
  let pages = 0;
  const beginAnew = () => {
    kept = null;
    url = task.url;
  };
  onStored(task, 0);
  while (url !== null) {
    if (isStopping()) return stopped('cancelled');
    if (task.kind === 'history' && pages >= policy.historyPages) return leaveToSweep(fetching, task);
    // A list of forms that goes on without end must not keep the records waiting, nor be asked for again each time.
    if (task.resourceType === 'Questionnaire' && task.kind === 'search' && pages >= FORM_PAGES)
      return endUnread(fetching, task, { flawed: true });
    const answer = await get(fetching, url);
    if (!answer.ok) {
      const plain: string | null = answer.error.code === 'rejected' ? withoutMissing(url) : null;
      if (plain !== null) url = plain;
      else if (url === kept && forgotten.has(answer.error.code)) beginAnew();
      else return fetchFailed(fetching, task, answer.error);
      continue;
    }
    asked.push(url, new URL(url, fhir.base).href);
    const { text, serverTime } = answer.value;
    const result = serverTime
      ? await cache.write.applyText({ seq, text, serverTime, base: fhir.base, asked })
      : ({ kind: 'invalid' } as const);
    if (result.kind === 'invalid' && url === kept) {
      beginAnew();
      continue;
    }
    if (result.kind === 'invalid') return stopped('server-answer-invalid');
    if (result.patients.length > 0) options.onChanged(result.patients);
    if (result.news) options.onChanges?.();
    if (isDivided(task.kind)) fetching.division.answered(task.resourceType);
    onStored(task, result.stored);
    await sendMore();
    url = result.next;
    pages += 1;
  }
  return { ok: true };
}

/** One resource by its id. Only here an absence is a deletion (design rule 3). */
export async function fetchResource(fetching: Fetching, task: SyncTask): Promise<TaskResult> {
  const { options, onStored } = fetching;
  const { cache, fhir, onChanged } = options;
  const { seq, resourceType, url } = task;
  onStored(task, 0);
  const id = url.slice(resourceType.length + 1);
  // What a comparison found to differ is asked for whole: its version is what is in doubt.
  const version = task.phase === 'panel' ? await cache.read.version({ type: resourceType, id }) : null;
  const answer = await get(fetching, url, isTag(version) ? { ifNoneMatch: `W/"${version}"` } : {});
  const serverTime = answer.ok ? answer.value.serverTime : answer.error.serverTime;
  if (answer.ok && answer.value.status === 304 && serverTime) {
    await cache.write.endTask({ seq, state: 'done' });
    return { ok: true };
  }
  if (answer.ok) {
    const { text } = answer.value;
    const result = serverTime && (await cache.write.applyText({ seq, text, serverTime, base: fhir.base, asked: [] }));
    if (!result || result.kind === 'invalid') return stopped('server-answer-invalid');
    onChanged(result.patients);
    if (result.news) options.onChanges?.();
    onStored(task, result.stored);
    return { ok: true };
  }
  return fetchGone(fetching, task, answer.error);
}

/** A read that the server doesn't answer with the record. */
async function fetchGone({ options }: Fetching, task: SyncTask, error: FhirError): Promise<TaskResult> {
  const { cache, onChanged } = options;
  const { seq } = task;
  const { code, serverTime } = error;
  const how = code === 'gone' || code === 'not-found' ? 'gone' : code === 'forbidden' ? 'unavailable' : null;
  if (how === null || !serverTime) return taskFailed(error);
  // Policy names it, and all its patients would go with it: whether they are to go, IT says by policy.
  if (how === 'gone' && saysPanel(task)) return stopped('panel-missing');
  if (how === 'unavailable' && (saysPanel(task) || (await isUnsearchedRole(cache, task)))) {
    await cache.write.refuseTask({ seq, serverTime });
    return { ok: true };
  }
  const { patients, news } = await cache.write.applyGone({ seq, how, serverTime });
  onChanged(patients);
  if (news) options.onChanges?.();
  return { ok: true };
}

/** A role that may not be read is over where the search for the clinician's roles was answered without it, and only there. */
async function isUnsearchedRole(cache: Cache, { phase, resourceType }: SyncTask): Promise<boolean> {
  if (phase !== 'panel' || resourceType !== 'PractitionerRole') return false;
  const searched = await cache.read.tasks({ kind: 'teams', state: 'done' });
  return !searched.some((task) => task.resourceType === resourceType);
}

/** What the sign-in doesn't cover goes as the server's refusal (403) would, without asking it. */
export function refuseUnasked(fetching: Fetching, task: SyncTask, serverTime: string): Promise<TaskResult> {
  const error: FhirError = { code: 'forbidden', status: null, outcome: null, retryAfter: null, serverTime };
  return task.kind === 'read' ? fetchGone(fetching, task, error) : fetchFailed(fetching, task, error);
}

/** Asks once more while the server only wants smaller pages, or to be left alone for a short while. */
async function get({ options, pace }: Fetching, url: string, conditions: { ifNoneMatch?: string } = {}) {
  const { fhir, signal, timers, onAnswer } = options;
  for (;;) {
    const asked = timers.now();
    const sized = pace.sized(url);
    const answer = await fhir.get(sized, signal, conditions);
    if (answer.ok) {
      pace.good();
      onAnswer(answer.value.serverTime);
      return answer;
    }
    const { code, status, retryAfter, serverTime } = answer.error;
    if (status !== null) onAnswer(serverTime);
    const isTimeout = code === 'server-unreachable' && timers.now() - asked >= TIMEOUT_MS;
    if (!signal.aborted && (unable.has(status) || isTimeout) && /[?&]_count=/.test(url) && pace.tooLarge(sized))
      continue;
    if (busy.has(status) && (await pace.slowDown(retryAfter))) continue;
    return answer;
  }
}

/**
 * A search that the scope doesn't allow is answered. A history that can't be had leaves it to the comparison, a
 * comparison that can't be had is told by the section (`noteDeletions`), and a server may not know of practitioners' roles.
 */
async function fetchFailed(fetching: Fetching, task: SyncTask, error: FhirError): Promise<TaskResult> {
  const { cache } = fetching.options;
  const { code, serverTime } = error;
  const isRefusal = code === 'forbidden' || code === 'rejected' || code === 'not-found' || code === 'gone';
  const isLearning = task.kind === 'history' || (task.kind === 'sweep' && task.patients !== null);
  const isOptional = isLearning || (task.phase === 'panel' && task.resourceType === 'PractitionerRole');
  if (task.kind === 'history' && isRefusal) return refuseHistory(fetching, task);
  if (code === 'forbidden' && (await divide(fetching, task, error))) return { ok: true };
  if (isOptional && isRefusal) return endUnread(fetching, task);
  if (code !== 'forbidden' || !serverTime) return taskFailed(error);
  await cache.write.refuseTask({ seq: task.seq, serverTime });
  return { ok: true };
}

/** One patient whose records may not be read takes those of others along: two tasks take the place of one, if it pays. */
async function divide({ options, division }: Fetching, task: SyncTask, { status }: FhirError): Promise<boolean> {
  const { seq, kind, resourceType, patients } = task;
  // What the sign-in doesn't cover was not asked for.
  if (!isDivided(kind) || status === null || patients === null || patients.length < 2) return false;
  if (!division.pays(resourceType)) return false;
  await options.cache.write.appendTasks({ tasks: inHalves(task, patients), drop: [seq] });
  return true;
}

/**
 * What was deleted since the last run, a comparison finds. A server that refuses the history with each run is one that has
 * none: it is compared with once a day.
 */
async function refuseHistory({ options: { cache } }: Fetching, { seq, resourceType }: SyncTask): Promise<RunResult> {
  const { refused } = await readUntold(cache);
  if (!refused.includes(resourceType)) await cache.write.setMeta({ key: SWEEP_AT, value: '' });
  await cache.write.endTask({ seq, state: 'refused' });
  return { ok: true };
}

function isDivided(kind: SyncTask['kind']): boolean {
  return kind === 'search' || kind === 'sweep';
}

/** Too much has happened for a history to be read: a comparison of all ids finds what it would have told. */
async function leaveToSweep(fetching: Fetching, task: SyncTask): Promise<RunResult> {
  await fetching.options.cache.write.setMeta({ key: SWEEP_AT, value: '' });
  return endUnread(fetching, task);
}

async function endUnread(
  { options }: Fetching,
  { seq }: SyncTask,
  how: { readonly flawed?: boolean } = {},
): Promise<RunResult> {
  await options.cache.write.endTask({ seq, state: 'incomplete', ...how });
  return { ok: true };
}

/** Where the cache keeps the server time of the last comparison of all ids and versions; empty where one is due. */
export const SWEEP_AT = 'sync.sweepAt';

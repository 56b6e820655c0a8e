import type { CapabilityStatement } from 'fhir/r4';
import type { SyncError } from '../../preload/contract/sync.ts';
import type { Cache } from '../cache/client.ts';
import type { SyncTask } from '../cache/operations.ts';
import { readSearchset } from '../fhir/bundle-text.ts';
import type { FhirClient, FhirErrorCode } from '../fhir/client.ts';
import {
  CARE_TEAMS,
  careTeamTask,
  type Gaps,
  gapsOf,
  REFERENCES,
  recordTasks,
  referencedTypes,
  referenceTasks,
} from './plan.ts';

export interface Progress {
  label: string;
  done: number;
  total: number;
  resources: number;
}

export interface RunOptions {
  cache: Cache;
  fhir: FhirClient;
  /** `Practitioner/<id>` whose patients are fetched. */
  practitioner: string;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
  /** Patients whose records a page has changed. */
  onChanged: (patients: readonly string[]) => void;
  onAnswer: () => void;
}

export type RunResult =
  | { ok: true }
  | { ok: false; error: { code: SyncError | 'cancelled'; retryAfter: number | null } };

const syncCodes: Record<FhirErrorCode, SyncError | 'cancelled'> = {
  offline: 'offline',
  'server-unreachable': 'server-unreachable',
  'server-certificate': 'server-certificate',
  cancelled: 'cancelled',
  unauthorized: 'sign-in-needed',
  forbidden: 'server-refused',
  'not-found': 'server-refused',
  gone: 'server-refused',
  conflict: 'server-refused',
  'too-many-requests': 'server-error',
  rejected: 'server-refused',
  'server-error': 'server-error',
  'server-answer-invalid': 'server-answer-invalid',
};

/** Where the cache keeps what the last complete run did not get. */
const GAPS = 'sync.gaps';

/** Answers to a stored next link that a server gives when it has forgotten it; it begins anew then. */
const forgotten: ReadonlySet<string> = new Set(['not-found', 'gone', 'rejected', 'server-answer-invalid']);

function stopped(code: SyncError | 'cancelled', retryAfter: number | null = null): RunResult {
  return { ok: false, error: { code, retryAfter } };
}

/**
 * Goes on with the run that the cache holds, or begins a new one, until everything in scope is there. Each page and
 * its cursor are one transaction (design rule 1), so a run that is cut off anywhere repeats at most one page.
 */
export async function runSync(options: RunOptions): Promise<RunResult> {
  const { cache, practitioner, signal } = options;
  let run = await cache.read.run();
  if (run.complete || run.tasks.length === 0) {
    const gaps = gapsOf(run.tasks, await cache.read.panel());
    await cache.write.setMeta({ key: GAPS, value: JSON.stringify(gaps) });
    await cache.write.startRun({ tasks: [careTeamTask(practitioner)] });
    run = await cache.read.run();
  }
  let resources = 0;
  for (;;) {
    const tasks = run.tasks;
    let refused: RunResult | null = null;
    for (const [done, task] of tasks.entries()) {
      if (task.state !== 'pending') continue;
      const fetched = await fetchTask(options, task, (stored) => {
        resources += stored;
        options.onProgress({ label: task.label, done, total: tasks.length, resources });
      });
      // One search that the server can't answer must not keep the others from being made.
      if (!fetched.ok && fetched.error.code === 'server-refused') refused = fetched;
      else if (!fetched.ok) return fetched;
    }
    if (refused) return refused;
    const expanded = await expand(options, tasks);
    if (expanded !== 'expanded') return expanded;
    if (signal.aborted) return stopped('cancelled');
    run = await cache.read.run();
  }
}

/** All pages of one search. */
async function fetchTask(options: RunOptions, task: SyncTask, onPage: (stored: number) => void): Promise<RunResult> {
  const { cache, fhir, signal, onChanged, onAnswer } = options;
  const { seq } = task;
  let url: string | null = task.next ?? task.url;
  let stored = task.next;
  const seen = new Set<string>();
  onPage(0);
  while (url !== null) {
    if (signal.aborted) return stopped('cancelled');
    seen.add(url);
    const answer = await fhir.get(url, signal);
    if (!answer.ok) {
      const { code, retryAfter, serverTime } = answer.error;
      if (url === stored && forgotten.has(code)) {
        stored = null;
        url = task.url;
        continue;
      }
      if (code !== 'forbidden' || !serverTime) return stopped(syncCodes[code], retryAfter);
      onAnswer();
      await cache.write.refuseTask({ seq, serverTime });
      return { ok: true };
    }
    onAnswer();
    const { text, serverTime } = answer.value;
    const page = parsePage(text);
    // Without the server's time there is no cursor that could be trusted (design rule 2).
    const invalid = !page || !serverTime || (page.next !== null && seen.has(page.next));
    if (invalid && url === stored) {
      stored = null;
      url = task.url;
      continue;
    }
    if (invalid) return stopped('server-answer-invalid');
    const applied = await cache.write.applyPage({ seq, resources: page.resources, next: page.next, serverTime });
    if (applied.patients.length > 0) onChanged(applied.patients);
    onPage(applied.stored);
    url = page.next;
  }
  return { ok: true };
}

function parsePage(text: string) {
  try {
    return readSearchset(text);
  } catch {
    return null;
  }
}

/** Plans what follows from what was fetched; finishes the run when nothing does. */
async function expand(options: RunOptions, tasks: readonly SyncTask[]): Promise<RunResult | 'expanded'> {
  const { cache } = options;
  const run = await cache.read.run();
  const at = run.startedAt;
  if (at === null) {
    // Not a single answer could be used: the care teams themselves were refused.
    return stopped('server-refused');
  }
  if (tasks.every(({ label }) => label === CARE_TEAMS)) {
    const planned = await expandPanel(options, at, run.asOf);
    return planned === 'nothing' ? finish(options, at) : planned;
  }
  const asked = askedFor(tasks);
  const missing = await cache.read.missingReferences({ types: referencedTypes });
  const planned = referenceTasks(missing.filter(({ type, id }) => !asked.has(`${type}/${id}`)));
  if (planned.length > 0) {
    await cache.write.expandRun({ panel: await cache.read.panel(), tasks: planned });
    return 'expanded';
  }
  return finish(options, at);
}

async function finish({ cache, practitioner, onChanged }: RunOptions, at: string): Promise<RunResult> {
  await cache.write.finishRun({ asOf: at });
  onChanged(await cache.read.careTeamPatients({ practitioner, at }));
  return { ok: true };
}

/** What this run has searched for by id already: a server may not have it, and is not asked twice. */
function askedFor(tasks: readonly SyncTask[]): ReadonlySet<string> {
  const references = tasks.filter(({ label }) => label === REFERENCES);
  return new Set(
    references.flatMap(({ resourceType, url }) => {
      const ids = new URLSearchParams(url.slice(url.indexOf('?'))).get('_id')?.split(',') ?? [];
      return ids.map((id) => `${resourceType}/${id}`);
    }),
  );
}

async function expandPanel(
  options: RunOptions,
  at: string,
  asOf: string | null,
): Promise<RunResult | 'expanded' | 'nothing'> {
  const { cache, fhir, practitioner, signal } = options;
  const panel = await cache.read.careTeamPatients({ practitioner, at });
  const before = asOf === null ? [] : await cache.read.panel();
  const answer = await fhir.get('metadata', signal);
  if (!answer.ok) return stopped(syncCodes[answer.error.code], answer.error.retryAfter);
  const searchable = searchableTypes(answer.value.text);
  const gaps = JSON.parse((await cache.read.getMeta({ key: GAPS })) ?? '{}') as Gaps;
  const tasks = recordTasks({ panel, known: new Set(before), asOf, gaps, searchable });
  await cache.write.expandRun({ panel, tasks });
  return tasks.length > 0 ? 'expanded' : 'nothing';
}

/** Resource types that the server says it can search by patient (FHIR R4 capabilitystatement.html). */
function searchableTypes(metadata: string): ReadonlySet<string> | null {
  try {
    const statement = JSON.parse(metadata) as CapabilityStatement;
    const resources = statement.rest?.flatMap(({ resource }) => resource ?? []) ?? [];
    const types = resources
      .filter(({ searchParam }) => searchParam?.some(({ name }) => name === 'patient'))
      .map(({ type }) => String(type));
    return types.length > 0 ? new Set(types) : null;
  } catch {
    return null;
  }
}

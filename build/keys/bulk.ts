import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Bundle } from 'fhir/r4';
import * as z from 'zod';
import type { FhirClient } from '../../main/fhir/client.ts';
import { ServerFailure } from './team.ts';

/*
 * Goes through records of a server and writes some of them anew. What can be done twice without harm needs no journal:
 * where it stands is kept only so that a run that was stopped needn't look at all again.
 */

type Fhir = Pick<FhirClient, 'base' | 'get' | 'send'>;

/** A search that is gone through. */
export interface Pass {
  readonly name: string;
  /** The first page, relative to the server. */
  readonly first: string;
  readonly type: string;
  /** Whether a server may refuse it: the others are gone through all the same, and it is told. */
  readonly isOptional?: boolean;
}

/** What a record should be: its text; or why it stays as it is (`left`), or why nothing could be done (`code`). */
export type Anew = string | 'unchanged' | { readonly code: string } | { readonly left: string };

export interface Bulk {
  readonly fhir: Fhir;
  /** Names what is to be done: a run for other keys begins anew. */
  readonly key: string;
  readonly passes: readonly Pass[];
  /** Whether a record of a page is one to look at. */
  readonly isMeant?: (pass: Pass, record: unknown) => boolean;
  readonly anew: (pass: Pass, text: string) => Promise<Anew>;
  /** File that says where it stands. */
  readonly state: string;
  readonly onProgress: (done: Progress) => void;
}

const note = z.strictObject({ type: z.string(), id: z.string(), code: z.string() });
type Note = z.infer<typeof note>;

const stateSchema = z.strictObject({
  server: z.string(),
  key: z.string(),
  passes: z.array(z.string()),
  /** Which of them it is in; all of them: it is done. */
  pass: z.int(),
  /** Page to go on with; null: the first. */
  next: z.string().nullable(),
  examined: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  left: z.array(note),
  failed: z.array(note),
  refused: z.array(z.strictObject({ pass: z.string(), code: z.string() })),
});
type State = z.infer<typeof stateSchema>;

export interface Progress {
  readonly examined: number;
  readonly changed: number;
  readonly unchanged: number;
  /** What stays as it is for a reason. */
  readonly left: readonly Note[];
  /** What could not be done, and why. */
  readonly failed: readonly Note[];
  /** Searches that the server has refused: of what they would have found nothing is known. */
  readonly refused: readonly { readonly pass: string; readonly code: string }[];
}

/** How often it is tried with a version that somebody else has just made, and with pages that the server forgets. */
const ATTEMPTS = 3;

export async function goThrough(bulk: Bulk): Promise<Progress> {
  const { fhir, passes, state, onProgress } = bulk;
  let at = resumed(bulk) ?? fresh(bulk);
  let restarts = 0;
  for (let pass = passes[at.pass]; pass; pass = passes[at.pass]) {
    const answer = await fhir.get(at.next ?? pass.first);
    if (!answer.ok) {
      if (at.next !== null) restarts += 1;
      if (restarts >= ATTEMPTS) throw new ServerFailure(answer.error.code);
      at = afterRefusal(bulk, pass, at, answer.error.code);
      continue;
    }
    const { ids, next } = pageOf(bulk, pass, answer.value.text);
    for (const id of ids) at = counted(at, pass, id, await writeAnew(bulk, pass, id));
    at = { ...at, next, pass: next === null ? at.pass + 1 : at.pass };
    keep(state, at);
    onProgress(at);
  }
  return at;
}

const REFUSED = ['forbidden', 'rejected', 'not-found'];

/** @throws ServerFailure where it can't go on */
function afterRefusal(bulk: Bulk, pass: Pass, at: State, code: string): State {
  // The server has forgotten the page: what was done is found done.
  if (at.next !== null && ['gone', 'not-found', 'rejected'].includes(code)) return fresh(bulk);
  if (at.next !== null || pass.isOptional !== true || !REFUSED.includes(code)) throw new ServerFailure(code);
  return { ...at, pass: at.pass + 1, refused: [...at.refused, { pass: pass.name, code }] };
}

type Outcome = 'changed' | 'unchanged' | { readonly code: string } | { readonly left: string };

async function writeAnew({ fhir, anew }: Bulk, pass: Pass, id: string): Promise<Outcome> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // The text as the server writes it: what is not ours in it goes back as it came.
    const url = `${pass.type}/${id}`;
    const read = await fhir.get(url);
    if (!read.ok) {
      if (['gone', 'not-found'].includes(read.error.code)) return 'unchanged';
      throw new ServerFailure(read.error.code);
    }
    const { text } = read.value;
    const body = await anew(pass, text);
    if (typeof body !== 'string' || body === 'unchanged') return body;
    const versionId = (JSON.parse(text) as { meta?: { versionId?: string } }).meta?.versionId;
    if (versionId === undefined) return { code: 'version-missing' };
    const sent = await fhir.send({ method: 'PUT', url, body, ifMatch: versionId });
    if (sent.ok) return 'changed';
    if (sent.error.code === 'rejected' || sent.error.code === 'forbidden') return { code: `server-${sent.error.code}` };
    if (sent.error.code !== 'conflict') throw new ServerFailure(sent.error.code);
  }
  return { code: 'conflict' };
}

function pageOf({ isMeant }: Bulk, pass: Pass, text: string): { readonly ids: string[]; readonly next: string | null } {
  const { entry = [], link = [] } = JSON.parse(text) as Bundle;
  const ids = entry.flatMap(({ resource }) => {
    const isOne = resource?.resourceType === pass.type && (isMeant?.(pass, resource) ?? true);
    return isOne && resource.id ? [resource.id] : [];
  });
  return { ids, next: link.find(({ relation }) => relation === 'next')?.url ?? null };
}

function counted(at: State, { type }: Pass, id: string, outcome: Outcome): State {
  const examined = at.examined + 1;
  if (typeof outcome === 'string') return { ...at, examined, [outcome]: at[outcome] + 1 };
  if ('left' in outcome) return { ...at, examined, left: [...at.left, { type, id, code: outcome.left }] };
  return { ...at, examined, failed: [...at.failed, { type, id, code: outcome.code }] };
}

function fresh({ fhir, key, passes }: Bulk): State {
  const counts = { examined: 0, changed: 0, unchanged: 0, left: [], failed: [], refused: [] };
  return { server: fhir.base, key, passes: passes.map(({ name }) => name), pass: 0, next: null, ...counts };
}

/** Where a run stands that was stopped; null where there is none, or it was another one. */
function resumed({ fhir, key, passes, state: file }: Bulk): State | null {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const isSame = state.passes.join() === passes.map(({ name }) => name).join();
    return state.server === fhir.base && state.key === key && isSame && state.pass < passes.length ? state : null;
  } catch {
    return null;
  }
}

function keep(file: string, state: State): void {
  const pending = `${file}.new`;
  writeFileSync(pending, JSON.stringify(state), { mode: 0o600, flush: true });
  renameSync(pending, file);
}

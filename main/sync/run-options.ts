import type { CapabilityStatement } from 'fhir/r4';
import type { SyncError, SyncPhase } from '../../preload/contract/sync.ts';
import type { Cache } from '../cache/client.ts';
import type { BulkClient } from '../fhir/bulk.ts';
import type { FhirClient } from '../fhir/client.ts';
import type { FhirErrorCode } from '../fhir/errors.ts';
import type { Scopes } from '../identity/scopes.ts';
import type { Policy } from '../managed/policy.ts';
import type { Capabilities } from './capabilities.ts';

export interface Progress {
  phase: SyncPhase;
  label: string;
  done: number;
  total: number;
  resources: number;
  remainingMs: number | null;
}

/** Time and waiting, handed in so that a run is the same each time in tests. */
export interface RunTimers {
  /** Workstation time in milliseconds; measures how long something takes, and never makes a cursor. */
  now(): number;
  /** Resolves after the time, or as soon as the signal says so. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export type RunResult =
  | { ok: true }
  | { ok: false; error: { code: SyncError | 'cancelled'; retryAfter: number | null } };

/** What a run learns of the server before it fetches or sends anything. */
export interface ServerFacts {
  /** As the server told it; null where it told nothing that could be read. */
  readonly statement: CapabilityStatement | null;
  readonly capabilities: Capabilities;
  /** Types that machine policy leaves out of the cache, as it was when the run began: `capabilities` are without them. */
  readonly leftOut: readonly string[];
  readonly serverTime: string;
}

export interface RunOptions {
  cache: Cache;
  fhir: FhirClient;
  /** Bulk export, where policy names a Group. */
  bulk?: BulkClient | undefined;
  /** `Practitioner/<id>` whose patients are fetched. */
  practitioner: string;
  policy: Policy;
  /** What the sign-in covers; the server's answers alone say so where it isn't known. */
  scopes?: Scopes | undefined;
  /** Asked first of all: whether the server has revoked this workstation. What it answers other than ok ends the run. */
  contact?: (() => Promise<RunResult>) | undefined;
  timers: RunTimers;
  /** From 0 to less than 1. */
  random: () => number;
  /** Requests under way at most; fewer where the server asks for less. */
  concurrency?: number;
  /** Ends the run at once. */
  signal: AbortSignal;
  /** Ends the run after the pages that are under way, which are stored. */
  stopping?: AbortSignal | undefined;
  /** Sends what clinicians changed; called once it is certain that the server wasn't reset. */
  upload?: ((server: ServerFacts, signal: AbortSignal) => Promise<RunResult>) | undefined;
  /** True where something is to be sent that was changed while the run was under way. */
  isUploadDue?: () => boolean;
  onProgress: (progress: Progress) => void;
  /** Patients whose records a page has changed. */
  onChanged: (patients: readonly string[]) => void;
  /** Patients who are new on the clinician's panel. Their records are asked for once it has resolved. */
  onArriving?: ((patients: readonly string[]) => Promise<void>) | undefined;
  /** The list of unsent changes is another one. */
  onChanges?: (() => void) | undefined;
  /** The server has answered; with its time, where it told it. */
  onAnswer: (serverTime: string | null) => void;
}

export type Failure = RunResult & { ok: false };

const codes: Record<FhirErrorCode, SyncError | 'cancelled'> = {
  offline: 'offline',
  'server-unreachable': 'server-unreachable',
  'server-certificate': 'server-certificate',
  'server-pin': 'server-pin',
  'client-certificate': 'client-certificate',
  'proxy-refused': 'proxy-refused',
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

export function stopped(code: SyncError | 'cancelled', retryAfter: number | null = null): Failure {
  return { ok: false, error: { code, retryAfter } };
}

/** A request's failure as that of the run. */
export function failed({ code, retryAfter }: { code: FhirErrorCode; retryAfter: number | null }): Failure {
  return stopped(codes[code], retryAfter);
}

import type { z } from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import type { ChartSummary } from '../../preload/contract/chart.ts';
import type { NoteText } from '../../preload/contract/notes.ts';
import type { PatientPage, patients } from '../../preload/contract/patients.ts';
import type { results, Trend } from '../../preload/contract/results.ts';
import type { StoreError } from '../../preload/contract/session.ts';

/** One search of a sync run. `patients` are those whose records it brings; null for what belongs to no patient. */
export interface NewTask {
  readonly label: string;
  readonly resourceType: string;
  readonly url: string;
  readonly patients: readonly string[] | null;
}

export interface SyncTask extends NewTask {
  readonly seq: number;
  /** Where to go on; null before the first page. */
  readonly next: string | null;
  /** `incomplete`: all pages came, but something on them could not be stored. */
  readonly state: 'pending' | 'done' | 'incomplete' | 'refused';
}

export interface SyncRun {
  /** Server time of the run's first answer. */
  readonly startedAt: string | null;
  readonly tasks: readonly SyncTask[];
  /** Server time of the last run that was finished. */
  readonly asOf: string | null;
  /** True once this run was finished. */
  readonly complete: boolean;
}

export interface PageResult {
  readonly stored: number;
  readonly unchanged: number;
  readonly rejected: number;
  /** Patients whose records changed. */
  readonly patients: readonly string[];
}

export type PatientListRequest = z.output<typeof patients.calls.list.request>;
export type ResultGroups = z.output<typeof results.calls.list.response>;

/** What can be read. Arguments and answers are plain JSON, as they cross a process boundary. */
export interface ReadOperations {
  run(): SyncRun;
  panel(): string[];
  /** Subjects of active care teams of which the practitioner (`Practitioner/id`) is a member at `at`. */
  careTeamPatients(args: { practitioner: string; at: string }): string[];
  /** Shared resources of the given types that cached ones refer to, and that aren't cached. */
  missingReferences(args: { types: readonly string[] }): { type: string; id: string }[];
  patientList(args: PatientListRequest): PatientPage;
  chartSummary(args: { patientId: string }): ChartSummary | null;
  resultGroups(args: { patientId: string }): ResultGroups | null;
  trend(args: { patientId: string; code: string }): Trend | null;
  note(args: { patientId: string; noteId: string }): NoteText | null;
  versions(): { type: string; id: string; versionId: string }[];
  /** The resource as the server wrote it. */
  resource(args: { type: string; id: string }): string | null;
  getMeta(args: { key: string }): string | null;
}

/** What can be written; each is one transaction. */
export interface WriteOperations {
  /** Replaces the plan of an older run. */
  startRun(args: { tasks: readonly NewTask[] }): void;
  /** Sets the panel, and appends tasks to the run. */
  expandRun(args: { panel: readonly string[]; tasks: readonly NewTask[] }): void;
  /**
   * Stores a page and its cursor together: `next` is the following page, null after the last. An entry that is no
   * resource is counted as rejected and keeps nothing else from being stored.
   */
  applyPage(args: { seq: number; resources: readonly string[]; next: string | null; serverTime: string }): PageResult;
  /** The server or the token's scope refused the task's type. */
  refuseTask(args: { seq: number; serverTime: string }): void;
  /** Fails with `tasks-pending` while there is something left to fetch. */
  finishRun(args: { asOf: string }): void;
  setMeta(args: { key: string; value: string }): void;
}

export interface OpenRequest {
  readonly file: string;
  readonly key: Uint8Array;
  readonly create: boolean;
  readonly nativeBinding?: string | undefined;
}

/** What the cache's process answers besides. */
export interface ControlOperations {
  open(args: OpenRequest): Promise<Result<null, StoreError>>;
  close(): Promise<void>;
}

export const readNames = [
  'run',
  'panel',
  'careTeamPatients',
  'missingReferences',
  'patientList',
  'chartSummary',
  'resultGroups',
  'trend',
  'note',
  'versions',
  'resource',
  'getMeta',
] as const satisfies readonly (keyof ReadOperations)[];

export const writeNames = [
  'startRun',
  'expandRun',
  'applyPage',
  'refuseTask',
  'finishRun',
  'setMeta',
] as const satisfies readonly (keyof WriteOperations)[];

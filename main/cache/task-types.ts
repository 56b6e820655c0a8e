import type { SyncTask, TaskKind } from './operations.ts';

/** Tasks that bring the records of a section, and so say how it stands. */
const bringing: ReadonlySet<TaskKind> = new Set(['search', 'export']);

export type BringingTask = Pick<SyncTask, 'kind' | 'resourceType' | 'url'>;

/** Types whose records a task brings: of an export those that its address names; none of a task of another kind. */
export function typesOf({ kind, resourceType, url }: BringingTask): string[] {
  if (!bringing.has(kind)) return [];
  if (kind === 'search') return [resourceType];
  return new URLSearchParams(url.slice(url.indexOf('?'))).get('_type')?.split(',') ?? [];
}

import type { ChartStart } from '../../app/place.ts';
import type { OpenNote } from '../notes/openNote.ts';
import type { TabName } from './chartTabs.ts';

/** The part of the chart that somebody comes for. */
export function tabOf(start: ChartStart | null): TabName {
  if (noteOf(start)) return 'notes';
  return start?.kind === 'trend' ? 'results' : start?.kind === 'record' ? 'timeline' : 'summary';
}

/** The trend that somebody comes for. */
export function codeOf(start: ChartStart | null): string | null {
  return start?.kind === 'trend' ? start.code : null;
}

/** The record that somebody comes for, to be read element by element. */
export function recordOf(start: ChartStart | null): Extract<ChartStart, { kind: 'record' }> | null {
  return start?.kind === 'record' ? start : null;
}

/** The note that somebody begins with. */
export function noteOf(start: ChartStart | null): OpenNote {
  if (start?.kind === 'new-note') return { kind: 'new' };
  if (start?.kind === 'read-note') return { kind: 'read', id: start.noteId };
  return start?.kind === 'amend-note' ? { kind: 'amend', id: start.noteId } : null;
}

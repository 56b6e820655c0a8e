import { QueryClient } from '@tanstack/react-query';
import type { DraftType } from '../../preload/contract/drafts.ts';
import type { AskedScope, ListScope, PatientSort } from '../../preload/contract/patients.ts';

/** What the patient list shows. */
export interface ListFilter {
  readonly scope: ListScope;
  readonly query: string;
  readonly sort: PatientSort;
  readonly descending: boolean;
}

/** As it is asked for: the part of the key that a page of rows shares with the other pages. */
export interface AskedFilter extends Omit<ListFilter, 'scope'> {
  readonly scope: AskedScope;
}

/** Keys of all queries. Whatever belongs to one patient begins with `record` and the patient's id. */
export const queryKeys = {
  /** Whatever follows the clinician's patients begins with `patients`. */
  allPatients: ['patients'] as const,
  patientList: (filter: AskedFilter, page: number) => ['patients', filter, page] as const,
  /** Of the day that begins then. */
  patientLists: (day: string) => ['patients', 'lists', day] as const,
  keptFilters: ['filters'] as const,
  record: (patientId: string) => ['record', patientId] as const,
  /** What is read as of a past moment is another thing than what is read as it is (null). */
  chart: (patientId: string, past: string | null) => ['record', patientId, 'chart', past] as const,
  results: (patientId: string, past: string | null) => ['record', patientId, 'results', past] as const,
  trend: (patientId: string, past: string | null, code: string) => ['record', patientId, 'trend', past, code] as const,
  timelineOutline: (patientId: string, past: string | null, filter: object) =>
    ['record', patientId, 'timeline', past, filter] as const,
  timelinePage: (patientId: string, past: string | null, filter: object, after: string | null) =>
    ['record', patientId, 'timeline', past, filter, after] as const,
  timelineGroup: (patientId: string, past: string | null, key: string) =>
    ['record', patientId, 'timeline-group', past, key] as const,
  recordVersion: (patientId: string, past: string | null, reference: string, version: string | null) =>
    ['record', patientId, 'version', past, reference, version] as const,
  pastMoments: (patientId: string) => ['record', patientId, 'past'] as const,
  trends: (patientId: string, past: string | null, codes: readonly string[]) =>
    ['record', patientId, 'trends', past, codes] as const,
  earlyWarning: (patientId: string) => ['record', patientId, 'earlyWarning'] as const,
  findInChart: (patientId: string, text: string) => ['record', patientId, 'find', text] as const,
  findInPanel: (text: string) => ['patients', 'find', text] as const,
  palettePatients: (query: string) => ['patients', 'palette', query] as const,
  note: (patientId: string, noteId: string) => ['record', patientId, 'note', noteId] as const,
  documents: (patientId: string) => ['record', patientId, 'documents'] as const,
  patientDrafts: (patientId: string, type: DraftType) => ['record', patientId, 'drafts', type] as const,
  forms: (patientId: string) => ['record', patientId, 'forms'] as const,
  sections: (patientId: string) => ['record', patientId, 'sections'] as const,
  /** Whatever belongs to the unsent changes begins with `changes`. */
  allChanges: ['changes'] as const,
  changes: ['changes', 'list'] as const,
  drafts: ['changes', 'drafts'] as const,
  duplicates: ['changes', 'duplicates'] as const,
  conflict: (changeId: string) => ['changes', 'conflict', changeId] as const,
  mergePreview: (changeId: string, token: string, choices: object) =>
    ['changes', 'merge', changeId, token, choices] as const,
  /** Whatever follows the alarms begins with `alarms`. */
  allAlarms: ['alarms'] as const,
  offers: (patientId: string | null, since: string | null) => ['alarms', 'offers', patientId, since] as const,
  alarmList: ['alarms', 'list'] as const,
  /** With it goes what became of them. */
  integrity: ['alarms', 'integrity'] as const,
  // Each asking is a look that is recorded, so that no change of a record asks for these again.
  evidence: (alarmId: string) => ['audit', 'evidence', alarmId] as const,
  accesses: (patientId: string, filter: object) => ['audit', 'accesses', patientId, filter] as const,
};

/**
 * Options of a query for one patient's record. Nothing is kept once it leaves the screen: every opening is a read of
 * its own, which main decides and records.
 */
export const recordOptions = { gcTime: 0 } as const;

/** The page learns of changes by events, so nothing is refetched on a guess; and main answers without a network. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        retry: false,
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
    },
  });
}

const COALESCE = 250;

/**
 * Answers a listener for `patients.onChanged`, which gathers changes for a quarter of a second: a first sync reports
 * each of its pages, and the list need not be read as often.
 */
export function createInvalidator(client: QueryClient): {
  changed: (patients: 'all' | readonly string[]) => void;
  stop: () => void;
} {
  let everything = false;
  const ids = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;

  const flush = () => {
    timer = null;
    if (everything) {
      void client.invalidateQueries();
    } else {
      void client.invalidateQueries({ queryKey: queryKeys.allPatients });
      for (const id of ids) void client.invalidateQueries({ queryKey: queryKeys.record(id) });
    }
    everything = false;
    ids.clear();
  };

  return {
    changed: (patients) => {
      if (patients === 'all') everything = true;
      else for (const id of patients) ids.add(id);
      timer ??= setTimeout(flush, COALESCE);
    },
    stop: () => {
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

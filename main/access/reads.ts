import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { ChartSummary } from '../../preload/contract/chart.ts';
import type { ChartFound, PanelFound } from '../../preload/contract/find.ts';
import type { Contract, Request, Response } from '../../preload/contract/index.ts';
import type { NoteText } from '../../preload/contract/notes.ts';
import type { PatientPage } from '../../preload/contract/patients.ts';
import type { EarlyWarning, PackedTrend } from '../../preload/contract/results.ts';
import type { Conflict, Duplicate, KnownSection, MergedView, PendingChange } from '../../preload/contract/sync.ts';
import type { Audit } from '../audit/audit.ts';
import type { Cache } from '../cache/client.ts';
import type {
  DocumentList,
  MergeAsked,
  PatientListRequest,
  PatientLists,
  ResultGroups,
  Subject,
} from '../cache/operations.ts';
import type { ListSight, Sight } from '../cache/sight.ts';
import type { FindPatients } from '../documents/fields/find.ts';
import type { Access } from './access.ts';
import { current, OUTDATED } from './current.ts';
import { maskedChange, maskedDuplicate } from './mask.ts';
import { createSearches, type Found, queryOf } from './searches.ts';

type ListError = 'not-permitted' | AuditError;
type ReadError = 'not-permitted' | 'not-found' | AuditError;
type Read<Value> = Promise<Result<Value, ReadError>>;

/**
 * The only way from the page to records. Each read is decided, then recorded durably, and only then answered: what
 * can't be recorded isn't shown.
 */
export interface Reads {
  patients(request: ListRequest): Promise<Result<PatientPage, ListError>>;
  /** How many are on each list, of the day between two instants. */
  lists(day: { from: string; to: string }): Promise<Result<PatientLists, ListError>>;
  /** As it is, or as it was known here at a moment. */
  chart(patientId: string, asOf?: string): Read<ChartSummary>;
  resultGroups(patientId: string, asOf?: string): Read<ResultGroups>;
  trend(patientId: string, code: string, asOf?: string): Read<PackedTrend>;
  trends(patientId: string, codes: readonly string[], asOf?: string): Read<{ trends: PackedTrend[] }>;
  /** Of now, never of a past moment. */
  earlyWarning(patientId: string): Read<EarlyWarning>;
  /** What happened to a patient in its order, and each version of it. */
  outline: TimelineRead<'outline'>;
  page: TimelineRead<'page'>;
  group: TimelineRead<'group'>;
  record: TimelineRead<'record'>;
  moments: TimelineRead<'moments'>;
  note(patientId: string, noteId: string): Read<NoteText>;
  /** Records by their words, of one patient and of all the clinician's. */
  findInChart(request: { patientId: string; text: string }): Read<ChartFound>;
  findInPanel(request: { text: string }): Promise<Result<PanelFound, 'not-permitted' | AuditError>>;
  /** Her documents that are files. */
  documents(patientId: string): Read<DocumentList>;
  /** What was fetched of a patient, kind by kind. */
  sections(patientId: string): Read<{ items: KnownSection[] }>;
  /** The clinician's own unsent changes; of what she may not see (any longer) only that there is one. */
  changes(): Promise<Result<{ items: PendingChange[]; total: number }, AuditError>>;
  conflict(changeId: string): Read<Conflict>;
  /** What choices would make of a conflict. */
  preview(request: MergeAsked): Read<MergedView>;
  /** What others may have registered beside what was registered here; likewise. */
  duplicates(): Promise<Result<{ items: Duplicate[] }, AuditError>>;
}

type TimelineCalls = Contract['timeline']['calls'];
type TimelineRead<Name extends keyof TimelineCalls> = (
  request: Request<TimelineCalls[Name]>,
) => Read<Response<TimelineCalls[Name]>>;

/** What the page asks of the list; whom it may show is not for the page to say. */
export type ListRequest = Omit<PatientListRequest, 'sight' | 'found' | 'unfinished' | 'exact' | 'testPatients'>;

/** While a sync brings new labels, what was decided is out of date before it is read; it settles at once. */
const TRIES_MAX = 5;

/** What a read is about, besides the patient. */
interface ReadAbout {
  readonly subjects?: readonly Subject[];
  readonly resource?: string;
  /** The past moment that is looked at. */
  readonly asOf?: string | undefined;
  /** What is looked for: it is recorded as a search besides. */
  readonly query?: string;
}

/** Most unsent changes that one answer lists. */
const CHANGES_MAX = 1_000;

export interface ReadsOptions {
  access: Access;
  audit: Pick<Audit, 'record'>;
  cache: Cache;
  practitioner: string;
  server: string;
  now: () => number;
  newId: () => string;
  /** Patients by what is encrypted in their records; absent where nothing is. */
  find?: FindPatients;
  /** By what policy tells test patients. */
  testPatients?: readonly string[];
}

export function createReads(options: ReadsOptions): Reads {
  const { access, audit, cache, practitioner, server, now, newId, find, testPatients = [] } = options;
  const recordSearch = createSearches({ audit, practitioner, server, now, newId });

  async function read<Value>(
    view: string,
    patientId: string,
    work: (sight: Sight) => Promise<Value | null>,
    { subjects = [], resource, asOf, query }: ReadAbout = {},
  ): Read<Value> {
    const decide = () => access.decide({ action: 'read', patientId, subjects });
    let decision = await decide();
    const action = decision.allowed ? 'read' : 'denied';
    const told = {
      ...decision.grounds,
      ...(resource !== undefined && { resource }),
      ...(asOf !== undefined && { details: { 'as-of': asOf } }),
    };
    const basis = decision.allowed ? decision.basis : {};
    const entry = { practitioner, server, patientId, view };
    const search = query === undefined ? [] : [{ ...entry, action: 'search' as const, query }];
    const recorded = await audit.record([{ ...entry, action, ...told, ...basis }, ...(decision.allowed ? search : [])]);
    for (let tries = 0; decision.allowed && recorded.ok && tries < TRIES_MAX; tries += 1) {
      const value = await current(work(decision.sight));
      // What was opened for a time may have ended meanwhile.
      if (!decision.holds()) return failed('not-permitted');
      if (value !== OUTDATED) return value === null ? failed('not-found') : { ok: true, value };
      decision = await decide();
    }
    return decision.allowed && !recorded.ok ? recorded : failed('not-permitted');
  }

  /** A note that was shown before it was sent has another id since. */
  async function note(patientId: string, noteId: string, sight: Sight): Promise<NoteText | null> {
    const found = await cache.read.note({ patientId, noteId, sight });
    if (found) return found;
    const id = await cache.outbox.resolveId({ type: 'DocumentReference', id: noteId });
    return id === noteId ? null : cache.read.note({ patientId, noteId: id, sight });
  }

  /** What was typed, as the record of access may have it. */
  const typed = (text: string) => (find?.isSealed ? withoutValue(text, false) : text);

  /** Reads what may be shown of many patients, as is decided at first; null where nobody may be. */
  async function decided<Decided, Value>(
    decide: () => Promise<Decided | null>,
    work: (sight: Decided) => Promise<Value>,
  ): Promise<Value | null> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const sight = await decide();
      if (!sight) return null;
      const value = await current(work(sight));
      if (value !== OUTDATED) return value;
    }
    return null;
  }

  const listed = <Value>(work: (sight: ListSight) => Promise<Value>) => decided(access.decideList, work);

  /** Patients are named by the outbox only where a list is of them. */
  const unfinishedFor = async (wanted: boolean) => (wanted ? cache.outbox.unfinished() : []);

  /** Answers with what was read of the list, once that is recorded. */
  async function answerSearch<Value>(value: Value | null, found: Found): Promise<Result<Value, ListError>> {
    if (value === null) {
      await audit.record({ action: 'denied', attempted: 'search', practitioner, server, view: found.view });
      return failed('not-permitted');
    }
    const recorded = await recordSearch(found);
    return recorded.ok ? { ok: true, value } : recorded;
  }

  /** Each change is decided for its own patient; of most of them there are few. */
  async function changes(): Promise<{ items: PendingChange[]; total: number; shown: string[] }> {
    const { items, total } = await cache.outbox.list({ limit: CHANGES_MAX });
    const subjects = items.length === 0 ? {} : await cache.outbox.subjects({ id: null });
    const told: PendingChange[] = [];
    const shown: string[] = [];
    for (const change of items) {
      const versions = subjects[change.id];
      const { patientId } = change;
      const decided = versions && (await access.decide({ action: 'read', patientId, subjects: versions }));
      if (decided?.allowed) shown.push(patientId);
      told.push(decided?.allowed ? change : maskedChange(change));
    }
    return { items: told, total, shown };
  }

  /** Reads of an unsent change what every version of it may be seen for. */
  async function ofChange<Value>(id: string, view: string, work: (sight: Sight) => Promise<Value | null>): Read<Value> {
    const change = await cache.outbox.get({ id });
    const { [id]: subjects } = await cache.outbox.subjects({ id });
    if (!change || !subjects) return failed('not-found');
    const { patientId, resourceType, resourceId } = change;
    return read(view, patientId, work, { subjects, resource: `${resourceType}/${resourceId}` });
  }

  return {
    async patients({ scope, ...request }) {
      const found = (await find?.byValue(request.query.trim())) ?? [];
      const unfinished = await unfinishedFor(scope?.list === 'unfinished');
      const page = await listed((sight) =>
        cache.read.patientList({ ...request, scope, unfinished, found, sight, practitioner, testPatients }),
      );
      const patients = page?.items.map(({ id }) => id) ?? [];
      const isFound = patients.some((id) => found.includes(id));
      const query = find?.isSealed ? withoutValue(request.query, isFound) : request.query;
      const asked = { ...scope, ...request, query, ...(isFound && { by: 'encrypted element' }) };
      return answerSearch(page, { view: 'patients.list', request: asked, patients });
    },
    async lists(day) {
      const unfinished = await unfinishedFor(true);
      const lists = await listed((sight) => cache.read.patientLists({ ...day, unfinished, sight, practitioner }));
      return answerSearch(lists, { view: 'patients.lists', patients: [] });
    },
    async chart(patientId, asOf) {
      const work = (sight: Sight) => cache.read.chartSummary({ patientId, sight, asOf, testPatients });
      const answer = await read('chart.read', patientId, work, { asOf });
      // A convenience of the list: nobody waits for it, and what can't be kept of it fails nothing. A look at the past is
      // none of these: it begins in the chart as it is, and anything that is written has the past put together anew.
      if (answer.ok && asOf === undefined) cache.write.noteOpened({ patientId, at: now() }).catch(() => undefined);
      return answer;
    },
    resultGroups: (patientId, asOf) =>
      read('results.list', patientId, (sight) => cache.read.resultGroups({ patientId, sight, asOf }), { asOf }),
    trend: (patientId, code, asOf) =>
      read('results.trend', patientId, (sight) => cache.read.trend({ patientId, code, sight, asOf }), { asOf }),
    trends: (patientId, codes, asOf) =>
      read(
        'results.trends',
        patientId,
        async (sight) => {
          const trends = await cache.read.trends({ patientId, codes, sight, asOf });
          return trends && { trends };
        },
        { asOf },
      ),
    earlyWarning: (patientId) =>
      read('results.earlyWarning', patientId, (sight) => cache.read.earlyWarning({ patientId, sight })),
    outline: (asked) =>
      read('timeline.outline', asked.patientId, (sight) => cache.read.timelineOutline({ ...asked, sight }), asked),
    page: (asked) =>
      read('timeline.page', asked.patientId, (sight) => cache.read.timelinePage({ ...asked, sight }), asked),
    group: (asked) =>
      read('timeline.group', asked.patientId, (sight) => cache.read.timelineGroup({ ...asked, sight }), asked),
    record: ({ asOf, ...asked }) =>
      read('timeline.record', asked.patientId, (sight) => cache.read.record({ ...asked, asOf, sight }), {
        asOf,
        resource: `${asked.type}/${asked.id}`,
      }),
    moments: (asked) =>
      read('timeline.moments', asked.patientId, (sight) => cache.read.pastMoments({ ...asked, sight })),
    note: (patientId, noteId) =>
      read('notes.read', patientId, (sight) => note(patientId, noteId, sight), {
        resource: `DocumentReference/${noteId}`,
      }),
    findInChart({ patientId, text }) {
      const view = 'find.inChart';
      const query = queryOf(view, { text: typed(text) });
      return read(view, patientId, (sight) => cache.read.findInChart({ patientId, sight, text }), { query });
    },
    async findInPanel({ text }) {
      const found = await decided(access.decideFind, (sight) => cache.read.findInPanel({ text, sight, practitioner }));
      const patients = found?.patients.map(({ id }) => id) ?? [];
      return answerSearch(found, { view: 'find.inPanel', request: { text: typed(text) }, patients });
    },
    documents: (patientId) =>
      read('documents.list', patientId, (sight) => cache.read.documentList({ patientId, sight })),
    sections: (patientId) =>
      read('sync.sections', patientId, async (sight) => {
        const items = await cache.read.knownSections({ patientId, sight });
        return items && { items };
      }),
    async changes() {
      const { shown, ...answer } = await changes();
      const recorded = await recordSearch({ view: 'sync.changes', patients: shown });
      return recorded.ok ? { ok: true, value: answer } : recorded;
    },
    conflict: (id) => ofChange(id, 'sync.conflict', (sight) => cache.outbox.conflict({ id, sight })),
    preview: (asked) => ofChange(asked.id, 'sync.preview', (sight) => cache.outbox.preview({ ...asked, sight })),
    async duplicates() {
      const items: Duplicate[] = [];
      const shown: string[] = [];
      for (const { item, subjects } of await cache.outbox.duplicates()) {
        const { patientId } = item;
        const decided = await access.decide({ action: 'read', patientId, subjects });
        if (decided.allowed) shown.push(patientId);
        items.push(decided.allowed ? item : maskedDuplicate(item));
      }
      const recorded = await recordSearch({ view: 'sync.duplicates', patients: shown });
      return recorded.ok ? { ok: true, value: { items } } : recorded;
    },
  };
}

/**
 * The record of access leaves for the server, and is read by others than the patient's clinicians: it must not tell what
 * is encrypted in a record, nor the beginning of it that was typed on the way.
 */
function withoutValue(query: string, isFound: boolean): string {
  return isFound ? '…' : query.replace(/\S*\d\S*/g, '…');
}

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}

import type { z } from 'zod';
import type { Result } from '../../preload/contract/channel.ts';
import type { ChartSummary, ObservationItem } from '../../preload/contract/chart.ts';
import type { Coding, SuggestKind } from '../../preload/contract/clinical.ts';
import type { Draft, DraftItem, DraftKey } from '../../preload/contract/drafts.ts';
import type { ChartFound, PanelFound } from '../../preload/contract/find.ts';
import type { forms } from '../../preload/contract/forms.ts';
import type { PersonName } from '../../preload/contract/names.ts';
import type { NoteText } from '../../preload/contract/notes.ts';
import type { PatientPage, patients } from '../../preload/contract/patients.ts';
import type { EarlyWarning, PackedTrend, results } from '../../preload/contract/results.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import type {
  Choice,
  Conflict,
  Duplicate,
  KnownSection,
  MergedView,
  PendingChange,
  Resolution,
  SyncError,
  SyncStatus,
} from '../../preload/contract/sync.ts';
import type {
  PastMoments,
  RecordView,
  TimelineEntry,
  TimelineFilter,
  TimelineOutline,
} from '../../preload/contract/timeline.ts';
import type { FieldMark } from './fields/layer.ts';
import type { Labels } from './ingest/labels.ts';
import type { SearchArgs, SearchResult } from './search/query/search.ts';
import type { ListSight, PanelSight, Sight } from './sight.ts';
import type { StoredTransfer, TransferNote } from './transfer.ts';
import type { StoredDocument } from './views/documents.ts';

/**
 * What an answer to a task's requests means. `search`: pages of records; `teams`: the same, and what they don't name is
 * looked at; `history`: only deletions are taken (FHIR R4 http.html#history); `sweep`: ids and versions, compared with
 * the cache; `read`: one resource; `export`: files of a bulk export.
 */
export type TaskKind = 'search' | 'teams' | 'history' | 'sweep' | 'read' | 'export';

export type TaskPhase = 'panel' | 'safety' | 'changes' | 'recent' | 'rest' | 'references' | 'check';

/** One errand of a sync run. `patients` are those whose records it brings; null for what belongs to no patient. */
export interface NewTask {
  readonly label: string;
  readonly resourceType: string;
  readonly url: string;
  readonly patients: readonly string[] | null;
  /** Default `search`. */
  readonly kind?: TaskKind;
  /** Default `rest`. */
  readonly phase?: TaskPhase;
}

export interface SyncTask extends Required<NewTask> {
  readonly seq: number;
  /** Where to go on; null before the first page. */
  readonly next: string | null;
  /** `incomplete`: all pages came, but something on them could not be stored. */
  readonly state: 'pending' | 'done' | 'incomplete' | 'refused';
}

/** Which tasks are meant; all that are of a kind, phase and state. */
export interface TaskFilter {
  readonly kind?: TaskKind;
  readonly phase?: TaskPhase;
  readonly state?: SyncTask['state'];
  /** Only those without which the run went on, as the server failed at them. */
  readonly hasFailed?: true;
  /** Only those after the one of this number, in their order. */
  readonly after?: number;
  readonly limit?: number;
}

/** How the tasks of a phase stand. */
export interface PhaseState {
  readonly phase: TaskPhase;
  readonly total: number;
  readonly pending: number;
}

export interface SyncRun {
  /** Server time of the run's first answer. */
  readonly startedAt: string | null;
  /** Of each phase that has tasks: these may be tens of thousands, which `tasks` reads as they are needed. */
  readonly phases: readonly PhaseState[];
  /** Server time of the last run that was finished. */
  readonly asOf: string | null;
  /** True once this run was finished. */
  readonly complete: boolean;
  /** True once the panel was set, and the tasks that follow from it planned. */
  readonly planned: boolean;
  /** Server time of the first answer about the panel, as of which it is planned. */
  readonly panelAt: string | null;
  /** A reset server was accepted, and not everything was fetched anew since. */
  readonly refetch: boolean;
  /** A record may have slipped between two pages of this run: only a comparison tells. */
  readonly moved: boolean;
  /** False where the server tells nothing of what was deleted of some kind of record of the clinician's patients. */
  readonly deletionsKnown: boolean;
  /** Nothing that was to be fetched for the clinician's patients is missing, but for what she isn't permitted to read. */
  readonly whole: boolean;
  /** Why this run goes on without what some task would have brought; null where it has left nothing out. */
  readonly failure: SyncError | null;
  /** Null where the server has refused or failed to tell them. */
  readonly forms: KnownForms | null;
}

/** Which forms the cache has been given; after it only those that are new or other ones need to be asked for. */
export interface KnownForms {
  /** Those that were asked for by their addresses; null: all. */
  readonly urls: readonly string[] | null;
  /** False where there are more of them, or some that could not be stored. */
  readonly whole: boolean;
  /** Server time at which they were asked for from the beginning. */
  readonly at: string;
}

/** Patients, by type, whose records a complete run did not get: refused, or not searchable then. */
export type Gaps = Readonly<Record<string, readonly string[]>>;

export interface PageResult {
  readonly stored: number;
  readonly unchanged: number;
  readonly rejected: number;
  /** Patients whose records changed. */
  readonly patients: readonly string[];
  /** The list of unsent changes is another one: the server has something new of a record that was changed here. */
  readonly news?: true;
}

/** An answer of the server to a task, as it came. */
export interface Answer {
  readonly seq: number;
  readonly text: string;
  readonly serverTime: string;
  /** The server's address; a next link must lie below it. */
  readonly base: string;
  /** Addresses that this task has asked already: a next link that leads back to one of them is refused. */
  readonly asked: readonly string[];
}

/** `invalid`: it is no such answer, and nothing of it was kept. */
export type AnswerResult =
  | (PageResult & { readonly kind: 'applied'; readonly removed: number; readonly next: string | null })
  | { readonly kind: 'invalid' };

/** A version that the cache has seen, by which a server is known again. */
export interface Witness {
  readonly type: string;
  readonly id: string;
  readonly versionId: string;
  /** ISO instant, as the server told it. */
  readonly lastUpdated: string;
  readonly patientId: string | null;
}

/** What a comparison of ids and versions has found. */
export interface Differences {
  /** Resources of the cache that were compared. */
  readonly compared: number;
  readonly items: readonly {
    readonly type: string;
    readonly id: string;
    /**
     * `missing`: in the cache, not in the search; `changed`: another version; `older`: an older version; `unknown`: not in
     * the cache.
     */
    readonly why: 'missing' | 'changed' | 'older' | 'unknown';
    /** Of the cached one; null where it has none, or there is none. */
    readonly versionId: string | null;
    readonly lastUpdated: string | null;
  }[];
}

/** What the page asks of the list, for whom, and whom the list may show. */
export type PatientListRequest = z.output<typeof patients.calls.list.request> &
  Unfinished & {
    sight: ListSight;
    /** Ids of patients who match by what the list doesn't know of them (`findField`). */
    found?: readonly string[];
    /** By what policy tells test patients. */
    testPatients?: readonly string[];
    /** Without those whose names only sound like what was typed. */
    exact?: boolean;
  };
export type PatientListsRequest = z.output<typeof patients.calls.lists.request> & Unfinished & { sight: ListSight };
export type PatientLists = z.output<typeof patients.calls.lists.response>;

/** Patients of whom the clinician has drafts or unsent changes, which the outbox knows. */
interface Unfinished {
  readonly unfinished: readonly string[];
}
export type ResultGroups = z.output<typeof results.calls.list.response>;

export type FormList = z.output<typeof forms.calls.list.response>;

/** The forms that may be seen; `urls`: those that policy names, or all. */
export interface SeenForms {
  readonly sight: Sight;
  readonly urls: readonly string[] | null;
}

/** One patient's records as far as they may be seen. */
export interface Seen {
  readonly patientId: string;
  readonly sight: Sight;
}

/** The same, as they were known here at a moment (ISO instant); without one as they are. */
export interface SeenAsOf extends Seen {
  readonly asOf?: string | undefined;
}

/** What ties a patient and the clinician beyond care, and when her care has ended: what the alarms go by. */
export interface Ties {
  /** ISO instant of the end of her last encounter; null where one is in progress, or none has an end. */
  readonly discharged: string | null;
  readonly sameFamilyName: boolean;
  /** By an identifier that both have, or by name and date of birth: the patient is the clinician. */
  readonly ownRecord: boolean;
  /** The same of another Practitioner who is cached. */
  readonly colleague: boolean;
}

/** What a decision about a patient's records is made of. */
export interface Standing {
  /** By an active care team, by a Group or List that policy names, or not at all, as of the last sync. */
  readonly relation: 'care-team' | 'panel' | 'none';
  /** Number of the labels of the Patient resource; 0 where there are none, or no such resource. */
  readonly label: number;
  /** The newest label that any record has. */
  readonly newest: number;
  /** Codes of the clinician's active PractitionerRoles, `system|code`. */
  readonly roles: readonly string[];
  readonly ties: Ties;
}

/** What a decision about one version of a record is made of. */
export interface Subject {
  readonly patientId: string | null;
  readonly type: string;
  readonly labels: Labels;
}

/** A pair of this workstation, by which documents are opened. */
export interface DeviceKey {
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** The public half. */
  readonly jwk: { readonly kty: 'RSA'; readonly n: string; readonly e: string };
  /** ISO instant. */
  readonly madeAt: string;
  /** Compact JWS by which the organisation has signed it; null before. */
  readonly certificate: string | null;
  /** The server has this certificate. */
  readonly published: boolean;
}

/** A private key of this workstation on its way between two processes. */
export interface SealedDeviceKey {
  readonly thumbprint: string;
  readonly sealed: Uint8Array;
}

/** Certificate of a colleague's device, as it was read: whoever uses it verifies it. */
export interface KnownCertificate {
  /** `Practitioner/<id>`. */
  readonly practitioner: string;
  readonly thumbprint: string;
  readonly certificate: string;
}

/** The marked fields at a path of a record, opened as far as the cache can. */
export interface FieldRead {
  /** UUIDs of the identifiers by which it was created. */
  readonly identifiers: readonly string[];
  readonly fields: readonly ({
    /** Names of elements, without and with places in lists. */
    readonly path: string;
    readonly at: string;
  } & (
    | { readonly how: 'damaged' }
    /** As JWE, base64: it opens by a private key, which the cache's readers don't have. */
    | { readonly how: 'sealed'; readonly sealed: string }
    /** In the clear on the server: JSON of `value`, and `extra` of a primitive. */
    | { readonly how: 'kept'; readonly content: string }
  ))[];
}

export interface FieldFound {
  readonly id: string;
  readonly patientId: string | null;
}

/** What can be read. Arguments and answers are plain JSON, as they cross a process boundary. */
export interface ReadOperations {
  run(): SyncRun;
  /** Tasks of the run, in their order. */
  tasks(filter: TaskFilter): SyncTask[];
  /** The clinician's patients, by type, whose records the run did not get whole; without the types of which it got all. */
  gaps(args: { types: readonly string[] }): Gaps;
  panel(): string[];
  /** Shared resources of the given types that cached ones refer to, and that aren't cached. */
  missingReferences(args: { types: readonly string[] }): { type: string; id: string }[];
  /** Like all that take a sight, throws `sight-outdated` where there are labels that the sight doesn't know. */
  patientList(args: PatientListRequest & { practitioner: string }): PatientPage;
  patientLists(args: PatientListsRequest & { practitioner: string }): PatientLists;
  chartSummary(args: SeenAsOf & { testPatients?: readonly string[] }): ChartSummary | null;
  /** Whether a patient's record was replaced by another one. */
  isReplaced(args: { patientId: string }): boolean;
  /** What a downtime sheet is made of; `since`: ISO instant. */
  downtimeRecords(args: Seen & { since: string; testPatients?: readonly string[] }): DowntimeRecords | null;
  resultGroups(args: SeenAsOf): ResultGroups | null;
  /** These wait where units have to be compared: the table of units is loaded at its first use. */
  trend(args: SeenAsOf & { code: string }): Promise<PackedTrend | null>;
  trends(args: SeenAsOf & { codes: readonly string[] }): Promise<PackedTrend[] | null>;
  earlyWarning(args: Seen): Promise<EarlyWarning | null>;
  timelineOutline(args: SeenAsOf & { filter: TimelineFilter }): TimelineOutline | null;
  timelinePage(args: SeenAsOf & { filter: TimelineFilter; after: string | null }): { items: TimelineEntry[] } | null;
  timelineGroup(args: SeenAsOf & { key: string }): { items: TimelineEntry[]; omitted: number } | null;
  /** A version of a record with its elements; `version` null: the newest that was known. */
  record(args: SeenAsOf & { type: string; id: string; version: string | null }): RecordView | null;
  pastMoments(args: Seen): PastMoments | null;
  note(args: Seen & { noteId: string }): NoteText | null;
  /** The documents of a patient that are files, newest first; null where the patient isn't known. */
  documentList(args: Seen): DocumentList | null;
  /** What was fetched of a patient, kind by kind. */
  knownSections(args: Seen): KnownSection[] | null;
  /** Whether that nothing is found among a patient's records of some types means that there is nothing; else why not. */
  completeness(args: Seen & { types: readonly string[] }): 'complete' | 'not-permitted' | 'not-synced';
  /** `Encounter/<id>` that is in progress; null where none is, or where there is doubt. */
  currentEncounter(args: Seen): string | null;
  /** How the clinician is related with a patient, and who she is, at `at` or the newest time that the server told. */
  standing(args: { patientId: string | null; practitioner: string; at: string }): Standing;
  /** How the clinician is related with some patients, by their ids; without those who aren't known. */
  standings(args: {
    patientIds: readonly string[];
    practitioner: string;
  }): Record<string, Pick<Standing, 'relation' | 'label'>>;
  /** Labels of records, in the order of their numbers, from the one after `after`. */
  labels(args: { after: number }): { number: number; type: string; labels: Labels }[];
  /** What access has to know of one record; null where it isn't cached. */
  subject(args: { type: string; id: string }): Subject | null;
  /**
   * Names of patients and practitioners, by their references (`Patient/<id>`); without those who aren't cached, and
   * without practitioners who are labelled. Whether a patient may be named is for the caller to know.
   */
  names(args: { references: readonly string[] }): Record<string, PersonName>;
  versions(): { type: string; id: string; versionId: string }[];
  /** Patients of any of the members' active care teams, and of Groups and Lists among the members, at `at`. */
  panelPatients(args: { members: readonly string[]; at: string }): string[];
  /** Ids of the practitioner's active PractitionerRoles at `at`. */
  practitionerRoles(args: { practitioner: string; at: string }): string[];
  /** Ids of cached care teams that name a member and that no search of this run has brought. */
  unconfirmedTeams(args: { members: readonly string[] }): string[];
  /** Those of some PractitionerRoles that no search of this run has brought. */
  unconfirmedRoles(args: { ids: readonly string[] }): string[];
  /** Cached shared resources of the given types. */
  sharedResources(args: { types: readonly string[] }): { type: string; id: string }[];
  /** Newest versions that the cache has seen, of different patients, newest first. */
  witnesses(args: { limit: number }): Witness[];
  differences(): Differences;
  /** Records that are here in an older version than a history of the run has told of. */
  outdated(): { type: string; id: string }[];
  /** Patients who have left the panel, and since when (ISO instant). */
  leavers(): { id: string; leftAt: string }[];
  /** Types that machine policy leaves out of the cache, as the last sync took it. */
  leftOut(): readonly string[];
  version(args: { type: string; id: string }): string | null;
  /** Resource types of which there is any. */
  types(): string[];
  /** The resource as the server wrote it; marked fields are masked in it, but for who hands over what opens them. */
  resource(args: { type: string; id: string; wrapping?: Uint8Array }): string | null;
  /** Fields of one record that are masked everywhere else, for the one view that has asked. */
  field(args: { type: string; id: string; path: string; wrapping: Uint8Array }): FieldRead | null;
  /** Records by the value of a marked field, where policy allows it. `hash`: of that value, by whoever may have sealed it. */
  findField(args: {
    type: string;
    path: string;
    value: string;
    hash: string | null;
    wrapping: Uint8Array;
  }): FieldFound[];
  getMeta(args: { key: string }): string | null;
  /** The one in force first. */
  deviceKeys(): DeviceKey[];
  /** Their private halves, in the same order, sealed for a process (main/cache/handover.ts): JWK. */
  sealedDeviceKeys(args: { to: Uint8Array }): SealedDeviceKey[];
  /** Of some practitioners, or all where it is null. */
  certificates(args: { practitioners: readonly string[] | null }): KnownCertificate[];
  /** The newest list of revoked keys, as the organisation has signed it. */
  revocations(): string | null;
  /**
   * Practitioners (`Practitioner/<id>`) of a patient's active care teams at `at`, or of those of all the panel's patients
   * where it is null; by themselves or by an active PractitionerRole that is cached.
   */
  careTeamPractitioners(args: { patientId: string | null; at: string }): string[];
  /** Whether the patient has active allergies, seen or not, and whether all are here; null where she isn't known. */
  allergyStanding(args: { patientId: string }): { active: boolean; complete: boolean } | null;
  /** Statements that hold, seen or not, that no allergies are known, or no allergies to drugs. */
  absenceStatements(args: { patientId: string }): { id: string; versionId: string; drugsOnly: boolean }[];
  /** Codings that records of the given types have, by the beginnings of words; nothing of whose they are. */
  suggestCodings(args: { kind: SuggestKind; query: string; types: readonly string[] }): Coding[];
  formList(args: SeenForms): FormList;
  form(args: SeenForms & { id: string }): {
    text: string;
    versionId: string;
    title: string;
    about: string | null;
  } | null;
  /** A patient's records by their text and by what they name; null where she isn't cached. */
  findInChart(args: { patientId: string; sight: Sight; text: string }): ChartFound | null;
  /** The same of all the clinician's patients. */
  findInPanel(args: { sight: PanelSight; text: string; practitioner: string }): PanelFound;
  /** A FHIR search over the cache; docs/search.md says what is supported. */
  search(args: SearchArgs): SearchResult;
}

/** A patient's summary, of which less is left out than for a screen, and her vital signs of the last hours. */
export interface DowntimeRecords {
  readonly chart: ChartSummary;
  /** The newest first. */
  readonly recentVitals: {
    readonly items: readonly ObservationItem[] /** There are others. */;
    readonly more: boolean;
  };
}

/** The files of a patient, before it is known which of them can be opened. */
export interface DocumentList extends Omit<ChartSummary['notes'], 'items'> {
  readonly items: readonly StoredDocument[];
}

/** What can be written; each is one transaction. */
export interface WriteOperations {
  /** Replaces the plan of an older run. */
  startRun(args: { tasks: readonly NewTask[] }): void;
  /** Sets the panel, appends tasks to the run, and drops those that are given. */
  expandRun(args: { panel: readonly string[]; tasks: readonly NewTask[]; drop?: readonly number[] }): void;
  /** Appends tasks to the run as it is, in place of those that are dropped. */
  appendTasks(args: { tasks: readonly NewTask[]; drop?: readonly number[] }): void;
  /** Asks for the panel of a run anew, which was planned a while ago. */
  reopenRun(args: { tasks: readonly NewTask[] }): void;
  /** Stores what an answer says, and moves the task's cursor, together (design rule 1). */
  applyText(args: Answer): AnswerResult;
  /** A read by id found nothing: `gone` where the server says so, `unavailable` where it may not be read. */
  applyGone(args: { seq: number; how: 'gone' | 'unavailable'; serverTime: string }): PageResult;
  /** Lines of one file of a bulk export, with the place after them. `line` is the number of the first one. */
  applyLines(args: {
    seq: number;
    file: string;
    lines: readonly string[];
    line: number;
    deletions: boolean;
    serverTime: string;
  }): PageResult & { readonly removed: number };
  /** Where a task stands that is no sequence of pages. */
  setCursor(args: { seq: number; next: string | null }): void;
  /**
   * Ends a task that is no sequence of pages, or whose pages can't be had. `incomplete`: not all of it could be had;
   * `refused`: nothing of it, for the server's own reasons. `flawed`: it would be so again. `transactionTime`: what an
   * export holds is known up to then only. `failure`: why the run goes on without it, which its end has to tell.
   */
  endTask(args: {
    seq: number;
    state: 'done' | 'incomplete' | 'refused';
    flawed?: boolean;
    transactionTime?: string;
    failure?: SyncError;
  }): void;
  /**
   * Removes everything of patients who are not on the panel, but for those of whom a change is unsent. Answers whose
   * records were removed.
   */
  purgePatients(args: { patientIds: readonly string[] }): string[];
  /**
   * Takes what machine policy leaves out of the cache, and removes some of it that is here; to be called until it is
   * whole. What holds a clinician's own text stays until that is settled.
   */
  leaveOut(args: { types: readonly string[] }): { removed: number; isWhole: boolean };
  /** The server was reset, and a person has accepted what it is now: everything is fetched anew, nothing is sent before. */
  acceptServer(): void;
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
  /** The clinician opens a chart, at a time of the workstation in milliseconds. */
  noteOpened(args: { patientId: string; at: number }): void;
  /** Keeps a new pair, which is in force from now on. */
  /** For what comes sealed, as a new pair does. */
  handoverKey(): Uint8Array;
  addDeviceKey(args: SealedDeviceKey & Pick<DeviceKey, 'madeAt'>): void;
  /** Keeps the certificate of a pair, and whether the server has it. */
  certifyDeviceKey(args: { thumbprint: string; certificate: string; published: boolean }): void;
  /** Keeps these certificates in place of all that were known. */
  replaceCertificates(args: { items: readonly KnownCertificate[] }): void;
  /**
   * Keeps a list of revoked keys (`iat` is its own time) in place of the one that it is newer than; null: of none. False
   * where another is kept meanwhile.
   */
  keepRevocations(args: { iat: number; list: string; replaces: string | null }): boolean;
}

/** A clinician's change, as it goes into the outbox. */
export interface NewChange {
  readonly patientId: string;
  readonly type: string;
  /** Id of the resource; for a create a fresh UUID, which stands for it until the server has given an id. */
  readonly resourceId: string;
  readonly action: 'create' | 'update' | 'delete';
  /** Version that the clinician saw; null for a create. */
  readonly baseVersionId: string | null;
  /** The whole resource as JSON text, decimals as typed; null for a delete. */
  readonly body: string | null;
  /** What it is, in a clinician's words. Kept encrypted, as everything here. */
  readonly title: string;
  /** `Practitioner/<id>`. */
  readonly author: string;
  /** Workstation time. */
  readonly changedAt: string;
  /** The draft that this was written in: it is dropped together with keeping the change. */
  readonly draft?: DraftKey;
  /** Its Provenance as JSON text, under an id of its own; it is sent once the server has the change. */
  readonly provenance?: string | null;
  /** A number that was reserved for this workstation, which the record has from now on. */
  readonly number?: { readonly system: string; readonly value: string };
  /** Id of the rejected change in whose place it is sent, under the same identifiers and on the same base. */
  readonly corrects?: string;
}

/** Which rejected change: by its own id, or as that of a record. */
export type ParkedAsked = { readonly id: string } | { readonly type: string; readonly resourceId: string };

/** A rejected change with its texts. */
export interface ParkedChange {
  readonly change: PendingChange;
  /** The server's version that was changed; null of a new record. */
  readonly base: string | null;
  readonly baseVersionId: string | null;
  /** What was rejected; null where that is a deletion. */
  readonly mine: string | null;
  readonly provenance: string | null;
}

/** How a record of the server may be the same as one that was made here. */
export type DuplicateKind = Duplicate['kind'];

/** A visit or specimen that was made here, for who looks whether others have registered it too. */
export interface NumberedRecord {
  readonly type: string;
  /** Local id, and the one that the server knows it by; the same as long as it wasn't sent. */
  readonly localId: string;
  readonly id: string;
  readonly patientId: string;
  readonly system: string;
  readonly value: string;
  /** Workstation time. */
  readonly madeAt: string;
  /** The change by which it waits; null where it was sent, or is being sent. */
  readonly changeId: string | null;
  /** The change that creates it, as long as the server isn't known to have taken it. */
  readonly createId: string | null;
  readonly isSent: boolean;
  /** The patient's records of the same type that the chart had when it was made. */
  readonly known: readonly string[];
  /** Its text as it is known here. */
  readonly body: string;
}

/** What was found of one of these. */
export interface FoundDuplicate {
  readonly kind: DuplicateKind;
  /** Id on the server. */
  readonly other: string;
  /** Its text; null of another patient's. */
  readonly body: string | null;
}

/** Choices for the conflict of a token. */
export interface MergeAsked {
  readonly id: string;
  readonly token: string;
  readonly choices: Readonly<Record<string, Choice>>;
}

/** Versions of a conflict. */
export type ConflictSide = 'base' | 'mine' | 'theirs';

/** A draft with the labels of the record that it changes, by which it is judged once that is gone; null where none are known. */
export type KeptDraft<Item extends Draft> = Item & {
  readonly labels: Labels | null;
  /** What it will be a part of is encrypted, and so is it. */
  readonly sealed: boolean;
};

/** Why a change is not taken: `not-writable` is a partial resource, or a type whose creation could not be repeated safely. */
export type AddError = 'stale' | 'not-found' | 'not-writable' | StoreError;

/** What planning the upload needs to know of an unsent change; its text stays in the outbox until it is sent. */
export interface QueuedChange {
  readonly id: string;
  /** Order in which the clinician made the changes. */
  readonly sequence: number;
  readonly patientId: string;
  readonly type: string;
  readonly resourceId: string;
  readonly action: NewChange['action'];
  /** `sending`: what became of it, or of the version that it is based on, has to be asked first. */
  readonly state: 'waiting' | 'sending';
  readonly attempts: number;
  /** Length of its text in characters. */
  readonly size: number;
  /** Ids of unsent creates that it refers to: it goes with them or after them. */
  readonly needs: readonly string[];
  /** For `If-Match`; null for a create. */
  readonly baseVersionId: string | null;
  /** `meta.lastUpdated` of the base: a server that was restored gives version ids out again. */
  readonly baseUpdated: string | null;
  /** `system|value` by which a create is found again; null for an update or delete. */
  readonly identifier: string | null;
  /** Search parameter for that. */
  readonly knownBy: 'identifier' | '_tag';
  /** A lower bound of the server's time when it was first sent; null where no answer had told it. */
  readonly sentAfter: string | null;
  /** Of a create whose answer was lost, the server's id under which the download has seen it since. */
  readonly seenAs: string | null;
}

/** A change as it leaves the workstation. */
export interface SentChange
  extends Pick<QueuedChange, 'id' | 'type' | 'resourceId' | 'action' | 'baseVersionId' | 'identifier' | 'knownBy'> {
  /** Whole resource, ready to be sent; null for a delete. References to creates sent with it are their full urls. */
  readonly body: string | null;
  /** `urn:uuid:` of a create within a bundle. */
  readonly fullUrl: string | null;
}

/** A version that the server has; `body` null: it is deleted. */
export interface ServerText {
  readonly versionId: string;
  readonly body: string | null;
}

/** The server has taken a change. */
export interface Acknowledgement {
  readonly id: string;
  /** The server's id of the resource. */
  readonly resourceId: string;
  /** The version that the change made; null where it is not known apart from what others did since. */
  readonly own: ServerText | null;
  /** The server's current version where it isn't `own`; null beside a null `own` where it may not be read. */
  readonly current: ServerText | null;
  /** Server time of the answer. */
  readonly serverTime: string | null;
}

/** Why a change is parked: a code of ours, and the server's words as lines for a person. */
export interface Problem {
  readonly code: string;
  readonly lines: readonly string[];
  /** What the server said of it, issue by issue; not there where it said nothing, or was kept before there were any. */
  readonly issues?: NonNullable<PendingChange['problem']>['issues'];
}

/** Answer of what may change the chart: patients whose records in the cache are other ones now. */
export interface Touched {
  readonly patients: readonly string[];
}

/** Ciphertexts whose record waits in the outbox until they are stored. */
export interface TransferOperations {
  /**
   * Keeps the record and the transfer of its file in one transaction, and shows the record in the cache. The record is
   * sent once the transfer is confirmed, never before.
   */
  addTransfer(args: {
    change: NewChange;
    transfer: Pick<StoredTransfer, 'id' | 'file' | 'size' | 'sha256'>;
  }): Result<{ changeId: string }, AddError>;
  /** All, by their places; those whose record is sent or withdrawn have to be cleared away. */
  transfers(): StoredTransfer[];
  /** False where there is no such transfer. */
  noteTransfer(args: { id: string; note: TransferNote }): boolean;
  /** Gives a place in the queue, the others move up or down; false where there is no such transfer. */
  moveTransfer(args: { id: string; place: number }): boolean;
  /** The server has the file: its address comes into the record, which may be sent from now on. Null: there is no such transfer. */
  confirmTransfer(args: { id: string; url: string }): Touched | null;
  /** Takes the record back, as long as it is not on its way. */
  cancelTransfer(args: { id: string }): Result<Touched, 'not-found' | 'too-late'>;
  /** Forgets a transfer of which nothing is left; its record has to be sent or withdrawn. */
  dropTransfer(args: { id: string }): void;
}

/**
 * The unsent changes. Each is durable before it answers; the cache follows the outbox (docs/architecture.md, "Sending
 * changes"). `not-found`: there is no such change in a state in which this can be done.
 */
export interface OutboxOperations extends TransferOperations {
  /** Keeps a change, and shows it in the cache. Unsent changes of the same resource become one. */
  add(change: NewChange): Result<{ changeId: string }, AddError>;
  /** Text that nobody has saved: kept beside the changes, and no part of them. */
  keepDraft(draft: KeptDraft<Draft>): Result<null, StoreError>;
  dropDraft(args: DraftKey): Result<null, StoreError>;
  /** Of one patient or of all, the newest first. */
  drafts(args: { patientId?: string }): KeptDraft<DraftItem>[];
  counts(): Omit<SyncStatus['changes'], 'duplicates' | 'unchecked'>;
  /** Patients of whom there are drafts, or changes that the server hasn't taken. */
  unfinished(): string[];
  /** Oldest first. */
  list(args: { limit: number }): { items: PendingChange[]; total: number };
  get(args: { id: string }): PendingChange | null;
  /** A change that the server has rejected, to be corrected; null where there is none such, or it was written over. */
  parked(args: ParkedAsked): ParkedChange | null;
  /** `sight` of who looks: what the record refers to is named as far as that shows it. */
  conflict(args: { id: string; sight?: Sight }): Conflict | null;
  /** What choices would make of a conflict, and their version; null where they can't be applied (any more). */
  merged(args: MergeAsked): { body: string; theirs: string } | null;
  /** The same as the chart would show it. */
  preview(args: MergeAsked & { sight?: Sight }): MergedView | null;
  /** What is encrypted in an element of one version of a conflict, for the view that has asked; null where none is there. */
  conflictElement(args: { id: string; side: ConflictSide; path: string }): FieldRead | null;
  /** What access has to know of each version of the unsent changes, by the change's id; of one change, or of all. */
  subjects(args: { id: string | null }): Record<string, Subject[]>;
  /** `conflict-changed`: the conflict isn't the one of that token any longer. */
  resolve(args: {
    id: string;
    token: string;
    resolution: Resolution;
    /** Of the decision, in place of what the change had. */
    provenance?: string | null;
  }): Result<Touched, 'not-found' | 'not-mergeable' | 'conflict-changed'>;
  retry(args: { id: string }): Result<Touched, 'not-found'>;
  withdraw(args: { id: string }): Result<Touched, 'not-found' | 'being-sent'>;
  /** The server's id of a resource that was created here, or the id as given. */
  resolveId(args: { type: string; id: string }): string;

  /** What can be sent, oldest first; merges what merges by itself with newer versions that the download saw. */
  queue(): QueuedChange[];
  /** Marks changes as being sent, before the request leaves, and gives their texts. */
  begin(args: { ids: readonly string[]; serverTime: string | null }): SentChange[];
  /** For certain the server has not taken them, and no earlier request is on its way: the changes wait again. */
  release(args: { ids: readonly string[] }): void;
  /** Index of the version that is what the change's sending made; -1 where none is. */
  match(args: { id: string; versions: readonly (string | null)[] }): number;
  acknowledge(args: { changes: readonly Acknowledgement[] }): Touched;
  /**
   * The server has another version than the base: merged where that is allowed, else a conflict. `mayHaveGone`: an earlier
   * request may have been taken, and be what theirs has changed; then a person decides.
   */
  collide(args: {
    id: string;
    theirs: ServerText;
    deletedAt?: string | null;
    mayHaveGone?: boolean;
  }): Touched & { readonly merged: boolean };
  park(args: { id: string; problem: Problem }): Touched;
  /** Records with numbers of this workstation that were not sent, or were made since an instant. */
  numbered(args: { since: string }): NumberedRecord[];
  /** All that the server has beside one of them, in the place of what was found before. True where that is news. */
  noteDuplicates(args: { type: string; localId: string; found: readonly FoundDuplicate[]; at: string }): boolean;
  /** Those that nobody has decided about, with what access has to know of both records. */
  duplicates(): { readonly item: Duplicate; readonly subjects: Subject[] }[];
  /** A person wants both. */
  keepBoth(args: { id: string }): Result<null, 'not-found'>;
  /** The server was reset or restored: no version id of before is believed until the server was asked for it again. */
  doubt(): void;
}

export interface OpenRequest {
  readonly file: string;
  readonly key: Uint8Array;
  readonly create: boolean;
  /** What is made anew in the place of a database that is lost; what is left of that is set aside. */
  readonly anew?: readonly ('cache' | 'outbox')[] | undefined;
  /** Looks through both files whole before they are used: something in them could not be read. */
  readonly check?: boolean | undefined;
  readonly nativeBinding?: string | undefined;
  /** Of the program: told where it is the one that is needed. */
  readonly version?: string | undefined;
  /** Fields that policy marks: they are masked in what is stored. */
  readonly marks?: readonly FieldMark[] | undefined;
  /** The unsent changes: a database of its own, under a key of its own. */
  readonly outbox: {
    readonly file: string;
    readonly key: Uint8Array;
    /** Types that are never merged without a person, beside those that the design names. */
    readonly neverMerge?: readonly string[] | undefined;
  };
}

export interface OpenedStore {
  /** The cache was made anew, now or at an earlier opening. */
  readonly rebuilt: boolean;
  /** Version of the cache's schema. */
  readonly schema: number;
}

/** What the cache's process answers besides. */
export interface ControlOperations {
  open(args: OpenRequest): Promise<Result<OpenedStore, StoreError>>;
  close(): Promise<void>;
}

export const readNames = [
  'run',
  'tasks',
  'gaps',
  'panel',
  'missingReferences',
  'patientList',
  'patientLists',
  'chartSummary',
  'downtimeRecords',
  'isReplaced',
  'resultGroups',
  'trend',
  'timelineOutline',
  'timelinePage',
  'timelineGroup',
  'record',
  'pastMoments',
  'trends',
  'earlyWarning',
  'note',
  'documentList',
  'knownSections',
  'completeness',
  'currentEncounter',
  'standing',
  'standings',
  'labels',
  'subject',
  'names',
  'versions',
  'panelPatients',
  'practitionerRoles',
  'unconfirmedTeams',
  'unconfirmedRoles',
  'sharedResources',
  'witnesses',
  'differences',
  'outdated',
  'leavers',
  'leftOut',
  'types',
  'version',
  'resource',
  'field',
  'findField',
  'getMeta',
  'deviceKeys',
  'sealedDeviceKeys',
  'certificates',
  'revocations',
  'careTeamPractitioners',
  'allergyStanding',
  'absenceStatements',
  'suggestCodings',
  'findInChart',
  'formList',
  'form',
  'findInPanel',
  'search',
] as const satisfies readonly (keyof ReadOperations)[];

export const writeNames = [
  'startRun',
  'expandRun',
  'appendTasks',
  'reopenRun',
  'applyPage',
  'applyText',
  'applyGone',
  'applyLines',
  'setCursor',
  'endTask',
  'refuseTask',
  'purgePatients',
  'leaveOut',
  'acceptServer',
  'finishRun',
  'setMeta',
  'noteOpened',
  'handoverKey',
  'addDeviceKey',
  'certifyDeviceKey',
  'replaceCertificates',
  'keepRevocations',
] as const satisfies readonly (keyof WriteOperations)[];

/** Operations of which several may share a transaction: pages that a fast server has sent meanwhile. */
export const pageNames: ReadonlySet<string> = new Set(['applyPage', 'applyText', 'applyLines']);

export const outboxNames = [
  'add',
  'keepDraft',
  'dropDraft',
  'drafts',
  'counts',
  'unfinished',
  'list',
  'get',
  'parked',
  'conflict',
  'merged',
  'preview',
  'conflictElement',
  'subjects',
  'resolve',
  'retry',
  'withdraw',
  'resolveId',
  'queue',
  'begin',
  'release',
  'match',
  'acknowledge',
  'collide',
  'park',
  'numbered',
  'noteDuplicates',
  'duplicates',
  'keepBoth',
  'doubt',
  'addTransfer',
  'transfers',
  'noteTransfer',
  'moveTransfer',
  'confirmTransfer',
  'cancelTransfer',
  'dropTransfer',
] as const satisfies readonly (keyof OutboxOperations)[];

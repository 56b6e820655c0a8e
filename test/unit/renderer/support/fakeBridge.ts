import { packTrend } from '../../../../main/cache/views/packed.ts';
import type { AccessState } from '../../../../preload/contract/access.ts';
import type { AccessLine, AlarmLine, AuditStatus, Integrity } from '../../../../preload/contract/audit.ts';
import type { DocumentItem, Transfer } from '../../../../preload/contract/documents.ts';
import type { DowntimeState, NumbersState } from '../../../../preload/contract/downtime.ts';
import type { DraftItem, DraftKey } from '../../../../preload/contract/drafts.ts';
import type { Bridge } from '../../../../preload/contract/index.ts';
import type { LaunchState } from '../../../../preload/contract/launch.ts';
import type { LeaseStatus, ScreenState } from '../../../../preload/contract/lock.ts';
import type { ManagedState } from '../../../../preload/contract/managed.ts';
import type { AskedScope, KeptFilter, PatientRow, PatientSort } from '../../../../preload/contract/patients.ts';
import type { Theme } from '../../../../preload/contract/preferences.ts';
import type { EarlyWarning } from '../../../../preload/contract/results.ts';
import type { RichText } from '../../../../preload/contract/rich.ts';
import type { Attempts, SessionState } from '../../../../preload/contract/session.ts';
import type {
  Conflict,
  Duplicate,
  KnownSection,
  MergedView,
  PendingChange,
  SyncStatus,
} from '../../../../preload/contract/sync.ts';
import type { UpdateError, UpdateState } from '../../../../preload/contract/updates.ts';
import { AS_OF, fakeChart, fakeGroups, fakePatients, fakeTrend, fakeWarning, NOTHING_WITHHELD } from './fakeData.ts';
import { createFakeTimeline, type FakeTimeline } from './fakeTimeline.ts';

type Listener<Payload> = (payload: Payload) => void;

/** One kind of event: who listens, and how to tell them. */
function createTopic<Payload>() {
  const listeners = new Set<Listener<Payload>>();
  return {
    on: (listener: Listener<Payload>) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: (payload: Payload) => {
      for (const listener of listeners) listener(payload);
    },
  };
}

const ok = async <Value>(value: Value) => ({ ok: true as const, value });
const fail = async <const Code extends string>(code: Code) => ({ ok: false as const, error: { code } });

export const PROFILE = {
  id: '6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11',
  display: 'Dr Amara Nwosu',
  server: 'https://fhir.stmarys.example/r4',
};

export const UNLOCKED: SessionState = {
  phase: 'unlocked',
  profile: PROFILE,
  since: AS_OF,
  signInNeeded: false,
  signInEnds: null,
  openPatient: null,
  rebuilt: false,
};
export const NO_UPDATES: UpdateState = {
  mode: 'repository',
  installed: '0.1.0',
  stage: 'none',
  offer: null,
  holds: [],
  checkedAt: null,
  problem: null,
};
export const LOCKED: SessionState = { phase: 'locked', profile: PROFILE, reason: 'asked', problem: null };

export const SYNCED: SyncStatus = {
  activity: 'idle',
  online: true,
  asOf: AS_OF,
  complete: true,
  upToDate: true,
  progress: null,
  error: null,
  changes: { waiting: 0, conflicts: 0, parked: 0, duplicates: 0, unchecked: 0 },
  clockOffsetMs: null,
  nextRunAt: null,
};

export const NOTHING_OPEN: AccessState = {
  grants: [],
  policies: { source: 'default', name: 'Wardlight default', version: 1, alarm: null },
};

interface FakeOptions {
  readonly session?: SessionState;
  readonly sync?: SyncStatus;
  readonly patients?: readonly PatientRow[];
  readonly theme?: Theme;
  readonly unsent?: readonly PendingChange[];
  readonly conflict?: Conflict;
  /** What a merge of it would look like in the chart. */
  readonly preview?: MergedView;
  readonly duplicates?: readonly Duplicate[];
  readonly numbers?: NumbersState;
  readonly attempts?: Attempts;
  readonly access?: AccessState;
  readonly mayDeclare?: boolean;
  readonly remoteDebugging?: boolean;
  readonly contentProtection?: ScreenState['contentProtection'];
  readonly lease?: LeaseStatus;
  readonly drafts?: readonly DraftItem[];
  /** Drafts that may not be seen. */
  readonly hidden?: number;
  readonly documents?: FakeDocuments;
  readonly timeline?: FakeTimeline;
  /** What IT has set. */
  readonly managed?: ManagedState;
  readonly support?: Partial<Bridge['support']>;
  readonly updates?: UpdateState;
  /** What becomes of what is asked about them. */
  readonly updateFailure?: UpdateError;
  /** A past chart is never there. */
  readonly slowPast?: boolean;
  readonly downtime?: Partial<Bridge['downtime']> & { readonly now?: DowntimeState };
  /** The texts of notes are encrypted, and the first vital sign. */
  readonly masked?: boolean;
  readonly warning?: EarlyWarning;
  readonly reveal?: Bridge['sealed']['reveal'];
  /** What every note says, in blocks. */
  readonly richNote?: RichText;
  readonly find?: Partial<Bridge['find']>;
  /** The notes are signed. */
  readonly signed?: boolean;
  /** What calls that write in the chart answer, and what is suggested. */
  readonly charting?: Partial<Bridge['charting']>;
  readonly forms?: Partial<Bridge['forms']>;
  /** What a read chart says otherwise. */
  readonly chart?: (chart: ReturnType<typeof fakeChart>) => ReturnType<typeof fakeChart>;
  /** What a privacy officer sees; without it, the record of access may not be looked at. */
  readonly review?: {
    readonly alarms: readonly AlarmLine[];
    readonly accesses: readonly AccessLine[];
    readonly findings?: Integrity['findings'];
    readonly delivery?: Integrity['delivery'];
    readonly sending?: Integrity['sending'];
  };
}

export const NO_BINDER: DowntimeState = {
  on: true,
  mayPrint: true,
  maySave: false,
  everyMinutes: 240,
  kept: [],
  making: null,
  failed: null,
};

type DocumentCalls = Bridge['documents'];

/** The files of every patient, and what the calls about them answer. */
interface FakeDocuments extends Partial<DocumentCalls> {
  readonly items?: readonly DocumentItem[];
  readonly more?: Partial<Extract<Awaited<ReturnType<DocumentCalls['list']>>, { ok: true }>['value']>;
  readonly queue?: readonly Transfer[];
}

const FAKE_ID = '0c6f7a52-3a8e-4a57-9d0b-0000000000ca';
const NOBODY = { family: '', given: '', prefix: '' };
const keyOf = ({ patientId, resourceType, resourceId }: DraftKey) => `${patientId} ${resourceType} ${resourceId}`;

/** A bridge without main, filled with invented patients, and the strings by which a test pulls it. */
export function createFakeBridge(options: FakeOptions = {}) {
  const sessions = createTopic<SessionState>();
  const launches = createTopic<LaunchState>();
  const syncs = createTopic<SyncStatus>();
  const changes = createTopic<{ patients: 'all' | string[] }>();
  const flushes = createTopic<Record<string, never>>();
  const drafts = new Map<string, DraftItem>((options.drafts ?? []).map((draft) => [keyOf(draft), draft]));
  /** As main does: the draft that a new record was written in goes with it. */
  const dropNew = (patientId: string, resourceType: DraftKey['resourceType']) =>
    drafts.delete(keyOf({ patientId, resourceType, resourceId: null }));
  const leases = createTopic<LeaseStatus | null>();
  const screens = createTopic<ScreenState>();
  const managed = createTopic<ManagedState>();
  const updates = createTopic<UpdateState>();
  const idleWarnings = createTopic<{ remainingMs: number | null }>();
  const unsentChanges = createTopic<Record<string, never>>();
  const accesses = createTopic<AccessState>();
  const audits = createTopic<AuditStatus>();
  const alarmNews = createTopic<{ open: number }>();
  const binders = createTopic<DowntimeState>();
  const { now: _, ...downtimeCalls } = options.downtime ?? {};
  const transferNews = createTopic<{ items: Transfer[] }>();
  const openings = createTopic<{ patientId: string; documentId: string; done: number; total: number }>();
  const { items: documents = [], more, queue = [], ...documentCalls } = options.documents ?? {};
  const noted = (name: string) => (request: unknown) => {
    write(`documents.${name}`, request);
    return ok({});
  };
  let alarms = [...(options.review?.alarms ?? [])];
  const reviewed = <Value>(value: Value) => (options.review ? ok(value) : fail('not-permitted'));
  const openAlarms = () => alarms.filter(({ mark }) => mark === null).length;
  const kept: KeptFilter[] = [];
  const rows = options.patients ?? fakePatients(60);
  const reads: string[] = [];
  const listed: AskedScope[] = [];
  /** What the page has asked to be written or decided. */
  const writes: { call: string; request: unknown }[] = [];
  const write = (call: string, request: unknown) => void writes.push({ call, request });
  let noteVersion = '1';
  let session = options.session ?? UNLOCKED;
  let launch: LaunchState = { phase: 'none' };
  let sync = options.sync ?? SYNCED;
  let access = options.access ?? NOTHING_OPEN;

  let attempts = options.attempts ?? { left: null, waitMs: 0 };
  const setAttempts = (next: Attempts) => {
    attempts = next;
  };

  const setSession = (next: SessionState) => {
    session = next;
    sessions.tell(next);
  };
  const setLaunch = (next: LaunchState) => {
    launch = next;
    launches.tell(next);
  };
  const setSync = (next: SyncStatus) => {
    sync = next;
    syncs.tell(next);
  };
  const setAccess = (next: AccessState) => {
    access = next;
    accesses.tell(next);
  };
  const rowOf = (id: string) => rows.find((row) => row.id === id);

  const askUpdate = (name: string) => {
    write(`updates.${name}`, {});
    return options.updateFailure ? fail(options.updateFailure) : ok({});
  };

  const bridge: Bridge = {
    session: {
      state: () => ok(session),
      signIn: () => fail('server-unreachable'),
      cancelSignIn: () => ok({}),
      enrol: async () => {
        setSession(UNLOCKED);
        return ok({});
      },
      unlock: ({ passphrase }) => {
        if (passphrase !== 'correct horse') return fail('passphrase-wrong');
        setSession(UNLOCKED);
        return ok({});
      },
      strength: ({ passphrase }) => {
        const score = Math.min(4, Math.floor(passphrase.length / 4));
        const missing = Math.max(0, 8 - passphrase.length);
        const enough = missing === 0 && score >= 3;
        return ok({ score, missing, enough, hint: missing > 0 ? 'short' : enough ? null : 'word' });
      },
      attempts: () => ok(attempts),
      changePassphrase: (request) => {
        write('session.changePassphrase', request);
        return request.current === 'correct horse' ? ok({}) : fail('passphrase-wrong');
      },
      rotateKey: (request) => {
        write('session.rotateKey', request);
        return request.passphrase === 'correct horse' ? ok({}) : fail('passphrase-wrong');
      },
      setOutboxAside: (request) => {
        write('session.setOutboxAside', request);
        setSession(UNLOCKED);
        return ok({});
      },
      lock: () => {
        setSession(LOCKED);
        return ok({});
      },
      retryKeyring: () => ok({}),
      switchClinician: () => {
        write('session.switchClinician', {});
        return ok({});
      },
      choose: (request) => {
        write('session.choose', request);
        return ok({});
      },
      addClinician: () => {
        write('session.addClinician', {});
        return ok({});
      },
      openedPatient: () => {
        write('session.openedPatient', {});
        return ok({});
      },
      dismissWipe: () => {
        write('session.dismissWipe', {});
        return ok({});
      },
      onChanged: sessions.on,
    },
    launch: {
      state: () => ok(launch),
      accept: () => {
        write('launch.accept', {});
        return ok({});
      },
      dismiss: () => {
        write('launch.dismiss', {});
        return ok({});
      },
      onChanged: launches.on,
    },
    patients: {
      list: async ({ scope = { list: 'mine' }, query, sort, descending, offset, limit }) => {
        listed.push(scope);
        const found = rows.filter((row) => isOn(scope, row) && matches(row, query)).toSorted(comparing(sort));
        if (descending) found.reverse();
        const items = found.slice(offset, offset + limit);
        return ok({ items, total: found.length, panel: rows.length, asOf: sync.asOf, complete: sync.complete });
      },
      lists: async () => ok({ mine: rows.length, wards: wardsOf(rows), appointments: 0, recent: 0, unfinished: 0 }),
      filters: async () => ok({ items: kept }),
      keepFilter: async ({ filter }) => {
        kept.push(filter);
        return ok({});
      },
      dropFilter: async ({ name }) => {
        kept.splice(0, kept.length, ...kept.filter((one) => one.name !== name));
        return ok({});
      },
      onChanged: changes.on,
    },
    chart: {
      read: ({ patientId, asOf }) => {
        reads.push(asOf === undefined ? patientId : `${patientId} as of ${asOf}`);
        const row = rowOf(patientId);
        if (!row) return fail('not-found');
        if (asOf !== undefined && options.slowPast) return new Promise(() => undefined);
        const chart = (options.chart ?? ((one) => one))(fakeChart(row));
        return ok(options.masked ? withMaskedVital(chart) : chart);
      },
    },
    results: {
      list: () =>
        ok({
          groups: options.masked ? withMaskedGroup(fakeGroups()) : fakeGroups(),
          state: 'complete',
          asOf: AS_OF,
          deletionsUnknown: false,
          withheld: NOTHING_WITHHELD,
        }),
      trend: ({ code }) => ok(packTrend(options.masked ? withMaskedValue(fakeTrend(code)) : fakeTrend(code))),
      trends: (request) => {
        write('results.trends', request);
        return ok({ trends: request.codes.map((code) => packTrend(fakeTrend(code))) });
      },
      earlyWarning: () => ok(options.warning ?? fakeWarning()),
      record: (request) => {
        write('results.record', request);
        return ok({ observationId: 'new-value' });
      },
      correct: (request) => {
        write('results.correct', request);
        return ok({ observationId: request.observationId });
      },
    },
    charting: {
      recordAllergy: (request) => {
        write('charting.recordAllergy', request);
        dropNew(request.patientId, 'AllergyIntolerance');
        return ok({ id: 'w1' });
      },
      recordNoKnownAllergies: (request) => {
        write('charting.recordNoKnownAllergies', request);
        return ok({ id: 'w1' });
      },
      startVisit: (request) => {
        write('charting.startVisit', request);
        return ok({ id: 'v1', number: '7700019' });
      },
      labelSpecimen: (request) => {
        write('charting.labelSpecimen', request);
        return ok({ id: 's1', number: 'D010112' });
      },
      renumber: (request) => {
        write('charting.renumber', request);
        return ok({ id: request.id, number: '7700027' });
      },
      refuteAllergy: (request) => {
        write('charting.refuteAllergy', request);
        return ok({ id: 'w1' });
      },
      recordProblem: (request) => {
        write('charting.recordProblem', request);
        dropNew(request.patientId, 'Condition');
        return ok({ id: 'w1' });
      },
      changeProblem: (request) => {
        write('charting.changeProblem', request);
        return ok({ id: 'w1' });
      },
      recordMedication: (request) => {
        write('charting.recordMedication', request);
        dropNew(request.patientId, 'MedicationStatement');
        return ok({ id: 'w1' });
      },
      stopMedication: (request) => {
        write('charting.stopMedication', request);
        return ok({ id: 'w1' });
      },
      recordTask: (request) => {
        write('charting.recordTask', request);
        dropNew(request.patientId, 'Task');
        return ok({ id: 'w1' });
      },
      changeTask: (request) => {
        write('charting.changeTask', request);
        return ok({ id: 'w1' });
      },
      recordImmunization: (request) => {
        write('charting.recordImmunization', request);
        dropNew(request.patientId, 'Immunization');
        return ok({ id: 'w1' });
      },
      recordForm: (request) => {
        write('charting.recordForm', request);
        return ok({ id: 'w1' });
      },
      checkIn: (request) => {
        write('charting.checkIn', request);
        return ok({ id: 'w1' });
      },
      recordNote: (request) => {
        write('charting.recordNote', request);
        return ok({ id: 'w1' });
      },
      signNote: (request) => {
        write('charting.signNote', request);
        return ok({ id: 'w1' });
      },
      addNote: (request) => {
        write('charting.addNote', request);
        return ok({ id: 'w1' });
      },
      parked: () => fail('not-found'),
      markEnteredInError: (request) => {
        write('charting.markEnteredInError', request);
        return ok({ id: 'w1' });
      },
      suggest: () => ok({ items: [] }),
      ...options.charting,
    },
    forms: {
      list: () => ok({ items: [], more: false, state: 'complete' }),
      open: () => fail('not-found'),
      evaluate: () => fail('form-closed'),
      ...options.forms,
    },
    timeline: createFakeTimeline(options.timeline ?? {}, write),
    find: {
      inChart: (request) => {
        write('find.inChart', request);
        return ok({ items: [], total: 0, more: false, gaps: [], withheld: NOTHING_WITHHELD });
      },
      inPanel: (request) => {
        write('find.inPanel', request);
        const nothing = { items: [], total: 0, more: false, gaps: [], withheld: NOTHING_WITHHELD };
        return ok({ ...nothing, patients: [], panel: rows.length, incomplete: 0 });
      },
      ...options.find,
    },
    notes: {
      read: ({ patientId, noteId }) => {
        const row = rowOf(patientId);
        const note = row && fakeChart(row).notes.items.find((item) => item.id === noteId);
        if (!note) return fail('not-found');
        const scan = noteId === 'n3';
        const contentType = scan ? 'application/pdf' : 'text/plain';
        const masked = options.masked ? ('encrypted' as const) : null;
        const signed = options.signed ?? false;
        const rich = options.richNote ?? null;
        const body = scan || masked || rich ? null : NOTE_BODY;
        return ok({ ...note, body, rich, contentType, masked, versionId: noteVersion, signed });
      },
      create: (request) => {
        write('notes.create', request);
        return ok({ noteId: 'n1' });
      },
      amend: (request) => {
        write('notes.amend', request);
        return ok({ noteId: request.noteId });
      },
    },
    sync: {
      status: () => ok(sync),
      start: () => ok({}),
      cancel: () => ok({}),
      sections: () => ok({ items: SECTIONS }),
      changes: () => ok({ items: [...(options.unsent ?? [])], total: options.unsent?.length ?? 0 }),
      duplicates: () => ok({ items: [...(options.duplicates ?? [])] }),
      keepBoth: (request) => {
        write('sync.keepBoth', request);
        return ok({});
      },
      conflict: () => (options.conflict ? ok(options.conflict) : fail('not-found')),
      preview: () => (options.preview ? ok(options.preview) : fail('not-found')),
      resolve: (request) => {
        write('sync.resolve', request);
        return ok({});
      },
      retry: (request) => {
        write('sync.retry', request);
        return ok({});
      },
      acceptServer: (request) => {
        write('sync.acceptServer', request);
        return ok({});
      },
      withdraw: (request) => {
        write('sync.withdraw', request);
        return ok({});
      },
      onChanged: syncs.on,
      onChangesChanged: unsentChanges.on,
    },
    access: {
      state: () => ok(access),
      mayDeclare: () => ok({ emergency: options.mayDeclare ?? true }),
      declareEmergency: (request) => {
        write('access.declareEmergency', request);
        if (request.passphrase !== 'correct horse') return fail('passphrase-wrong');
        return ok({
          patientId: request.patientId,
          kind: 'emergency',
          purpose: request.purpose,
          remainingMs: 1_800_000,
        });
      },
      openRestricted: (request) => {
        write('access.openRestricted', request);
        return ok({ patientId: request.patientId, kind: 'purpose', purpose: request.purpose, remainingMs: 1_800_000 });
      },
      end: (request) => {
        write('access.end', request);
        return ok({});
      },
      onChanged: accesses.on,
    },
    managed: {
      state: () => ok(options.managed ?? { source: 'none', problems: [], isEarlier: false }),
      settings: () =>
        ok([
          { key: 'lock.idleMs', text: 'Idle lock.', value: '60000', standard: '300000', isManaged: true },
          { key: 'screen.shadeOnBlur', text: 'Shade.', value: 'false', standard: 'false', isManaged: false },
        ]),
      onChanged: managed.on,
    },
    support: {
      gather: () =>
        ok({
          id: FAKE_ID,
          parts: [
            { name: 'health', text: '{\n  "health": "healthy"\n}' },
            { name: 'log', text: '[\n  {"event":"call"}\n]' },
          ],
        }),
      save: (request) => {
        write('support.save', request);
        return ok({ saved: true });
      },
      notices: ({ piece }) => ok({ missing: false, text: piece === 0 ? 'MIT, and ' : 'Apache-2.0', more: piece === 0 }),
      ...options.support,
    },
    updates: {
      state: () => ok(options.updates ?? NO_UPDATES),
      check: () => {
        write('updates.check', {});
        return ok({});
      },
      putOff: () => askUpdate('putOff'),
      agree: () => askUpdate('agree'),
      installNow: () => askUpdate('installNow'),
      onChanged: updates.on,
    },
    preferences: {
      about: () => {
        const versions = { version: '0.1.0', electron: '45', chromium: '130' };
        return ok({ ...versions, developmentRuntime: true, remoteDebugging: options.remoteDebugging ?? false });
      },
      theme: () => ok(options.theme ?? 'light'),
      setTheme: () => ok({}),
      language: () => ok('system'),
      setLanguage(request) {
        write('preferences.setLanguage', request);
        return ok({});
      },
    },
    lock: {
      lease: () => ok(options.lease ?? null),
      onLeaseChanged: leases.on,
      onIdleWarning: idleWarnings.on,
      screen: () => ok({ shaded: false, contentProtection: options.contentProtection ?? 'off', mayCopy: true }),
      onScreenChanged: screens.on,
      copied: (request) => {
        write('lock.copied', request);
        return ok({});
      },
    },
    drafts: {
      keep: (draft) => {
        write('drafts.keep', draft);
        const kept = { ...draft, sealed: false, changedAt: AS_OF, patient: rowOf(draft.patientId)?.name ?? NOBODY };
        drafts.set(keyOf(draft), kept);
        return ok({ keptAt: AS_OF });
      },
      open: (key) => {
        write('drafts.open', key);
        return ok({ body: 'What was typed.' });
      },
      drop: (key) => {
        write('drafts.drop', key);
        drafts.delete(keyOf(key));
        return ok({});
      },
      ofPatient: ({ patientId, resourceType }) =>
        ok({
          items: [...drafts.values()].filter((one) => one.patientId === patientId && one.resourceType === resourceType),
          withheld: resourceType === 'DocumentReference' ? (options.hidden ?? 0) : 0,
        }),
      list: () =>
        ok({
          items: [...drafts.values()].map(({ body: _body, kind: _kind, sealed: _sealed, ...line }) => line),
          hidden: options.hidden ?? 0,
        }),
      flushed: () => {
        write('drafts.flushed', {});
        return ok({});
      },
      onFlush: flushes.on,
    },
    audit: {
      status: () => ok({ degraded: null, verification: null }),
      offers: ({ patientId }) =>
        ok({
          alarms: options.review ? openAlarms() : null,
          access: options.review !== undefined && patientId !== null,
        }),
      alarms: () => reviewed({ items: alarms, next: null }),
      evidence: () => reviewed({ items: [...(options.review?.accesses ?? [])].slice(0, 2), missing: 1 }),
      markFalse: (request) => {
        write('audit.markFalse', request);
        const mark = { at: AS_OF, who: null, reason: request.reason };
        alarms = alarms.map((alarm) => (alarm.id === request.id ? { ...alarm, mark } : alarm));
        alarmNews.tell({ open: openAlarms() });
        return reviewed({});
      },
      accesses: (request) => {
        write('audit.accesses', request);
        const items = (options.review?.accesses ?? []).filter(
          ({ who }) => request.person === null || who?.reference === request.person,
        );
        const people = (options.review?.accesses ?? []).flatMap(({ who }) => (who ? [who] : []));
        const unique = [...new Map(people.map((person) => [person.reference, person])).values()];
        return reviewed({ patient: { id: request.patientId, name: null }, items, next: null, people: unique });
      },
      integrity: () =>
        reviewed({
          origin: 'wardlight.org/audit/6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11',
          size: 12_345,
          checkpoint: { size: 12_340, at: AS_OF },
          enrolment: 'enrolled',
          findings: [...(options.review?.findings ?? [])],
          status: { degraded: null, verification: null },
          delivery: [...(options.review?.delivery ?? [])],
          sending: [...(options.review?.sending ?? [])],
        }),
      verify: () => {
        write('audit.verify', {});
        return reviewed({});
      },
      stopVerifying: () => {
        write('audit.stopVerifying', {});
        return ok({});
      },
      onChanged: audits.on,
      onAlarmsChanged: alarmNews.on,
    },
    downtime: {
      state: () => ok(options.downtime?.now ?? NO_BINDER),
      make: () => fail('binder-empty'),
      cancel: () => {
        write('downtime.cancel', {});
        return ok({});
      },
      open: () => fail('not-found'),
      close: (request) => {
        write('downtime.close', request);
        return ok({});
      },
      print: (request) => {
        write('downtime.print', request);
        return ok({ printed: true });
      },
      saveAs: () => ok(null),
      numbers: () => ok(options.numbers ?? null),
      printLabel: (request) => {
        write('downtime.printLabel', request);
        return ok({ printed: true });
      },
      printNumbers: () => {
        write('downtime.printNumbers', {});
        return ok({ printed: true, visit: 20, specimen: 20 });
      },
      onChanged: binders.on,
      ...downtimeCalls,
    },
    sealed: {
      reveal: (request) => {
        write('sealed.reveal', request);
        return options.reveal?.(request) ?? ok({ texts: ['What was sealed.'] });
      },
      revealConflict: (request) => {
        write('sealed.revealConflict', request);
        return ok({ texts: [`What ${request.side} says.`] });
      },
    },
    documents: {
      list: () =>
        ok({
          items: [...documents],
          total: documents.length,
          omittedSince: null,
          state: 'complete',
          asOf: AS_OF,
          deletionsUnknown: false,
          withheld: NOTHING_WITHHELD,
          attachProblem: null,
          mayPhotograph: true,
          mayScan: true,
          maySave: false,
          mayOpenWith: false,
          ...more,
        }),
      pick: () => ok(null),
      beginPhoto: () => ok({ captureId: FAKE_ID }),
      photoTaken: () => ok({ pickId: FAKE_ID, name: 'Photo', size: 2_400_000, kind: 'image' }),
      endPhoto: noted('endPhoto'),
      scanners: () => ok({ items: [] }),
      scan: () => fail('scanner-failed'),
      cancelScan: noted('cancelScan'),
      forget: noted('forget'),
      attach: (request) => {
        write('documents.attach', request);
        return ok({ documentId: 'd-new' });
      },
      transfers: () => ok({ items: [...queue] }),
      pause: noted('pause'),
      resume: noted('resume'),
      cancel: noted('cancel'),
      move: noted('move'),
      open: () => fail('not-found'),
      cancelOpen: noted('cancelOpen'),
      close: noted('close'),
      saveAs: (request) => {
        write('documents.saveAs', request);
        return ok({ name: 'wound.jpg' });
      },
      openWith: noted('openWith'),
      onTransfersChanged: transferNews.on,
      onStandingChanged: () => () => undefined,
      onOpenProgress: openings.on,
      onScanProgress: () => () => undefined,
      ...documentCalls,
    },
  };
  return {
    bridge,
    reads,
    /** The lists that were asked for, in order. */
    listed,
    writes,
    /** What was to be changed, but for drafts: one may be kept at any moment while something is typed. */
    saved: () => writes.filter(({ call }) => !call.startsWith('drafts.')),
    setSession,
    setAttempts,
    setLaunch,
    setSync,
    setAccess,
    changed: changes.tell,
    /** The notes are other versions by now. */
    setNoteVersion(version: string) {
      noteVersion = version;
      changes.tell({ patients: 'all' });
    },
    setAudit: audits.tell,
    tellManaged: managed.tell,
    shade: (shaded: boolean) => screens.tell({ shaded, contentProtection: 'off', mayCopy: true }),
    tellUpdates: updates.tell,
    flush: () => flushes.tell({}),
    warnIdle: (remainingMs: number | null) => idleWarnings.tell({ remainingMs }),
    changesChanged: () => unsentChanges.tell({}),
    setBinders: (state: DowntimeState) => binders.tell(state),
    setTransfers: (items: Transfer[]) => transferNews.tell({ items }),
    tellOpening: openings.tell,
  };
}

const SECTIONS: KnownSection[] = [
  { resourceType: 'DocumentReference', state: 'complete', asOf: AS_OF, count: 31, deletionsUnknown: false },
  { resourceType: 'Observation', state: 'partial', asOf: AS_OF, count: 1204, deletionsUnknown: true },
  { resourceType: 'CarePlan', state: 'not-permitted', asOf: null, count: 0, deletionsUnknown: true },
];

const NOTE_BODY = `S: Less breathless overnight. Slept four hours. No chest pain.
O: T 38.4, HR 112, BP 96/58, RR 24, SpO2 93 % on 2 L. Coarse crackles right base.
A: Community acquired pneumonia, CURB-65 3. Potassium 6.10, repeat sent.
P: Continue ceftriaxone. ECG now. Hold metformin.

<b>This is shown as it was written, never as HTML.</b>`;

function matches(row: PatientRow, query: string): boolean {
  const text = `${row.name.family} ${row.name.given} ${row.mrn} ${row.location}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The fake knows of wards alone. */
function isOn(scope: AskedScope, row: PatientRow): boolean {
  if (scope.list === 'mine') return true;
  return scope.list === 'ward' && (row.location ?? '').startsWith(`${scope.ward},`);
}

function wardsOf(rows: readonly PatientRow[]) {
  const wards = rows.flatMap(({ location }) => location?.split(',')[0] ?? []);
  return [...new Set(wards)].map((ward) => ({ ward, count: wards.filter((one) => one === ward).length }));
}

function comparing(sort: PatientSort) {
  const keyOf = (row: PatientRow) => {
    if (sort === 'location') return row.location ?? '~';
    if (sort === 'age') return row.birthDate ?? '~';
    return sort === 'updated' ? (row.lastUpdated ?? '~') : `${row.name.family} ${row.name.given}`;
  };
  return (a: PatientRow, b: PatientRow) => keyOf(a).localeCompare(keyOf(b));
}

function withMaskedVital(chart: ReturnType<typeof fakeChart>): ReturnType<typeof fakeChart> {
  const [first, ...others] = chart.vitals.items;
  return { ...chart, vitals: { ...chart.vitals, items: [{ ...first!, ...MASKED }, ...others] } };
}

const MASKED = { value: 'Encrypted', unit: null, encrypted: ['valueQuantity'] };

function withMaskedGroup([first, ...others]: ReturnType<typeof fakeGroups>): ReturnType<typeof fakeGroups> {
  return [{ ...first!, latest: { ...first!.latest, ...MASKED } }, ...others];
}

function withMaskedValue(trend: ReturnType<typeof fakeTrend>): ReturnType<typeof fakeTrend> {
  const { value: text, encrypted } = MASKED;
  return {
    ...trend,
    series: [],
    masked: [{ id: 'm', time: Date.parse(AS_OF), name: '', text, encrypted, status: 'final' }],
  };
}

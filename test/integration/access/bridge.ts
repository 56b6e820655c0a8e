import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AccessOptions, createAccess } from '../../../main/access/access.ts';
import { createCharting } from '../../../main/access/charting.ts';
import { createCopies } from '../../../main/access/copies.ts';
import { createDrafts } from '../../../main/access/drafts.ts';
import { createFilters } from '../../../main/access/filters.ts';
import { createForms } from '../../../main/access/forms.ts';
import type { GrantTimes } from '../../../main/access/grants.ts';
import { createLabels } from '../../../main/access/labels.ts';
import { createOpening } from '../../../main/access/opening.ts';
import { defaultBundle } from '../../../main/access/policy/defaults.ts';
import { createEngine, type Engine } from '../../../main/access/policy/engine.ts';
import { createReads } from '../../../main/access/reads.ts';
import { createRegistering } from '../../../main/access/registering.ts';
import type { ServerDecisions } from '../../../main/access/server.ts';
import { createSheets } from '../../../main/access/sheets.ts';
import { createWriter } from '../../../main/access/write.ts';
import { createWrites } from '../../../main/access/writes.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import { createReview } from '../../../main/audit/review.ts';
import type { Cache } from '../../../main/cache/client.ts';
import { createReveal } from '../../../main/documents/fields/reveal.ts';
import { documentsNotSetUp } from '../../../main/documents/not-set-up.ts';
import { createNumbering } from '../../../main/downtime/numbering.ts';
import { bindContract } from '../../../main/ipc/bind.ts';
import { createHandlers, type HandlerOptions } from '../../../main/ipc/handlers.ts';
import { composer } from '../../../main/writing/composer.ts';
import type { Written } from '../../../main/writing/resource.ts';
import { wireName } from '../../../preload/contract/channel.ts';
import { channelNames } from '../../../preload/contract/index.ts';

import { emptyForm, formsHere } from '../../support/forms.ts';
import { numbersOver, numbersPolicy } from '../../support/numbers.ts';
import { downtimeOver, fakePaper } from '../../unit/downtime/support.ts';

export const PASSPHRASE = 'correct horse battery staple';
const server = 'https://s';

export type Answer = { ok: true; value: never } | { ok: false; error: { code: string } };

export interface Bridge {
  /** Asks as the page does: through the checks of the bridge. */
  ask(call: string, request: unknown): Promise<Answer>;
  /** Everything that the page was told without asking. */
  readonly told: unknown[];
  /** What has changed of patients, as a sync says it. */
  changed(patients: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface BridgeOptions extends Partial<Pick<AccessOptions, 'conditions' | 'practitioner' | 'scopes'>> {
  readonly cache: Cache;
  /** Where the record itself is looked at, all of it. */
  readonly audit: Pick<Audit, 'record'> & Partial<Audit>;
  readonly engine?: Engine;
  readonly times?: GrantTimes;
  /** Answers to forms are taken as they are; otherwise any that are handed over make an empty one. */
  readonly fillsForms?: boolean;
}

/** Policies that validate, ready to decide by. */
export function engineOf(policies = defaultBundle.policies): Engine {
  const engine = createEngine({ ...defaultBundle, policies });
  if (Array.isArray(engine)) throw new Error(JSON.stringify(engine));
  return engine;
}

const realTimes: GrantTimes = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

const closedLog: Pick<Audit, 'status' | 'store' | 'verify' | 'stopVerifying'> = {
  status: () => ({ degraded: null, verification: null }),
  store: async () => null,
  verify: async () => false,
  stopVerifying: () => undefined,
};

/** The bound contract over one cache, for one clinician: all that stands between the page and the records. */
export function bridgeTo({
  cache,
  audit,
  engine = engineOf(),
  practitioner = 'Practitioner/dr',
  times = realTimes,
  scopes = () => null,
  fillsForms = false,
  conditions = () => ({ offline: false, managed: false, hour: 10 }),
}: BridgeOptions): Bridge {
  const told: unknown[] = [];
  const tell = async (patients: readonly string[]) => {
    told.push({ patients: await access.audible(patients) });
  };
  const access = createAccess({
    cache,
    engine,
    practitioner,
    scopes,
    conditions,
    grantOf: (patientId) => opening.grantOf(patientId),
    now: () => '2026-03-01T10:00:00Z',
  });
  const opening: ReturnType<typeof createOpening> = createOpening({
    cache,
    audit,
    policies: { engine, source: 'default', bundle: null, alarm: null },
    access,
    reauthenticate: async (passphrase) =>
      passphrase === PASSPHRASE ? { ok: true, value: undefined } : { ok: false, error: { code: 'passphrase-wrong' } },
    times,
    emergencyMs: 60_000,
    practitioner,
    server,
    onState: (state) => told.push(state),
    onChanged: (patientId) => told.push({ patients: [patientId] }),
  });
  const shared = {
    access,
    audit,
    cache,
    practitioner,
    server,
    now: () => Date.parse('2026-03-01T10:00:00Z'),
    newId: randomUUID,
  };
  const writing = {
    ...shared,
    composer,
    sealer: { seal: async (value: Written) => ({ ok: true, value }) as const },
    wrapping: () => new Uint8Array(32),
    display: 'Dr A',
    offsetMinutes: () => 0,
    // The test may be over by then.
    onWritten: (patients: readonly string[]) => void tell(patients).catch(() => undefined),
    device: async () => ({ display: 'Wardlight' }),
    language: async () => 'en' as const,
  };
  const writer = createWriter(writing);
  const forms = createForms({
    ...shared,
    process: formsHere(),
    urls: null,
    readClock: () => '2026-03-01T11:00:00.000+01:00',
  });
  const review = createReview({
    access,
    audit: { ...closedLog, ...audit },
    names: cache.read.names,
    leaving: () => ({ delivery: [], sending: [] }),
    sendings: async () => new Map(),
    enrolment: () => 'unknown',
    onAlarms: (open) => told.push({ open }),
    practitioner,
    server,
  });
  const registering = {
    numbers: numbersOver({ file: null, witness: null }),
    mayPrint: () => true,
    isOpen: () => true,
    visitClass: 'EMER',
  } as const;
  const listeners = new Map<string, (event: unknown, request: unknown) => Promise<unknown>>();
  bindContract({
    names: channelNames(),
    ipcMain: { handle: (name, listener) => listeners.set(name, listener as never) },
    handlers: createHandlers({
      session: {} as HandlerOptions['session'],
      launch: {} as HandlerOptions['launch'],
      opened: () => ({
        reads: createReads(shared),
        filters: createFilters(shared.cache),
        writes: createWrites(writing, writer),
        charting: {
          ...createCharting(writing, writer, fillsForms ? forms : emptyForm),
          ...createRegistering({ ...writing, ...registering }, writer),
        },
        forms,
        opening,
        drafts: createDrafts(shared),
        copies: createCopies({
          ...shared,
          screen: { copied: () => undefined, canPaste: () => true, mayCopy: () => true, clear: async () => undefined },
        }),
        review,
        server: {} as ServerDecisions,
        sync: {} as never,
        documents: documentsNotSetUp(createReads(shared)),
        downtime: {
          ...downtimeOver(createSheets(shared)).downtime.handlers,
          ...createNumbering({
            language: async () => 'en',
            ...registering,
            labels: createLabels({ ...shared, wrapping: () => new Uint8Array(32) }),
            paper: fakePaper(),
            paperSize: 'A4',
            display: 'Dr A',
            now: shared.now,
            policy: numbersPolicy(),
          }),
        },
        fields: createReveal({ ...shared, wrapping: () => new Uint8Array(32), keys: () => null }),
      }),
      preferences: {} as HandlerOptions['preferences'],
      flushed: () => undefined,
      lease: () => null,
      screen: {} as HandlerOptions['screen'],
      audit: {} as HandlerOptions['audit'],
      setThemeSource: () => undefined,
      reloadPage: async () => undefined,
      recordSetting: async () => undefined,
      about: { version: '', electron: '', chromium: '', developmentRuntime: true, remoteDebugging: false },
      managed: { state: () => ({ source: 'none', problems: [], isEarlier: false }), settings: async () => [] },
      support: {} as HandlerOptions['support'],
      updates: {} as HandlerOptions['updates'],
    }),
    isTrusted: () => true,
    opened: () => null,
    onCall: () => undefined,
    now: () => 0,
  });
  return {
    async ask(call, request) {
      const [feature = '', name = ''] = call.split('.');
      return (await listeners.get(wireName(feature, name))?.({}, request)) as Answer;
    },
    told,
    changed: tell,
    close: () => opening.close(),
  };
}

/** Where a test's databases lie. */
export function files(folder: string) {
  return { cache: join(folder, 'cache.db'), outbox: join(folder, 'outbox.db'), audit: join(folder, 'audit') };
}

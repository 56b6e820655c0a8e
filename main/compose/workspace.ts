import { type Access, createAccess } from '../access/access.ts';
import { type Charting, createCharting } from '../access/charting.ts';
import { type Copies, createCopies } from '../access/copies.ts';
import { createDrafts, type Drafts } from '../access/drafts.ts';
import { createFiles } from '../access/files.ts';
import { createFilters, type Filters } from '../access/filters.ts';
import { createForms, type Forms } from '../access/forms.ts';
import { createLabels } from '../access/labels.ts';
import { createOpening, type Opening } from '../access/opening.ts';
import type { PoliciesInForce } from '../access/policy/load.ts';
import { scopeOf } from '../access/policy/vocabulary.ts';
import { createReads, type Reads } from '../access/reads.ts';
import { createRegistering } from '../access/registering.ts';
import { createServerDecisions, type ServerDecisions } from '../access/server.ts';
import { createSheets } from '../access/sheets.ts';
import { createWriter } from '../access/write.ts';
import { createWrites, type Writes } from '../access/writes.ts';
import { workstation } from '../audit/events/agents.ts';
import { recordArriving, recordLeaving, recordReceived } from '../audit/events/sync.ts';
import { createReview, type Review } from '../audit/review.ts';
import type { Cache } from '../cache/client.ts';
import { createIsDraftSealed } from '../documents/fields/drafts.ts';
import { createFindPatients } from '../documents/fields/find.ts';
import { createReveal, type Reveal } from '../documents/fields/reveal.ts';
import { createSealer } from '../documents/fields/sealer.ts';
import { documentsNotSetUp } from '../documents/not-set-up.ts';
import type { FhirClient } from '../fhir/client.ts';
import { createFormsClient } from '../forms/client.ts';
import type { Profile } from '../identity/profiles.ts';
import type { Handlers } from '../ipc/bind.ts';
import type { ReadContent } from '../shell/viewer-content.ts';
import { createSync, type Sync } from '../sync/sync.ts';
import type { Around } from './around.ts';
import { offsetMinutes } from './base.ts';
import type { composeDocuments, OpenDocuments } from './documents.ts';
import type { composeDowntime, OpenDowntime } from './downtime.ts';
import type { ProfileServer } from './profile-server.ts';

/** The parts that work on one unlocked profile. */
export interface Opened {
  cache: Cache;
  reads: Reads;
  filters: Filters;
  writes: Writes;
  charting: Charting;
  forms: Forms;
  opening: Opening;
  drafts: Drafts;
  copies: Copies;
  review: Review;
  server: ServerDecisions;
  sync: Sync;
  fhir: FhirClient;
  documents: Handlers['documents'];
  fields: Reveal;
  /** Null where the organisation has set up none. */
  openDocuments: OpenDocuments | null;
  downtime: Handlers['downtime'];
  openDowntime: OpenDowntime;
  /** Bytes of what stands open, for the viewer, and whether anything does. */
  content: ReadContent;
  isShowing(): boolean;
}

/** Enough for the first list, also on a slow workstation. */
const SYNC_LEAD_MS = 400;

interface WorkspaceOptions {
  readonly profile: Profile;
  readonly cache: Cache;
  readonly policies: PoliciesInForce;
  readonly ofServer: ProfileServer;
  /** Makes the parts that encrypt and open files, with their libraries; null where the organisation has set up none. */
  readonly documentsFor: typeof composeDocuments | null;
  /** Makes the part that prints sheets for a downtime. */
  readonly downtimeFor: typeof composeDowntime;
  /** The outbox is a new one. */
  readonly outboxAnew: boolean;
  /** Opens the marked fields of the cache, a request at a time. */
  readonly wrapping: Uint8Array;
  /** By which downtime binders are encrypted. */
  readonly ofBinders: Uint8Array;
}

/**
 * Reads what the first list will, while the page is drawn that asks for it: threads and statements are new after an
 * unlock. Nobody is shown it, so that it is no event.
 */
async function readAhead(access: Access, cache: Cache, practitioner: string): Promise<void> {
  try {
    const sight = await access.decideList();
    const first = { query: '', sort: 'name', descending: false, offset: 0, limit: 1 } as const;
    if (sight) await cache.read.patientList({ ...first, unfinished: [], sight, practitioner });
  } catch {
    // The list itself will say what is wrong.
  }
}

/** Makes the parts that work on one profile, once its cache is open. */
export async function composeWorkspace(
  around: Around,
  { profile, cache, policies, ofServer, documentsFor, downtimeFor, outboxAnew, wrapping, ofBinders }: WorkspaceOptions,
): Promise<Opened> {
  const {
    policy,
    log,
    emit,
    now,
    newId,
    after,
    audit,
    recorder,
    program,
    delivery,
    sending,
    screen,
    session,
    numbers,
  } = around;
  const { grant, fhir, bulk, enrolment, contact } = ofServer;
  const { server, practitioner, display } = profile;
  const sync = createSync({
    cache,
    fhir,
    bulk,
    practitioner,
    policy,
    scopes: grant,
    contact,
    random: Math.random,
    timers: { now, after },
    leadMs: SYNC_LEAD_MS,
    announce: (changes) => recordLeaving(audit, changes, { practitioner, server, newId }),
    onArriving: (patients) => recordArriving(audit, patients, { practitioner, server }),
    onReceived: (received) => recordReceived(audit, received, { practitioner, server }),
    onStatus: (status) => {
      program.serverClock(status.clockOffsetMs, server);
      openDocuments?.reached(status.online === true);
      if (status.error) log.warn('sync.failed', { code: status.error.code });
      else if (status.online === true && status.activity === 'idle') {
        enrolment.synced();
        openDocuments?.synced();
        openDowntime.synced();
      }
      if (status.error?.code === 'sign-in-needed') session().needSignIn();
      around.onSynced(profile.id, status);
      emit('sync', 'changed', status);
    },
    onChanged: (patients) => void tell(patients),
    onChanges: () => emit('sync', 'changesChanged', {}),
  });
  /** Whose records are other ones now, as far as the page may hear of them. */
  async function tell(patients: readonly string[] | 'all'): Promise<void> {
    const heard = patients === 'all' ? patients : await access.audible(patients).catch(() => []);
    emit('patients', 'changed', { patients: heard });
  }
  const access: Access = createAccess({
    cache,
    engine: policies.engine,
    practitioner,
    scopes: grant.words,
    // Not known to be online counts as offline.
    conditions: () => ({
      offline: sync.status().online !== true,
      managed: around.isManaged(),
      hour: new Date(now()).getHours(),
    }),
    grantOf: (patientId) => opening.grantOf(patientId),
    now: () => new Date(now()).toISOString(),
  });
  const opening: Opening = createOpening({
    cache,
    audit,
    policies,
    access,
    reauthenticate: (passphrase) => session().reauthenticate(passphrase),
    times: { now, monotonic: () => performance.now(), after },
    emergencyMs: policy.access.emergencyMs,
    practitioner,
    server,
    onState: (state) => emit('access', 'changed', state),
    onChanged: (patientId) => emit('patients', 'changed', { patients: [patientId] }),
  });
  const sealed = { cache, wrapping: () => Uint8Array.from(wrapping), keys: () => openDocuments?.keys ?? null };
  const marked = policy.documents?.fields ?? [];
  const find = createFindPatients({ ...sealed, fields: marked });
  const reads = createReads({
    access,
    audit,
    cache,
    practitioner,
    server,
    now,
    newId,
    find,
    testPatients: policy.testPatients,
  });
  const { composer } = await import('../writing/composer.ts');
  const { instantOf } = await import('../writing/resource.ts');
  const accessPolicy = String(policies.bundle?.version ?? 0);
  const sealer = createSealer({
    fields: marked,
    keys: sealed.keys,
    practitioner,
    policy: accessPolicy,
  });
  /** This workstation, for Provenance. What the sign-in doesn't cover would be refused once for each change. */
  async function device() {
    const isCovered = scopeOf(grant.words(), 'create', 'Provenance') !== 'refused';
    return isCovered ? { ...workstation(await recorder()) } : null;
  }
  const onWritten = (patients: readonly string[]) => {
    void tell(patients);
    emit('sync', 'changesChanged', {});
    sync.changed();
  };
  const writing = {
    access,
    audit,
    cache,
    composer,
    sealer,
    wrapping: sealed.wrapping,
    practitioner,
    display,
    server,
    now,
    offsetMinutes,
    newId,
    device,
    onWritten,
    language: around.language,
  };
  const writer = createWriter(writing);
  const writes = createWrites(writing, writer);
  const forms = createForms({
    ...{ access, audit, cache, practitioner, server, now, urls: policy.forms.urls },
    readClock() {
      const time = now();
      return instantOf({ now: time, offsetMinutes: offsetMinutes(time) });
    },
    process: createFormsClient({ fork: around.fork('forms/process.js'), after }),
  });
  // The EHR gives numbers as long as it is there, unless policy says otherwise.
  const isOpen = () => policy.downtime.numbers?.when === 'always' || sync.status().online !== true;
  const visitClass = policy.downtime.numbers?.visitClass ?? 'EMER';
  const charting: Charting = {
    ...createCharting(writing, writer, forms),
    ...createRegistering({ cache, composer, numbers, isOpen, visitClass }, writer),
  };
  const files = createFiles({ access, audit, cache, practitioner, display, server, now, offsetMinutes, newId });
  const openDocuments: OpenDocuments | null =
    documentsFor && policy.documents
      ? documentsFor(around, {
          profile,
          cache,
          files,
          reads,
          ofServer,
          documents: policy.documents,
          accessPolicy,
          attested: writer.attested,
          sealer,
          outboxAnew,
          online: () => sync.status().online === true,
          onWritten,
        })
      : null;
  const { testPatients } = policy;
  const printing = { access, audit, cache, practitioner, server, testPatients };
  const sheets = createSheets(printing);
  const labels = createLabels({ ...printing, wrapping: sealed.wrapping });
  const openDowntime: OpenDowntime = downtimeFor(around, { profile, sheets, labels, isOpen, key: ofBinders });
  void readAhead(access, cache, practitioner);
  const decisions = createServerDecisions({ audit, sync, practitioner, server });
  const isSealed = createIsDraftSealed({ fields: marked, cache });
  const drafts = createDrafts({ access, audit, cache, practitioner, server, now, newId, isSealed });
  const copies = createCopies({ access, audit, screen, practitioner, server, now });
  const review = createReview({
    access,
    audit,
    names: cache.read.names,
    leaving: () => ({ delivery: [...delivery.status()], sending: [...sending.status()] }),
    sendings: sending.sendings,
    enrolment: enrolment.state,
    onAlarms: (open) => emit('audit', 'alarmsChanged', { open }),
    practitioner,
    server,
  });
  const fields = createReveal({ ...sealed, access, audit, practitioner, server });
  const documents = openDocuments?.handlers ?? documentsNotSetUp(reads);
  const parts = {
    cache,
    reads,
    writes,
    charting,
    forms,
    opening,
    drafts,
    copies,
    server: decisions,
    review,
    sync,
    fhir,
  };
  const content: ReadContent = async (handle, range) =>
    (await openDowntime.content(handle, range)) ?? openDocuments?.content(handle, range) ?? null;
  const isShowing = () => openDowntime.isShowing() || openDocuments?.isShowing() === true;
  const { handlers: downtime } = openDowntime;
  return {
    ...parts,
    filters: createFilters(cache),
    documents,
    fields,
    openDocuments,
    downtime,
    openDowntime,
    content,
    isShowing,
  };
}

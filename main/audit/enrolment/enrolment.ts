import type { EnrolmentState } from '../../../preload/contract/audit.ts';
import type { FhirClient, FhirError } from '../../fhir/client.ts';
import type { Audit } from '../audit.ts';
import type { AuditStore } from '../store.ts';
import { readDevice } from './resource.ts';

export interface EnrolmentOptions {
  readonly audit: Pick<Audit, 'store' | 'tellFindings'>;
  /** The client of who has unlocked. */
  readonly fhir: Pick<FhirClient, 'base' | 'get' | 'send'>;
  /** The workstation's Device on that server: `Device/<id>`, or null where it keeps none for this client. */
  readonly device: {
    find(fhir: Pick<FhirClient, 'get' | 'send'>): Promise<{ ok: true; value: string | null } | { ok: false }>;
    forget(): void;
  };
  readonly scopes: { allows(type: string, permission: 'r' | 'u'): boolean };
  /** Milliseconds, by a clock that nobody sets. */
  readonly monotonic: () => number;
  readonly onState: (state: EnrolmentState) => void;
}

/**
 * Makes the log's key and how the log stands known to one server, and compares them with what that server knew before.
 * Nobody waits for it, and nothing that it finds stops anybody.
 */
export interface Enrolment {
  /** A run of sync has ended well, so that the server is the one that is known: does it, where it is time for it. */
  synced(): void;
  state(): EnrolmentState;
  /** Gives up what is under way; resolves when it has ended. */
  close(): Promise<void>;
}

const EVERY_MS = 15 * 60_000;
const AGAIN_MS = 60_000;
/** How often it is tried with a version that somebody else has just made. */
const ATTEMPTS = 3;

/** Makes the enrolment of whoever is signed in at one server. */
export function createEnrolment(options: EnrolmentOptions): Enrolment {
  const { audit, monotonic, onState } = options;
  const closing = new AbortController();
  const fhir: EnrolmentOptions['fhir'] = {
    base: options.fhir.base,
    get: (url) => options.fhir.get(url, closing.signal),
    send: (write) => options.fhir.send(write, closing.signal),
  };
  let state: EnrolmentState = 'unknown';
  let due = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;

  async function run(): Promise<EnrolmentState> {
    const reached = await enrol({ ...options, fhir }, closing.signal).catch((): EnrolmentState => 'log-unreadable');
    await audit.tellFindings();
    return reached;
  }

  function end(reached: EnrolmentState): void {
    running = null;
    if (closing.signal.aborted) return;
    const isSettled = reached === 'enrolled' || reached === 'not-offered';
    due = monotonic() + (isSettled ? EVERY_MS : AGAIN_MS);
    state = reached;
    onState(reached);
  }

  return {
    synced() {
      if (running || closing.signal.aborted || monotonic() < due) return;
      running = run().then(end);
    },
    state: () => state,
    async close() {
      closing.abort();
      await running;
    },
  };
}

async function enrol(options: EnrolmentOptions, signal: AbortSignal): Promise<EnrolmentState> {
  const { audit, fhir, device, scopes } = options;
  if (!(scopes.allows('Device', 'r') && scopes.allows('Device', 'u'))) return 'not-offered';
  const store = await audit.store();
  if (!store) return 'log-unreadable';
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt += 1) {
    const found = await device.find(fhir);
    if (!found.ok) return 'not-reached';
    if (found.value === null) return 'not-offered';
    const reached = await exchange(store, fhir, found.value);
    if (reached === 'gone') device.forget();
    else if (reached !== 'conflict') return reached;
  }
  return 'not-reached';
}

/** Reads the Device, compares, and writes over the version that was read. */
async function exchange(
  store: AuditStore,
  fhir: EnrolmentOptions['fhir'],
  url: string,
): Promise<EnrolmentState | 'conflict' | 'gone'> {
  const read = await fhir.get(url);
  if (!read.ok) return ['gone', 'not-found'].includes(read.error.code) ? 'gone' : refused(read.error);
  const device = readDevice(read.value.text);
  if (!device) return 'not-offered';
  await store.checkpoint();
  const { base: server } = fhir;
  const { own, size } = await store.compareKnown({ server, known: device.logs });
  const before = device.logs.find(({ vkey }) => vkey === own.vkey);
  if (before?.checkpoints.join() !== own.checkpoints.join()) {
    const sent = await fhir.send({ method: 'PUT', url, body: device.with(own), ifMatch: device.versionId });
    if (!sent.ok) return sent.error.code === 'conflict' ? 'conflict' : refused(sent.error);
  }
  await store.enrolled({ server, size });
  return 'enrolled';
}

const NOT_IMPLEMENTED = 501;

/** What a later contact won't change, and what it may. */
function refused({ code, status }: FhirError): EnrolmentState {
  const isFinal = ['forbidden', 'rejected', 'not-found'].includes(code) || status === NOT_IMPLEMENTED;
  return isFinal ? 'not-offered' : 'not-reached';
}

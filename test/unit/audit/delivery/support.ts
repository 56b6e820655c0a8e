import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Consignment } from '../../../../main/audit/delivery/receipt.ts';
import type { NoteVerifier } from '../../../../main/audit/log/note.ts';
import { readVerifier } from '../../../../main/audit/log/note.ts';
import { createAuditLog, type LogOperations } from '../../../../main/audit/log.ts';
import type { Segments } from '../../../../main/audit/store.ts';
import { temporaryFolder } from '../../vault/support.ts';

/** The organisation's key; made once, as it takes its time. */
export const organisation = pemPair(3072);

export function pemPair(modulusLength: number): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

export interface TestLog {
  readonly log: LogOperations;
  readonly segments: Segments;
  readonly origin: string;
  readonly verifier: NoteVerifier;
  /** Adds that many events; answers their ids. */
  append(count: number, more?: object): Promise<string[]>;
  /** Signs and seals all that there is. */
  seal(): Promise<void>;
}

export const TIME = '2026-03-01T10:00:00.000Z';

/** The operations of the audit process on a real file, in this process. */
export function openTestLog(
  folder = temporaryFolder(),
  { logId = randomUUID(), segmentBytes }: { logId?: string; segmentBytes?: number } = {},
): TestLog {
  const log = createAuditLog(segmentBytes);
  const opened = log.open({
    file: join(folder, 'audit.db'),
    key: new Uint8Array(32).fill(1),
    seed: new Uint8Array(32).fill(2),
    anchor: null,
    logId,
    damaged: false,
    nativeBinding: undefined,
    time: TIME,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  onTestFinished(() => log.close());
  const { origin, vkey } = opened.value;
  const verifier = readVerifier(vkey);
  if (!verifier) throw new Error('no key');
  const segments = Object.fromEntries(
    (['seal', 'sealed', 'undelivered', 'sealedBody', 'events', 'keepReceipt', 'receipts'] as const).map((name) => [
      name,
      async (args?: unknown) => structuredClone(await (log[name] as (args: unknown) => unknown)(structuredClone(args))),
    ]),
  ) as unknown as Segments;
  return {
    log,
    segments,
    origin,
    verifier,
    async append(count, more = {}) {
      const ids = Array.from({ length: count }, () => randomUUID());
      await Promise.all(ids.map((id) => log.append(JSON.stringify(eventOf(id, more)))));
      return ids;
    },
    async seal() {
      log.checkpoint({ time: TIME });
      while (await segments.seal({ organisationKey: organisation.publicKey, time: TIME }));
    },
  };
}

export function eventOf(id: string, more: object = {}) {
  return {
    resourceType: 'AuditEvent',
    id,
    type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read' }],
    action: 'R',
    recorded: TIME,
    outcome: '0',
    agent: [{ who: { reference: 'Practitioner/dev-osei' }, requestor: true }],
    source: { observer: { display: 'Wardlight' }, site: 'https://fhir.example/fhir/' },
    entity: [{ what: { reference: 'Patient/p1' } }],
    ...more,
  };
}

/** The oldest segment that waits for a target, as a queue hands it over. */
export async function nextFor({ segments }: TestLog, target: string): Promise<Consignment> {
  const [segment] = await segments.undelivered({ target, limit: 1 });
  if (!segment) throw new Error('nothing waits');
  return {
    ...segment,
    body: async () => Buffer.from(await segments.sealedBody({ first: segment.first }), 'ascii'),
    events: (first, end) => segments.events({ first, end }),
  };
}

/** A signal that never comes. */
export const never = new AbortController().signal;

/** Timers that come due when the test says so. */
export function handTimers() {
  const waiting: { ms: number; callback: () => void }[] = [];
  return {
    waiting,
    after(ms: number, callback: () => void) {
      const one = { ms, callback };
      waiting.push(one);
      return () => {
        if (waiting.includes(one)) waiting.splice(waiting.indexOf(one), 1);
      };
    },
    fire: () => waiting.shift()?.callback(),
  };
}

import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isOfAlarms } from '../audit/alarms/facts.ts';
import { createReplayedMemory } from '../audit/alarms/memory.ts';
import { eventsBetween } from '../audit/alarms/replay.ts';
import { type AlarmWatch, createAlarmWatch } from '../audit/alarms/watch.ts';
import { type Audit, createAudit } from '../audit/audit.ts';
import { createDelivery, type Delivery } from '../audit/delivery/delivery.ts';
import type { Recorder } from '../audit/events/entry.ts';
import { createProgramRecord, type ProgramRecord } from '../audit/program.ts';
import { createReserve } from '../audit/reserve.ts';
import { createSending, type Sending } from '../audit/sending/sending.ts';
import { openAuditStore } from '../audit/store.ts';
import { WORKSTATION_SYSTEM } from '../identity/workstation.ts';
import { type Base, keptText, offsetMinutes } from './base.ts';
import type { Opened } from './workspace.ts';

/** The record of accesses, and what listens to it and carries it away. */
export interface RecordParts {
  readonly audit: Audit;
  /** This workstation and its program. */
  readonly recorder: () => Promise<Recorder>;
  readonly alarms: AlarmWatch;
  readonly program: ProgramRecord;
  readonly delivery: Delivery;
  readonly sending: Sending;
}

/** `opened`: the parts of whoever has unlocked. */
export function composeRecord(
  base: Base & { readonly fetch: typeof globalThis.fetch },
  opened: () => Opened | null,
): RecordParts {
  const { data, version, policy, log, emit, now, clocks, newId, after, keyStore, workstation, fork, binding, fetch } =
    base;
  const auditStore = {
    fork: fork('audit/process.js'),
    folder: join(data, 'audit'),
    version,
    keyStore,
    binding,
    now,
    newId,
  };
  const recorder = async (): Promise<Recorder> => ({
    id: await workstation().catch(() => 'unknown'),
    system: WORKSTATION_SYSTEM,
    host: hostname(),
    version,
  });
  const audit = createAudit({
    open: (damaged) => openAuditStore(auditStore, damaged),
    reserve: createReserve({ file: join(data, 'audit', 'reserve'), keyStore }),
    recorder,
    now,
    newId,
    after,
    checkpointMs: policy.audit.checkpointMs,
    onStatus(status) {
      if (status.degraded) log.warn('audit.degraded', { code: status.degraded });
      emit('audit', 'changed', status);
    },
    onRecorded(events) {
      alarms.observe(events);
      if (!events.some(isOfAlarms)) return;
      sending.wake();
      alarmsChanged();
    },
  });
  /** What is recorded from now on is judged as it comes, and not learned before. */
  const startedAt = new Date(now()).toISOString();
  const alarms = createAlarmWatch({
    policy: policy.audit.alarms,
    memory: createReplayedMemory({
      policy: policy.audit.alarms,
      offsetMinutes,
      now,
      async *query(since) {
        const store = await audit.store();
        if (store) yield* eventsBetween(store, since, startedAt);
      },
    }),
    offsetMinutes,
    note: audit.note,
  });
  const program = createProgramRecord({
    audit,
    version,
    policy: () => createHash('sha256').update(JSON.stringify(policy)).digest('hex'),
    ...keptText(join(data, 'audit', 'last-start.json')),
    clocks,
    async lastSigned() {
      const signedAt = (await audit.store())?.signedAt ?? null;
      return signedAt === null ? null : Date.parse(signedAt);
    },
    clockJumpMs: policy.audit.clockJumpMs,
  });

  const delivery = createDelivery({
    policy: policy.audit.delivery,
    store: () => audit.store(),
    keyStore,
    fetch,
    fhir: () => opened()?.fhir ?? null,
    timers: { after },
    now,
    random: Math.random,
    onStatus({ problem }) {
      if (problem) log.warn('audit.delivery', { code: problem });
      alarmsChanged();
    },
    onFinding({ code, target, first, end }) {
      const details = { code, first: String(first), end: String(end) };
      log.warn('audit.delivery-finding', { code });
      void audit.record({ action: 'log-finding', practitioner: null, server: '', view: `delivery.${target}`, details });
    },
    onSealFailure: (code) => log.warn('audit.not-sealed', { code }),
  });
  /** An alarm has rung, or how what leaves the workstation stands is another way: for the page, if it may know. */
  const alarmsChanged = () =>
    void opened()
      ?.review.alarmsChanged()
      .catch(() => undefined);
  const sending = createSending({
    policy: policy.audit.alarms,
    store: () => audit.store(),
    fhir: () => opened()?.fhir ?? null,
    fetch,
    timers: { after },
    now,
    random: Math.random,
    onStatus({ problem }) {
      if (problem) log.warn('audit.sending', { code: problem });
      alarmsChanged();
    },
  });

  return { audit, recorder, alarms, program, delivery, sending };
}

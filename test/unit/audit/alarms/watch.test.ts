import type { AuditEvent } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { type AlarmMemory, createReplayedMemory } from '../../../../main/audit/alarms/memory.ts';
import { createAlarmWatch } from '../../../../main/audit/alarms/watch.ts';
import type { AuditEntry } from '../../../../main/audit/events/entry.ts';
import { auditEvent } from '../../../../main/audit/events/event.ts';
import { alarmsSchema } from '../../../../main/managed/alarms.ts';
import { listOf, plainFacts, recorder } from '../support.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, NOW } from './support.ts';

const by = { practitioner: 'Practitioner/ann', server: 'https://s.example/r4', view: 'chart.read' };

function eventAt(at: number, change: Partial<AuditEntry> = {}): AuditEvent {
  const id = `e${at}-${change.patientId ?? 'p'}`;
  const entry: AuditEntry = { action: 'read', ...by, patientId: 'p', facts: plainFacts(), ...change };
  return auditEvent(entry, { id, recorded: new Date(at).toISOString(), requestId: 'r', recorder });
}

/** A workstation with these events in its record. */
function memoryOf(events: readonly AuditEvent[], onQuery: (since: string) => void = () => undefined): AlarmMemory {
  return createReplayedMemory({
    policy: alarmsSchema.parse({}),
    offsetMinutes: () => 0,
    now: () => NOW,
    async *query(since) {
      onQuery(since);
      yield events.slice(0, 100);
      yield events.slice(100);
    },
  });
}

function start(memory: AlarmMemory = memoryOf([])) {
  const noted: AuditEntry[] = [];
  const watch = createAlarmWatch({
    policy: alarmsSchema.parse({}),
    memory,
    offsetMinutes: () => 0,
    note: async (entries) => void noted.push(...listOf(entries)),
  });
  return { watch, noted };
}

const charts = (count: number, from: number) =>
  Array.from({ length: count }, (_, index) => eventAt(from + index * MINUTE_MS, { patientId: `c${index}` }));

describe('the watch', () => {
  it('security: records an alarm as an event of its own, with its evidence, and rings for no alarm', async () => {
    const { watch, noted } = start();
    const own = eventAt(NOW, { facts: { ...plainFacts('panel'), ownRecord: true } });
    watch.observe([eventAt(NOW - 1), own]);
    await watch.close();
    expect(noted).toEqual([
      {
        action: 'alarm',
        practitioner: null,
        server: by.server,
        view: 'alarms',
        evidence: [own.id],
        about: by.practitioner,
        patientId: 'p',
        details: { rule: 'own-record' },
      },
    ]);
    const again = start();
    again.watch.observe([
      auditEvent(noted[0] as AuditEntry, { id: 'a', recorded: own.recorded, requestId: 'r', recorder }),
    ]);
    await again.watch.close();
    expect(again.noted).toEqual([]);
  });

  it('doesn’t tell again after a start what was told before it', async () => {
    const own = (at: number) => eventAt(at, { facts: { ...plainFacts('panel'), ownRecord: true } });
    const first = start();
    first.watch.observe([own(NOW - HOUR_MS)]);
    await first.watch.close();
    const recorded = new Date(NOW - HOUR_MS).toISOString();
    const told = first.noted.map((entry) => auditEvent(entry, { id: 'a', recorded, requestId: 'r', recorder }));
    const second = start(memoryOf([own(NOW - HOUR_MS), ...told]));
    second.watch.observe([own(NOW)]);
    await second.watch.close();
    expect([first.noted.length, second.noted.length]).toEqual([1, 0]);
  });

  it('security: rings after a start for what the program was ended in the middle of, once', async () => {
    const own = eventAt(NOW - MINUTE_MS, { facts: { ...plainFacts('panel'), ownRecord: true } });
    const next = eventAt(NOW, { patientId: 'q' });
    const { watch, noted } = start(memoryOf([own]));
    watch.observe([next]);
    await watch.close();
    expect(noted).toMatchObject([{ action: 'alarm', evidence: [own.id], details: { rule: 'own-record' } }]);
    const recorded = new Date(NOW).toISOString();
    const told = noted.map((entry) => auditEvent(entry, { id: 'a', recorded, requestId: 'r', recorder }));
    const again = start(memoryOf([own, next, ...told]));
    again.watch.observe([eventAt(NOW + MINUTE_MS, { patientId: 'q' })]);
    await again.watch.close();
    expect(again.noted).toEqual([]);
  });

  it('does not ring anew for what is long over, as by a policy that has changed since', async () => {
    const own = eventAt(NOW - HOUR_MS, { facts: { ...plainFacts('panel'), ownRecord: true } });
    const { watch, noted } = start(memoryOf([own, eventAt(NOW - MINUTE_MS, { patientId: 'q' })]));
    watch.observe([eventAt(NOW, { patientId: 'q' })]);
    await watch.close();
    expect(noted).toEqual([]);
  });

  it('learns the habits again from the record alone', async () => {
    const events = Array.from({ length: 14 }, (_, day) => charts(30, NOW - (14 - day) * DAY_MS - HOUR_MS)).flat();
    const asked: string[] = [];
    const { watch, noted } = start(memoryOf(events, (since) => asked.push(since)));
    watch.observe(charts(50, NOW));
    await watch.close();
    expect(asked).toEqual([new Date(NOW - 28 * DAY_MS).toISOString()]);
    expect(noted).toEqual([]);
    const fresh = start();
    fresh.watch.observe(charts(50, NOW));
    await fresh.watch.close();
    expect(fresh.noted.map(({ details }) => details?.rule)).toEqual(['many-charts']);
  });

  it('judges also when nothing that was kept can be read', async () => {
    const { watch, noted } = start({ load: () => Promise.reject(new Error('damaged')) });
    watch.observe([eventAt(NOW, { action: 'emergency' })]);
    await watch.close();
    expect(noted).toHaveLength(1);
  });
});

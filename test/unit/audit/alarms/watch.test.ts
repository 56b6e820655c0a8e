import type { AuditEvent } from 'fhir/r4';
import { describe, expect, it } from 'vitest';
import { type AlarmMemory, createReplayedMemory } from '../../../../main/audit/alarms/memory.ts';
import { createAlarmWatch, falseAlarmEntry } from '../../../../main/audit/alarms/watch.ts';
import type { AuditEntry } from '../../../../main/audit/events/entry.ts';
import { auditEvent } from '../../../../main/audit/events/event.ts';
import { alarmsSchema } from '../../../../main/managed/alarms.ts';
import { listOf, plainFacts, recorder } from '../support.ts';
import { createMomentaryMemory, DAY_MS, HOUR_MS, MINUTE_MS, NOW } from './support.ts';

const by = { practitioner: 'Practitioner/ann', server: 'https://s.example/r4', view: 'chart.read' };

function eventAt(at: number, change: Partial<AuditEntry> = {}): AuditEvent {
  const id = `e${at}-${change.patientId ?? 'p'}`;
  const entry: AuditEntry = { action: 'read', ...by, patientId: 'p', facts: plainFacts(), ...change };
  return auditEvent(entry, { id, recorded: new Date(at).toISOString(), requestId: 'r', recorder });
}

function start(memory: AlarmMemory = createMomentaryMemory()) {
  const noted: AuditEntry[] = [];
  const due: (() => void)[] = [];
  const watch = createAlarmWatch({
    policy: alarmsSchema.parse({}),
    memory,
    offsetMinutes: () => 0,
    note: async (entries) => void noted.push(...listOf(entries)),
    after: (_ms, callback) => {
      due.push(callback);
      return () => due.splice(due.indexOf(callback), 1);
    },
  });
  return { watch, noted, due };
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

  it('goes on with what was kept: habits and what was told outlive the program', async () => {
    const memory = createMomentaryMemory();
    const first = start(memory);
    first.watch.observe([eventAt(NOW, { facts: { ...plainFacts('panel'), ownRecord: true } })]);
    await first.watch.close();
    const second = start(memory);
    second.watch.observe([eventAt(NOW + MINUTE_MS, { facts: { ...plainFacts('panel'), ownRecord: true } })]);
    await second.watch.close();
    expect([first.noted.length, second.noted.length]).toEqual([1, 0]);
  });

  it('keeps it within a minute, and not only at the end', async () => {
    const memory = createMomentaryMemory();
    const { watch, due } = start(memory);
    watch.observe([eventAt(NOW)]);
    watch.observe([eventAt(NOW + 1)]);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(due).toHaveLength(1);
    due[0]?.();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect((await memory.load())?.through).toBe(NOW + 1);
  });

  it('learns the habits again from the record alone', async () => {
    const events = Array.from({ length: 14 }, (_, day) => charts(30, NOW - (14 - day) * DAY_MS - HOUR_MS)).flat();
    const asked: string[] = [];
    const memory = createReplayedMemory({
      policy: alarmsSchema.parse({}),
      offsetMinutes: () => 0,
      now: () => NOW,
      async *query(since) {
        asked.push(since);
        yield events.slice(0, 100);
        yield events.slice(100);
      },
    });
    const { watch, noted } = start(memory);
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
    const { watch, noted } = start({ load: () => Promise.reject(new Error('damaged')), save: async () => undefined });
    watch.observe([eventAt(NOW, { action: 'emergency' })]);
    await watch.close();
    expect(noted).toHaveLength(1);
  });
});

describe('a false alarm', () => {
  it('security: is marked with who, which alarm and why', () => {
    const entry = falseAlarmEntry('alarm-1', 'Asked by the ward', by);
    expect(entry).toMatchObject({ action: 'alarm-false', evidence: ['alarm-1'], reason: 'Asked by the ward' });
    const event = auditEvent(entry, { id: 'x', recorded: new Date(NOW).toISOString(), requestId: 'r', recorder });
    expect(event.entity?.map(({ what }) => what?.reference)).toContain('AuditEvent/alarm-1');
  });
});

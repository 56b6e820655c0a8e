import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { recordArriving, recordLeaving, recordReceived } from '../../../main/audit/events/sync.ts';
import { createProgramRecord } from '../../../main/audit/program.ts';
import { listOf } from './support.ts';

function start(kept: string | null = null, { version = '2', policy = 'digest', signed = null as number | null } = {}) {
  const noted: AuditEntry[] = [];
  const clock = { wall: 1_000_000, uptime: 500_000 };
  let text = kept;
  let holds = policy;
  const set = (next: string) => {
    holds = next;
  };
  const program = createProgramRecord({
    audit: { note: async (entries) => void noted.push(...listOf(entries)) },
    version,
    policy: () => holds,
    read: async () => text,
    async write(next) {
      text = next;
    },
    clocks: { wall: () => clock.wall, uptime: () => clock.uptime },
    lastSigned: async () => signed,
    clockJumpMs: 60_000,
  });
  const actions = () => noted.map(({ action }) => action);
  return { program, noted, actions, clock, set, kept: () => text };
}

describe('what the program records of itself', () => {
  it('is its start with what it runs as, and its end', async () => {
    const { program, noted, kept } = start();
    await program.started();
    await program.stopped();
    expect(noted.map(({ action, details }) => [action, details])).toEqual([
      ['start', { version: '2', policy: 'digest' }],
      ['stop', undefined],
    ]);
    expect(kept()).toBe('{"version":"2","policy":"digest"}');
  });

  it.each([
    ['another version', { version: '1', policy: 'digest' }, ['start', 'program-update']],
    ['another machine policy', { version: '2', policy: 'before' }, ['start', 'configuration']],
    ['both', { version: '1', policy: 'before' }, ['start', 'program-update', 'configuration']],
    ['neither', { version: '2', policy: 'digest' }, ['start']],
  ])('security: is that it runs as %s than before', async (_what, before, expected) => {
    const { program, actions } = start(JSON.stringify(before));
    await program.started();
    expect(actions()).toEqual(expected);
  });

  it('is no less for a file that is damaged or can’t be read', async () => {
    const { program, actions } = start('{"version":');
    await program.started();
    expect(actions()).toEqual(['start']);
  });

  it('security: is a change of machine policy once, however often and early it is told', async () => {
    const { program, actions, kept } = start('{"version":"2","policy":"before"}');
    await program.policyChanged();
    expect(actions()).toEqual([]);
    await Promise.all([program.started(), program.policyChanged()]);
    await Promise.all([program.policyChanged(), program.policyChanged()]);
    expect(actions()).toEqual(['start', 'configuration']);
    expect(kept()).toBe('{"version":"2","policy":"digest"}');
  });

  it('security: is a change of machine policy while it runs', async () => {
    const { program, noted, set } = start();
    await program.started();
    set('another');
    await Promise.all([program.policyChanged(), program.policyChanged()]);
    expect(noted.map(({ action, details }) => [action, details?.policy])).toEqual([
      ['start', 'digest'],
      ['configuration', 'another'],
    ]);
  });

  it.each<[string, number, readonly (string | undefined)[]]>([
    ['set back behind what was signed', 1_060_000, ['-60000']],
    ['set back by less than policy allows', 1_059_999, []],
    ['going on', 900_000, []],
  ])('security: is that the clock was %s while it didn’t run', async (_what, signed, expected) => {
    const { program, noted } = start('{"version":"2","policy":"digest"}', { signed });
    await program.started();
    const jumps = noted.filter(({ action }) => action === 'clock-jump');
    expect(jumps.map(({ details }) => details?.milliseconds)).toEqual(expected);
  });

  it('security: is that the clock was set, by how much, either way, and not that it goes on or drifts', () => {
    const { program, noted, clock } = start();
    const pass = (wall: number, uptime: number) => {
      clock.wall += wall;
      clock.uptime += uptime;
      program.tick();
    };
    pass(1_000, 1_000);
    pass(8 * 3_600_000, 8 * 3_600_000);
    pass(60_999, 1_000);
    expect(noted).toEqual([]);
    pass(61_000, 1_000);
    pass(1_000 - 86_400_000, 1_000);
    expect(noted.map(({ details }) => details?.milliseconds)).toEqual(['60000', '-86400000']);
  });

  it('security: is that the clock differs from the server’s, once until it is right again', () => {
    const { program, noted } = start();
    for (const offset of [null, 900_000, 910_000, null, -700_000]) program.serverClock(offset, 'https://s');
    expect(noted.map(({ view, details }) => [view, details?.milliseconds])).toEqual([
      ['clock.server', '-900000'],
      ['clock.server', '700000'],
    ]);
  });

  it('is who changed a setting', async () => {
    const { program, noted } = start();
    await program.setting({ practitioner: 'Practitioner/a', server: 's' }, 'theme', 'dark');
    expect(noted).toMatchObject([
      { action: 'configuration', practitioner: 'Practitioner/a', details: { setting: 'theme' } },
    ]);
  });
});

describe('what sync records', () => {
  const by = { practitioner: 'Practitioner/a', server: 'https://s' };

  it('security: is each change with the id of its request, before that leaves', async () => {
    const noted: AuditEntry[] = [];
    const audit = { note: async (entries: AuditEntry | readonly AuditEntry[]) => void noted.push(...listOf(entries)) };
    const change = { type: 'Observation', action: 'update' } as const;
    const changes = [
      { ...change, patientId: 'p', resourceId: 'o1' },
      { ...change, patientId: 'q', resourceId: 'o2' },
    ];
    expect(await recordLeaving(audit, changes, { ...by, newId: () => 'sent' })).toBe('sent');
    expect(noted).toMatchObject([
      { action: 'sync-sent', attempted: 'update', patientId: 'p', resource: 'Observation/o1', requestId: 'sent' },
      { action: 'sync-sent', attempted: 'update', patientId: 'q', resource: 'Observation/o2', requestId: 'sent' },
    ]);
  });

  it('is each patient who comes, of hundreds in several steps, and the counts of a run', async () => {
    const noted: AuditEntry[] = [];
    const sizes: number[] = [];
    const audit = {
      async note(entries: AuditEntry | readonly AuditEntry[]) {
        noted.push(...listOf(entries));
        sizes.push(listOf(entries).length);
      },
    };
    const ids = Array.from({ length: 250 }, (_, at) => `p${at}`);
    await recordArriving(audit, ids, by);
    await recordReceived(audit, { records: 12, patients: 3 }, by);
    expect(noted.slice(0, -1).map(({ action, patientId }) => [action, patientId])).toEqual(
      ids.map((id) => ['sync-received', id]),
    );
    expect(noted.at(-1)).toMatchObject({ action: 'sync-received', details: { records: '12', patients: '3' } });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  });
});

import { describe, expect, it } from 'vitest';
import { createReads, type Reads } from '../../../main/access/reads.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import type { Cache } from '../../../main/cache/client.ts';
import { auditWith } from '../../support/audit.ts';
import { listOf, plainFacts } from '../audit/support.ts';
import { accessTo, plainSubject, standingOf } from './support.ts';

const practitioner = 'Practitioner/a';
const server = 'https://s';
const mine = { practitioner, server, patientId: 'mine', facts: plainFacts() };
/** The record that a view is of. */
const resources: Readonly<Record<string, string>> = {
  'notes.read': 'DocumentReference/note',
  'timeline.record': 'Flag/f',
};
const aboutOf = (view: string) => (view in resources ? { resource: resources[view] } : {});
const list = { query: '', sort: 'name', descending: false, offset: 0, limit: 10 } as const;

const filter = { kinds: [], text: '', from: null, to: null, withdrawn: false };
const flag = { type: 'Flag', id: 'f', version: null };

/** What the page may ask of one patient, and which operation of the cache answers it. */
const views: [string, (reads: Reads, patient: string) => Promise<unknown>, string][] = [
  ['chart.read', (reads, patient) => reads.chart(patient), 'chartSummary'],
  ['results.list', (reads, patient) => reads.resultGroups(patient), 'resultGroups'],
  ['results.trend', (reads, patient) => reads.trend(patient, 'code'), 'trend'],
  ['timeline.outline', (reads, patient) => reads.outline({ patientId: patient, filter }), 'timelineOutline'],
  ['timeline.page', (reads, patient) => reads.page({ patientId: patient, filter, after: null }), 'timelinePage'],
  ['timeline.group', (reads, patient) => reads.group({ patientId: patient, key: '1_1' }), 'timelineGroup'],
  ['timeline.record', (reads, patient) => reads.record({ patientId: patient, ...flag }), 'record'],
  ['timeline.moments', (reads, patient) => reads.moments({ patientId: patient }), 'pastMoments'],
  ['results.earlyWarning', (reads, patient) => reads.earlyWarning(patient), 'earlyWarning'],
  ['notes.read', (reads, patient) => reads.note(patient, 'note'), 'note'],
  ['sync.sections', (reads, patient) => reads.sections(patient), 'knownSections'],
];

function start(options: { panel?: string[]; record?: Audit['record']; found?: boolean; rows?: string[] } = {}) {
  const events: string[] = [];
  const clock = { now: 0, ids: 0 };
  const recorded: AuditEntry[] = [];
  let panel = options.panel ?? ['mine'];
  let rows = options.rows ?? [];
  const operation = (name: string) => async () => {
    events.push(`read ${name}`);
    return options.found === false ? null : { from: name };
  };
  const read: Record<string, unknown> = {
    standing: async ({ patientId }: { patientId: string | null }) => {
      events.push('decide');
      return standingOf(panel, patientId);
    },
    patientList: async () => {
      events.push('read patientList');
      return { items: rows.map((id) => ({ id })) };
    },
  };
  for (const [, , name] of views) read[name] = operation(name);
  const outbox = {
    get: async ({ id }: { id: string }) =>
      id === 'none' ? null : { patientId: id, resourceType: 'Observation', resourceId: 'o' },
    conflict: operation('conflict'),
    subjects: async ({ id }: { id: string | null }) => ({
      [id ?? 'mine']: [plainSubject('Observation', id ?? 'mine')],
    }),
    list: async () => {
      events.push('read list');
      return { items: [], total: 0 };
    },
    resolveId: async ({ id }: { id: string }) => id,
  };
  const write = { noteOpened: async () => undefined };
  const cache = { read, write, outbox } as unknown as Cache;
  const audit: Pick<Audit, 'record'> = {
    async record(entry) {
      // On disk only some turns later: whoever doesn't wait for it is found out.
      await new Promise((resolve) => setImmediate(resolve));
      recorded.push(...listOf(entry));
      for (const { action } of listOf(entry)) events.push(`record ${action}`);
      return options.record ? options.record(entry) : { ok: true, value: undefined };
    },
  };
  return {
    reads: createReads({
      access: accessTo(cache),
      audit,
      cache,
      practitioner,
      server,
      now: () => clock.now,
      newId: () => `request-${++clock.ids}`,
    }),
    clock,
    events,
    recorded,
    setRows: (...next: string[]) => {
      rows = next;
    },
    setPanel: (next: string[]) => {
      panel = next;
    },
  };
}

const unavailable: Audit['record'] = async () => ({ ok: false, error: { code: 'audit-unavailable' } });

describe.each(views)('%s', (view, ask, operation) => {
  it('security: is decided, then recorded durably, and only then read', async () => {
    const { reads, events, recorded } = start();
    expect(await ask(reads, 'mine')).toMatchObject({ ok: true });
    expect(events).toEqual(['decide', 'record read', `read ${operation}`]);
    expect(recorded).toEqual([{ action: 'read', ...mine, view, ...aboutOf(view) }]);
  });

  it('security: denies a patient who is not on the panel, records the denial and reads nothing', async () => {
    const { reads, events, recorded } = start();
    expect(await ask(reads, 'other')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(events).toEqual(['decide', 'record denied']);
    const other = { ...mine, patientId: 'other', facts: plainFacts('none') };
    expect(recorded).toEqual([{ action: 'denied', ...other, view, ...aboutOf(view) }]);
  });

  it('security: shows nothing that could not be recorded', async () => {
    const { reads, events } = start({ record: unavailable });
    expect(await ask(reads, 'mine')).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(events).toEqual(['decide', 'record read']);
  });

  it('security: stays denied where the denial could not be recorded', async () => {
    const { reads, events } = start({ record: unavailable });
    expect(await ask(reads, 'other')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(events).toEqual(['decide', 'record denied']);
  });

  it('tells where the record is not there, after the access was recorded', async () => {
    const { reads, events } = start({ found: false });
    expect(await ask(reads, 'mine')).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(events.at(-2)).toBe('record read');
  });
});

describe('a look at the past', () => {
  it('security: is recorded with the moment that is looked at', async () => {
    const { reads, recorded } = start();
    const asOf = '2026-03-01T07:00:00Z';
    await reads.chart('mine', asOf);
    await reads.resultGroups('mine', asOf);
    await reads.trend('mine', 'code', asOf);
    const asked = { patientId: 'mine', asOf };
    await reads.outline({ ...asked, filter });
    await reads.page({ ...asked, filter, after: null });
    await reads.group({ ...asked, key: '1_1' });
    await reads.record({ ...asked, ...flag });
    expect(recorded).toHaveLength(7);
    for (const { details } of recorded) expect(details).toEqual({ 'as-of': asOf });
  });
});

describe('a conflict', () => {
  it('security: is decided and recorded for the patient whose change it is, and only then read', async () => {
    const { reads, events, recorded } = start();
    expect(await reads.conflict('mine')).toEqual({ ok: true, value: { from: 'conflict' } });
    expect(events).toEqual(['decide', 'record read', 'read conflict']);
    expect(recorded).toEqual([{ action: 'read', ...mine, resource: 'Observation/o', view: 'sync.conflict' }]);
  });

  it('security: shows nothing of a patient who has left the panel', async () => {
    const { reads, events } = start();
    expect(await reads.conflict('other')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(events).toEqual(['decide', 'record denied']);
  });

  it('that was decided meanwhile is not there', async () => {
    expect(await start().reads.conflict('none')).toEqual({ ok: false, error: { code: 'not-found' } });
  });
});

describe('the unsent changes', () => {
  it('security: are recorded as a search before they are shown, and not shown where that fails', async () => {
    const { reads, events } = start();
    expect(await reads.changes()).toEqual({ ok: true, value: { items: [], total: 0 } });
    expect(events).toEqual(['read list', 'record search']);
    const silent = start({ record: unavailable });
    expect(await silent.reads.changes()).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
  });
});

describe('a note that was shown before it was sent', () => {
  it('is found under the id that the server gave it', async () => {
    const asked: string[] = [];
    const cache = {
      read: {
        standing: async ({ patientId }: { patientId: string }) => standingOf(['mine'], patientId),
        note: async ({ noteId }: { noteId: string }) => {
          asked.push(noteId);
          return noteId === 'of-server' ? { id: noteId } : null;
        },
      },
      outbox: { resolveId: async () => 'of-server' },
    } as unknown as Cache;
    const audit: Pick<Audit, 'record'> = { record: async () => ({ ok: true, value: undefined }) };
    const reads = createReads({
      access: accessTo(cache),
      audit,
      cache,
      practitioner,
      server,
      now: Date.now,
      newId: () => 'x',
    });
    expect(await reads.note('mine', 'of-page')).toEqual({ ok: true, value: { id: 'of-server' } });
    expect(asked).toEqual(['of-page', 'of-server']);
  });
});

describe('security: access', () => {
  it('security: is denied by default: with an empty panel, and for what only looks like a member of it', async () => {
    const { reads } = start({ panel: [] });
    expect(await reads.chart('mine')).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    const other = start({ panel: ['mine'] });
    for (const patient of ['', 'MINE', 'mine ', 'min', 'Patient/mine', '__proto__', 'mine\0']) {
      expect(await other.reads.chart(patient)).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    }
  });

  it('security: ends with the panel: a patient who has left it is denied at once', async () => {
    const { reads, setPanel } = start();
    expect((await reads.chart('mine')).ok).toBe(true);
    setPanel([]);
    expect((await reads.chart('mine')).ok).toBe(false);
  });

  it('security: a cache that cannot say who is on the panel permits nobody', async () => {
    const { reads, recorded } = start();
    const broken = createReads({
      access: accessTo({ read: { standing: () => Promise.reject(new Error('ended')) } } as unknown as Cache),
      audit: auditWith({ open: () => Promise.reject(new Error('no')) }),
      cache: {} as Cache,
      practitioner,
      server,
      now: () => 0,
      newId: () => 'x',
    });
    await expect(broken.chart('mine')).rejects.toThrow();
    expect((await reads.chart('mine')).ok).toBe(true);
    expect(recorded).toHaveLength(1);
  });
});

describe('the list of patients', () => {
  const withRows = (...ids: string[]) => start({ rows: ids });

  it('that returns nobody is recorded, once in five minutes however often it is asked for', async () => {
    const { reads, recorded, clock } = withRows();
    const asked = { ...list, query: 'nobody' };
    for (const now of [0, 60_000, 299_000, 300_000]) {
      clock.now = now;
      expect((await reads.patients(asked)).ok).toBe(true);
    }
    expect(recorded.map(({ details }) => details)).toEqual([{ returned: '0' }, { returned: '0' }]);
  });

  it('security: is shown only once each patient on it is recorded with the query, and not where that fails', async () => {
    const { reads, events, recorded } = withRows('a', 'b');
    expect(await reads.patients({ ...list, query: 'smith' })).toMatchObject({ ok: true });
    expect(events).toEqual(['decide', 'read patientList', 'record search', 'record search']);
    const query = 'patients.list?query=smith&sort=name&descending=false&offset=0&limit=10';
    const entry = { action: 'search', practitioner, server, view: 'patients.list', query, requestId: 'request-1' };
    const details = { returned: '2' };
    expect(recorded).toEqual([
      { ...entry, patientId: 'a', details },
      { ...entry, patientId: 'b', details },
    ]);
    const silent = start({ record: unavailable });
    expect(await silent.reads.patients(list)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
  });

  it('security: that is empty is recorded too', async () => {
    const { reads, recorded } = withRows();
    await reads.patients(list);
    expect(recorded).toMatchObject([{ action: 'search', details: { returned: '0' } }]);
  });

  it('security: asked for again within minutes, tells who is new, and that the others were shown again', async () => {
    const { reads, recorded, clock, setRows } = withRows('a', 'b');
    await reads.patients(list);
    clock.now = 4 * 60_000;
    await reads.patients(list);
    setRows('a', 'b', 'c');
    await reads.patients(list);
    expect(recorded.slice(2)).toMatchObject([
      { requestId: 'request-2', details: { returned: '2', earlier: 'request-1' } },
      { requestId: 'request-3', patientId: 'c', details: { returned: '3', earlier: 'request-1' } },
    ]);
    expect(recorded[2]).not.toHaveProperty('patientId');
  });

  it('security: is recorded patient by patient for another query, and again after minutes', async () => {
    const { reads, recorded, clock } = withRows('a', 'b');
    await reads.patients(list);
    await reads.patients({ ...list, query: 'x' });
    clock.now = 5 * 60_000;
    await reads.patients(list);
    expect(recorded.map(({ patientId }) => patientId)).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    // The clock is set right.
    clock.now = -3_600_000;
    await reads.patients(list);
    expect(recorded.slice(6).map(({ patientId }) => patientId)).toEqual(['a', 'b']);
  });

  it('security: that could not be recorded does not count as recorded', async () => {
    let isUp = false;
    const record: Audit['record'] = async () => (isUp ? { ok: true, value: undefined } : unavailable([]));
    const { reads, recorded } = start({ record, rows: ['a'] });
    await reads.patients(list);
    isUp = true;
    await reads.patients(list);
    expect(recorded.map(({ patientId }) => patientId)).toEqual(['a', 'a']);
  });
});

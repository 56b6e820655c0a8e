import { describe, expect, it } from 'vitest';
import { createReads, type Reads } from '../../../main/access/reads.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/event.ts';
import type { Cache } from '../../../main/cache/client.ts';
import { auditWith } from '../../support/audit.ts';
import { accessTo, plainSubject, standingOf } from './support.ts';

const practitioner = 'Practitioner/a';
const server = 'https://s';
const list = { query: '', sort: 'name', descending: false, offset: 0, limit: 10 } as const;

/** What the page may ask of one patient, and which operation of the cache answers it. */
const views: [string, (reads: Reads, patient: string) => Promise<unknown>, string][] = [
  ['chart.read', (reads, patient) => reads.chart(patient), 'chartSummary'],
  ['results.list', (reads, patient) => reads.resultGroups(patient), 'resultGroups'],
  ['results.trend', (reads, patient) => reads.trend(patient, 'code'), 'trend'],
  ['notes.read', (reads, patient) => reads.note(patient, 'note'), 'note'],
  ['sync.sections', (reads, patient) => reads.sections(patient), 'knownSections'],
];

function start(options: { panel?: string[]; record?: Audit['record']; found?: boolean } = {}) {
  const events: string[] = [];
  const recorded: AuditEntry[] = [];
  let panel = options.panel ?? ['mine'];
  const operation = (name: string) => async () => {
    events.push(`read ${name}`);
    return options.found === false ? null : { from: name };
  };
  const read: Record<string, unknown> = {
    standing: async ({ patientId }: { patientId: string | null }) => {
      events.push('decide');
      return standingOf(panel, patientId);
    },
    patientList: operation('patientList'),
  };
  for (const [, , name] of views) read[name] = operation(name);
  const outbox = {
    get: async ({ id }: { id: string }) => (id === 'none' ? null : { patientId: id }),
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
  const cache = { read, outbox } as unknown as Cache;
  const audit: Pick<Audit, 'record'> = {
    async record(entry) {
      // On disk only some turns later: whoever doesn't wait for it is found out.
      await new Promise((resolve) => setImmediate(resolve));
      recorded.push(entry);
      events.push(`record ${entry.action}`);
      return options.record ? options.record(entry) : { ok: true, value: undefined };
    },
  };
  return {
    reads: createReads({ access: accessTo(cache), audit, cache, practitioner, server }),
    events,
    recorded,
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
    expect(recorded).toEqual([{ action: 'read', practitioner, server, patientId: 'mine', view }]);
  });

  it('security: denies a patient who is not on the panel, records the denial and reads nothing', async () => {
    const { reads, events, recorded } = start();
    expect(await ask(reads, 'other')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(events).toEqual(['decide', 'record denied']);
    expect(recorded).toEqual([{ action: 'denied', practitioner, server, patientId: 'other', view }]);
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

describe('a conflict', () => {
  it('security: is decided and recorded for the patient whose change it is, and only then read', async () => {
    const { reads, events, recorded } = start();
    expect(await reads.conflict('mine')).toEqual({ ok: true, value: { from: 'conflict' } });
    expect(events).toEqual(['decide', 'record read', 'read conflict']);
    expect(recorded).toEqual([{ action: 'read', practitioner, server, patientId: 'mine', view: 'sync.conflict' }]);
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
  it('security: are recorded as a search before they are listed, and not listed where that fails', async () => {
    const { reads, events } = start();
    expect(await reads.changes()).toEqual({ ok: true, value: { items: [], total: 0 } });
    expect(events).toEqual(['record search', 'read list']);
    const silent = start({ record: unavailable });
    expect(await silent.reads.changes()).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(silent.events).toEqual(['record search']);
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
    const reads = createReads({ access: accessTo(cache), audit, cache, practitioner, server });
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

  it('security: the list of patients is recorded before it is read, and not shown where it cannot be', async () => {
    const { reads, events, recorded } = start();
    expect(await reads.patients(list)).toMatchObject({ ok: true });
    expect(events).toEqual(['record search', 'decide', 'read patientList']);
    expect(recorded).toEqual([{ action: 'search', practitioner, server, view: 'patients.list' }]);
    const silent = start({ record: unavailable });
    expect(await silent.reads.patients(list)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(silent.events).toEqual(['record search']);
  });

  it('security: what is searched for is not in the record', async () => {
    const { reads, recorded } = start();
    await reads.patients({ ...list, query: 'Secret-Name' });
    expect(JSON.stringify(recorded)).not.toContain('Secret-Name');
  });

  it('security: a cache that cannot say who is on the panel permits nobody', async () => {
    const { reads, recorded } = start();
    const broken = createReads({
      access: accessTo({ read: { standing: () => Promise.reject(new Error('ended')) } } as unknown as Cache),
      audit: auditWith({ open: () => Promise.reject(new Error('no')) }),
      cache: {} as Cache,
      practitioner,
      server,
    });
    await expect(broken.chart('mine')).rejects.toThrow();
    expect((await reads.chart('mine')).ok).toBe(true);
    expect(recorded).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { Writes } from '../../../main/access/writes.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import type { Cache } from '../../../main/cache/client.ts';
import type { AddError, NewChange } from '../../../main/cache/operations.ts';
import { composer } from '../../../main/writing/composer.ts';
import type { Grant } from '../../../preload/contract/access.ts';
import { listOf, plainFacts } from '../audit/support.ts';
import { accessTo, plainSubject, standingOf, writingFor } from './support.ts';

const practitioner = 'Practitioner/a';
const server = 'https://s';
const CHANGE = '7c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';

const NOTE = JSON.stringify({
  resourceType: 'DocumentReference',
  id: 'note-of-server',
  meta: { versionId: '7' },
  status: 'current',
  subject: { reference: 'Patient/mine' },
  content: [{ attachment: { contentType: 'text/plain', data: 'eA==' } }],
});

const PULSE = JSON.stringify({
  resourceType: 'Observation',
  id: 'pulse',
  meta: { versionId: '3' },
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { text: 'Heart rate' },
  subject: { reference: 'Patient/mine' },
  valueQuantity: { value: 80, unit: '/min' },
});

interface Options {
  panel?: string[];
  record?: Audit['record'];
  add?: { ok: true; value: { changeId: string } } | { ok: false; error: { code: AddError } };
  change?: null;
  scope?: string;
  /** What was opened of her. */
  grant?: Pick<Grant, 'kind' | 'purpose'>;
  /** The record was merged into another one. */
  replaced?: boolean;
  decided?: { ok: false; error: { code: string } };
  /** What choices make of a conflict. */
  merged?: string;
}

const everything = 'user/*.cruds';

function start(options: Options = {}) {
  const {
    panel = ['mine'],
    record,
    add,
    change,
    replaced = false,
    decided,
    scope = everything,
    grant = null,
    merged = NOTE,
  } = options;
  const events: string[] = [];
  const recorded: AuditEntry[] = [];
  const added: NewChange[] = [];
  const written: string[][] = [];
  const settled = (name: string) => async () => {
    events.push(name);
    return decided ?? { ok: true, value: { patients: ['other'] } };
  };
  const cache = {
    read: {
      async standing({ patientId }: { patientId: string }) {
        events.push('decide');
        return standingOf(panel, patientId);
      },
      subject: async ({ id }: { id: string }) => {
        const types: Record<string, string> = { 'note-of-server': 'DocumentReference', pulse: 'Observation' };
        return types[id] ? plainSubject(types[id], 'mine') : null;
      },
      currentEncounter: async () => 'Encounter/e',
      isReplaced: async () => replaced,
      resource: async ({ id }: { id: string }) => ({ 'note-of-server': NOTE, pulse: PULSE })[id] ?? null,
    },
    outbox: {
      resolveId: async ({ id }: { id: string }) => (id === 'note-of-page' ? 'note-of-server' : id),
      get: async () => {
        const found = {
          patientId: 'mine',
          resourceType: 'DocumentReference',
          resourceId: 'note-of-server',
          action: 'update',
        };
        return change === null ? null : found;
      },
      subjects: async () => ({ [CHANGE]: [plainSubject('DocumentReference', 'mine')] }),
      async add(next: NewChange) {
        events.push('add');
        added.push(next);
        return add ?? { ok: true, value: { changeId: CHANGE } };
      },
      merged: async () => ({ body: merged, theirs: NOTE }),
      resolve: settled('resolve'),
      retry: settled('retry'),
      withdraw: settled('withdraw'),
    },
  } as unknown as Cache;
  const audit: Pick<Audit, 'record'> = {
    async record(entries) {
      const [entry] = listOf(entries) as [AuditEntry];
      // On disk only some turns later: whoever doesn't wait for it is found out.
      await new Promise((resolve) => setImmediate(resolve));
      recorded.push(entry);
      events.push(`record ${entry.action}`);
      return record ? record(entry) : { ok: true, value: undefined };
    },
  };
  const { writes } = writingFor({
    access: accessTo(cache, { scopes: () => scope.split(' '), grantOf: () => grant }),
    audit,
    cache,
    composer,
    sealer: { seal: async (value) => ({ ok: true, value }) },
    wrapping: () => new Uint8Array(32),
    practitioner,
    display: 'Dr A',
    server,
    now: () => Date.parse('2026-03-12T14:32:00Z'),
    offsetMinutes: () => 60,
    newId: () => 'fresh',
    onWritten: (patients) => written.push([...patients]),
  });
  return { writes, events, recorded, added, written };
}

const unavailable: Audit['record'] = async () => ({ ok: false, error: { code: 'audit-unavailable' } });

/** Each way to write, what is recorded of it, and what it keeps. */
const ways: [
  string,
  (writes: Writes, patientId: string) => Promise<unknown>,
  Partial<AuditEntry>,
  Partial<NewChange>,
][] = [
  [
    'a new note',
    (writes, patientId) => writes.createNote({ patientId, kind: 'progress', body: 'x' }),
    { action: 'create', resource: 'DocumentReference/fresh', view: 'notes.create' },
    { action: 'create', type: 'DocumentReference', resourceId: 'fresh', baseVersionId: null, title: 'Progress note' },
  ],
  [
    'an amended note',
    (writes, patientId) => writes.amendNote({ patientId, noteId: 'note-of-page', versionId: '7', body: 'y' }),
    { action: 'update', resource: 'DocumentReference/note-of-server', view: 'notes.amend' },
    { action: 'update', type: 'DocumentReference', resourceId: 'note-of-server', baseVersionId: '7' },
  ],
  [
    'a new vital sign',
    (writes, patientId) => writes.recordVital({ patientId, kind: 'heart-rate', value: '82', diastolic: null }),
    { action: 'create', resource: 'Observation/fresh', view: 'results.record' },
    { action: 'create', type: 'Observation', resourceId: 'fresh', baseVersionId: null, title: 'Heart rate 82 /min' },
  ],
  [
    'a corrected vital sign',
    (writes, patientId) =>
      writes.correctVital({ patientId, observationId: 'pulse', versionId: '3', value: '90', diastolic: null }),
    { action: 'update', resource: 'Observation/pulse', view: 'results.correct' },
    { action: 'update', type: 'Observation', resourceId: 'pulse', baseVersionId: '3', title: 'Heart rate 90 /min' },
  ],
];

describe.each(ways)('%s', (_what, write, entry, change) => {
  it('security: is decided, then recorded durably, and only then kept', async () => {
    const { writes, events, recorded, added, written } = start();
    expect(await write(writes, 'mine')).toMatchObject({ ok: true });
    expect(events).toEqual(['decide', `record ${entry.action}`, 'add']);
    expect(recorded).toEqual([{ ...entry, patientId: 'mine', practitioner, server, facts: plainFacts() }]);
    expect(added).toMatchObject([
      { ...change, patientId: 'mine', author: practitioner, changedAt: '2026-03-12T14:32:00.000Z' },
    ]);
    expect(written).toEqual([['mine']]);
  });

  it('security: is denied for a patient who is not on the panel, which is recorded, and keeps nothing', async () => {
    const { writes, events, recorded, written } = start({ panel: ['else'] });
    expect(await write(writes, 'mine')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(events).toEqual(['decide', 'record denied']);
    expect(recorded[0]).toMatchObject({ action: 'denied', attempted: entry.action, patientId: 'mine' });
    expect(written).toEqual([]);
  });

  it('security: is denied where the sign-in does not cover it, which is recorded, and keeps nothing', async () => {
    const type = change.type === 'Observation' ? 'Observation' : 'DocumentReference';
    const lacking = change.action === 'create' ? 'rus' : 'crs';
    // A scope for a part of a type is none for what is written here.
    const part = `user/${type}.cruds?category=a`;
    const { writes, events, recorded } = start({ scope: `user/*.rs user/${type}.${lacking} ${part}` });
    expect(await write(writes, 'mine')).toEqual({ ok: false, error: { code: 'not-permitted' } });
    expect(events).toEqual(['decide', 'record denied']);
    expect(recorded[0]).toMatchObject({ action: 'denied', attempted: entry.action });
    const just = start({ scope: `user/${type}.${change.action === 'create' ? 'c' : 'u'}` });
    expect(await write(just.writes, 'mine')).toMatchObject({ ok: true });
  });

  it('security: is not kept where it could not be recorded', async () => {
    const { writes, events } = start({ record: unavailable });
    expect(await write(writes, 'mine')).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(events).not.toContain('add');
  });

  it('tells a full disk from a store that fails, and the page of neither as written', async () => {
    const full = start({ add: { ok: false, error: { code: 'disk-full' } } });
    expect(await write(full.writes, 'mine')).toEqual({ ok: false, error: { code: 'disk-full' } });
    const broken = start({ add: { ok: false, error: { code: 'disk-read-only' } } });
    expect(await write(broken.writes, 'mine')).toEqual({ ok: false, error: { code: 'store-failed' } });
    expect([...full.written, ...broken.written]).toEqual([]);
  });
});

describe('what can’t be written', () => {
  it('security: goes into no record that was replaced by another one, whichever call asks, and the try is recorded', async () => {
    const { writes, added, recorded } = start({ replaced: true });
    const [patientId, versionId] = ['mine', '7'];
    const tries = [
      await writes.createNote({ patientId, kind: 'progress', body: 'x' }),
      await writes.amendNote({ patientId, noteId: 'note-of-server', versionId, body: 'x' }),
      await writes.recordVital({ patientId, kind: 'heart-rate', value: '80', diastolic: null }),
      await writes.correctVital({ patientId, observationId: 'pulse', versionId: '3', value: '81', diastolic: null }),
    ];
    expect(tries).toEqual(tries.map(() => ({ ok: false, error: { code: 'patient-merged' } })));
    expect(added).toEqual([]);
    expect(recorded.map(({ action, attempted }) => [action, attempted])).toEqual([
      ['denied', 'create'],
      ['denied', 'update'],
      ['denied', 'create'],
      ['denied', 'update'],
    ]);
  });

  const amend = { patientId: 'mine', noteId: 'note-of-server', versionId: '6', body: 'y' };

  it('is not recorded as written: a note that has changed since it was shown, or is not there', async () => {
    const { writes, events } = start();
    expect(await writes.amendNote(amend)).toEqual({ ok: false, error: { code: 'stale' } });
    expect(await writes.amendNote({ ...amend, noteId: 'gone' })).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(events).toEqual(['decide', 'decide']);
  });

  it('security: is another patient’s note, though the clinician may write for the patient who is named', async () => {
    const { writes, added } = start({ panel: ['mine', 'hers'] });
    const asked = { ...amend, patientId: 'hers', versionId: '7' };
    expect(await writes.amendNote(asked)).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(added).toEqual([]);
  });

  it('has words of its own where the outbox can’t keep it', async () => {
    const { writes } = start({ add: { ok: false, error: { code: 'not-writable' } } });
    expect(await writes.amendNote({ ...amend, versionId: '7' })).toEqual({
      ok: false,
      error: { code: 'not-amendable' },
    });
  });
});

const decisions: [string, (writes: Writes) => Promise<unknown>, Partial<AuditEntry>][] = [
  [
    'resolve',
    (writes) => writes.resolve({ id: CHANGE, token: 't', resolution: { kind: 'theirs' } }),
    { action: 'conflict-decision', view: 'sync.resolve', details: { value: 'theirs' } },
  ],
  ['retry', (writes) => writes.retry({ id: CHANGE }), { action: 'update', view: 'sync.retry' }],
  ['withdraw', (writes) => writes.withdraw({ id: CHANGE }), { action: 'withdraw', view: 'sync.withdraw' }],
];

describe.each(decisions)('to %s a change', (name, decide, entry) => {
  it('security: is recorded durably before it is done, with the record and the patient', async () => {
    const { writes, events, recorded, written } = start();
    expect(await decide(writes)).toEqual({ ok: true, value: {} });
    expect(events.slice(-2)).toEqual([`record ${entry.action}`, name]);
    expect(recorded).toEqual([
      {
        ...entry,
        patientId: 'mine',
        resource: 'DocumentReference/note-of-server',
        practitioner,
        server,
        ...(name !== 'withdraw' && { facts: plainFacts() }),
      },
    ]);
    expect(written).toEqual([['mine', 'other']]);
  });

  it('security: is recorded with the purpose for which the chart was opened', async () => {
    const { writes, recorded } = start({ grant: { kind: 'purpose', purpose: 'CAREMGT' } });
    await decide(writes);
    expect(recorded).toMatchObject([{ ...entry, ...(name !== 'withdraw' && { purpose: 'CAREMGT' }) }]);
  });

  it('security: is not done where it could not be recorded', async () => {
    const { writes, events, written } = start({ record: unavailable });
    expect(await decide(writes)).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(events).not.toContain(name);
    expect(written).toEqual([]);
  });

  it('answers that there is no such change, and hands on why it could not be done', async () => {
    expect(await decide(start({ change: null }).writes)).toEqual({ ok: false, error: { code: 'not-found' } });
    const refused = start({ decided: { ok: false, error: { code: 'not-found' } } });
    expect(await decide(refused.writes)).toEqual({ ok: false, error: { code: 'not-found' } });
    expect(refused.written).toEqual([]);
  });
});

describe('a merge', () => {
  const resolution = { kind: 'merged', choices: { status: 'mine' } } as const;
  const request = { id: CHANGE, token: 't', resolution };

  it('security: that makes no valid record is not kept, and says where it is wrong', async () => {
    const broken = JSON.stringify({ ...JSON.parse(NOTE), status: 'no-status' });
    const { writes, events } = start({ merged: broken });
    const answer = await writes.resolve(request);
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid', detail: expect.stringContaining('Status') } });
    expect(events).not.toContain('resolve');
  });

  it('is kept where it is as valid as what the server has', async () => {
    const { writes, events } = start();
    expect(await writes.resolve(request)).toEqual({ ok: true, value: {} });
    expect(events).toContain('resolve');
  });
});

describe('a change of a patient whose record was replaced by another one', () => {
  it('security: is sent by no decision, which is recorded, and can be given up', async () => {
    const { writes, events, recorded } = start({ replaced: true });
    const keep = (kind: 'mine' | 'theirs') => writes.resolve({ id: CHANGE, token: 't', resolution: { kind } });
    const merge = () => writes.resolve({ id: CHANGE, token: 't', resolution: { kind: 'merged', choices: {} } });
    const tries = [await writes.retry({ id: CHANGE }), await keep('mine'), await merge()];
    expect(tries).toEqual(tries.map(() => ({ ok: false, error: { code: 'patient-merged' } })));
    expect(recorded.map(({ action, view }) => [action, view])).toEqual([
      ['denied', 'sync.retry'],
      ['denied', 'sync.resolve'],
      ['denied', 'sync.resolve'],
    ]);
    expect(events.filter((event) => ['resolve', 'retry'].includes(event))).toEqual([]);
    expect(await keep('theirs')).toEqual({ ok: true, value: {} });
    expect(await writes.withdraw({ id: CHANGE })).toEqual({ ok: true, value: {} });
  });
});

describe('a change of a patient who has left the panel', () => {
  it('security: can be withdrawn, and neither resolved nor sent again', async () => {
    const { writes, events } = start({ panel: [] });
    expect(await writes.withdraw({ id: CHANGE })).toEqual({ ok: true, value: {} });
    for (const [, decide] of decisions.slice(0, 2)) {
      expect(await decide(writes)).toEqual({ ok: false, error: { code: 'not-permitted' } });
    }
    expect(events.filter((event) => ['resolve', 'retry', 'withdraw'].includes(event))).toEqual(['withdraw']);
  });
});

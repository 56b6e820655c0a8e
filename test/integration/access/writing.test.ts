import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createReads } from '../../../main/access/reads.ts';
import type { Cache } from '../../../main/cache/client.ts';
import { outboxNames, type WriteOperations, writeNames } from '../../../main/cache/operations.ts';
import { createReads as createCacheReads } from '../../../main/cache/reads/index.ts';
import { createWriter } from '../../../main/cache/writer-operations.ts';
import { composer } from '../../../main/writing/composer.ts';
import { chartSummary } from '../../../preload/contract/chart.ts';
import { noteText } from '../../../preload/contract/notes.ts';
import { sync } from '../../../preload/contract/sync.ts';
import { accessTo, writingFor } from '../../unit/access/support.ts';
import { fill } from '../cache/support.ts';

const subject = { reference: 'Patient/p' };
const meta = (versionId: string, more: object = {}) => ({
  meta: { versionId, lastUpdated: '2026-03-01T09:00:00.000Z', ...more },
});
const VITAL = { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' };

const patient = { resourceType: 'Patient', id: 'p', ...meta('1'), name: [{ family: 'Ng', given: ['Mei'] }] };
const note = {
  resourceType: 'DocumentReference',
  id: 'n1',
  ...meta('4'),
  status: 'current',
  docStatus: 'final',
  description: 'Ward round',
  subject,
  date: '2026-03-01T08:00:00Z',
  content: [{ attachment: { contentType: 'text/plain', data: Buffer.from('Slept well.').toString('base64') } }],
};
const pulse = {
  resourceType: 'Observation',
  id: 'o1',
  ...meta('2'),
  status: 'final',
  category: [{ coding: [VITAL] }],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  subject,
  effectiveDateTime: '2026-03-01T08:00:00Z',
  valueQuantity: { value: 112, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
};
const stay = (id: string, status: string) => ({
  resourceType: 'Encounter',
  id,
  ...meta('1'),
  status,
  class: { code: 'IMP' },
  subject,
});

/** The real way from the page's calls to both encrypted databases, in one process. */
function start(resources: readonly object[] = [note, pulse, stay('e1', 'in-progress'), stay('e0', 'finished')]) {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-writing-'));
  const writer = createWriter();
  const call = (name: string, args?: unknown) => {
    const operation = writer.operations[name] as (args: unknown) => unknown;
    return operation(args);
  };
  const key = (byte: number) => new Uint8Array(32).fill(byte);
  const outbox = { file: join(folder, 'outbox.db'), key: key(2) };
  call('open', { file: join(folder, 'cache.db'), key: key(1), create: true, outbox });
  onTestFinished(() => {
    call('close');
    rmSync(folder, { recursive: true, force: true });
  });
  const db = writer.cache();
  if (!db) throw new Error('not opened');
  const read = createCacheReads(db);
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, (args: unknown) => call(name, args)]));
  fill({ read, write: named(writeNames) as unknown as WriteOperations }, ['p'], [patient, ...resources]);

  const later = (operations: object) =>
    Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, async (args: unknown) => operation(args)]),
    );
  const write = { noteOpened: async () => undefined };
  const cache = { read: later(read), write, outbox: later(named(outboxNames)) } as unknown as Cache;
  const shared = {
    access: accessTo(cache),
    audit: { record: async () => ({ ok: true, value: undefined }) as const },
    cache,
    practitioner: 'Practitioner/dr',
    server: 'https://s',
  };
  const { writes } = writingFor({
    ...shared,
    composer,
    sealer: { seal: async (value) => ({ ok: true, value }) },
    wrapping: () => new Uint8Array(32),
    display: 'Dr Amara Nwosu',
    now: () => Date.parse('2026-03-01T10:00:00Z'),
    offsetMinutes: () => 0,
    newId: randomUUID,
    onWritten: () => undefined,
  });
  const reads = createReads({ ...shared, now: () => Date.parse('2026-03-01T10:00:00Z'), newId: randomUUID });
  return { writes, reads, read, outbox: cache.outbox };
}

async function done<Value>(answer: Promise<{ ok: true; value: Value } | { ok: false; error: { code: string } }>) {
  const result = await answer;
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

describe('what is written here', () => {
  test('a new note is in the chart at once, not yet sent, with its author, and can be read', async () => {
    const { writes, reads } = start();
    const { noteId } = await done(writes.createNote({ patientId: 'p', kind: 'nursing', body: 'Drank 400 ml.' }));
    const chart = await done(reads.chart('p'));
    expect(chartSummary.parse(chart)).toEqual(chart);
    expect(chart.notes.items.map(({ id, unsent }) => [id, unsent])).toEqual([
      [noteId, 'waiting'],
      ['n1', null],
    ]);
    const read = await done(reads.note('p', noteId));
    expect(noteText.parse(read)).toEqual(read);
    expect(read).toMatchObject({ body: 'Drank 400 ml.', author: 'Dr Amara Nwosu', versionId: '', unsent: 'waiting' });
    const { items, total } = await done(reads.changes());
    expect(sync.calls.changes.response.parse({ items, total }).items).toMatchObject([
      { title: 'Nurse Note', action: 'create', state: 'waiting', patient: { family: 'Ng' } },
    ]);
  });

  test('an amended note shows the new text, and what it said comes back when it is withdrawn', async () => {
    const { writes, reads } = start();
    await done(writes.amendNote({ patientId: 'p', noteId: 'n1', versionId: '4', body: 'Vomited twice.' }));
    expect(await done(reads.note('p', 'n1'))).toMatchObject({
      body: 'Vomited twice.',
      status: 'amended',
      versionId: '4',
      unsent: 'waiting',
    });
    // Amended once more before it was sent: still one change.
    await done(writes.amendNote({ patientId: 'p', noteId: 'n1', versionId: '4', body: 'Vomited once.' }));
    const { items } = await done(reads.changes());
    expect(items).toHaveLength(1);
    await done(writes.withdraw({ id: items[0]?.id ?? '' }));
    expect(await done(reads.note('p', 'n1'))).toMatchObject({ body: 'Slept well.', status: 'final', unsent: null });
  });

  test('a corrected vital sign is the newest value of its line, with the digits as typed', async () => {
    const { writes, reads } = start();
    const correction = { patientId: 'p', observationId: 'o1', versionId: '2', value: '82.0', diastolic: null };
    await done(writes.correctVital(correction));
    const { vitals } = await done(reads.chart('p'));
    expect(vitals.items).toMatchObject([
      { id: 'o1', value: '82.0', status: 'corrected', versionId: '2', unsent: 'waiting' },
    ]);
    const groups = await done(reads.resultGroups('p'));
    expect(groups.groups[0]?.latest.unsent).toBe('waiting');
  });

  test('a new vital sign stands before the older ones, a blood pressure as one value', async () => {
    const { writes, reads } = start();
    await done(writes.recordVital({ patientId: 'p', kind: 'blood-pressure', value: '120', diastolic: '80' }));
    const { vitals } = await done(reads.chart('p'));
    expect(vitals.items[0]).toMatchObject({ value: '120/80', unit: 'mmHg', unsent: 'waiting', versionId: '' });
  });

  test('ends the draft that it was typed in, and no other', async () => {
    const { writes, outbox } = start();
    const changedAt = '2026-03-01T10:00:00Z';
    const about = { patientId: 'p', versionId: '', title: 't', changedAt, labels: null, sealed: false };
    const body = { value: '8', diastolic: null, unit: '/min' };
    for (const resourceId of [null, 'o1']) {
      await outbox.keepDraft({ ...about, resourceType: 'Observation', resourceId, kind: null, body });
    }
    for (const resourceId of [null, 'n1']) {
      await outbox.keepDraft({ ...about, resourceType: 'DocumentReference', resourceId, kind: 'progress', body: 'S' });
    }
    const left = async () =>
      (await outbox.drafts({})).map(({ resourceType, resourceId }) => `${resourceType}/${resourceId}`).sort();
    await done(writes.recordVital({ patientId: 'p', kind: 'heart-rate', value: '82', diastolic: null }));
    expect(await left()).toEqual(['DocumentReference/n1', 'DocumentReference/null', 'Observation/o1']);
    const correction = { patientId: 'p', observationId: 'o1', versionId: '2', value: '82', diastolic: null };
    await done(writes.correctVital(correction));
    expect(await left()).toEqual(['DocumentReference/n1', 'DocumentReference/null']);
    await done(writes.amendNote({ patientId: 'p', noteId: 'n1', versionId: '4', body: 'x' }));
    expect(await left()).toEqual(['DocumentReference/null']);
    await done(writes.createNote({ patientId: 'p', kind: 'progress', body: 'x' }));
    expect(await left()).toEqual([]);
  });

  test('names the encounter in progress, and none where there is doubt', async () => {
    for (const [encounters, expected] of [
      [[stay('e1', 'in-progress'), stay('e0', 'finished')], 'Encounter/e1'],
      [[stay('e0', 'finished')], undefined],
      [[stay('e1', 'in-progress'), stay('e2', 'in-progress')], undefined],
    ] as const) {
      const { writes, read } = start(encounters);
      const { noteId } = await done(writes.createNote({ patientId: 'p', kind: 'progress', body: 'x' }));
      const written = JSON.parse(read.resource({ type: 'DocumentReference', id: noteId }) ?? '{}');
      expect(written.context?.encounter[0].reference).toBe(expected);
    }
  });
});

describe('what can’t be written', () => {
  test('is a note of which only a part was fetched', async () => {
    const { writes } = start([{ ...note, ...meta('4', { tag: [{ code: 'SUBSETTED' }] }) }]);
    const amendment = { patientId: 'p', noteId: 'n1', versionId: '4', body: 'x' };
    expect(await writes.amendNote(amendment)).toEqual({ ok: false, error: { code: 'not-amendable' } });
  });

  test('is a note that is another version by now', async () => {
    const { writes, reads } = start();
    const amendment = { patientId: 'p', noteId: 'n1', versionId: '3', body: 'x' };
    expect(await writes.amendNote(amendment)).toEqual({ ok: false, error: { code: 'stale' } });
    expect((await done(reads.changes())).total).toBe(0);
  });
});

test('the stored data is told kind by kind, with how much there is', async () => {
  const { reads } = start();
  const { items } = await done(reads.sections('p'));
  expect(sync.calls.sections.response.parse({ items }).items).toEqual(items);
  const notes = items.find(({ resourceType }) => resourceType === 'DocumentReference');
  expect(notes).toMatchObject({ state: 'complete', count: 1 });
  expect(items.find(({ resourceType }) => resourceType === 'Flag')).toMatchObject({ state: 'complete', count: 0 });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cache } from '../../../main/cache/client.ts';
import { defaultPolicy, type Policy } from '../../../main/managed/policy.ts';
import type { RunOptions } from '../../../main/sync/run-options.ts';
import { runUpload } from '../../../main/sync/upload/upload.ts';
import type { TimelineFilter } from '../../../preload/contract/timeline.ts';
import { type DevServer, startServer } from '../../server/index.ts';
import { seesAll } from '../cache/support.ts';
import { cachedRecords, expectedRecords, fhirFor, openCache, panelOf, run } from './support.ts';

let server: DevServer;
let patientId: string;
beforeAll(async () => {
  server = await startServer({ patients: 3, seed: 5, now: '2026-11-01T08:00:00Z' });
  [patientId = ''] = panelOf(server);
});
afterAll(() => server.stop());
beforeEach(() => {
  server.requests.length = 0;
});

type LeaveOut = Policy['cache']['leaveOut'];
const without = (...leaveOut: LeaveOut) => ({ ...defaultPolicy, cache: { leaveOut } });
const sync = async (cache: Cache, policy: Policy, more: object = {}) =>
  run({ cache, fhir: await fhirFor(server), policy, ...more });
const ALL: TimelineFilter = { kinds: [], text: '', from: null, to: null, withdrawn: false };
const of = (records: readonly string[], ...types: readonly string[]) =>
  records.filter((record) => types.some((type) => record.startsWith(`${type}/`)));
const kept = (...leftOut: LeaveOut) => {
  const records = expectedRecords(server);
  return records.filter((record) => !of(records, ...leftOut).includes(record));
};
const chartOf = async (cache: Cache) => (await cache.read.chartSummary({ ...seesAll, patientId }))!;
/** Types that were asked for in any way. */
const asked = () => server.requests.map(({ path }) => decodeURIComponent(path)).join('\n');

describe('types that machine policy leaves out of the cache', () => {
  it('are never asked for, also by a comparison, and their sections say so instead of being empty', async () => {
    const cache = await openCache();
    const policy = { ...without('DocumentReference', 'FamilyMemberHistory'), sweepHours: 0 };
    for (let runs = 0; runs < 2; runs += 1) expect(await sync(cache, policy)).toEqual({ ok: true });
    expect(asked()).not.toMatch(/DocumentReference|FamilyMemberHistory/);
    expect(await cachedRecords(cache)).toEqual(kept('DocumentReference', 'FamilyMemberHistory'));
    const chart = await chartOf(cache);
    expect([chart.notes.state, chart.notes.items]).toEqual(['not-kept', []]);
    for (const section of ['allergies', 'problems', 'medications', 'alerts', 'results', 'encounters'] as const) {
      expect([section, chart[section].state]).toEqual([section, 'complete']);
    }
    expect(chart.asOf).not.toBeNull();
    const stored = (await cache.read.knownSections({ ...seesAll, patientId })) ?? [];
    expect(stored.filter(({ state }) => state === 'not-kept').map(({ resourceType }) => resourceType)).toEqual([
      'DocumentReference',
      'FamilyMemberHistory',
    ]);
    const { kinds } = (await cache.read.timelineOutline({ ...seesAll, patientId, filter: ALL }))!;
    expect(kinds.find(({ kind }) => kind === 'note')?.state).toBe('not-kept');
    // With what was observed of habits, which is kept.
    expect(kinds.find(({ kind }) => kind === 'history')?.state).toBe('partial');
    const related = { patients: [0], records: seesAll.sight };
    const everybody = { newest: 0, careTeam: related, panel: related };
    const found = { sight: everybody, text: 'note', practitioner: 'Practitioner/dev-osei' };
    const { gaps } = await cache.read.findInPanel(found);
    expect(gaps).toContainEqual({ kind: 'note', state: 'not-kept' });
  });

  it('go at the next sync with their earlier versions, but for what holds an unsent change, until that is sent', async () => {
    const cache = await openCache();
    await sync(cache, defaultPolicy);
    const [mine = '', other = ''] = of(expectedRecords(server), 'DocumentReference')
      .map((record) => record.split(/[/ ]/)[1] ?? '')
      .filter((id) => server.store.versions('DocumentReference', id).at(-1)?.patients.includes(patientId));
    const note = await cache.read.resource({ type: 'DocumentReference', id: mine });
    const added = await cache.outbox.add({
      patientId,
      type: 'DocumentReference',
      resourceId: mine,
      action: 'update',
      baseVersionId: await cache.read.version({ type: 'DocumentReference', id: mine }),
      body: JSON.stringify({ ...JSON.parse(note ?? ''), description: 'Mine' }),
      title: 'Note',
      author: 'Practitioner/dev-osei',
      changedAt: '2026-11-01T08:10:00Z',
    });
    expect(added.ok).toBe(true);
    // An earlier version of another one.
    server.store.put({ ...server.store.read('DocumentReference', other)!, description: 'Changed' } as never);
    await sync(cache, defaultPolicy);
    expect(await cache.read.resource({ type: 'DocumentReference', id: other })).toContain('Changed');

    server.requests.length = 0;
    await sync(cache, without('DocumentReference'));
    // But for the one version by which the server is known again.
    expect(asked()).not.toMatch(/DocumentReference(\?|\/_history)/);
    expect(of(await cachedRecords(cache), 'DocumentReference')).toHaveLength(1);
    expect(await cache.read.resource({ type: 'DocumentReference', id: mine })).toContain('Mine');
    expect((await chartOf(cache)).notes.state).toBe('not-kept');
    expect(await cache.outbox.counts()).toEqual({ waiting: 1, conflicts: 0, parked: 0 });

    const fhir = await fhirFor(server);
    const upload: RunOptions['upload'] = ({ statement }, signal) =>
      runUpload({ cache, fhir, capabilities: statement, signal });
    await sync(cache, without('DocumentReference'), { upload });
    expect(server.store.read('DocumentReference', mine)).toMatchObject({ description: 'Mine' });
    expect(of(await cachedRecords(cache), 'DocumentReference')).toEqual([]);
    // Kept again: not said to be complete before it is, and without the earlier version.
    const states: string[] = [];
    const get: typeof fhir.get = async (url, ...rest) => {
      if (url.startsWith('DocumentReference?')) states.push((await chartOf(cache)).notes.state);
      return fhir.get(url, ...rest);
    };
    await sync(cache, defaultPolicy, { fhir: { ...fhir, get } });
    expect(states[0]).toBe('not-fetched');
    const about = { ...seesAll, patientId, type: 'DocumentReference', id: other, version: null, at: null };
    expect((await cache.read.record(about))?.versions).toHaveLength(1);
  });

  it('are fetched whole once policy keeps them again', async () => {
    const cache = await openCache();
    await sync(cache, without('DocumentReference', 'Procedure'));
    await sync(cache, without('Procedure'));
    expect(await cachedRecords(cache)).toEqual(kept('Procedure'));
    expect((await chartOf(cache)).notes.state).toBe('complete');
    await sync(cache, defaultPolicy);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });

  it('are not fetched by a run that was cut off before policy changed, which loses nothing else', async () => {
    const cache = await openCache();
    for (let answers = 1; answers < 40; answers += 6) {
      const stop = new AbortController();
      let left = answers;
      const onAnswer = () => {
        left -= 1;
        if (left === 0) stop.abort();
      };
      await sync(cache, answers % 4 === 1 ? defaultPolicy : without('DiagnosticReport'), {
        signal: stop.signal,
        onAnswer,
      });
    }
    server.requests.length = 0;
    expect(await sync(cache, without('DiagnosticReport'))).toEqual({ ok: true });
    expect(asked()).not.toContain('DiagnosticReport');
    expect(await cachedRecords(cache)).toEqual(kept('DiagnosticReport'));
    await sync(cache, defaultPolicy);
    expect(await cachedRecords(cache)).toEqual(expectedRecords(server));
  });
});

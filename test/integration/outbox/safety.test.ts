import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import type { Resolution } from '../../../preload/contract/sync.ts';
import { startServer } from '../../server/index.ts';
import { said } from '../../support/said.ts';
import {
  add,
  change,
  edit,
  heartRate,
  known,
  newHeartRate,
  openStation,
  PATIENT,
  recording,
  type Sent,
  type Station,
  upload,
  versions,
  withValue,
} from './support.ts';

const nothing = { waiting: 0, conflicts: 0, parked: 0 };

/** A heart rate as the server has it; versions are a minute apart. */
function onServer(id: string, version: number, value: string, more = '', tag = ''): string {
  const time = new Date(Date.UTC(2026, 2, 1, 9, version)).toISOString();
  const meta = `"meta":{"versionId":"${version}","lastUpdated":"${time}"${tag}}`;
  return heartRate(id, value, more).replace('"status"', `${meta},"status"`);
}

const PART = ',"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]';
const NOTE = ',"note":[{"text":"after a walk"}]';

/** The clinician's edit of version 1. */
function edited(station: Station, id: string, value = '80'): string {
  station.learnText(onServer(id, 1, '70', NOTE));
  const body = withValue(station.shown('Observation', id) ?? '', value);
  return add(station, change({ type: 'Observation', action: 'update', resourceId: id, baseVersionId: '1', body }));
}

function bodies(station: Station): string[] {
  const ids = station.outbox.queue().map(({ id }) => id);
  return station.outbox.begin({ ids, serverTime: null }).map(({ body }) => body ?? '');
}

function decide(station: Station, id: string, resolution: Resolution) {
  return station.outbox.resolve({ id, token: station.outbox.conflict({ id })?.token ?? '', resolution });
}

describe('a version of which the server gives a part only', () => {
  it('is never made the base of an update: what it leaves out would be deleted', () => {
    const station = openStation();
    const id = randomUUID();
    edited(station, id);
    station.learnText(onServer(id, 2, '70', '', PART));
    expect(station.outbox.queue()).toMatchObject([{ baseVersionId: '1' }]);
    station.learnText(onServer(id, 2, '70', `${NOTE},"method":{"text":"palpation"}`));
    expect(station.outbox.queue()).toMatchObject([{ baseVersionId: '2' }]);
    const [body] = bodies(station);
    for (const kept of ['after a walk', 'palpation', '"value":80']) expect(body).toContain(kept);
    expect(body).not.toContain('SUBSETTED');
  });

  it('is not taken for ours, and parks a change that the server refused for it', () => {
    const station = openStation();
    const id = randomUUID();
    const changeId = edited(station, id);
    bodies(station);
    const part = onServer(id, 2, '80', '', PART);
    const looksLikeOurs = station.shown('Observation', id)?.replace('"lastUpdated"', `${PART.slice(1)},"lastUpdated"`);
    expect(station.outbox.match({ id: changeId, versions: [looksLikeOurs ?? ''] })).toBe(-1);
    station.outbox.collide({ id: changeId, theirs: { versionId: '2', body: part } });
    expect(station.outbox.counts()).toEqual({ ...nothing, parked: 1 });
    expect(station.shown('Observation', id)).toContain('after a walk');
  });

  it('as the answer to an update leaves a further edit on what was sent', () => {
    const station = openStation();
    const id = randomUUID();
    const changeId = edited(station, id);
    bodies(station);
    const body = withValue(station.shown('Observation', id) ?? '', '90');
    add(station, change({ type: 'Observation', action: 'update', resourceId: id, baseVersionId: '1', body }));
    const own = { versionId: '2', body: onServer(id, 2, '80', '', PART) };
    station.outbox.acknowledge({
      changes: [{ id: changeId, resourceId: id, own, current: null, serverTime: '2026-03-01T09:03:00Z' }],
    });
    expect(station.outbox.queue()).toMatchObject([{ baseVersionId: '2' }]);
    expect(bodies(station)[0]).toContain('after a walk');
  });
});

describe('a server that answers reads with a part only', () => {
  it('gets nothing that would overwrite what others wrote', async () => {
    const server = await startServer({ patients: 1, seed: 5 });
    onTestFinished(() => server.stop());
    const station = openStation();
    const { id } = known(station, server, heartRate(randomUUID(), '70', NOTE));
    edit(station, 'Observation', id, (shown) => withValue(shown, '80'));
    server.store.put(heartRate(id, '70', `${NOTE},"method":{"text":"palpation"}`));
    const sent: Sent[] = [];
    const fetch = recording(sent, async ({ method, url }) => {
      if (method !== 'GET' || !url.endsWith(`/Observation/${id}`)) return null;
      const headers = { 'content-type': 'application/fhir+json' };
      return new Response(onServer(id, 2, '70', '', PART), { headers });
    });
    await upload({ station, server, fetch, without: ['transaction', 'history-instance'] });
    expect(sent.some(({ method }) => method === 'PUT')).toBe(true);
    expect(versions(server, 'Observation', id)).toEqual(['1', '2']);
    expect(station.outbox.counts()).toEqual({ ...nothing, parked: 1 });
    // The whole has come by then.
    station.learn(server, `Observation/${id}`);
    station.outbox.retry({ id: station.outbox.list({ limit: 1 }).items[0]?.id ?? '' });
    await upload({ station, server });
    const now = server.store.versions('Observation', id).at(-1)?.text;
    for (const kept of ['after a walk', 'palpation', '"value":80']) expect(now).toContain(kept);
  });
});

describe('a record that was moved to another patient', () => {
  const moved = (id: string) => onServer(id, 2, '70', NOTE).replace(`Patient/${PATIENT}`, 'Patient/p2');

  it('is a conflict, and what was written stays in the chart in which it was written', () => {
    const station = openStation();
    const id = randomUUID();
    edited(station, id);
    station.learnText(moved(id));
    expect(station.outbox.counts()).toEqual({ ...nothing, conflicts: 1 });
    expect(station.outbox.queue()).toEqual([]);
    expect(station.shown('Observation', id)).toContain(`Patient/${PATIENT}`);
  });

  it('can’t be merged into the other patient’s chart by choosing parts', () => {
    const station = openStation();
    const id = randomUUID();
    const changeId = edited(station, id);
    station.learnText(moved(id));
    const choices = { subject: 'theirs', value: 'mine' } as const;
    expect(decide(station, changeId, { kind: 'merged', choices })).toMatchObject({ error: { code: 'not-mergeable' } });
    expect(decide(station, changeId, { kind: 'theirs' }).ok).toBe(true);
    expect(station.local('Observation', id)).toBe(0);
    expect(station.shown('Observation', id)).toBe(moved(id));
  });

  it('is not taken from the page as a change in another chart', () => {
    const station = openStation();
    expect(station.outbox.add({ ...newHeartRate('70'), patientId: 'p2' })).toMatchObject({
      error: { code: 'not-writable' },
    });
  });
});

describe('a cache that can’t be written to once the outbox has committed', () => {
  function breakable() {
    type Begun = (...args: unknown[]) => unknown;
    let failures = 0;
    const open = ((options: Parameters<typeof openDatabase>[0] & { mode: 'write' }) => {
      const opened = openDatabase(options);
      if (!opened.ok || !options.file.endsWith('cache.db')) return opened;
      const db = opened.value;
      const transaction = db.transaction.bind(db);
      const failing = (work: () => unknown) => {
        const real = transaction(work) as unknown as Record<'immediate' | 'deferred', Begun>;
        const immediate: Begun = (...args) => {
          if (failures === 0) return real.immediate(...args);
          failures -= 1;
          throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
        };
        return Object.assign(immediate, { immediate, deferred: real.deferred });
      };
      Object.assign(db, { transaction: failing });
      return opened;
    }) as typeof openDatabase;
    const station = openStation({ open });
    return { station, fail: (times: number) => (failures = times) };
  }

  it('keeps the change and says so, so that it is not written twice, and shows it as soon as it can', () => {
    const { station, fail } = breakable();
    fail(1);
    const first = newHeartRate('70');
    expect(station.outbox.add(first).ok).toBe(true);
    expect(station.shown('Observation', first.resourceId)).toBeNull();
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(station.outbox.queue()).toHaveLength(1);
    expect(station.local('Observation', first.resourceId)).toBe(1);
  });

  it('takes nothing more while it stays so, and shows what it owes at the next opening', () => {
    const { station, fail } = breakable();
    fail(2);
    const first = newHeartRate('70');
    add(station, first);
    expect(station.outbox.add(newHeartRate('71'))).toEqual({ ok: false, error: { code: 'disk-full' } });
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    station.reopen('died');
    expect(station.local('Observation', first.resourceId)).toBe(1);
  });

  it.each(['acknowledge', 'withdraw', 'resolve'] as const)('does not undo what was decided: %s', (deed) => {
    const { station, fail } = breakable();
    const id = randomUUID();
    const changeId = edited(station, id);
    const theirs = onServer(id, 2, '90', NOTE);
    if (deed === 'resolve') station.learnText(theirs);
    fail(1);
    if (deed === 'withdraw') expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    else if (deed === 'resolve') expect(decide(station, changeId, { kind: 'theirs' }).ok).toBe(true);
    else {
      const own = { versionId: '2', body: theirs };
      const settled = { id: changeId, resourceId: id, own, current: null, serverTime: null };
      station.outbox.acknowledge({ changes: [settled] });
    }
    expect(station.outbox.list({ limit: 10 }).total).toBe(0);
    expect(station.outbox.queue()).toEqual([]);
    expect(station.local('Observation', id)).toBe(0);
    expect(station.shown('Observation', id)).toBe(deed === 'withdraw' ? onServer(id, 1, '70', NOTE) : theirs);
  });
});

describe('a decision', () => {
  it('is about the versions that were seen, and about no others', () => {
    const station = openStation();
    const id = randomUUID();
    const changeId = edited(station, id);
    expect(station.learnText(onServer(id, 2, '90', NOTE)).news).toBe(true);
    const seen = station.outbox.conflict({ id: changeId })?.token ?? '';
    expect(station.learnText(onServer(id, 2, '90', NOTE)).news).toBeUndefined();
    expect(station.outbox.conflict({ id: changeId })?.token).toBe(seen);
    expect(station.learnText(onServer(id, 3, '99', NOTE)).news).toBe(true);
    for (const kind of ['mine', 'theirs'] as const) {
      expect(station.outbox.resolve({ id: changeId, token: seen, resolution: { kind } })).toEqual({
        ok: false,
        error: { code: 'conflict-changed' },
      });
    }
    expect(station.outbox.counts()).toEqual({ ...nothing, conflicts: 1 });
    expect(decide(station, changeId, { kind: 'mine' }).ok).toBe(true);
    expect(station.outbox.queue()).toMatchObject([{ baseVersionId: '3' }]);
  });

  it('to leave a record deleted is not undone by a page of before', () => {
    const station = openStation();
    const id = randomUUID();
    const changeId = edited(station, id);
    station.learnGone('Observation', id);
    expect(decide(station, changeId, { kind: 'theirs' }).ok).toBe(true);
    expect(station.shown('Observation', id)).toBeNull();
    station.learnText(onServer(id, 1, '70', NOTE));
    expect(station.shown('Observation', id)).toBeNull();
  });
});

describe('a record that may not be read any longer', () => {
  it.each(['update', 'delete'] as const)('is not taken for deleted where an %s waits', (action) => {
    const station = openStation();
    const id = randomUUID();
    if (action === 'update') edited(station, id);
    else {
      station.learnText(onServer(id, 1, '70', NOTE));
      add(station, change({ type: 'Observation', action, resourceId: id, baseVersionId: '1' }));
    }
    station.learnGone('Observation', id, 'unavailable');
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(station.outbox.queue()).toMatchObject([{ action, resourceId: id, baseVersionId: '1' }]);
  });
});

describe('after a server was reset and accepted', () => {
  function conflictBefore() {
    const station = openStation();
    const id = randomUUID();
    const changeId = edited(station, id);
    station.learnText(onServer(id, 4, '90', NOTE));
    station.outbox.doubt();
    station.write.acceptServer();
    return { station, id, changeId };
  }

  it.each(['theirs', 'withdraw'] as const)('a version that it has forgotten is no witness of it (%s)', (how) => {
    const { station, id, changeId } = conflictBefore();
    if (how === 'theirs') expect(decide(station, changeId, { kind: how }).ok).toBe(true);
    else expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    expect(station.witnesses()).toEqual([]);
    const now = onServer(id, 2, '75', NOTE);
    station.learnText(now);
    expect(station.shown('Observation', id)).toBe(now);
  });

  it('what it has is what a person decides about, though it is older', () => {
    const { station, id, changeId } = conflictBefore();
    const now = onServer(id, 2, '75', NOTE);
    station.learnText(now);
    expect(station.outbox.conflict({ id: changeId })?.fields).toMatchObject([
      { path: 'value', theirs: said('75 /min') },
    ]);
    decide(station, changeId, { kind: 'theirs' });
    expect(station.shown('Observation', id)).toBe(now);
  });

  it('a conflict with what it has forgotten is none any longer', () => {
    const { station, id } = conflictBefore();
    station.learnText(onServer(id, 1, '70', NOTE));
    expect(station.outbox.counts()).toEqual({ ...nothing, waiting: 1 });
    expect(station.local('Observation', id)).toBe(1);
    expect(station.outbox.queue()).toMatchObject([{ baseVersionId: '1' }]);
  });
});

describe('a create of which it isn’t known whether the server took it', () => {
  const problem = { code: 'uncertain', lines: ['It may be on the server already.'] };

  function uncertain() {
    const station = openStation();
    const made = newHeartRate('70');
    const changeId = add(station, made);
    station.outbox.begin({ ids: [changeId], serverTime: null });
    station.outbox.park({ id: changeId, problem });
    const identifier = `,"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:${made.resourceId}"}]`;
    return { station, changeId, made, theirs: onServer('server-1', 1, '70', identifier) };
  }

  it('is shown as the server has it once it is withdrawn here', () => {
    const { station, changeId, made, theirs } = uncertain();
    station.learnText(theirs);
    expect(station.shown('Observation', 'server-1')).toBeNull();
    expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    expect(station.shown('Observation', 'server-1')).toBe(theirs);
    expect(station.local('Observation', 'server-1')).toBe(0);
    expect(station.shown('Observation', made.resourceId)).toBeNull();
  });

  it('is asked for before it is sent again, by hand', () => {
    const { station, changeId } = uncertain();
    expect(station.outbox.retry({ id: changeId }).ok).toBe(true);
    expect(station.outbox.queue()).toMatchObject([{ id: changeId, state: 'sending' }]);
  });

  it('is asked for before it is sent again, with an edit', () => {
    const { station, changeId, made } = uncertain();
    const body = withValue(station.shown('Observation', made.resourceId) ?? '', '75');
    add(station, change({ type: 'Observation', action: 'update', resourceId: made.resourceId, body }));
    expect(station.outbox.queue()).toMatchObject([{ id: changeId, action: 'create', state: 'sending' }]);
    // Asking was in vain: the edit stays behind it, and nothing is sent.
    station.outbox.park({ id: changeId, problem });
    expect(station.outbox.queue()).toEqual([]);
    expect(station.shown('Observation', made.resourceId)).toContain('"value":75');
    expect(station.outbox.withdraw({ id: changeId }).ok).toBe(true);
    expect(station.outbox.list({ limit: 10 }).total).toBe(0);
  });
});

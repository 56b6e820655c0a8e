import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conflict as conflictSchema } from '../../../preload/contract/sync.ts';
import type { DevServer } from '../../server/index.ts';
import { said } from '../../support/said.ts';
import {
  add,
  edit,
  heartRate,
  known,
  newHeartRate,
  outboxServer,
  recording,
  type Station,
  stationFor,
  upload,
} from './support.ts';

let server: DevServer;
beforeAll(async () => {
  server = await outboxServer();
});
afterAll(() => server.stop());

const start = () => stationFor(server);

const deep = (levels: number) => `,"extension":${'['.repeat(levels)}${']'.repeat(levels)}`;
const version = (text: string, versionId: string, updated = '2099-03-02T10:00:00Z') =>
  text.replace('"status"', `"meta":{"versionId":${JSON.stringify(versionId)},"lastUpdated":"${updated}"},"status"`);

/** A version of others that comes with the download, while an edit of the number waits. */
function theirs(station: Station, text: (id: string) => string) {
  const { id } = known(station, server, heartRate(randomUUID(), '70'));
  const changeId = edit(station, 'Observation', id, (shown) => shown.replace('"value":70', '"value":80'));
  station.learnText(text(id));
  return { id, changeId };
}

describe('security: a version that can’t be read for certain', () => {
  it.each([
    ['names a member twice', (id: string) => version(heartRate(id, '90', ',"status":"amended"'), '2')],
    ['is nested deeper than any resource', (id: string) => version(heartRate(id, '90', deep(50_000)), '2')],
  ])('security: that %s is a conflict, and holds up no other change', async (_what, text) => {
    const station = start();
    const { id, changeId } = theirs(station, text);
    add(station, newHeartRate('61'));
    expect((await upload({ station, server })).ok).toBe(true);
    expect(station.outbox.counts()).toEqual({ waiting: 0, conflicts: 1, parked: 0 });
    expect(station.local('Observation', id)).toBe(2);
    const found = conflictSchema.parse(station.outbox.conflict({ id: changeId }));
    expect(found.fields).toContainEqual(
      expect.objectContaining({ path: 'value', mine: said('80 /min'), theirs: said('90 /min') }),
    );
    const merged = { kind: 'merged', choices: { value: 'mine', status: 'mine', extension: 'mine' } } as const;
    const { token } = found;
    expect(station.outbox.resolve({ id: changeId, token, resolution: merged })).toEqual({
      ok: false,
      error: { code: 'not-mergeable' },
    });
    expect(station.outbox.resolve({ id: changeId, token, resolution: { kind: 'mine' } }).ok).toBe(true);
  });

  it('security: that has a time or names that are none is shown without them', () => {
    const station = start();
    const { changeId } = theirs(station, (id) =>
      version(heartRate(id, '90', `,"${'x'.repeat(5_000)}":"1"`), '2', `2099-03-02T10:00:00Z${' '.repeat(50)}`),
    );
    const found = conflictSchema.parse(station.outbox.conflict({ id: changeId }));
    expect(found.theirsUpdated).toBeNull();
    expect(found.fields.map(({ path }) => path)).toEqual(['value']);
  });
});

describe('security: a version id that no header can carry', () => {
  it.each(['2"\r\nX-Evil: 1', '2 "', 'ü', ''])(
    'security: keeps its own change only, which a person is told: %j',
    async (versionId) => {
      const station = start();
      // What they changed merges by itself, so that the change would name their version.
      theirs(station, (id) => version(heartRate(id, '70', ',"note":[{"text":"resting"}]'), versionId));
      const other = newHeartRate('61');
      add(station, other);
      const sent: Parameters<typeof recording>[0] = [];
      const done = await upload({ station, server, fetch: recording(sent), without: ['transaction'] });
      expect(done).toEqual({ ok: true });
      expect(sent.filter(({ method }) => method === 'PUT')).toEqual([]);
      const { items } = station.outbox.list({ limit: 10 });
      expect(items.map(({ state, problem }) => [state, problem?.code])).toEqual([
        ['parked', versionId === '' ? 'not-versioned' : 'version-unusable'],
      ]);
    },
  );
});

import { join } from 'node:path';
import type { Bundle, Observation } from 'fhir/r4';
import { expect, it } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import { recoverWork } from '../../../main/cache/outbox/recover.ts';
import { outboxMigrations } from '../../../main/cache/outbox/schema/index.ts';
import { outboxKey, outboxServer, PATIENT, stationFor } from './support.ts';

it('what is recovered carries the conditions under which it would have been sent, and loses nothing', async () => {
  const server = await outboxServer();
  try {
    const text = (note: string, id: string): Observation => ({
      resourceType: 'Observation',
      id,
      status: 'final',
      code: { text: 'Lactate' },
      subject: { reference: `Patient/${PATIENT}` },
      note: [{ text: note }],
    });
    for (const id of ['changed', 'deleted', 'unversioned']) server.store.put(text('theirs', id));
    const station = stationFor(server);
    station.learn(server, 'Observation/changed', 'Observation/deleted', 'Observation/unversioned');
    const add = (resourceId: string, action: 'create' | 'update' | 'delete', note: string) => {
      const shown = station.shown('Observation', resourceId);
      const version = shown === null ? null : (JSON.parse(shown).meta?.versionId ?? null);
      const body =
        action === 'delete' ? null : JSON.stringify({ ...JSON.parse(shown ?? '{}'), ...text(note, resourceId) });
      const added = station.outbox.add({
        patientId: PATIENT,
        type: 'Observation',
        resourceId,
        action,
        baseVersionId: action === 'create' ? null : version,
        body,
        title: 'Lactate',
        author: 'Practitioner/dr',
        changedAt: '2026-03-01T10:00:00Z',
      });
      if (!added.ok) throw new Error(added.error.code);
      return added;
    };
    add('changed', 'update', 'mine');
    add('deleted', 'delete', '');
    add('unversioned', 'update', 'mine, of no version');
    const created = '7f0d3c1a-2b4e-4f6a-8c1d-0e9f8a7b6c5d';
    add(created, 'create', 'first');
    // Sent, its outcome unknown, and edited meanwhile: one record with the last text.
    const [queued] = station.outbox.queue().filter(({ action }) => action === 'create');
    station.outbox.begin({ ids: [queued?.id ?? ''], serverTime: null });
    add(created, 'update', 'last');
    station.reopen();

    const file = join(station.folder, 'outbox.db');
    const opened = openDatabase({ file, key: outboxKey(), mode: 'write', migrations: outboxMigrations });
    if (!opened.ok) throw new Error(opened.error.code);
    opened.value.prepare(`UPDATE change SET base_version = NULL WHERE resource = 'unversioned'`).run();
    const work = recoverWork(opened.value, () => 'a-uuid');
    opened.value.close();
    expect(work).toMatchObject({ changes: 5, states: { waiting: 4, sending: 1 } });
    expect(work.bundles).toEqual([work.bundle]);
    const { entry = [] } = JSON.parse(work.bundle) as Bundle;
    const ifMatch = expect.stringMatching(/^W\/"/);
    expect(entry.map(({ request }) => request)).toEqual([
      { method: 'PUT', url: 'Observation/changed', ifMatch },
      { method: 'DELETE', url: 'Observation/deleted', ifMatch },
      { method: 'POST', url: 'Binary' },
      { method: 'POST', url: 'Observation', ifNoneExist: `identifier=urn:ietf:rfc:3986|urn:uuid:${created}` },
    ]);
    expect(entry.map(({ resource }) => JSON.stringify(resource ?? null))).toEqual([
      expect.stringContaining('mine'),
      'null',
      expect.stringContaining('"resourceType":"Binary"'),
      expect.stringContaining('last'),
    ]);
    const binary = entry[2]?.resource as { data?: string } | undefined;
    expect(Buffer.from(binary?.data ?? '', 'base64').toString('utf8')).toContain('mine, of no version');
  } finally {
    await server.stop();
  }
});

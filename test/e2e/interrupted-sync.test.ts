import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReads } from '../../main/cache/reads/index.ts';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { eventsInFile } from '../support/audit.ts';
import { expectedRecords, heldRecords } from '../support/expected.ts';
import { enrol, newUserData, smallServer, synced, unlock } from '../support/journey.ts';
import { openCacheOf, profileSecrets } from '../support/profile-files.ts';

/** Ends the program as a power cut would, when the server has been asked for `searches` more pages. */
async function killAfter(server: DevServer, { app }: RunningApp, searches: number): Promise<void> {
  const child = app.process();
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let seen = 0;
  const remove = server.faults.add({
    kind: 'latency',
    ms: 5,
    match: ({ path }) => {
      if (path.includes('_count=')) seen += 1;
      if (seen >= searches) child.kill('SIGKILL');
      return false;
    },
  });
  await gone;
  remove();
}

/** The sync may be fast enough for the kill to come before the page has answered: that is a cut like any other. */
async function cutOff(act: Promise<void>, killed: Promise<void>): Promise<void> {
  await Promise.allSettled([act, killed]);
  await killed;
}

describe('a first sync that is cut off', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await smallServer();
  });
  afterAll(() => server.stop());

  it('goes on after each SIGKILL and ends equal to the server', async () => {
    const userData = newUserData();
    let running = await startApp({ userData, server: server.url });
    let killed = killAfter(server, running, 3);
    await cutOff(enrol(running.page), killed);
    for (const searches of [1, 2, 4]) {
      running = await startApp({ userData, server: server.url });
      killed = killAfter(server, running, searches);
      await cutOff(unlock(running.page), killed);
    }
    running = await startApp({ userData, server: server.url });
    await unlock(running.page);
    await synced(running.page);
    await running.app.close();

    const db = await openCacheOf(userData);
    const held = heldRecords(createReads(db).versions());
    const panel = createReads(db).panel();
    db.close();
    expect(held).toEqual(expectedRecords(server));
    expect(held.length).toBeGreaterThan(500);
    // The runs that were cut off have told whose records they had.
    const { auditKey } = await profileSecrets(userData);
    const events = eventsInFile(join(userData, 'audit', 'audit.db'), auditKey).map((event) => JSON.stringify(event));
    const received = events.filter((event) => event.includes('"sync-received"'));
    expect(panel.filter((id) => !received.some((event) => event.includes(`"Patient/${id}"`)))).toEqual([]);
  });

  it('can be cancelled and resumed by the clinician', async () => {
    const remove = server.faults.add({ kind: 'latency', ms: 150, match: ({ path }) => path.includes('Observation') });
    const running = await startApp({ userData: newUserData(), server: server.url });
    try {
      await enrol(running.page);
      await running.page.getByTestId('sync-cancel').first().click();
      const strip = running.page.locator('[data-testid="sync-strip"][data-activity="idle"][data-complete="false"]');
      await strip.waitFor();
      remove();
      await running.page.getByTestId('sync-now').first().click();
      await synced(running.page);
      expect(await running.page.getByTestId('patient-row').count()).toBeGreaterThan(5);
    } finally {
      await running.app.close();
    }
  });
});

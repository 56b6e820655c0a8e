import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { type Canary, keyCanary, matches, textCanary } from '../support/canaries.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, PASSPHRASE, smallServer } from '../support/journey.ts';
import { patientCanaries } from '../support/phi.ts';
import { collectMain, scanMemory } from '../support/process-memory.ts';
import { childPids, commandOf } from '../support/processes.ts';
import { profileSecrets } from '../support/profile-files.ts';

const NETWORK = 'network.mojom.NetworkService';
const DRAFT = 'Canary of a draft in the memory';

/** All that JavaScript can reach in the page, as DevTools would save it. */
async function heapOf(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return Buffer.from(chunks.join(''));
}

describe.runIf(process.platform === 'linux')('memory', () => {
  let server: DevServer;
  let running: RunningApp;
  let records: Canary[];
  let keys: Canary[];
  let pid: number;
  let cachePids: number[];

  const children = () => childPids(pid).map((child) => [child, commandOf(child)] as const);
  /** What of the canaries stands in which process besides main. */
  const inChildren = (canaries: Canary[]) =>
    children().flatMap(([child, command]) =>
      (scanMemory(child, canaries) ?? ['can’t be read']).map((name) => `${command}: ${name}`),
    );

  beforeAll(async () => {
    server = await smallServer(4);
    const userData = newUserData();
    running = await enrolledApp(server, userData);
    pid = running.app.process().pid ?? 0;
    const { page } = running;
    await openChart(page, panelOf(server)[0] ?? '');
    await page.getByTestId('tab-notes').click();
    await page.getByTestId('note-row').first().click();
    const note = (await page.getByTestId('note-body').textContent()) ?? '';
    const names = patientCanaries(server).filter(({ name }) => name.startsWith('name '));
    await page.getByTestId('note-new').click();
    await page.getByTestId('note-text').fill(DRAFT);
    await page.getByText('Draft kept').waitFor();
    const secrets = await profileSecrets(userData);
    records = [...names, textCanary('note', note.slice(0, 40)), textCanary('draft', DRAFT)];
    keys = [keyCanary('cache key', secrets.cacheKey), keyCanary('outbox key', secrets.outboxKey)];
    cachePids = children().flatMap(([child]) => ((scanMemory(child, keys) ?? []).length > 0 ? [child] : []));
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('holds records and keys while a chart is open, where the scan finds them', async () => {
    expect(matches(await heapOf(running.page), records)).toContain('draft');
    expect(inChildren(records).length).toBeGreaterThan(0);
    expect(cachePids).toHaveLength(1);
  });

  it('security: of the page, of the cache’s process, which is gone, and of the others holds none after the lock', async () => {
    await running.page.getByTestId('lock-button').click();
    await running.page.getByTestId('unlock-passphrase').waitFor();
    const all = [...records, ...keys, textCanary('passphrase', PASSPHRASE)];
    expect(matches(await heapOf(running.page), all)).toEqual([]);
    // A process that has ended and is not taken leave of yet has no memory, and no command.
    await expect.poll(() => children().map(([, command]) => command)).not.toContain('');
    const secrets = [...keys, textCanary('draft', DRAFT), textCanary('passphrase', PASSPHRASE)];
    expect(inChildren(secrets)).toEqual([]);
    // Chromium's network service goes on: buffers of answers that it has freed are not overwritten (threat model).
    expect(inChildren(all).filter((hit) => !hit.startsWith(NETWORK))).toEqual([]);
    expect(childPids(pid)).not.toContain(cachePids[0]);
  });

  it('security: of main holds no key after the lock', async () => {
    await collectMain(running);
    expect(scanMemory(pid, keys)).toEqual([]);
  });
});

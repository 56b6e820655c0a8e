import { setTimeout } from 'node:timers/promises';
import type { ElectronApplication, Page } from 'playwright';
import type { SyncStatus } from '../../preload/contract/sync.ts';
import { type DevServer, startServer } from '../server/index.ts';
import { startApp } from '../support/app.ts';
import { enrol, newUserData, synced } from '../support/journey.ts';
import { type BenchResult, rounded } from './statistics.ts';

const PATIENTS = 100;
const CHANGED = 20;
/** How long before the first sync everything was written: a run asks for what changed in the two minutes before the last. */
const AGE_MS = 24 * 3_600_000;
const POLL_MS = 20;
/** What an event loop that has nothing to do is late by is below this. */
const RESOLUTION_MS = 1;

/** Begins to measure how late main's event loop is. */
function watchLoop(app: ElectronApplication): Promise<void> {
  return app.evaluate(async (_, resolution) => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const histogram = monitorEventLoopDelay({ resolution });
    histogram.enable();
    Object.assign(globalThis, { loopDelay: histogram });
  }, RESOLUTION_MS);
}

/** 99th percentile and greatest delay since the watch began, ms. */
function loopDelays(app: ElectronApplication): Promise<{ p99: number; max: number }> {
  return app.evaluate(() => {
    const { loopDelay } = globalThis as unknown as { loopDelay: { percentile(p: number): number; max: number } };
    return { p99: loopDelay.percentile(99) / 1e6, max: loopDelay.max / 1e6 };
  });
}

function statusOf(page: Page): Promise<SyncStatus> {
  return page.evaluate(async () => {
    const answer = await window.wardlight.sync.status({});
    if (!answer.ok) throw new Error(answer.error.code);
    return answer.value;
  });
}

/**
 * One run of sync on demand, until it has ended whole. Asked from here: the page's own waiting ends too early. It is known
 * by when the next one is due: `asOf` is the server's time in whole seconds, in which two runs can begin.
 */
async function syncNow(page: Page): Promise<void> {
  const { nextRunAt: before } = await statusOf(page);
  await page.evaluate(() => window.wardlight.sync.start({}));
  for (;;) {
    const { activity, nextRunAt } = await statusOf(page);
    if (activity === 'idle' && nextRunAt !== before) return;
    await setTimeout(POLL_MS);
  }
}

/** Requests and bytes of a run after `CHANGED` observations have got a new version. */
async function deltaOf(server: DevServer, page: Page): Promise<{ requests: number; bytes: number }> {
  // The day's comparison of all ids and versions comes with the run after the first, and is not what a change costs.
  await syncNow(page);
  const observations = server.store.list('Observation').filter(({ resourceType }) => resourceType === 'Observation');
  for (const observation of observations.slice(0, CHANGED)) server.store.put(observation);
  server.requests.splice(0);
  await syncNow(page);
  const asked = server.requests.filter(({ path }) => path.startsWith('/fhir'));
  return { requests: asked.length, bytes: asked.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** A first sync and a run with few changes, of the built app. */
export async function benchSync(say: (message: string) => void): Promise<BenchResult[]> {
  let age = AGE_MS;
  const clock = () => new Date(Date.now() - age);
  const server = await startServer({ patients: PATIENTS, seed: 1, now: '2026-11-01T08:00:00Z', clock });
  age = 0;
  try {
    const { app, page } = await startApp({ userData: newUserData(), server: server.url });
    say(`first sync of ${server.store.count()} resources`);
    await watchLoop(app);
    const begun = performance.now();
    await enrol(page);
    await synced(page);
    const seconds = (performance.now() - begun) / 1_000;
    const delays = await loopDelays(app);
    const first = server.requests.filter(({ path }) => path.startsWith('/fhir'));
    const whole = { requests: first.length, bytes: first.reduce((sum, { bytes }) => sum + bytes, 0) };
    say(`a run after ${CHANGED} changes`);
    const delta = await deltaOf(server, page);
    await app.close();
    const shared = { better: 'lower', target: null } as const;
    return [
      {
        name: 'sync.loop_delay_p99_ms',
        value: rounded(delays.p99),
        unit: 'ms',
        better: 'lower',
        target: 20,
        peers: { 'max ms': rounded(delays.max), 'seconds of sync': rounded(seconds, 1) },
      },
      {
        name: 'sync.delta_requests',
        value: delta.requests,
        unit: 'requests',
        ...shared,
        peers: { 'first sync': whole.requests },
      },
      { name: 'sync.delta_bytes', value: delta.bytes, unit: 'bytes', ...shared, peers: { 'first sync': whole.bytes } },
    ];
  } finally {
    await server.stop();
  }
}

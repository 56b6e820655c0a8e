import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright';
import { findRuntime } from '../../build/runtime.mjs';
import { startServer } from '../server/index.ts';
import { inMain, sessionFolder, startApp } from '../support/app.ts';
import { enrolledApp, newUserData, unlock } from '../support/journey.ts';
import { timesInPage } from './paint.ts';
import { type BenchResult, median, p95Of, rounded } from './statistics.ts';
import { measureUnlocks, timeKdf } from './unlock.ts';

const PAIRS = 9;
const CHARTS = 40;

interface Start {
  /** Until what a person waits for stands on the screen. */
  ms: number;
  /** Until main has answered what the page asks of it. */
  answered: number;
  /** Resident memory of all processes, MB. */
  memory: number;
}

async function memoryOf(app: ElectronApplication): Promise<number> {
  const kilobytes = await inMain(app, ({ app: electronApp }) =>
    electronApp.getAppMetrics().reduce((sum, { memory }) => sum + memory.workingSetSize, 0),
  );
  return kilobytes / 1024;
}

const LAUNCH_ATTEMPTS = 3;

/** Playwright can miss a page that is loaded while it attaches; such a start is measured again, not counted. */
async function launched<Running>(launch: () => Promise<Running>): Promise<{ running: Running; begun: number }> {
  for (let attempt = 1; ; attempt++) {
    const begun = performance.now();
    try {
      return { running: await launch(), begun };
    } catch (error) {
      if (attempt === LAUNCH_ATTEMPTS) throw error;
    }
  }
}

/** One start, from that of the process; its memory once main has answered (`ask`), without what is loaded behind the first screen. */
async function measureStart(
  launch: () => Promise<{ app: ElectronApplication; page: Page }>,
  id: string,
  ask: (page: Page) => Promise<unknown>,
): Promise<Start> {
  const { running, begun } = await launched(launch);
  const { app, page } = running;
  await page.getByTestId(id).waitFor();
  const ms = performance.now() - begun;
  await ask(page);
  const answered = performance.now() - begun;
  const memory = await memoryOf(app);
  await app.close();
  return { ms, answered, memory };
}

async function launchEmpty() {
  const app = await electron.launch({
    executablePath: findRuntime().executable,
    args: [join(import.meta.dirname, 'empty'), `--user-data-dir=${sessionFolder('empty')}`],
    chromiumSandbox: true,
  });
  return { app, page: await app.firstWindow() };
}

/** Any question that only a main which is ready answers. */
const askTheme = (page: Page) => page.evaluate(() => window.wardlight.preferences.theme({}));

async function measureCharts(page: Page): Promise<number[]> {
  const ids = await page
    .getByTestId('patient-row')
    .evaluateAll((rows) => rows.slice(0, 12).map((row) => row.getAttribute('data-patient-id') ?? ''));
  const samples: number[] = [];
  for (let round = 0; round < CHARTS; round++) {
    const row = `[data-testid="patient-row"][data-patient-id="${ids[round % ids.length]}"]`;
    await page.locator(row).waitFor();
    samples.push(...(await timesInPage(page, row, ['[data-testid="section-allergies"]'])));
    await page.getByTestId('back-to-list').click();
  }
  return samples;
}

/** From the passphrase to the patient list, without the time of Argon2id, of a small panel. */
async function benchList(userData: string, server: string): Promise<number[]> {
  const { app, page } = await startApp({ userData, server });
  await timeKdf(app);
  await unlock(page);
  await page.getByTestId('patient-row').first().waitFor();
  const { list } = await measureUnlocks({ app, page });
  await app.close();
  return list;
}

/** Start, memory, unlock and chart of the built app, each start in turn with an empty window of the same runtime. */
export async function benchStart(say: (message: string) => void): Promise<BenchResult[]> {
  const server = await startServer({ patients: 40, seed: 1, now: '2026-11-01T08:00:00Z' });
  try {
    const userData = newUserData();
    say('enrolling');
    const first = await enrolledApp(server, userData);
    const charts = await measureCharts(first.page);
    await first.app.close();

    say('unlocking');
    const unlocks = await benchList(userData, server.url);

    const pairs: { own: Start; empty: Start }[] = [];
    for (let round = 0; round < PAIRS + 1; round++) {
      say(`start ${round} of ${PAIRS}`);
      const empty = await measureStart(launchEmpty, 'ready', async () => undefined);
      const own = await measureStart(
        () => startApp({ userData, server: server.url, hold: false }),
        'unlock-passphrase',
        askTheme,
      );
      // The first pair fills the operating system's file cache and isn't counted.
      if (round > 0) pairs.push({ own, empty });
    }
    const emptyMs = median(pairs.map(({ empty }) => empty.ms));
    const emptyMemory = median(pairs.map(({ empty }) => empty.memory));
    return [
      {
        name: 'start.cold_ratio',
        value: rounded(median(pairs.map(({ own, empty }) => own.ms / empty.ms))),
        unit: 'ratio',
        better: 'lower',
        target: 1.3,
        peers: {
          'empty window ms': rounded(emptyMs, 0),
          'wardlight ms': rounded(median(pairs.map(({ own }) => own.ms)), 0),
          'main answers ms': rounded(median(pairs.map(({ own }) => own.answered)), 0),
        },
      },
      {
        name: 'start.memory_ratio',
        value: rounded(median(pairs.map(({ own, empty }) => own.memory / empty.memory))),
        unit: 'ratio',
        better: 'lower',
        target: null,
        peers: {
          'empty window MB': rounded(emptyMemory, 0),
          'wardlight MB': rounded(median(pairs.map(({ own }) => own.memory)), 0),
        },
      },
      p95Of('start.list_after_kdf_p95_ms', unlocks, null, {}),
      p95Of('chart.open_p95_ms', charts, null, {}),
    ];
  } finally {
    await server.stop();
  }
}

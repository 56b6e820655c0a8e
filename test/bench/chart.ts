import { loadavg } from 'node:os';
import type { Page } from 'playwright';
import { startServer } from '../server/index.ts';
import { startApp } from '../support/app.ts';
import { enrol, newUserData, openChart, synced, unlock } from '../support/journey.ts';
import { CHARTS, fillCache, TIMELINE_ENTRIES, TIMELINE_PATIENT, TREND_PATIENT } from './chart/data.ts';
import { type Floors, openFloors } from './chart/floors.ts';
import { TREND_CODE } from './chart/made.ts';
import {
  type Clocked,
  clickToPaint,
  clocked,
  installMeter,
  keyToPaint,
  layPlainList,
  liftPlainList,
  type Scrolled,
  scrollFrames,
} from './chart/meter.ts';
import { notePayloads, payloads } from './chart/payloads.ts';
import { type BenchResult, median, percentile, rounded } from './statistics.ts';

const NAMES = 25;
const LETTERS = 4;
const OPENS = 30;
const TRENDS = 60;
const SCROLLS = 5;
const FRAMES = 240;
/** Pixels for each frame: a wheel turned fast, and the scroll bar dragged through everything in seconds. */
const SPEEDS = { wheel: 120, drag: 6_000 } as const;
const LINE_HEIGHT = 34;
/** Rows that the list asks for at once. */
const ROWS = 50;
const PAYLOAD_MAX = 200_000;

const LIST_SETTLED = '#patient-grid[aria-busy="false"]';
const SUMMARY = '[data-testid="section-allergies"]';
const TIMELINE = '[data-testid="timeline-list"]';
const rowOf = (patientId: string) => `[data-testid="patient-row"][data-patient-id="${patientId}"]`;

type Say = (message: string) => void;

/** Own times, and those of the queries behind them, each asked straight of the database at the same time. */
interface Timed {
  readonly own: number[];
  readonly floor: number[];
  /** Processor time of the page's thread. */
  readonly cpu: number[];
  /** That of all processes of the program; the clock of the system is too coarse for one of them alone. */
  readonly all: number[];
}

/** The list, the summary, a trend and the timeline in the built window, with a cache of the size that a clinician may have. */
export async function benchChart(say: Say): Promise<BenchResult[]> {
  const server = await startServer({ patients: 4, seed: 1, now: '2026-11-01T08:00:00Z' });
  const userData = newUserData();
  say('enrolling');
  const enrolling = await startApp({ userData, server: server.url });
  await enrol(enrolling.page);
  await synced(enrolling.page);
  await enrolling.app.close();
  // What follows is read from the cache: a sync would put the server's few patients in place of the many.
  await server.stop();
  say('filling the cache');
  const { source, resources } = await fillCache(userData);
  say(`${resources} resources (${source})`);
  const { app, page } = await startApp({ userData, server: server.url });
  const floors = await openFloors(userData);
  try {
    await unlock(page);
    await page.getByTestId('patient-row').first().waitFor();
    await installMeter(page);
    const clock = await clocked({ app, page });
    const results = [
      result('chart.filter_p95_ms', 50, await measureFilter(clock, floors, say)),
      result('chart.summary_p95_ms', 150, await measureSummary(clock, floors, say)),
      result('chart.trend_ms', 100, await measureTrend(clock, floors, say)),
      ...(await measureScroll(clock, say)),
    ];
    await notePayloads(app);
    await lookAtEverything(page, say);
    return [...results, payloadResult(await payloads(app))];
  } finally {
    floors.close();
    await app.close();
  }
}

async function timeOwn(clock: Clocked, { own, cpu, all }: Timed, act: () => Promise<number>): Promise<void> {
  const [allBefore, before] = [await clock.spentByAll(), await clock.spent()];
  own.push(await act());
  cpu.push((await clock.spent()) - before);
  all.push((await clock.spentByAll()) - allBefore);
}

/** Each letter of some names, typed when the list stands still. */
async function measureFilter(clock: Clocked, floors: Floors, say: Say): Promise<Timed> {
  const { page } = clock;
  say('list filter');
  const timed: Timed = { own: [], floor: [], cpu: [], all: [] };
  const all = floors.db
    .prepare('SELECT family, given FROM patient WHERE panel = 1 AND known = 1 ORDER BY id')
    .all() as { family: string; given: string }[];
  const search = page.getByTestId('patient-search');
  await search.focus();
  for (let at = 0; at < NAMES; at += 1) {
    const { family = '', given = '' } = all[Math.floor((at * all.length) / NAMES)] ?? {};
    const letters = [...(at % 2 === 0 ? family : given).toLowerCase()]
      .filter((letter) => /[a-z]/.test(letter))
      .slice(0, LETTERS);
    for (const [place, letter] of letters.entries()) {
      await timeOwn(clock, timed, () => keyToPaint(page, letter, LIST_SETTLED));
      const query = letters.slice(0, place + 1).join('');
      timed.floor.push((await floors.list(query, ROWS))());
    }
    await search.fill('');
    await page.locator(LIST_SETTLED).waitFor();
  }
  return timed;
}

async function measureSummary(clock: Clocked, floors: Floors, say: Say): Promise<Timed> {
  const { page } = clock;
  say('summary');
  const timed: Timed = { own: [], floor: [], cpu: [], all: [] };
  for (let round = 0; round < OPENS; round += 1) {
    const patientId = CHARTS[round % CHARTS.length] ?? '';
    await page.locator(rowOf(patientId)).waitFor();
    await timeOwn(clock, timed, () => clickToPaint(page, rowOf(patientId), SUMMARY));
    const floor = await floors.of((reads, sight) => reads.chartSummary({ patientId, sight }));
    timed.floor.push(floor());
    await page.getByTestId('back-to-list').click();
  }
  return timed;
}

async function measureTrend(clock: Clocked, floors: Floors, say: Say): Promise<Timed> {
  const { page } = clock;
  say('trend');
  await openChart(page, TREND_PATIENT);
  await page.getByTestId('tab-results').click();
  const group = `[data-testid="result-group"][data-code="${TREND_CODE}"]`;
  const other = page.locator(`[data-testid="result-group"]:not([data-code="${TREND_CODE}"])`).first();
  await page.locator(group).waitFor();
  const floor = await floors.of((reads, sight) => reads.trend({ patientId: TREND_PATIENT, code: TREND_CODE, sight }));
  const timed: Timed = { own: [], floor: [], cpu: [], all: [] };
  for (let round = 0; round < TRENDS; round += 1) {
    await other.click();
    await page.locator('section[aria-busy="false"] canvas').first().waitFor();
    await timeOwn(clock, timed, () =>
      clickToPaint(page, group, 'section[aria-label="Trend of Glucose"][aria-busy="false"] canvas'),
    );
    timed.floor.push(floor());
  }
  await page.getByTestId('back-to-list').click();
  return timed;
}

/** Both ways to scroll, in turn with a plain list of as many lines in the same window. */
async function measureScroll(clock: Clocked, say: Say): Promise<BenchResult[]> {
  const { page } = clock;
  say('timeline');
  await openChart(page, TIMELINE_PATIENT);
  await page.getByTestId('tab-timeline').click();
  await page.getByTestId('timeline-entry').first().waitFor();
  const total = Number(await page.locator(TIMELINE).getAttribute('data-total'));
  if (total < TIMELINE_ENTRIES) throw new Error(`only ${total} entries`);
  const results: BenchResult[] = [];
  for (const [way, step] of Object.entries(SPEEDS)) {
    const [own, plain]: [Scrolled[], Scrolled[]] = [[], []];
    for (let round = 0; round < SCROLLS; round += 1) {
      await page.locator(TIMELINE).evaluate((list) => list.scrollTo(0, 0));
      await page.getByTestId('timeline-entry').first().waitFor();
      own.push(await scrollFrames(clock, TIMELINE, step, FRAMES));
      await layPlainList(page, total, LINE_HEIGHT);
      plain.push(await scrollFrames(clock, '#plain-list', step, FRAMES));
      await liftPlainList(page);
    }
    results.push(scrollResult(`chart.scroll_${way}_max_ms`, own, plain, total));
  }
  await page.getByTestId('back-to-list').click();
  return results;
}

/** Opens each view of a large chart once, and each of the list. */
async function lookAtEverything(page: Page, say: Say): Promise<void> {
  say('payloads');
  await page.getByTestId('patient-search').fill('a');
  await page.locator(LIST_SETTLED).waitFor();
  await page.getByTestId('patient-search').fill('');
  await page.locator(LIST_SETTLED).waitFor();
  for (const patientId of [TREND_PATIENT, TIMELINE_PATIENT]) {
    await openChart(page, patientId);
    await page.getByTestId('tab-results').click();
    await page.locator('section[aria-busy="false"] canvas').first().waitFor();
    for (const [mode, shown] of Object.entries({ compare: 'compare-plots', table: 'cumulative-scroller' })) {
      await page.locator(`[data-testid="result-modes"] label:has(input[value="${mode}"])`).click();
      await page.getByTestId(shown).waitFor();
    }
    await page.getByTestId('tab-data').click();
    await page.getByTestId('tab-documents').click();
    await page.getByTestId('tab-timeline').click();
    await page.getByTestId('timeline-entry').first().click();
    await page.getByTestId('entry-panel').waitFor();
    await page.getByTestId('back-to-list').click();
  }
}

function result(name: string, target: number, { own, floor, cpu, all }: Timed): BenchResult {
  return {
    name,
    value: rounded(percentile(own, 0.95), 1),
    unit: 'ms',
    better: 'lower',
    target,
    peers: {
      'p50 ms': rounded(median(own), 1),
      'max ms': rounded(Math.max(...own), 1),
      'page cpu p50 ms': rounded(median(cpu), 1),
      'page cpu p95 ms': rounded(percentile(cpu, 0.95), 1),
      'cpu of all processes, mean ms': rounded(all.reduce((sum, one) => sum + one, 0) / all.length, 1),
      'plain queries p50 ms': rounded(median(floor), 2),
      'plain queries p95 ms': rounded(percentile(floor, 0.95), 2),
      'plain queries max ms': rounded(Math.max(...floor), 2),
      'ratio p50': rounded(median(own) / median(floor), 1),
      'ratio p95': rounded(percentile(own, 0.95) / percentile(floor, 0.95), 1),
      'load average': rounded(loadavg()[0] ?? Number.NaN, 1),
    },
  };
}

/** The longest frame of the round in the middle: one that the machine was busy in is not the timeline's. */
function scrollResult(name: string, own: Scrolled[], plain: Scrolled[], entries: number): BenchResult {
  const longest = (rounds: readonly Scrolled[]) => median(rounds.map(({ frames }) => Math.max(...frames)));
  const all = (rounds: readonly Scrolled[]) => rounds.flatMap(({ frames }) => frames);
  const cpu = (rounds: readonly Scrolled[]) => median(rounds.map((round) => round.cpu));
  return {
    name,
    value: rounded(longest(own), 1),
    unit: 'ms',
    better: 'lower',
    target: 50,
    peers: {
      entries,
      'p50 ms': rounded(median(all(own)), 1),
      'p95 ms': rounded(percentile(all(own), 0.95), 1),
      'max of all rounds ms': rounded(Math.max(...all(own)), 1),
      'frames over 50 ms': all(own).filter((ms) => ms > 50).length,
      frames: all(own).length,
      'cpu ms a frame': rounded(cpu(own), 2),
      'plain list p95 ms': rounded(percentile(all(plain), 0.95), 1),
      'plain list max of all rounds ms': rounded(Math.max(...all(plain)), 1),
      'plain list frames over 50 ms': all(plain).filter((ms) => ms > 50).length,
      'plain list cpu ms a frame': rounded(cpu(plain), 2),
      'ratio of cpu': rounded(cpu(own) / cpu(plain), 1),
      'load average': rounded(loadavg()[0] ?? Number.NaN, 1),
    },
  };
}

function payloadResult(sizes: Record<string, number>): BenchResult {
  const largest = Math.max(...Object.values(sizes));
  const peers = Object.fromEntries(Object.entries(sizes).sort((a, b) => b[1] - a[1]));
  return { name: 'chart.payload_bytes', value: largest, unit: 'bytes', better: 'lower', target: PAYLOAD_MAX, peers };
}

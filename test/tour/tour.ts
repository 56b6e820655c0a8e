import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { type DevServer, type ServerTls, startServer } from '../server/index.ts';
import { developmentKeys } from '../server/keys/development.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { attach, photo } from '../support/attach.ts';

export interface StepResult {
  step: string;
  ms: number;
  ok: boolean;
  screenshot: string | null;
  error?: string;
}

/** A program that runs; with what a test may ask of its main process, where that is open. */
interface Running {
  readonly page: Page;
  readonly app: RunningApp['app'] | null;
  close(): Promise<void>;
}

export interface TourOptions {
  out: string;
  data?: string;
  /** Starts the program, for a server at this address. */
  start: (url: string, server: DevServer | null) => Promise<Running>;
  /** The server's certificate; development may do without. */
  tls?: ServerTls;
  onStep: (result: StepResult) => void;
  onProgress: (message: string) => void;
}

const PASSPHRASE = 'correct horse battery staple';
const SYNC_TIMEOUT = 10 * 60_000;

/** What the steps hand on to each other. */
interface Tour {
  server: DevServer | null;
  url: string;
  running: Running | null;
  /** The patient whose chart is opened, chosen on the list. */
  patientId: string;
}

type Step = { name: string; run: (tour: Tour, options: TourOptions) => Promise<unknown> };

function pageOf(tour: Tour): Page {
  if (!tour.running) throw new Error('the app is not running');
  return tour.running.page;
}

/** The built app of this tree, for a profile of its own. */
export function startBuilt(userData: string): TourOptions['start'] {
  return async (url, server) => {
    const running = await startApp({ userData, server: url, policy: { documents: server?.keys?.policy ?? null } });
    return { ...running, close: () => running.app.close() };
  };
}

async function start(tour: Tour, options: TourOptions): Promise<void> {
  tour.running = await options.start(tour.url, tour.server);
}

async function unlock(page: Page, passphrase: string): Promise<void> {
  await page.getByTestId('unlock-passphrase').fill(passphrase);
  await page.getByTestId('unlock-submit').click();
}

async function openChart(tour: Tour): Promise<void> {
  const page = pageOf(tour);
  const row = page.locator(`[data-testid="patient-row"][data-patient-id="${tour.patientId}"]`);
  await row.dblclick();
  await page.getByTestId('patient-banner').waitFor();
  await page.getByTestId('section-allergies').waitFor();
}

/** The first patient with several results of one code and an allergy: a chart worth looking at. */
function choosePatient(server: DevServer): { id: string; family: string } {
  const allergic = new Set(
    server.store
      .list('AllergyIntolerance')
      .map((resource) => Reflect.get(resource, 'patient')?.reference?.split('/').at(-1)),
  );
  const counts = new Map<string, number>();
  for (const observation of server.store.list('Observation')) {
    const id =
      String(Reflect.get(observation, 'subject')?.reference ?? '')
        .split('/')
        .at(-1) ?? '';
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const busiest = [...counts].filter(([id]) => allergic.has(id)).sort((a, b) => b[1] - a[1]);
  const onTeam = new Set(
    server.store
      .list('CareTeam')
      .filter((team) => JSON.stringify(team).includes(`Practitioner/${server.users[0]?.practitionerId}`))
      .map((team) => Reflect.get(team, 'subject')?.reference?.split('/').at(-1)),
  );
  const [id] = busiest.find(([candidate]) => onTeam.has(candidate)) ?? [];
  if (!id) throw new Error('no patient with allergies and results');
  const patient = server.store.read('Patient', id);
  return { id, family: Reflect.get(patient ?? {}, 'name')?.[0]?.family ?? '' };
}

const steps: readonly Step[] = [
  {
    name: 'server up',
    async run(tour, { data, tls, onProgress }) {
      // The key service speaks without TLS, which an installed program doesn't listen to.
      const keys = tls ? null : await developmentKeys(sessionFolder('organisation-keys'));
      tour.server = await startServer({
        ...(data && { data }),
        ...(keys && { keys }),
        ...(tls && { tls }),
        files: true,
        onProgress,
      });
      tour.url = tour.server.url;
    },
  },
  {
    name: 'sign in',
    async run(tour, options) {
      await start(tour, options);
      const page = pageOf(tour);
      await page.getByTestId('signin-submit').click();
      await page.getByTestId('enrol-passphrase').waitFor();
    },
  },
  {
    name: 'enrol',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('enrol-passphrase').fill(PASSPHRASE);
      await page.getByTestId('enrol-repeat').fill(PASSPHRASE);
      await page.getByTestId('enrol-submit').click();
      await page.getByTestId('frame').waitFor();
    },
  },
  {
    name: 'first sync',
    run: (tour) =>
      pageOf(tour)
        .locator('[data-testid="sync-strip"][data-complete="true"][data-activity="idle"]')
        .waitFor({ timeout: SYNC_TIMEOUT }),
  },
  {
    name: 'list',
    async run(tour) {
      const page = pageOf(tour);
      if (!tour.server) throw new Error('no server');
      const { id, family } = choosePatient(tour.server);
      tour.patientId = id;
      await page.getByTestId('patient-search').fill(family);
      await page.locator(`[data-testid="patient-row"][data-patient-id="${id}"]`).waitFor();
      await page.getByTestId('patient-search').fill('');
      await page.getByTestId('patient-row').nth(3).waitFor();
    },
  },
  {
    name: 'chart',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('patient-search').fill(choosePatient(tour.server as DevServer).family);
      await openChart(tour);
    },
  },
  {
    name: 'trend',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('tab-results').click();
      await page.getByTestId('result-group').first().waitFor();
      // A laboratory value: it has a reference range. The first group where there is none.
      const creatinine = page.locator('[data-testid="result-group"][data-code$="|2160-0"]');
      const groups = (await creatinine.count()) > 0 ? creatinine : page.getByTestId('result-group');
      await groups.first().click();
      await page.getByTestId('trend-plot').first().waitFor();
    },
  },
  {
    name: 'documents',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('tab-documents').click();
      // Where there are no keys for development, the page says that nothing is set up.
      await page.locator('[data-testid="attach-file"]:enabled').or(page.getByTestId('attach-problem')).waitFor();
      if (tour.server?.keys) await page.locator('[data-testid="attach-file"]:enabled').waitFor();
    },
  },
  {
    name: 'lock',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('lock-button').click();
      await page.getByTestId('unlock-passphrase').waitFor();
    },
  },
  {
    name: 'wrong passphrase',
    async run(tour) {
      const page = pageOf(tour);
      await unlock(page, 'not the passphrase');
      await page.getByTestId('unlock-error').waitFor();
    },
  },
  {
    name: 'unlock',
    async run(tour) {
      const page = pageOf(tour);
      await unlock(page, PASSPHRASE);
      await page.getByTestId('patient-row').first().waitFor();
    },
  },
  {
    name: 'server stopped',
    async run(tour) {
      await tour.server?.stop();
      const page = pageOf(tour);
      await page.locator('[data-testid="sync-strip"][data-activity="idle"]').waitFor({ timeout: SYNC_TIMEOUT });
      await page.getByTestId('sync-now').click();
      await page.locator('[data-testid="sync-strip"][data-online="false"]').waitFor();
    },
  },
  {
    name: 'app restarted',
    async run(tour, options) {
      await tour.running?.close();
      await start(tour, options);
      await pageOf(tour).getByTestId('unlock-passphrase').waitFor();
    },
  },
  {
    name: 'unlock offline',
    async run(tour) {
      const page = pageOf(tour);
      await unlock(page, PASSPHRASE);
      await page.getByTestId('patient-row').first().waitFor();
    },
  },
  {
    name: 'chart read offline',
    async run(tour) {
      await openChart(tour);
      await pageOf(tour).locator('[data-testid="sync-strip"][data-activity="idle"][data-online="false"]').waitFor();
    },
  },
  {
    name: 'note written offline',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('tab-notes').click();
      await page.getByTestId('note-new').click();
      await page.getByTestId('note-text').fill('Seen without a network. Comfortable, plan unchanged.');
      await page.getByTestId('note-save').click();
      await page.locator('article [data-testid="unsent-badge"][data-unsent="waiting"]').waitFor();
      await page.locator('[data-testid="note-row"][aria-selected="true"] [data-testid="unsent-badge"]').waitFor();
    },
  },
  {
    name: 'photo attached offline',
    async run(tour) {
      const page = pageOf(tour);
      await page.getByTestId('tab-documents').click();
      const app = tour.running?.app;
      if (!app || !tour.server?.keys) return;
      const path = join(sessionFolder('.'), 'wound.jpg');
      writeFileSync(path, await photo(app, 'a place that stays here'));
      await attach({ app, page }, path, 'Heel, left');
      await page.getByTestId('transfer').waitFor();
    },
  },
  {
    name: 'photo opened offline',
    async run(tour) {
      if (!tour.server?.keys) return;
      const page = pageOf(tour);
      await page.getByTestId('document-open').first().click();
      await page.frameLocator('[data-testid="viewer-frame"]').locator('.picture img').waitFor();
    },
  },
  {
    name: 'unsent changes',
    async run(tour) {
      const page = pageOf(tour);
      if (await page.getByTestId('viewer-close').isVisible()) await page.getByTestId('viewer-close').click();
      await page.getByTestId('sync-waiting').click();
      await page.getByTestId('changes-waiting').getByTestId('change').first().waitFor();
    },
  },
];

/**
 * Drives the built app through a clinician's first day, on real parts. Stops at the first step that fails, since the
 * later ones build on it.
 */
export async function runTour(options: TourOptions): Promise<boolean> {
  mkdirSync(options.out, { recursive: true });
  const tour: Tour = { server: null, url: '', running: null, patientId: '' };
  try {
    for (const [index, { name, run }] of steps.entries()) {
      const begun = performance.now();
      let error: string | undefined;
      try {
        await run(tour, options);
      } catch (failure) {
        error = failure instanceof Error ? failure.message : String(failure);
      }
      const ms = Math.round(performance.now() - begun);
      const file = `${String(index + 1).padStart(2, '0')}-${name.replaceAll(' ', '-')}.png`;
      const page = tour.running?.page;
      const screenshot = page ? join(options.out, file) : null;
      if (page && screenshot) await page.screenshot({ path: screenshot }).catch(() => undefined);
      options.onStep({ step: name, ms, ok: error === undefined, screenshot, ...(error !== undefined && { error }) });
      if (error !== undefined) return false;
    }
    return true;
  } finally {
    await tour.running?.close().catch(() => undefined);
    await tour.server?.stop().catch(() => undefined);
  }
}

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { preferencesFile } from '../../main/shell/page-preferences.ts';
import type { Language } from '../../preload/contract/languages.ts';
import spanish from '../../renderer/words/es.json' with { type: 'json' };
import type { DevServer } from '../server/index.ts';
import { type RunningApp, type StartOptions, startApp } from '../support/app.ts';
import {
  type changingClinician,
  enrol,
  newUserData,
  PASSPHRASE,
  profilesOf,
  synced,
  unlock,
} from '../support/journey.ts';
import type { WardPatients } from './ward.ts';

type AppPolicy = NonNullable<StartOptions['policy']>;

/** What the parts of the gallery hand on to each other: the ward's server, and the program at a workstation. */
export interface World {
  readonly server: DevServer;
  readonly patients: WardPatients;
  readonly clinician: ReturnType<typeof changingClinician>;
  readonly policy: AppPolicy;
  /** What the page speaks. */
  readonly language: Language;
  userData: string;
  running: RunningApp | null;
  /** The server's clock goes on by this much. */
  advance(ms: number): void;
}

export interface Named {
  readonly screen: string;
  readonly state: string;
}

/** One screen in one state: how to come to it from the stop before. */
export interface Stop extends Named {
  readonly go: (world: World) => Promise<unknown>;
}

/** Stops that one walk leads through. Another part does not depend on how this one ends. */
export interface Part {
  readonly name: string;
  readonly begin: (world: World) => Promise<unknown>;
  readonly stops: readonly Stop[];
}

/** What the page says for these English words, up to the first value within them. */
export function said({ language }: Pick<World, 'language'>, english: string): string {
  const words = language === 'en' ? english : Object.entries(spanish).find(([message]) => message === english)?.[1];
  if (words === undefined) throw new Error(`the page has no Spanish for: ${english}`);
  return words.replace(/\{.*/s, '').trim();
}

/** Where the one profile of the workstation has its files. */
export function profileFolderOf({ userData }: World): string {
  return join(profilesOf(userData), readdirSync(profilesOf(userData))[0] ?? '');
}

export function pageOf(world: World): Page {
  if (!world.running) throw new Error('the program is not running');
  return world.running.page;
}

/** Starts the program, again where it runs. */
export async function restart(world: World, options: Partial<StartOptions> = {}): Promise<Page> {
  await end(world);
  const { userData, server, clinician, policy } = world;
  const env = { ...clinician.env, ...options.env };
  world.running = await startApp({ userData, server: server.url, policy, ...options, env });
  return world.running.page;
}

export async function end(world: World): Promise<void> {
  const { running } = world;
  world.running = null;
  await running?.app.close();
}

/** A workstation that nobody has used. */
export async function freshStart(world: World, options: Partial<StartOptions> = {}): Promise<Page> {
  await end(world);
  world.userData = newUserData();
  writeFileSync(preferencesFile(world.userData), JSON.stringify({ language: world.language }));
  return restart(world, options);
}

/** The list of an enrolled clinician who has fetched everything; the workstation as it is, where it is so already. */
export async function atList(world: World): Promise<Page> {
  world.server.faults.clear();
  if (world.running && (await backToList(world, world.running.page))) return upToDate(world.running.page);
  const page = await freshStart(world);
  await enrol(page);
  await synced(page);
  return page;
}

/** After faults that have kept the server away, it needn't be waited for until the program tries again by itself. */
async function upToDate(page: Page): Promise<Page> {
  if ((await page.getByTestId('sync-strip').getAttribute('data-online')) !== 'false') return page;
  await page.getByTestId('sync-now').click();
  await synced(page);
  return page;
}

/** Leaves whatever is open; false where that does not lead to the list. */
async function backToList({ language }: World, page: Page): Promise<boolean> {
  if (await page.getByTestId('unlock-passphrase').isVisible()) await unlock(page, PASSPHRASE);
  // What a stop has turned around.
  await page.evaluate(() => document.documentElement.removeAttribute('dir'));
  if (language === 'en' && (await page.getByTestId('speak-en').isVisible())) await speakEnglish(page);
  for (let tries = 0; tries < 6; tries += 1) {
    const leave = page.locator('[data-testid$="leave-dialog-confirm"]');
    if (await leave.isVisible()) await leave.click();
    const search = page.getByTestId('patient-search');
    if ((await page.getByTestId('patient-list').isVisible()) && !(await page.locator('dialog[open]').count())) {
      await search.fill('');
      return true;
    }
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]'), null, { timeout: 500 }).catch(() => 0);
  }
  return false;
}

async function speakEnglish(page: Page): Promise<void> {
  await page.getByTestId('speak-en').click();
  await page.locator('html[lang=en]').waitFor();
  await page.getByTestId('frame').waitFor();
}

/** Waits until no run of the sync is on its way and the server is known to be away. */
export function offline(page: Page): Promise<void> {
  return page.locator('[data-testid="sync-strip"][data-activity="idle"][data-online="false"]').waitFor();
}

import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from './app.ts';

export const PASSPHRASE = 'correct horse battery staple';
const SYNC_TIMEOUT = 120_000;

/** A development server of the test's own; small, so that a first sync takes seconds. */
export function smallServer(patients = 12): Promise<DevServer> {
  return startServer({ patients, seed: 7, now: '2026-11-01T08:00:00Z' });
}

export function newUserData(): string {
  return mkdtempSync(sessionFolder('profile-'));
}

/** Signs in through the system browser and chooses the passphrase; returns when the frame is there. */
export async function enrol(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByTestId('signin-submit').click();
  await page.getByTestId('enrol-passphrase').fill(passphrase);
  await page.getByTestId('enrol-repeat').fill(passphrase);
  await page.getByTestId('enrol-submit').click();
  await page.getByTestId('frame').waitFor();
}

/** Who signs in in the browser, where it is not always the same clinician. */
export function changingClinician(): { env: Record<string, string>; is: (username: string) => void } {
  const file = join(mkdtempSync(sessionFolder('clinician-')), 'name');
  return { env: { WARDLIGHT_TEST_USER_FILE: file }, is: (username) => writeFileSync(file, username) };
}

/** A new note that waits in the outbox, as the server can't be reached: the chart of its patient is open. */
export async function writeUnsentNote(page: Page, server: DevServer, text: string): Promise<void> {
  server.faults.add({ kind: 'dropBefore' });
  await page.getByTestId('tab-notes').click();
  await page.getByTestId('note-new').click();
  await page.getByTestId('note-text').fill(text);
  await page.getByTestId('note-save').click();
  await page.locator('article [data-testid="unsent-badge"]').waitFor();
}

export async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByTestId('unlock-passphrase').fill(passphrase);
  await page.getByTestId('unlock-submit').click();
}

export function synced(page: Page): Promise<void> {
  return page
    .locator('[data-testid="sync-strip"][data-complete="true"][data-activity="idle"]')
    .waitFor({ timeout: SYNC_TIMEOUT });
}

/** A program that is enrolled and has fetched everything. */
export async function enrolledApp(server: DevServer, userData: string): Promise<RunningApp> {
  const running = await startApp({ userData, server: server.url });
  await enrol(running.page);
  await synced(running.page);
  return running;
}

export async function openChart(page: Page, patientId: string): Promise<void> {
  await page.locator(`[data-testid="patient-row"][data-patient-id="${patientId}"]`).dblclick();
  await page.getByTestId('patient-banner').waitFor();
  await page.getByTestId('section-allergies').waitFor();
}

export function profilesOf(userData: string): string {
  return join(userData, 'profiles');
}

import { once } from 'node:events';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer, unlock } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('drafts');

const TEXT = 'Slept well, less breathless. ';

async function type(page: Page, patientId: string, text: string): Promise<void> {
  await openChart(page, patientId);
  await page.getByTestId('tab-notes').click();
  await page.getByTestId('note-new').click();
  await page.getByTestId('note-text').pressSequentially(text);
}

/** What main has kept of it. */
async function keptBody(page: Page, patientId: string): Promise<string | undefined> {
  const request = { patientId, resourceType: 'DocumentReference' } as const;
  const answer = await page.evaluate((asked) => window.wardlight.drafts.ofPatient(asked), request);
  if (!answer.ok) return answer.error.code;
  const [draft] = answer.value.items;
  return draft?.resourceType === 'DocumentReference' ? draft.body : undefined;
}

/** Opens the draft that the unlocked program tells of. */
async function draftOf(page: Page): Promise<string> {
  await page.getByTestId('draft-banner-open').click();
  const body = await page.getByTestId('draft-body').textContent();
  return body ?? '';
}

async function discard(page: Page): Promise<void> {
  await page.getByTestId('draft-discard').click();
  await page.getByTestId('draft-discard-dialog-confirm').click();
  await page.getByTestId('note-text').waitFor();
}

describe('text that nobody has saved', () => {
  let server: DevServer;
  let userData: string;
  let patientId: string;
  beforeAll(async () => {
    server = await smallServer(4);
    userData = newUserData();
    const { app } = await enrolledApp(server, userData);
    [patientId = ''] = panelOf(server);
    await app.close();
  });
  afterAll(() => server.stop());

  async function open(): Promise<RunningApp> {
    const running = await startApp({ userData, server: server.url });
    await unlock(running.page);
    await running.page.getByTestId('frame').waitFor();
    return running;
  }

  it('is whole after a lock in the middle of a word, by hand and by the system', async () => {
    const { app, page } = await open();
    try {
      await type(page, patientId, `${TEXT}Mor`);
      await inMain(app, ({ powerMonitor }) => powerMonitor.emit('lock-screen'));
      await unlock(page);
      expect(await draftOf(page)).toBe(`${TEXT}Mor`);
      await page.getByTestId('draft-continue').click();
      await page.getByTestId('note-text').pressSequentially('e');
      await page.keyboard.press('Control+l');
      await unlock(page);
      expect(await draftOf(page)).toBe(`${TEXT}More`);
      await discard(page);
    } finally {
      await app.close();
    }
  });

  it('is a vital sign too: number and unit after a lock in the middle of it, beside a note of the same patient', async () => {
    const { app, page } = await open();
    const lock = () => inMain(app, ({ powerMonitor }) => powerMonitor.emit('lock-screen'));
    try {
      await type(page, patientId, TEXT);
      await page.getByTestId('back-to-list').click();
      await page.getByTestId('leave-dialog-confirm').click();
      await openChart(page, patientId);
      await page.getByTestId('record-vital').click();
      await page.getByTestId('vital-kind').selectOption('body-temperature');
      await page.getByTestId('vital-value').pressSequentially('038,');
      await lock();
      await unlock(page);
      await page.getByTestId('draft-banner-open').click();
      await expect.poll(() => page.getByTestId('draft').count()).toBe(2);
      await page.getByTestId('draft').filter({ hasText: 'Body temperature' }).getByTestId('draft-open').click();
      expect(await page.getByTestId('draft-body').textContent()).toBe('038, °C');
      await picture(page, 'vital-draft-offer');
      await page.getByTestId('draft-continue').click();
      await page.getByTestId('vital-value').pressSequentially('50');
      expect(await page.getByTestId('vital-value').inputValue()).toBe('038,50');
      await page.getByText('Draft kept').waitFor();
      await picture(page, 'vital-draft');
      await page.keyboard.press('Escape');
      await page.getByTestId('leave-dialog-confirm').click();
      await page.getByTestId('section-vitals').getByTestId('draft-row').waitFor();
      await picture(page, 'vital-draft-row');
      await page.getByTestId('draft-row').click();
      await page.getByTestId('draft-continue').click();
      await page.getByTestId('vital-value').fill('38,50');
      await page.getByTestId('vital-save').click();
      await page.getByTestId('draft-row').waitFor({ state: 'detached' });
      await lock();
      await unlock(page);
      // The note alone is left.
      expect(await draftOf(page)).toBe(TEXT);
      await discard(page);
    } finally {
      await app.close();
    }
  });

  it('is whole after the window was closed, and gone once it is given up', async () => {
    const first = await open();
    await type(first.page, patientId, TEXT);
    const ended = once(first.app.process(), 'exit');
    await inMain(first.app, ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await ended;
    const second = await open();
    expect(await draftOf(second.page)).toBe(TEXT);
    await discard(second.page);
    await second.app.close();
    const third = await open();
    await third.page.getByTestId('sync-open').click();
    await third.page.getByTestId('sync-view').waitFor();
    expect(await third.page.getByTestId('draft').count()).toBe(0);
    await third.app.close();
  });

  it('is there after SIGKILL but for the last half second', async () => {
    const first = await open();
    await type(first.page, patientId, TEXT);
    await expect.poll(() => keptBody(first.page, patientId)).toBe(TEXT);
    const ended = once(first.app.process(), 'exit');
    // What is typed now is not waited for.
    await first.page.getByTestId('note-text').pressSequentially('x');
    first.app.process().kill('SIGKILL');
    await ended;
    const second = await open();
    try {
      expect((await draftOf(second.page)).startsWith(TEXT)).toBe(true);
      await second.page.getByTestId('sync-open').click();
      await second.page.getByTestId('draft').waitFor();
      expect(await second.page.getByTestId('change').count()).toBe(0);
    } finally {
      await second.app.close();
    }
  });
});

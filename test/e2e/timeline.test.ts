import type { DocumentReference } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer, synced } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('timeline');
const LATER = 'Reviewed at noon: comfortable, drank 600 ml, no more pain.';

/** The newest note of somebody of the panel. */
function chooseNote(server: DevServer): DocumentReference & { id: string } {
  const [patientId] = panelOf(server);
  const notes = (server.store.list('DocumentReference') as DocumentReference[]).filter(
    ({ subject, status, content }) =>
      subject?.reference === `Patient/${patientId}` && status === 'current' && content[0]?.attachment.data,
  );
  const [note] = notes.sort((a, b) => Date.parse(b.date ?? '') - Date.parse(a.date ?? ''));
  if (!note?.id) throw new Error('nobody has a note');
  return note as DocumentReference & { id: string };
}

async function openNote(page: Page, title: string): Promise<void> {
  const list = page.getByTestId('timeline-list');
  const all = await list.getAttribute('data-total');
  await page.getByTestId('timeline-text').fill(title);
  // Words are looked for a moment after they are typed: until then the lines are those that move away.
  await expect.poll(() => list.getAttribute('data-total')).not.toBe(all);
  await page.locator('[aria-busy="false"] [data-testid="timeline-entry"]').first().click();
  await page.getByTestId('record-view').waitFor();
}

describe('the timeline, versions and the chart as it was known', () => {
  let server: DevServer;
  let running: RunningApp;
  let note: DocumentReference & { id: string };
  let before: string;
  beforeAll(async () => {
    server = await smallServer(6);
    note = chooseNote(server);
    running = await enrolledApp(server, newUserData());
    await openChart(running.page, note.subject?.reference?.split('/')[1] ?? '');
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('everything of the patient is there by time, and opens by keys alone', async () => {
    const { page } = running;
    await page.keyboard.press('6');
    await page.getByTestId('timeline-entry').first().waitFor();
    await picture(page, '01-all');
    await page.getByTestId('timeline-list').focus();
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
    await page.getByTestId('entry-panel').waitFor();
    await picture(page, '02-entry');
    await page.getByTestId('timeline-kinds').click();
    await page.getByTestId('timeline-kind-note').waitFor();
    await picture(page, '03-kinds');
    await page.keyboard.press('Escape');
  });

  it('a note that was changed elsewhere is compared with what it said before', async () => {
    const { page } = running;
    // What came until the next minute is past from then on.
    before = new Date().toISOString();
    const [content] = note.content;
    const text = Buffer.from(content?.attachment.data ?? '', 'base64').toString('utf8');
    const data = Buffer.from(`${text.trim()}\n\n${LATER}`).toString('base64');
    server.store.put({ ...note, content: [{ attachment: { ...content?.attachment, data } }] });
    await page.getByTestId('sync-now').click();
    const title = note.description ?? note.type?.text ?? note.type?.coding?.[0]?.display ?? '';
    await openNote(page, title);
    await page.getByTestId('record-compare').waitFor({ timeout: 30_000 });
    await synced(page);
    await page.getByTestId('record-compare').selectOption({ index: 1 });
    const changed = page.locator('[data-testid="changed-field"][data-path="content"]');
    await changed.waitFor();
    expect(await changed.locator('ins').allTextContents()).toEqual([expect.stringContaining(LATER)]);
    await picture(page, '04-compare');
  });

  it('the chart as of before is marked on each view, doesn’t say what came later, and can’t be written in', async () => {
    const { page } = running;
    await page.getByTestId('timeline-list').focus();
    await page.keyboard.press('h');
    await page.getByTestId('past-dialog').waitFor();
    await picture(page, '05-choose');
    // The page’s own field takes minutes; the run before the last is when the note was what it was.
    await page.getByTestId('past-quick').filter({ hasText: 'At the sync before' }).click();
    await page.getByTestId('section-allergies').waitFor();
    const banner = page.getByTestId('past-banner');
    expect(await banner.textContent()).toContain('NOT CURRENT');
    for (const id of ['record-vital', 'tab-notes']) expect(await page.getByTestId(id).count()).toBe(0);
    await picture(page, '06-past-summary');
    await page.keyboard.press('2');
    await page.getByTestId('result-group').first().waitFor();
    expect(await banner.isVisible()).toBe(true);
    await picture(page, '07-past-results');
    await page.keyboard.press('3');
    await openNote(page, note.description ?? note.type?.text ?? note.type?.coding?.[0]?.display ?? '');
    expect(await page.getByTestId('record-fields').textContent()).not.toContain(LATER);
    await picture(page, '08-past-timeline');
    expect(Date.parse(before)).toBeLessThan(Date.now());
    await page.getByTestId('past-leave').click();
    await page.getByTestId('tab-notes').waitFor();
    expect(await banner.count()).toBe(0);
  });
});

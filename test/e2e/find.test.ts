import type { DocumentReference } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { hostileHtml } from '../support/hostile-html.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('find');
const LETTER = `<h1>Discharge letter</h1>
<p>Admitted with <b>zebrafish poisoning</b>, treated and well.</p>
<h2>Medication</h2>
<table><tr><th>Drug</th><th>Dose</th></tr><tr><td>Metformin</td><td><del>500 mg</del> 1000 mg twice a day</td></tr></table>
<ol><li>Bloods in one week<ul><li>renal function</li></ul></li><li>Clinic in <em>six</em> weeks</li></ol>
<p><img src="https://evil.example/x.png" alt="wound of the left hand"></p>`;

function noteOf(patientId: string, id: string, html: string): DocumentReference {
  return {
    ...{ resourceType: 'DocumentReference', id, status: 'current', docStatus: 'final', description: `Letter ${id}` },
    subject: { reference: `Patient/${patientId}` },
    date: '2026-03-01T10:00:00Z',
    content: [{ attachment: { contentType: 'text/html', data: Buffer.from(html).toString('base64') } }],
  };
}

/** The theme of a picture, chosen by the palette. */
async function choose(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P');
  await page.getByTestId('palette-field').fill(words);
  await page.keyboard.press('Enter');
}

describe('finding, by keys alone', () => {
  let server: DevServer;
  let running: RunningApp;
  let patientId: string;
  beforeAll(async () => {
    server = await smallServer(6);
    patientId = panelOf(server)[0] ?? '';
    server.store.put(noteOf(patientId, 'letter-1', LETTER));
    const long = `${'<p>Slept well, <b>no pain</b>.</p>'.repeat(30_000)}<p>The end</p>`;
    server.store.put(noteOf(patientId, 'letter-2', `<p>quaggas</p>${hostileHtml.join('<p>and</p>')}`));
    server.store.put(noteOf(patientId, 'letter-3', `<p>okapis</p>${long}`));
    running = await enrolledApp(server, newUserData());
    await openChart(running.page, patientId);
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  async function find(keys: string, words: string): Promise<void> {
    const { page } = running;
    await page.keyboard.press(keys);
    await page.getByTestId('find-field').fill(words);
    await page.getByTestId('find-option').first().waitFor();
  }

  it('a formatted letter is found by its words, and read as it was written', async () => {
    const { page } = running;
    await find('Control+F', 'zebrafish metf');
    expect(await page.locator('[data-testid=find-snippet] mark').first().textContent()).toMatch(/zebrafish|Metformin/);
    await picture(page, '01-chart');
    await page.keyboard.press('Enter');
    const note = page.getByTestId('note-body');
    await note.waitFor();
    expect(await note.locator('h3').textContent()).toBe('Discharge letter');
    expect(await note.locator('del').textContent()).toBe('500 mg');
    expect(await note.textContent()).toContain('1 picture or embedded part not shown.');
    expect(await note.locator('img, a, [style]').count()).toBe(0);
    await picture(page, '02-letter');
    await choose(page, 'dark theme');
    await picture(page, '03-letter-dark');
  });

  it('security: a letter of a stranger runs, loads and restyles nothing, and the page can’t even parse HTML', async () => {
    const { page } = running;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await find('Control+F', 'quaggas');
    await page.keyboard.press('Enter');
    await page.getByTestId('rich-text').waitFor();
    expect(await page.evaluate('"harmed" in window')).toBe(false);
    expect(asked.filter((url) => !url.startsWith('app://wardlight/'))).toEqual([]);
    expect(
      await page.locator('[data-testid=rich-text] :is(script, style, a, svg, math, form, iframe, img)').count(),
    ).toBe(0);
    const parsed = page.evaluate(`new DOMParser().parseFromString('<p>', 'text/html')`);
    await expect(parsed).rejects.toThrow(/TrustedHTML/);
  });

  it('a letter of a megabyte opens, and its end is reached', async () => {
    const { page } = running;
    await find('Control+F', 'okapis');
    await page.keyboard.press('Enter');
    const last = page.getByText('It is longer than what is shown here.');
    await last.waitFor();
    await page.getByTestId('note-body').focus();
    await page.keyboard.press('End');
    // Keys scroll in the frames that follow.
    const top = () => page.getByTestId('note-body').evaluate((element) => element.scrollTop);
    await expect.poll(top).toBeGreaterThan(10_000);
  });

  it('the panel and the palette find what belongs to the clinician', async () => {
    const { page } = running;
    await find('Control+Shift+F', 'blood');
    await picture(page, '04-panel-dark');
    await page.keyboard.press('Escape');
    await choose(page, 'light theme');
    await find('Control+Shift+F', 'pain');
    await picture(page, '05-panel');
    await page.getByTestId('find-field').fill('nothinglikethis');
    await page.getByText('Nothing found.').waitFor();
    await picture(page, '06-nothing');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+P');
    await page.getByTestId('palette-option').first().waitFor();
    await picture(page, '07-palette');
    await page.getByTestId('palette-field').fill('ander');
    await page.locator('[data-testid=palette-option][data-id^="patient "]').first().waitFor();
    await picture(page, '08-palette-patients');
    await page.keyboard.press('Escape');
  });
});

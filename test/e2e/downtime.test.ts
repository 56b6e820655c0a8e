import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AllergyIntolerance, MedicationRequest, Patient } from 'fhir/r4';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { inMain, type RunningApp, startApp } from '../support/app.ts';
import { scanFiles, textCanary } from '../support/canaries.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, profilesOf, synced, unlock } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const shoot = picturesOf('downtime');
const shots = process.env['WARDLIGHT_SHOTS'];

const ownFolders = ['HOME', 'XDG_RUNTIME_DIR'].flatMap((name) => process.env[name] ?? []);

/** The text of each page. */
async function pagesOf(bytes: Buffer, name: string): Promise<string[]> {
  if (shots) writeFileSync(join(shots, `${name}.pdf`), bytes);
  const pdf = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const texts: string[] = [];
  for (let number = 1; number <= pdf.numPages; number += 1) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    texts.push(items.map((item) => ('str' in item ? item.str : '')).join(' '));
  }
  await pdf.loadingTask.destroy();
  return texts;
}

const ARABIC = { family: 'الحسيني', given: ['فاطمة'] };
const CHINESE = '青霉素';
const LONG = `Long-${'overlong words without an end '.repeat(120)}-end`;
/** A dosage of which only codes say how often. */
const AT_NIGHT = { timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['HS'] } } };

/** What the hidden pages have made, in the main process: the last PDF, and what went to the printer. */
async function watchPaper({ app }: RunningApp): Promise<void> {
  await app.evaluate(({ app: program }) => {
    program.on('web-contents-created', (_event, contents) => {
      const made = contents.printToPDF.bind(contents);
      Object.assign(contents, {
        async printToPDF(options: Electron.PrintToPDFOptions) {
          const pdf = await made(options);
          Reflect.set(globalThis, 'lastPdf', pdf.toString('base64'));
          return pdf;
        },
        print(options: object, done: (printed: boolean) => void) {
          const told = contents.executeJavaScript('document.body.innerText');
          void told.then((text: string) => {
            Reflect.set(globalThis, 'lastPrint', { text, options, url: contents.getURL() });
            done(true);
          });
        },
      });
    });
  });
}

const lastPdf = ({ app }: RunningApp) =>
  inMain(app, () => String(Reflect.get(globalThis, 'lastPdf'))).then((text) => Buffer.from(text, 'base64'));

const lastPrint = ({ app }: RunningApp) =>
  inMain(
    app,
    () => Reflect.get(globalThis, 'lastPrint') as { text: string; options: { silent: boolean }; url: string },
  );

describe('the downtime binder', () => {
  let server: DevServer;
  let running: RunningApp;
  let patientId: string;
  let arabicId: string;
  const userData = newUserData();

  beforeAll(async () => {
    server = await startServer({ patients: 6, seed: 7, now: new Date().toISOString() });
    const [first = '', second = ''] = panelOf(server);
    [patientId, arabicId] = [first, second];
    const stored = (server.store.list('Patient') as Patient[]).find(({ id }) => id === arabicId);
    server.store.put({ ...stored, name: [ARABIC] } as Patient);
    const subject = { reference: `Patient/${patientId}` };
    for (let count = 0; count < 30; count += 1) {
      server.store.put({
        ...{ resourceType: 'MedicationRequest', id: `many-${count}`, status: 'active', intent: 'order', subject },
        medicationCodeableConcept: { text: `Drug number ${count}` },
        dosageInstruction: [count === 4 ? AT_NIGHT : { text: count === 3 ? LONG : 'one tablet by mouth twice a day' }],
      } as MedicationRequest);
    }
    server.store.put({
      ...{ resourceType: 'AllergyIntolerance', id: 'chinese', patient: subject, code: { text: CHINESE } },
      clinicalStatus: { coding: [{ code: 'active' }] },
    } as AllergyIntolerance);
    running = await startApp({ userData, server: server.url, policy: { downtime: { saveAs: true } } });
    await watchPaper(running);
    await enrol(running.page);
    await synced(running.page);
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('is made offline, with who it is, of when, page and printer on every page, and nothing cut off', async () => {
    const { page } = running;
    server.faults.add({ kind: 'dropBefore' });
    await page.getByTestId('downtime-button').click();
    await page.getByTestId('downtime-last').waitFor();
    await shoot(page, 'none-yet');
    await page.getByTestId('downtime-make').click();
    await page.frameLocator('[data-testid="viewer-frame"]').locator('[data-page="1"][data-drawn]').waitFor();
    await shoot(page, 'binder');
    const pages = await pagesOf(await lastPdf(running), 'binder');
    expect(pages.length).toBeGreaterThan(6);
    const printer = running.page.getByTestId('frame');
    await printer.waitFor();
    for (const [index, text] of pages.entries()) {
      expect(text).toContain(`Page ${index + 1} of ${pages.length}`);
      expect(text).toMatch(/Known as at \d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d from server 127\.0\.0\.1/);
      expect(text).toMatch(/Printed by .+ made \d\d-/);
      if (index > 0) expect(text).toMatch(/Born .+MRN /s);
    }
    const whole = pages.join(' ');
    for (let count = 0; count < 30; count += 1) expect(whole).toContain(`Drug number ${count}`);
    expect(whole.replace(/\s/g, '')).toContain('-end');
    expect(whole.split('overlong').length - 1).toBe(120);
    expect(whole).toContain('(continued)');
  });

  it('is printed by the hidden page that it was made of, in the OS’s dialog', async () => {
    const { page } = running;
    await page.getByTestId('downtime-print').click();
    await page.getByText('Sent to the printer.').waitFor();
    const { text, options, url } = await lastPrint(running);
    expect(url).toMatch(/^app:\/\/paper\//);
    expect(options.silent).toBe(false);
    expect(text).toContain('Drug number 29');
    expect(text).toMatch(/Page 1 of \d+/);
    await page.getByTestId('viewer-close').click();
  });

  it('security: is on the disk as ciphertext only', async () => {
    const ofPages = (await lastPdf(running)).subarray(0, 64);
    const canaries = [textCanary('drug', 'Drug number 17'), { name: 'pdf', forms: [ofPages] }];
    expect(scanFiles([userData, ...ownFolders], canaries)).toEqual([]);
    const [profile = ''] = readdirSync(profilesOf(userData));
    expect(readdirSync(join(profilesOf(userData), profile, 'downtime')).length).toBeGreaterThan(0);
  });

  it('security: a hidden page has no bridge, no network and no Node, and runs nothing of a record', async () => {
    const found = await running.app.evaluate(async ({ app: program, BrowserWindow }) => {
      const made = new Promise<Electron.WebContents>((resolve) =>
        program.once('web-contents-created', (_event, contents) => resolve(contents)),
      );
      void BrowserWindow;
      Reflect.set(globalThis, 'nextPaper', made);
      return true;
    });
    expect(found).toBe(true);
    const { page } = running;
    await openChart(page, patientId);
    await page.getByTestId('downtime-button').click();
    const asked = running.app.evaluate(async () => {
      const contents = (await Reflect.get(globalThis, 'nextPaper')) as Electron.WebContents;
      await new Promise<void>((resolve) => contents.once('dom-ready', () => resolve()));
      return contents.executeJavaScript(`(async () => [
        typeof window.wardlight, typeof require, typeof process,
        await fetch('${'http://127.0.0.1:1/'}').then(() => 'fetched', () => 'refused'),
        await new Promise((resolve) => {
          const image = new Image();
          image.onload = () => resolve('loaded');
          image.onerror = () => resolve('refused');
          image.src = 'app://wardlight/index.html';
        }),
      ])()`);
    });
    await page.getByTestId('downtime-make').click();
    expect(await asked).toEqual(['undefined', 'undefined', 'undefined', 'refused', 'refused']);
    await page.frameLocator('[data-testid="viewer-frame"]').locator('[data-page="1"][data-drawn]').waitFor();
    await shoot(page, 'sheet');
    const pages = await pagesOf(await lastPdf(running), 'sheet');
    expect(pages.every((text) => /Born .+MRN /s.test(text))).toBe(true);
    // In its letters where there is a font for them, or with words that say that there is none.
    const whole = pages.join(' ');
    expect(whole.includes(CHINESE) || whole.includes('has letters that this workstation can’t print')).toBe(true);
    await page.getByTestId('viewer-close').click();
    await page.getByTestId('back-to-list').click();
  });

  it('writes a name from the right, within a line that is written from the left', async () => {
    await openChart(running.page, arabicId);
    await running.page.getByTestId('downtime-button').click();
    await running.page.getByTestId('downtime-make').click();
    await running.page.frameLocator('[data-testid="viewer-frame"]').locator('[data-page="1"][data-drawn]').waitFor();
    const [text = ''] = await pagesOf(await lastPdf(running), 'arabic');
    // A reader of PDF gives the letters as they stand, from the left.
    const letters = text.normalize('NFKC').replace(/\s/g, '');
    expect(letters).toContain([...ARABIC.family].reverse().join(''));
    await running.page.getByTestId('viewer-close').click();
    await running.page.getByTestId('back-to-list').click();
  });

  it('speaks the language that is set when it is made, and leaves the record’s own words as they are', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByRole('heading', { name: 'Mis pacientes' }).waitFor();
    await openChart(page, patientId);
    await page.getByTestId('downtime-button').click();
    await page.getByTestId('downtime-make').click();
    await page.frameLocator('[data-testid="viewer-frame"]').locator('[data-page="1"][data-drawn]').waitFor();
    await shoot(page, 'binder-es');
    const pages = await pagesOf(await lastPdf(running), 'binder-es');
    for (const [index, text] of pages.entries()) {
      expect(text).toContain(`Página ${index + 1} de ${pages.length}`);
      expect(text).toContain('Impreso por');
    }
    const whole = pages.join(' ');
    for (const words of ['Medicación actual', '(continuación)', 'one tablet by mouth twice a day', 'Drug number 29'])
      expect(whole).toContain(words);
    expect(whole.replace(/\s+/g, ' ')).toContain('una vez al día al acostarse');
    expect(whole).not.toMatch(/once daily|at bedtime/);
    await page.getByTestId('viewer-close').click();
    await page.getByTestId('back-to-list').click();
  });

  it('opens after the network and the program are gone', async () => {
    await running.app.close();
    running = await startApp({ userData, server: server.url });
    const { page } = running;
    await unlock(page);
    await page.getByTestId('downtime-button').click();
    await page.getByTestId('downtime-open').click();
    await page.frameLocator('[data-testid="viewer-frame"]').locator('[data-page="1"][data-drawn]').waitFor();
    await shoot(page, 'reopened');
    await page.getByTestId('viewer-close').click();
    await page.getByTestId('downtime-button').click();
    await page.getByTestId('downtime-last').waitFor();
    await shoot(page, 'kept');
    await page.getByTestId('downtime-close').click();
  });
});

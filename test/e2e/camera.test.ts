import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import type { Frame, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCANIMAGE } from '../../main/documents/scanner.ts';
import { type DevServer, startServer } from '../server/index.ts';
import { inMain, type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { scanFiles, scanProcesses } from '../support/canaries.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, PASSPHRASE, synced } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';
import { childPids } from '../support/processes.ts';

/** Chromium's own test cameras. Its other switch, which grants the camera by itself, isn't used: ours has to. */
const TWO_CAMERAS = '--use-fake-device-for-media-stream=device-count=2,fps=10';

const shoot = picturesOf('camera');
const ownFolders = ['HOME', 'XDG_RUNTIME_DIR'].flatMap((name) => process.env[name] ?? []);

/** Whether a page, or a frame, gets what it asks for: `on`, or the name of the error. */
function askFor(where: Page | Frame, wanted: MediaStreamConstraints): Promise<string> {
  return where.evaluate(async (constraints) => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      for (const track of stream.getTracks()) track.stop();
      return 'on';
    } catch (error) {
      return error instanceof Error ? error.name : 'refused';
    }
  }, wanted);
}

/** What comes of sending bytes to an address of the camera's origin. */
function post(where: Frame, address: string): Promise<number> {
  return where.evaluate(
    (to) =>
      new Promise<number>((resolve) => {
        const request = new XMLHttpRequest();
        request.onloadend = () => resolve(request.status);
        request.open('POST', `/photo/${to}`);
        request.send(new TextEncoder().encode('%PDF-1.7').buffer);
      }),
    address,
  );
}

async function frameOf(page: Page, state = 'live'): Promise<Frame> {
  const element = await page.getByTestId('camera-frame').elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) throw new Error('no frame');
  await frame.waitForSelector(`body[data-state="${state}"]`);
  return frame;
}

async function openCamera(page: Page): Promise<Frame> {
  await page.getByTestId('take-photo').click();
  return frameOf(page);
}

/** As the camera's own script makes it, so that it can be looked for afterwards. */
async function jpegOf(frame: Frame): Promise<Buffer> {
  const address = await frame.evaluate(() => document.querySelector('canvas')?.toDataURL('image/jpeg', 0.92) ?? '');
  return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
}

/** The part of it that says most: what is all one colour is nothing but zeros. */
function telling(bytes: Buffer, length = 64): Buffer {
  const parts = Array.from({ length: Math.floor(bytes.length / length) }, (_, at) =>
    bytes.subarray(at * length, (at + 1) * length),
  );
  const distinct = (part: Buffer) => new Set(part).size;
  // Behind the tables, which are the same in every picture.
  return parts.slice(16).reduce((best, part) => (distinct(part) > distinct(best) ? part : best));
}

describe('the camera', () => {
  let server: DevServer;
  let running: RunningApp;
  let patientId: string;
  let filesFolder: string;
  let photo: Buffer;
  const userData = newUserData();
  const sane = mkdtempSync(sessionFolder('sane-'));

  const policyOf = () => {
    if (!server.keys) throw new Error('the server has no keys');
    return { documents: server.keys.policy };
  };

  async function openDocuments(): Promise<void> {
    await openChart(running.page, patientId);
    await running.page.getByTestId('tab-documents').click();
    await running.page.locator('[data-testid="take-photo"]:enabled').waitFor();
  }

  beforeAll(async () => {
    writeFileSync(join(sane, 'dll.conf'), 'test\n');
    filesFolder = mkdtempSync(sessionFolder('uploads-'));
    server = await startServer({
      patients: 6,
      seed: 7,
      now: '2026-11-01T08:00:00Z',
      keys: { folder: mkdtempSync(sessionFolder('token-')), pin: 'synthetic-1234' },
      files: filesFolder,
    });
    running = await startApp({
      userData,
      server: server.url,
      policy: policyOf(),
      args: [TWO_CAMERAS],
      env: { SANE_CONFIG_DIR: sane },
    });
    await enrol(running.page);
    await synced(running.page);
    patientId = panelOf(server)[0] ?? '';
    await openDocuments();
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('takes a photo offline, which is in the queue and the chart at once, and then another', async () => {
    const { page } = running;
    server.faults.add({ kind: 'dropBefore' });
    const frame = await openCamera(page);
    expect(await page.getByTestId('camera-patient').textContent()).toMatch(/^For the chart of .+born .+MRN/);
    expect(await frame.locator('select option').count()).toBe(2);
    await shoot(page, 'live');
    await frame.getByRole('button', { name: 'Take photo' }).press('Enter');
    await frame.waitForSelector('body[data-state="taken"]');
    await shoot(page, 'taken');
    await frame.getByRole('button', { name: 'Take again' }).click();
    await frame.waitForSelector('body[data-state="live"]');
    await frame.getByRole('button', { name: 'Take photo' }).click();
    photo = await jpegOf(frame);
    await frame.getByRole('button', { name: 'Use photo' }).click();
    await page.getByTestId('attach-dialog').waitFor();
    await shoot(page, 'attach');
    await page.getByTestId('attach-title').fill('Heel, left');
    await page.getByTestId('attach-another').click();
    const next = await frameOf(page);
    await next.getByRole('button', { name: 'Take photo' }).click();
    await next.getByRole('button', { name: 'Use photo' }).click();
    await page.getByTestId('attach-title').fill('Heel, right');
    await page.getByTestId('attach-confirm').click();
    for (const title of ['Heel, left', 'Heel, right']) {
      await page.getByTestId('document-row').filter({ hasText: title }).waitFor();
      await page.getByTestId('transfer').filter({ hasText: title }).waitFor();
    }
    await shoot(page, 'queue');
  });

  it('what it took reaches the server once the network is back, and is shown', async () => {
    const { page } = running;
    server.faults.clear();
    await page.getByTestId('sync-now').click();
    const sent = () =>
      (server.store.list('DocumentReference') as DocumentReference[]).filter(
        ({ description, content }) => description?.startsWith('Heel') && content[0]?.attachment.url,
      ).length;
    await expect.poll(sent).toBe(2);
    await page.getByTestId('transfer').first().waitFor({ state: 'detached' });
    const row = page.getByTestId('document-row').filter({ hasText: 'Heel, left' });
    await row.getByTestId('document-open').click();
    const image = page.frameLocator('[data-testid="viewer-frame"]').locator('.picture img');
    await image.waitFor();
    const size = await image.evaluate((one: HTMLImageElement) => [one.naturalWidth, one.naturalHeight]);
    expect(Math.min(...size)).toBeGreaterThan(400);
    await page.getByTestId('viewer-close').click();
  });

  it('security: no byte of what it took is in a file, in the clear', async () => {
    expect(photo.length).toBeGreaterThan(2_000);
    const canaries = [
      { name: 'photo', forms: [telling(photo)] },
      // Where every JPEG of Chromium begins, its tables included.
      { name: 'head', forms: [photo.subarray(0, 160)] },
    ];
    const pid = running.app.process().pid ?? 0;
    expect(await scanProcesses([pid, ...childPids(pid)], canaries)).toEqual([]);
    expect(readdirSync(filesFolder).length).toBeGreaterThan(0);
    expect(scanFiles([filesFolder, userData, ...ownFolders], canaries)).toEqual([]);
  });

  it('goes on with another camera, and Escape gives it up', async () => {
    const { page } = running;
    const frame = await openCamera(page);
    const track = () =>
      frame.evaluate(() => {
        const { srcObject } = document.querySelector('video') ?? {};
        return srcObject instanceof MediaStream ? srcObject.getVideoTracks()[0]?.label : undefined;
      });
    const first = await track();
    const other = (await frame.locator('select option').allTextContents()).find((name) => name !== first) ?? '';
    await frame.locator('select').selectOption({ label: other });
    await expect.poll(track).toBe(other);
    await frame.getByRole('button', { name: 'Take photo' }).focus();
    // Not awaited: Playwright waits for the answer of a frame that is gone by then.
    page.keyboard.press('Escape').catch(() => undefined);
    await page.getByTestId('camera').waitFor({ state: 'detached' });
    expect(await page.getByTestId('attach-dialog').count()).toBe(0);
  });

  it('says why there is no picture, and what to do, until there is one again', async () => {
    const { page } = running;
    const frame = await openCamera(page);
    const shown = async (problem: string) => {
      await frame.waitForSelector(`body[data-state="problem"][data-problem="${problem}"]`);
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await shoot(page, `${problem}-${colorScheme}`);
      }
      return frame.locator('h1').textContent();
    };
    await frame.evaluate(() => {
      const { srcObject } = document.querySelector('video') ?? {};
      if (srcObject instanceof MediaStream) srcObject.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
    });
    expect(await shown('unplugged')).toBe('The camera was disconnected');
    for (const [error, problem, title] of [
      ['NotFoundError', 'none', 'No camera was found'],
      ['NotReadableError', 'busy', 'The camera can’t be used now'],
      ['NotAllowedError', 'refused', 'Wardlight may not use the camera'],
    ] as const) {
      await frame.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
      }, error);
      await frame.getByRole('button', { name: 'Try again' }).click();
      expect(await shown(problem)).toBe(title);
    }
    await frame.evaluate(() => Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia'));
    await frame.getByRole('button', { name: 'Try again' }).press('Enter');
    await frame.waitForSelector('body[data-state="live"]');
    await frame.evaluate(() => {
      HTMLCanvasElement.prototype.toDataURL = () => 'data:,';
    });
    await frame.getByRole('button', { name: 'Take photo' }).click();
    await frame.getByRole('button', { name: 'Use photo' }).press('Enter');
    expect(await shown('unmade')).toBe('The photo couldn’t be made');
    await frame.getByRole('button', { name: 'Try again' }).press('Enter');
    await frame.waitForSelector('body[data-state="live"]');
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await page.getByTestId('camera').waitFor({ state: 'detached' });
  });

  it('security: is for its own frame alone, without sound, and only while a photo is taken', async () => {
    const { page } = running;
    const frame = await openCamera(page);
    const [video, audio] = [{ video: true }, { audio: true }];
    expect(await askFor(page, video)).toBe('NotAllowedError');
    expect(await askFor(page, audio)).toBe('NotAllowedError');
    expect(await askFor(frame, video)).toBe('on');
    expect(await askFor(frame, audio)).toBe('NotAllowedError');
    expect(await askFor(frame, { audio: true, video: true })).toBe('NotAllowedError');
    const screen = frame.evaluate(() =>
      navigator.mediaDevices.getDisplayMedia().then(
        () => 'on',
        () => 'refused',
      ),
    );
    expect(await screen).toBe('refused');
    expect(await frame.evaluate(() => ['wardlight', 'require', 'process'].filter((name) => name in window))).toEqual(
      [],
    );
    // Given up in main, while the frame goes on: it gets no camera any more.
    const captureId = frame.url().split('#')[1] ?? '';
    await page.evaluate((id) => window.wardlight.documents.endPhoto({ captureId: id }), captureId);
    expect(await askFor(frame, video)).toBe('NotAllowedError');
    expect(await post(frame, captureId)).toBe(404);
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await page.getByTestId('camera').waitFor({ state: 'detached' });
  });

  it('security: a photo’s address takes one photo, of one patient', async () => {
    const { page } = running;
    const frame = await openCamera(page);
    const captureId = frame.url().split('#')[1] ?? '';
    expect(
      await post(
        frame,
        captureId.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
    ).toBe(404);
    expect(await post(frame, captureId)).toBe(204);
    expect(await post(frame, captureId)).toBe(404);
    expect(await askFor(frame, { video: true })).toBe('NotAllowedError');
    const taken = (patient: string) =>
      page.evaluate(
        async (request) => {
          const answer = await window.wardlight.documents.photoTaken(request);
          return answer.ok ? 'taken' : answer.error.code;
        },
        { patientId: patient, captureId },
      );
    expect(await taken(panelOf(server)[1] ?? '')).toBe('not-found');
    // What a broken frame could send in place of a photo.
    expect(await taken(patientId)).toBe('file-kind-refused');
    expect(await taken(patientId)).toBe('not-found');
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await page.getByTestId('camera').waitFor({ state: 'detached' });
  });

  it.runIf(existsSync(SCANIMAGE))('a page is scanned, and is in the chart', async () => {
    const { page } = running;
    await page.getByTestId('scan-page').click();
    await page.locator('[data-testid="scan-start"]:enabled').waitFor();
    expect(await page.getByTestId('scan-scanner').locator('option').count()).toBe(2);
    await shoot(page, 'scan');
    await page.getByTestId('scan-start').click();
    await page.getByTestId('attach-title').fill('Referral');
    await shoot(page, 'scanned');
    await page.getByTestId('attach-confirm').click();
    await page.getByTestId('document-row').filter({ hasText: 'Referral' }).waitFor();
  });

  it('security: locking closes it, and drops the picture', async () => {
    const { page, app } = running;
    const frame = await openCamera(page);
    const captureId = frame.url().split('#')[1] ?? '';
    await frame.getByRole('button', { name: 'Take photo' }).click();
    const frames = () =>
      inMain(app, ({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().flatMap(({ webContents }) =>
          webContents.mainFrame.framesInSubtree.map(({ url }) => url.split('#')[0]),
        ),
      );
    expect(await frames()).toContain('camera://photo/camera/index.html');
    await page.evaluate(() => void window.wardlight.session.lock({}));
    await page.getByTestId('unlock-passphrase').waitFor();
    expect(await frames()).toEqual(['app://wardlight/index.html']);
    await page.getByTestId('unlock-passphrase').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await openDocuments();
    const again = await openCamera(page);
    expect(await post(again, captureId)).toBe(404);
    await again.getByRole('button', { name: 'Cancel' }).click();
    await page.getByTestId('camera').waitFor({ state: 'detached' });
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright';
import { wireName } from '../../../preload/contract/channel.ts';
import { TUS_PATH } from '../../server/tus/tus.ts';
import { sessionFolder } from '../../support/app.ts';
import { attach, photo } from '../../support/attach.ts';
import { pdfOf } from '../../support/files.ts';
import { enrol, openChart, synced } from '../../support/journey.ts';
import { freshStart, type Part, pageOf, type Stop, said, type World } from '../stop.ts';
import { leaveTeams } from './access.ts';
import { tab } from './steps.ts';

/** Chromium's own test camera. Its other switch, which grants the camera by itself, isn't used: ours has to. */
const CAMERA = '--use-fake-device-for-media-stream=device-count=1,fps=10';

/** A file in the session's folder, attached to the chart. */
export async function attachFile(world: World, name: string, bytes: Buffer, title: string): Promise<void> {
  if (!world.running) return;
  const path = join(sessionFolder('.'), name);
  writeFileSync(path, bytes);
  await attach(world.running, path, title);
}

/** Somebody's workstation, at the documents of whoever leaves the team later on. */
async function documentsAs(world: World, username: string): Promise<Page> {
  world.clinician.is(username);
  const page = await freshStart(world, { args: [CAMERA] });
  await enrol(page);
  await synced(page);
  await openChart(page, world.patients.leaver);
  await tab(world, 'documents');
  await page.locator('[data-testid="take-photo"]:enabled').waitFor();
  return page;
}

async function open(world: World, title: string): Promise<void> {
  const row = pageOf(world).getByTestId('document-row').filter({ hasText: title });
  await row.getByTestId('document-open').click();
}

async function cameraFrame(world: World, state: string): Promise<Frame> {
  const element = await pageOf(world).getByTestId('camera-frame').elementHandle();
  const frame = await element?.contentFrame();
  if (!frame) throw new Error('no frame');
  await frame.waitForSelector(`body[data-state="${state}"]`);
  return frame;
}

/** What the system answers when the camera is asked for, under the name that Chromium gives it. */
function cameraFault(state: string, error: string): Stop {
  return {
    screen: 'camera',
    state,
    async go(world) {
      const frame = await cameraFrame(world, 'problem');
      await frame.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name));
      }, error);
      await frame.getByRole('button', { name: said(world, 'Try again') }).click();
      await cameraFrame(world, 'problem');
    },
  };
}

/** Files of a chart, on their way to and from who may read them. */
export const files: Part = {
  name: 'files',
  async begin(world) {
    await documentsAs(world, 'osei');
  },
  stops: [
    {
      screen: 'camera',
      state: 'live',
      async go(world) {
        await pageOf(world).getByTestId('take-photo').click();
        await cameraFrame(world, 'live');
      },
    },
    {
      screen: 'camera',
      state: 'taken',
      async go(world) {
        const frame = await cameraFrame(world, 'live');
        await frame.getByRole('button', { name: said(world, 'Take photo') }).click();
        await cameraFrame(world, 'taken');
      },
    },
    {
      screen: 'attach a file',
      state: 'photo',
      async go(world) {
        const frame = await cameraFrame(world, 'taken');
        await frame.getByRole('button', { name: said(world, 'Use photo') }).click();
        await pageOf(world).getByTestId('attach-dialog').waitFor();
      },
    },
    {
      screen: 'camera',
      state: 'disconnected',
      async go(world) {
        const page = pageOf(world);
        await page.keyboard.press('Escape');
        await page.getByTestId('attach-dialog').waitFor({ state: 'detached' });
        await page.getByTestId('take-photo').click();
        const frame = await cameraFrame(world, 'live');
        await frame.evaluate(() => {
          const { srcObject } = document.querySelector('video') ?? {};
          if (srcObject instanceof MediaStream) srcObject.getVideoTracks()[0]?.dispatchEvent(new Event('ended'));
        });
        await cameraFrame(world, 'problem');
      },
    },
    cameraFault('none', 'NotFoundError'),
    cameraFault('busy', 'NotReadableError'),
    cameraFault('refused', 'NotAllowedError'),
    {
      screen: 'camera',
      state: 'photo not made',
      async go(world) {
        const frame = await cameraFrame(world, 'problem');
        await frame.evaluate(() => {
          Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia');
          HTMLCanvasElement.prototype.toDataURL = () => 'data:,';
        });
        await frame.getByRole('button', { name: said(world, 'Try again') }).click();
        await cameraFrame(world, 'live');
        await frame.getByRole('button', { name: said(world, 'Take photo') }).click();
        await frame.getByRole('button', { name: said(world, 'Use photo') }).click();
        await cameraFrame(world, 'problem');
      },
    },
    {
      screen: 'scanner',
      state: 'none',
      async go(world) {
        const page = pageOf(world);
        const frame = await cameraFrame(world, 'problem');
        await frame.getByRole('button', { name: said(world, 'Cancel') }).click();
        await page.getByTestId('camera').waitFor({ state: 'detached' });
        await page.getByTestId('scan-page').click();
        await page.getByTestId('scan-look').waitFor();
      },
    },
    {
      screen: 'documents',
      state: 'sent',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('scan-cancel').click();
        await page.getByTestId('scan-dialog').waitFor({ state: 'detached' });
        if (!world.running) return;
        await attachFile(world, 'long-report.pdf', pdfOf(300, 'A long report'), 'Operation report');
        await attachFile(world, 'heel.jpg', await photo(world.running.app, 'here'), 'Heel, right');
        await page.getByTestId('sync-now').click();
        await page.getByTestId('transfer').first().waitFor({ state: 'detached' });
        await synced(page);
      },
    },
    {
      screen: 'documents',
      state: 'to be asked for',
      async go(world) {
        await documentsAs(world, 'lindqvist');
        await pageOf(world).locator('[data-testid="document-row"][data-openability="ask"]').nth(1).waitFor();
      },
    },
    {
      screen: 'opening a file',
      state: 'on its way',
      async go(world) {
        const { server, patients, running } = world;
        // Held where its ciphertext is fetched, until it is given up.
        server.faults.add({ kind: 'latency', ms: 60_000, match: ({ path }) => path.startsWith(TUS_PATH) });
        const row = pageOf(world).getByTestId('document-row').filter({ hasText: 'Operation report' });
        await open(world, 'Operation report');
        const told = {
          ...{ patientId: patients.leaver, documentId: await row.getAttribute('data-document-id') },
          ...{ done: 7_340_032, total: 12_058_624 },
        };
        await pageOf(world).getByTestId('opening-progress').waitFor();
        await running?.app.evaluate(
          ({ BrowserWindow }, [channel, progress]) =>
            BrowserWindow.getAllWindows()[0]?.webContents.send(channel, progress),
          [wireName('documents', 'openProgress'), told] as const,
        );
        await pageOf(world).locator('[data-testid="opening-progress"] [aria-valuenow="60"]').waitFor();
      },
    },
    {
      screen: 'viewer',
      state: 'after the key service was asked',
      async go(world) {
        await pageOf(world).getByTestId('opening-close').click();
        world.server.faults.clear();
        await open(world, 'Operation report');
        await pageOf(world)
          .frameLocator('[data-testid="viewer-frame"]')
          .locator('[data-page="1"][data-drawn]')
          .waitFor();
      },
    },
    {
      screen: 'opening a file',
      state: 'refused by the key service',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('viewer-close').click();
        const comeBack = leaveTeams(world, world.patients.leaver);
        await open(world, 'Heel, right');
        await page.locator('[data-code="key-service-refused"]').waitFor();
        comeBack();
      },
    },
    {
      screen: 'opening a file',
      state: 'offline',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('opening-close').click();
        world.server.faults.add({ kind: 'dropBefore' });
        await open(world, 'Heel, right');
        await page.getByTestId('opening').getByTestId('failure').waitFor();
        world.clinician.is('osei');
      },
    },
  ],
};

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CareTeam, DocumentReference, Provenance } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import type { documentsSchema } from '../../main/managed/documents.ts';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { attach, photo } from '../support/attach.ts';
import { scanFiles, scanProcesses, textCanary } from '../support/canaries.ts';
import { panelOf } from '../support/expected.ts';
import { pdfOf } from '../support/files.ts';
import { enrol, newUserData, openChart, profilesOf, synced } from '../support/journey.ts';
import { childPids } from '../support/processes.ts';

const PLACE = 'Canary 59.3293 N 18.0686 E';
const TEXT = 'Canary of the long report';
const PRIVATE = 'Spoke of what she wants nobody else to read.';

type Fields = NonNullable<z.input<typeof documentsSchema>['fields']>;

/** Opens a document of the chart and closes it; answers its size, or the code of what is wrong. */
async function openBytes(page: Page, title: string): Promise<number | string> {
  const row = page.getByTestId('document-row').filter({ hasText: title });
  const documentId = (await row.getAttribute('data-document-id')) ?? '';
  const patientId = (await page.locator('[data-patient-id]').first().getAttribute('data-patient-id')) ?? '';
  return page.evaluate(
    async (request) => {
      const opened = await window.wardlight.documents.open(request);
      if (!opened.ok) return opened.error.code;
      await window.wardlight.documents.close({ handle: opened.value.handle });
      return opened.value.size;
    },
    { patientId, documentId },
  );
}

/** Opens a document in the viewer as a person does, and waits for what it draws. */
async function view(page: Page, title: string, drawn: string): Promise<void> {
  const row = page.getByTestId('document-row').filter({ hasText: title });
  await row.getByTestId('document-open').click();
  await page.frameLocator('[data-testid="viewer-frame"]').locator(drawn).waitFor();
}

async function closeViewer(page: Page): Promise<void> {
  await page.getByTestId('viewer-close').click();
  await page.getByTestId('viewer').waitFor({ state: 'detached' });
}

function recordOf(server: DevServer, title: string): DocumentReference | undefined {
  return (server.store.list('DocumentReference') as DocumentReference[]).find(
    ({ description }) => description === title,
  );
}

const shots = process.env['WARDLIGHT_SHOTS'];
const shot = async (page: Page, name: string) => {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) });
};

/** Where the program writes, but for the files that were picked, which lie beside it. */
const ownFolders = ['HOME', 'XDG_RUNTIME_DIR'].flatMap((name) => process.env[name] ?? []);

describe('documents of a patient', () => {
  let server: DevServer;
  let running: RunningApp;
  let nurse: RunningApp;
  let patientId: string;
  let filesFolder: string;
  const outside = mkdtempSync(sessionFolder('picked-'));
  const userData = newUserData();

  beforeAll(async () => {
    filesFolder = mkdtempSync(sessionFolder('uploads-'));
    server = await startServer({
      patients: 6,
      seed: 7,
      now: '2026-11-01T08:00:00Z',
      keys: { folder: mkdtempSync(sessionFolder('token-')), pin: 'synthetic-1234' },
      files: filesFolder,
    });
    running = await startApp({ userData, server: server.url, policy: policyOf(server) });
    await enrol(running.page);
    await synced(running.page);
    patientId = panelOf(server).find((id) => panelOf(server, 'lindqvist').includes(id)) ?? '';
    writeFileSync(join(outside, 'wound.jpg'), await photo(running.app, PLACE));
    writeFileSync(join(outside, 'report.pdf'), pdfOf(300, TEXT));
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  /** Another clinician's workstation, enrolled and synced. */
  async function station(user: string, fields: Fields = []): Promise<RunningApp> {
    const other = await startApp({
      userData: newUserData(),
      server: server.url,
      policy: policyOf(server, fields),
      env: { WARDLIGHT_TEST_USER: user },
    });
    await enrol(other.page);
    await synced(other.page);
    return other;
  }

  it('are attached offline, and are in the chart at once', async () => {
    const { page } = running;
    await openChart(page, patientId);
    await page.getByTestId('tab-documents').click();
    await page.locator('[data-testid="attach-file"]:enabled').waitFor();
    server.faults.add({ kind: 'dropBefore' });
    await attach(running, join(outside, 'wound.jpg'), 'Heel, left');
    await attach(running, join(outside, 'report.pdf'), 'Discharge report');
    await shot(page, 'documents-waiting');
    expect(recordOf(server, 'Heel, left')).toBeUndefined();
  });

  it('reach the server encrypted once the network is back, each with its record', async () => {
    const { page } = running;
    server.faults.clear();
    await page.getByTestId('sync-now').click();
    await expect.poll(() => recordOf(server, 'Discharge report')?.content[0]?.attachment.url).toBeTruthy();
    await page.getByTestId('transfer').first().waitFor({ state: 'detached' });
    await expect.poll(() => recordOf(server, 'Heel, left')?.content[0]?.attachment.url).toBeTruthy();
    await shot(page, 'documents-sent');
    await expect.poll(() => readdirSync(join(folderOf(userData), 'documents', 'spool'))).toEqual([]);
  });

  it('tell by a Provenance each who has attached them, on which workstation', async () => {
    const targets = () =>
      (server.store.list('Provenance') as Provenance[]).flatMap(({ target, agent }) =>
        agent.length === 2 ? target.map(({ reference }) => reference) : [],
      );
    const documents = ['Heel, left', 'Discharge report'].map((title) => recordOf(server, title)?.id ?? '');
    await expect.poll(targets).toEqual(expect.arrayContaining(documents.map((id) => `DocumentReference/${id}`)));
  });

  it('security: are shown without a byte of them in the clear on the disk of server or workstation', async () => {
    const { app, page } = running;
    const canaries = [
      textCanary('place', PLACE),
      textCanary('text', TEXT),
      { name: 'photo', forms: [readFileSync(join(outside, 'wound.jpg')).subarray(5_000, 5_064)] },
      { name: 'report', forms: [readFileSync(join(outside, 'report.pdf')).subarray(90_000, 90_064)] },
    ];
    expect(scanFiles([outside], canaries).length).toBe(4);
    expect(readdirSync(filesFolder).length).toBeGreaterThan(0);
    await view(page, 'Heel, left', '.picture img');
    await shot(page, 'viewer-photo');
    await closeViewer(page);
    await view(page, 'Discharge report', '[data-page="1"][data-drawn]');
    await shot(page, 'viewer-report');
    const pid = app.process().pid ?? 0;
    expect(await scanProcesses([pid, ...childPids(pid)], canaries)).toEqual([]);
    expect(scanFiles([filesFolder, userData, ...ownFolders], canaries)).toEqual([]);
    // The keyboard that Playwright has waits for a frame that is gone by then.
    await page.evaluate(() => void window.wardlight.session.lock({}));
    await page.getByTestId('unlock-passphrase').waitFor();
    expect(readdirSync(join(folderOf(userData), 'documents', 'opened'))).toEqual([]);
    expect(scanFiles([filesFolder, userData, ...ownFolders], canaries)).toEqual([]);
  });

  it("open on another workstation, of a nurse on the patient's care team, by the organisation's key service", async () => {
    nurse = await station('lindqvist', [{ type: 'DocumentReference', path: 'content.attachment.data' }]);
    const { page } = nurse;
    await openChart(page, patientId);
    await page.getByTestId('tab-documents').click();
    await page.locator('[data-testid="document-row"][data-openability="ask"]').first().waitFor();
    await shot(page, 'documents-colleague');
    expect(await openBytes(page, 'Discharge report')).toBe(readFileSync(join(outside, 'report.pdf')).length);
  });

  it('security: what policy marks in a note is masked for the server, and shown to who asks', async () => {
    const { page } = nurse;
    await page.getByTestId('tab-notes').click();
    await page.getByTestId('note-new').click();
    await page.getByTestId('note-text').fill(PRIVATE);
    await page.getByTestId('note-save').click();
    await page.getByTestId('sealed-reveal').waitFor();
    expect(await page.getByTestId('note-body').textContent()).toContain('encrypted');
    await page.locator('article [data-testid="unsent-badge"]').waitFor({ state: 'detached' });
    const kept = JSON.stringify(server.store.list('DocumentReference'));
    expect(kept).toContain('https://wardlight.org/fhir/StructureDefinition/sealed');
    expect(kept).not.toContain(Buffer.from(PRIVATE).toString('base64').slice(0, 20));
    await shot(page, 'note-masked');
    await page.getByTestId('sealed-reveal').click();
    expect(await page.getByTestId('sealed-text').textContent()).toBe(PRIVATE);
    await shot(page, 'note-shown');
    await nurse.app.close();
  });

  it('security: a clinician who is on no care team of the patient gets no key, though she has the file', async () => {
    const teams = server.store.list('CareTeam') as CareTeam[];
    const team = teams.find(({ subject }) => subject?.reference === `Patient/${patientId}`);
    if (!team?.participant) throw new Error('the patient has no care team');
    const locum = { member: { reference: 'Practitioner/dev-locum' } };
    server.store.put({ ...team, participant: [...team.participant, locum] });
    const third = await station('locum');
    await openChart(third.page, patientId);
    await third.page.getByTestId('tab-documents').click();
    await third.page.locator('[data-testid="document-row"][data-openability="ask"]').first().waitFor();
    // Whoever has left the team has what was fetched before, and gets no more keys.
    server.store.put(team);
    expect(await openBytes(third.page, 'Discharge report')).toBe('key-service-refused');
    expect(server.keys?.decisions.at(-1)).toMatchObject({ decision: 'not-on-care-team' });
    await third.app.close();
  });
});

function folderOf(userData: string): string {
  const [profile = ''] = readdirSync(profilesOf(userData));
  return join(profilesOf(userData), profile);
}

function policyOf({ keys }: DevServer, fields: Fields = []) {
  if (!keys) throw new Error('the server has no keys');
  return { documents: { ...keys.policy, fields } };
}

import type { CodeableConcept, DocumentReference, Observation, Patient } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const SYNC_TIMEOUT = 60_000;
const OURS = 'Added offline at 07:30: comfortable, slept well, drank 400 ml.';
const THEIRS = 'Added in the EHR at 06:10: vomited twice, doctor informed.';

const picture = picturesOf('conflict');

/** The network, pulled from the first request whose path holds `at`; answers how to plug it in again. */
function pullAt(server: DevServer, at: string): () => void {
  let pulled = false;
  return server.faults.add({
    kind: 'dropBefore',
    match({ path }) {
      pulled ||= path.includes(`/${at}?`);
      return pulled;
    },
  });
}

function codeOf(system: string, code: string): CodeableConcept {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] };
}

const HEART_RATE = '8867-4';

interface Subject {
  readonly patientId: string;
  readonly note: DocumentReference;
  readonly pulse: Observation;
}

/** The newest first, of one patient. */
function newest<Item extends DocumentReference | Observation>(
  items: readonly Item[],
  patientId: string,
  timeOf: (item: Item) => string | undefined,
): Item | undefined {
  const time = (item: Item) => Date.parse(timeOf(item) ?? '');
  return items
    .filter(({ subject }) => subject?.reference === `Patient/${patientId}`)
    .sort((a, b) => time(b) - time(a))[0];
}

/** A grown-up of the panel with a note and a heart rate: the newest of each, which the chart shows first. */
function chooseSubject(server: DevServer): Subject {
  const notes = server.store.list('DocumentReference') as DocumentReference[];
  const values = server.store.list('Observation') as Observation[];
  const pulses = values.filter(({ code }) => code.coding?.some((coding) => coding.code === HEART_RATE));
  for (const patientId of panelOf(server)) {
    const note = newest(notes, patientId, ({ date }) => date);
    const pulse = newest(pulses, patientId, ({ effectiveDateTime }) => effectiveDateTime);
    const { birthDate = '' } = server.store.read('Patient', patientId) as Patient;
    if (note?.status === 'current' && pulse && birthDate < '2000') return { patientId, note, pulse };
  }
  throw new Error('nobody has a note and a heart rate');
}

const textOf = ({ content }: DocumentReference) =>
  Buffer.from(content[0]?.attachment.data ?? '', 'base64').toString('utf8');

const withMore = (note: DocumentReference, more: string) => `${textOf(note).trim()}\n\n${more}`;

/** What somebody else does to the note meanwhile, in the EHR. */
function editElsewhere(server: DevServer, note: DocumentReference): void {
  const data = Buffer.from(withMore(note, THEIRS)).toString('base64');
  const attachment = { ...note.content[0]?.attachment, data };
  server.store.put({ ...note, content: [{ attachment }] });
}

function versionsOf<Resource>(server: DevServer, type: string, id: string | undefined): Resource[] {
  return server.store.versions(type, id ?? '').map(({ text }) => JSON.parse(text ?? 'null') as Resource);
}

const offline = (page: Page) =>
  page
    .locator('[data-testid="sync-strip"][data-activity="idle"][data-online="false"]')
    .waitFor({ timeout: SYNC_TIMEOUT });

describe('a conflict from its beginning to its end', () => {
  let server: DevServer;
  let running: RunningApp;
  let subject: Subject;
  let plugIn: () => void;
  const ours = () => withMore(subject.note, OURS);
  const theirs = () => withMore(subject.note, THEIRS);
  beforeAll(async () => {
    server = await startServer({ patients: 12, seed: 7 });
    subject = chooseSubject(server);
    plugIn = pullAt(server, 'Immunization');
    running = await startApp({ userData: newUserData(), server: server.url });
    await enrol(running.page);
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('the network goes in the middle of the first sync, and the chart is used', async () => {
    const { page } = running;
    await offline(page);
    expect(await page.getByTestId('sync-strip').getAttribute('data-complete')).toBe('false');
    await picture(page, '01-network-pulled');
    await openChart(page, subject.patientId);
    await picture(page, '02-chart-offline');
    await page.getByTestId('tab-data').click();
    await page.getByTestId('stored-data').waitFor();
    await picture(page, '03-stored-data');
  });

  it('a note is amended offline, and shown at once as not yet sent', async () => {
    const { page } = running;
    await page.getByTestId('tab-notes').click();
    await page.locator(`[data-testid="note-row"][data-note-id="${subject.note.id}"]`).click();
    await page.getByTestId('note-amend').click();
    await page.getByTestId('note-text').fill(ours());
    await picture(page, '04-note-editor');
    await page.getByTestId('tab-summary').click();
    await page.getByTestId('leave-dialog').waitFor();
    await picture(page, '05-unsaved-text');
    await page.getByText('Keep writing').click();
    await page.getByTestId('note-save').click();
    await page.locator('article [data-testid="unsent-badge"][data-unsent="waiting"]').waitFor();
    expect(await page.getByTestId('note-body').textContent()).toContain(OURS);
    await picture(page, '06-note-not-yet-sent');
  });

  it('a vital sign is corrected and one is recorded', async () => {
    const { page } = running;
    await page.getByTestId('tab-summary').click();
    await page
      .locator(`[data-testid="value-row"][data-id="${subject.pulse.id}"] [data-testid="correct-vital"]`)
      .click();
    await page.getByTestId('vital-value').fill('820');
    await page.getByTestId('vital-save').click();
    await page.locator('[data-testid="failure"][data-code="out-of-range"]').waitFor();
    await picture(page, '07-implausible-value');
    await page.getByTestId('vital-value').fill('82');
    await page.getByTestId('vital-save').click();
    await page.getByTestId('correct-vital-dialog').waitFor({ state: 'detached' });
    await page.getByTestId('record-vital').click();
    await page.getByTestId('vital-kind').selectOption('blood-pressure');
    await page.getByTestId('vital-value').fill('120');
    await page.getByTestId('vital-diastolic').fill('80');
    await picture(page, '08-record-vital');
    await page.getByTestId('vital-save').click();
    await page.getByTestId('section-vitals').getByText('120/80').waitFor();
    expect(await page.getByTestId('section-vitals').getByTestId('unsent-badge').count()).toBe(2);
    await picture(page, '09-vitals-not-yet-sent');
  });

  it('what waits is counted and listed', async () => {
    const { page } = running;
    expect(await page.getByTestId('sync-waiting').textContent()).toBe('3 waiting');
    await page.getByTestId('sync-waiting').click();
    await page.getByTestId('changes-waiting').waitFor();
    expect(await page.getByTestId('change').count()).toBe(3);
    await picture(page, '10-unsent-changes');
  });

  it('plugged in, the note’s conflict is shown, and the rest is sent', async () => {
    const { page } = running;
    editElsewhere(server, subject.note);
    plugIn();
    await page.getByTestId('sync-now').click();
    await page.getByTestId('sync-conflicts').waitFor({ timeout: SYNC_TIMEOUT });
    await page
      .locator('[data-testid="sync-strip"][data-activity="idle"][data-complete="true"]')
      .waitFor({ timeout: SYNC_TIMEOUT });
    await page.getByTestId('changes-conflict').waitFor();
    await page.getByTestId('changes-waiting').waitFor({ state: 'detached' });
    expect(await page.getByTestId('sync-strip').getAttribute('data-up-to-date')).toBe('false');
    await picture(page, '11-conflict-listed');
    const [, corrected] = versionsOf<Observation>(server, 'Observation', subject.pulse.id);
    expect(corrected).toMatchObject({ status: 'corrected', valueQuantity: { value: 82 } });
  });

  it('it is decided field by field, with a preview of what comes of it', async () => {
    const { page } = running;
    await page.getByTestId('change-resolve').click();
    await page.getByTestId('conflict-view').waitFor();
    await picture(page, '12-conflict');
    expect(await page.getByTestId('use-merged').isDisabled()).toBe(true);
    const both = page.locator('[data-testid="conflict-field"][data-changed-by="both"]');
    for (const field of await both.all()) await field.getByTestId('choose-mine').check();
    expect(await page.getByTestId('merged-preview').textContent()).toContain(OURS);
    await picture(page, '13-conflict-decided');
    await page.getByTestId('use-merged').click();
    await page
      .locator('[data-testid="sync-strip"][data-activity="idle"][data-up-to-date="true"]')
      .waitFor({ timeout: SYNC_TIMEOUT });
    await page.getByText('No unsent changes').waitFor();
    await picture(page, '14-up-to-date');
  });

  it('both stories are in the server’s history, and nothing was written without knowing what it replaces', async () => {
    const versions = versionsOf<DocumentReference>(server, 'DocumentReference', subject.note.id);
    expect(versions.map(textOf)).toEqual([textOf(subject.note), theirs(), ours()]);
    expect(versions.at(-1)?.docStatus).toBe('amended');
    expect(versionsOf(server, 'Observation', subject.pulse.id)).toHaveLength(2);
    const pressures = (server.store.list('Observation') as Observation[]).filter(
      ({ subject: of, component }) =>
        of?.reference === `Patient/${subject.patientId}` &&
        component?.map(({ valueQuantity }) => valueQuantity?.value).join('/') === '120/80',
    );
    expect(pressures.filter(({ performer }) => performer?.length === 1)).toHaveLength(1);
    const { page } = running;
    await page.getByTestId('back-to-list').click();
    await openChart(page, subject.patientId);
    await page.getByTestId('tab-notes').click();
    await page.locator(`[data-testid="note-row"][data-note-id="${subject.note.id}"]`).click();
    expect(await page.getByTestId('note-body').textContent()).toContain(OURS);
    expect(await page.locator('article [data-testid="unsent-badge"]').count()).toBe(0);
    await picture(page, '15-note-sent');
  });

  it('security: of an allergy nothing is chosen for anybody, and what the chart will show is seen before', async () => {
    const { page } = running;
    const id = 'amoxicillin-e2e';
    const reaction = (text: string) => ({ manifestation: [{ text }] });
    const allergy = {
      resourceType: 'AllergyIntolerance' as const,
      id,
      clinicalStatus: codeOf('allergyintolerance-clinical', 'active'),
      verificationStatus: codeOf('allergyintolerance-verification', 'unconfirmed'),
      code: { text: 'Amoxicillin' },
      patient: { reference: `Patient/${subject.patientId}` },
      criticality: 'low' as const,
      reaction: [reaction('Rash')],
    };
    server.store.put(allergy);
    await page.getByTestId('sync-now').click();
    await page.getByTestId('tab-summary').click();
    const item = page.getByTestId('section-allergies').locator('li', { hasText: 'Amoxicillin' });
    await item.waitFor({ timeout: SYNC_TIMEOUT });
    plugIn = server.faults.add({ kind: 'dropBefore', match: () => true });
    await item.getByTestId('item-change').click();
    await page.getByTestId('deed-refute').check();
    await page.getByTestId('field-reason').fill('Tolerated it twice since');
    await page.getByTestId('form-save').click();
    await page.getByTestId('change-dialog').waitFor({ state: 'detached' });
    server.store.put({ ...allergy, criticality: 'high', reaction: [reaction('Rash'), reaction('Wheeze')] });
    plugIn();
    await page.getByTestId('sync-now').click();
    await page.getByTestId('sync-conflicts').click({ timeout: SYNC_TIMEOUT });
    await page.getByTestId('change-resolve').click();
    await page.getByTestId('conflict-view').waitFor();
    const fields = page.getByTestId('conflict-field');
    expect(await fields.evaluateAll((all) => all.map((one) => one.getAttribute('data-chosen')))).toEqual(
      Array(await fields.count()).fill('none'),
    );
    expect(await fields.locator('legend').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('Criticality'), expect.stringContaining('Reaction')]),
    );
    await picture(page, '16-allergy-conflict');
    // By keyboard alone.
    for (const field of await fields.all()) {
      const isMine = (await field.getAttribute('data-changed-by')) === 'mine';
      await field.getByTestId(isMine ? 'choose-mine' : 'choose-theirs').focus();
      await page.keyboard.press('Space');
    }
    await page.getByTestId('merged-in-chart').getByText('Amoxicillin').waitFor();
    expect(await page.getByTestId('merged-in-chart').textContent()).toContain('Refuted');
    await picture(page, '17-allergy-decided');
    await page.getByTestId('use-merged').focus();
    await page.keyboard.press('Enter');
    await page
      .locator('[data-testid="sync-strip"][data-activity="idle"][data-up-to-date="true"]')
      .waitFor({ timeout: SYNC_TIMEOUT });
    expect(server.store.read('AllergyIntolerance', id)).toMatchObject({
      criticality: 'high',
      reaction: [reaction('Rash'), reaction('Wheeze')],
      verificationStatus: { coding: [{ code: 'refuted' }] },
    });
  });
});

import { mkdtempSync } from 'node:fs';
import type { DocumentReference, Observation, Patient } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, synced } from '../support/journey.ts';
import { shot } from '../support/shots.ts';

/** A label that withholds nothing. */
const LABEL = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' };
const FIRST = 'Spoke of what she wants nobody else to read.';
const SECOND = `${FIRST} Will come again on Thursday.`;
const THEIRS = 'Written at another desk meanwhile.';

const fields = [
  { type: 'DocumentReference', path: 'content.attachment.data' },
  { type: 'Observation', path: 'value', label: `${LABEL.system}|${LABEL.code}` },
  { type: 'Patient', path: 'identifier.value', blindIndex: true },
];

describe('what is encrypted within records, at a workstation', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  let patient: Patient;
  let code: string;

  beforeAll(async () => {
    const keys = { folder: mkdtempSync(sessionFolder('token-')), pin: 'synthetic-1234' };
    server = await startServer({ patients: 6, seed: 7, now: '2026-11-01T08:00:00Z', keys });
    const id = panelOf(server)[0] ?? '';
    patient = (server.store.list('Patient') as Patient[]).find((one) => one.id === id) as Patient;
    code = labelTwo(server, id);
    if (!server.keys) throw new Error('the server has no keys');
    const policy = { documents: { ...server.keys.policy, fields } };
    running = await startApp({ userData: newUserData(), server: server.url, policy });
    page = running.page;
    await enrol(page);
    await synced(page);
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  const notes = () => server.store.list('DocumentReference') as DocumentReference[];
  const sealedNote = () => notes().find((note) => JSON.stringify(note).includes('StructureDefinition/sealed'));

  it('finds a patient by an encrypted identifier that is exactly what was typed', async () => {
    const value = patient.identifier?.[0]?.value ?? '';
    await page.getByTestId('patient-search').fill(value.slice(0, -1));
    await page.getByText('No match').waitFor();
    await page.getByTestId('patient-search').fill(value);
    await page.locator(`[data-testid="patient-row"][data-patient-id="${patient.id}"]`).waitFor();
    expect(await page.getByTestId('patient-row').count()).toBe(1);
    expect(await page.getByTestId('patient-row').textContent()).toContain('Encrypted');
    await shot(page, 'list');
    await page.getByTestId('patient-search').fill('');
    await page.getByText('6 patients', { exact: true }).waitFor();
  });

  it('lists encrypted values in the trend, and shows the one that is asked for', async () => {
    await openChart(page, patient.id ?? '');
    await shot(page, 'summary');
    await page.getByTestId('tab-results').click();
    await page.locator(`[data-testid="result-group"][data-code="${code}"]`).click();
    await page.getByText('2 values are encrypted and not drawn.').waitFor();
    const rows = page.locator('[data-testid="trend-table"] [data-masked]');
    expect(await rows.count()).toBe(2);
    await shot(page, 'trend');
    await rows.first().getByTestId('sealed-reveal').click();
    await rows.first().getByTestId('sealed-text').waitFor();
    expect(await rows.last().getByTestId('sealed-text').count()).toBe(0);
    await shot(page, 'trend-shown');
  });

  it('tells why one can’t be opened, in its line', async () => {
    damage(server, patient.id ?? '');
    await page.getByTestId('sync-now').click();
    await expect.poll(() => page.getByTestId('trend-masked').textContent()).toContain('3 values');
    const damaged = page.locator('[data-testid="trend-table"] [data-masked]').first();
    await damaged.getByTestId('sealed-reveal').click();
    await damaged.locator('[data-code="field-damaged"]').waitFor();
    await shot(page, 'trend-failed');
  });

  it('security: an encrypted note is amended after it was shown, and encrypted again before it is kept', async () => {
    await page.getByTestId('tab-notes').click();
    await page.getByTestId('note-new').click();
    await page.getByTestId('note-text').fill(FIRST);
    await page.getByTestId('note-save').click();
    await page.getByTestId('note-amend').waitFor();
    await page.locator('article [data-testid="unsent-badge"]').waitFor({ state: 'detached' });
    await page.getByTestId('note-amend').click();
    await shot(page, 'note-closed');
    await page.getByTestId('note-body').getByTestId('sealed-reveal').click();
    const area = page.getByTestId('note-text');
    await area.waitFor();
    expect(await area.inputValue()).toBe(FIRST);
    await area.fill(SECOND);
    await shot(page, 'note-amended');
    await page.getByTestId('note-save').click();
    await expect.poll(() => sealedNote()?.docStatus).toBe('amended');
    const kept = JSON.stringify(server.store.list('DocumentReference'));
    for (const text of [FIRST, SECOND]) {
      expect(kept).not.toContain(Buffer.from(text).toString('base64').slice(0, 30));
    }
    await page.getByTestId('note-body').getByTestId('sealed-reveal').click();
    expect(await page.getByTestId('note-body').getByTestId('sealed-text').textContent()).toBe(SECOND);
  });

  it('security: a conflict says what is encrypted, never shows ciphertext, and opens each side by itself', async () => {
    const note = sealedNote();
    if (!note) throw new Error('no note was sealed');
    await page.getByTestId('note-amend').click();
    await page.getByTestId('note-body').getByTestId('sealed-reveal').click();
    await page.getByTestId('note-text').fill('Mine.');
    const attachment = { contentType: 'text/plain', data: Buffer.from(THEIRS).toString('base64') };
    const { extension: _narrative, ...rest } = note;
    server.store.put({ ...rest, content: [{ attachment }] });
    await page.getByTestId('note-save').click();
    await page.getByTestId('sync-conflicts').click();
    await page.getByTestId('change-resolve').click();
    const field = page.locator('[data-testid="conflict-field"][data-path="content"]');
    await field.getByTestId('sealed-reveal').first().waitFor();
    expect(await field.textContent()).toContain('encrypted, changed on both sides');
    expect(await page.getByTestId('conflict-view').textContent()).not.toMatch(/wardlight\.org|eyJ|ey[A-Za-z0-9+/]{40}/);
    await shot(page, 'conflict');
    await field.getByTestId('sealed-reveal').nth(1).click();
    await field.getByText('Mine.').waitFor();
    await field.getByTestId('sealed-reveal').last().click();
    await field.getByText(THEIRS).waitFor();
    await shot(page, 'conflict-shown');
  });
});

/** The newest value is something that looks sealed, and is no JWE. */
function damage(server: DevServer, patientId: string): void {
  const newest = ofMost(server, patientId)[0];
  const absent = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' };
  const sealed = { url: 'https://wardlight.org/fhir/StructureDefinition/sealed', valueBase64Binary: 'e30=' };
  const meta = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'MASKED' }] };
  if (newest) server.store.put({ ...newest, meta, valueQuantity: { extension: [absent, sealed] } });
}

/** Labels two values of a kind of which there are many, so that policy encrypts them; answers the key of their trend. */
function labelTwo(server: DevServer, patientId: string): string {
  const values = ofMost(server, patientId);
  for (const one of values.slice(2, 4)) server.store.put({ ...one, meta: { ...one.meta, security: [LABEL] } });
  return values[0] ? keyOf(values[0]) : '';
}

/** Values of the kind that a patient has most of, the newest first. */
function ofMost(server: DevServer, patientId: string): Observation[] {
  const all = (server.store.list('Observation') as Observation[]).filter(
    ({ subject, valueQuantity }) => subject?.reference === `Patient/${patientId}` && valueQuantity,
  );
  const countOf = (key: string) => all.filter((one) => keyOf(one) === key).length;
  const [key = ''] = all.map(keyOf).toSorted((a, b) => countOf(b) - countOf(a));
  const timeOf = ({ effectiveDateTime }: Observation) => String(effectiveDateTime);
  return all.filter((one) => keyOf(one) === key).toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)));
}

function keyOf({ code: { coding = [] } }: Observation): string {
  return `${coding[0]?.system}|${coding[0]?.code}`;
}

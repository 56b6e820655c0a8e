import type { Patient } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const show = picturesOf('summary');
const HTEST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' };
const SNOMED = 'http://snomed.info/sct';

describe('the banner and the summary in a real window', () => {
  let server: DevServer;
  let running: RunningApp;
  let page: Page;
  let merged = '';
  let surviving = '';

  beforeAll(async () => {
    server = await smallServer(8);
    [merged = '', surviving = ''] = panelOf(server);
    spoil(server, merged, surviving);
    enrich(server, surviving);
    running = await enrolledApp(server, newUserData());
    page = running.page;
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('marks what must be known in the list, and leads from a merged record to the one that replaces it', async () => {
    const row = page.locator(`[data-testid="patient-row"][data-patient-id="${merged}"]`);
    expect(await row.textContent()).toMatch(/Merged.*Test.*Deceased/);
    await show(page, 'list');
    await openChart(page, merged);
    await show(page, 'merged');
    await page.getByTestId('tab-notes').click();
    expect(await page.getByTestId('note-new').isDisabled()).toBe(true);
    await page.getByTestId('open-replacement').click();
    await page.locator(`[data-patient-id="${surviving}"] [data-testid="section-devices"]`).waitFor();
  });

  it('shows two identifiers at the smallest window, and at twice the size of letters', async () => {
    const identity = page.getByTestId('banner-identity');
    for (const [width, height, name] of [
      [960, 600, 'smallest'],
      [480, 300, 'zoomed'],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const part of [identity.locator('h1'), identity.getByText('born'), identity.getByText('MRN').first()]) {
        const box = await part.boundingBox();
        expect(box && box.y >= 0 && box.y + box.height <= height && box.x + box.width <= width).toBe(true);
      }
      expect(await page.getByTestId('tab-summary').isVisible()).toBe(true);
      await show(page, name);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('holds every section on both screens, without anything that runs out of its card', async () => {
    for (const [width, height] of [
      [1280, 720],
      [2560, 1440],
    ] as const) {
      await page.setViewportSize({ width, height });
      await show(page, `${width}`);
      const wide = await page
        .locator('[data-testid^="section-"]')
        .evaluateAll((cards) => cards.filter((card) => card.scrollWidth > card.clientWidth).map(({ id }) => id));
      expect(wide).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.locator('[data-testid="section-family"]').scrollIntoViewIfNeeded();
    await show(page, '1280-below');
    await page.emulateMedia({ forcedColors: 'active' });
    await show(page, 'high-contrast');
    await page.emulateMedia({ forcedColors: 'none' });
  });
});

/** A record that was merged, of a patient who is none, has died before she was born, and whose name turns round. */
function spoil(server: DevServer, id: string, other: string): void {
  const patient = server.store.list('Patient').find((one) => one.id === id) as Patient;
  server.store.put({
    ...patient,
    meta: { security: [HTEST, { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }] },
    name: [{ use: 'official', family: 'Smi\u202Eth', given: ['\u0410nna'] }],
    deceasedDateTime: '1901-01-01',
    link: [{ type: 'replaced-by', other: { reference: `Patient/${other}` } }],
  });
}

function enrich(server: DevServer, id: string): void {
  const subject = { reference: `Patient/${id}` };
  const coded = (code: string, text: string) => ({ coding: [{ system: SNOMED, code }], text });
  server.store.put({
    resourceType: 'Flag',
    id: 'flag-precautions',
    status: 'active',
    code: coded('409529001', 'Contact precautions: MRSA'),
    subject,
    period: { start: '2026-10-28' },
  });
  server.store.put({
    resourceType: 'Flag',
    id: 'flag-falls',
    status: 'active',
    code: coded('129839007', 'At risk for falls'),
    subject,
  });
  server.store.put({
    resourceType: 'Condition',
    id: 'pregnant',
    code: coded('77386006', 'Pregnant'),
    subject,
    onsetDateTime: '2026-07-01',
  });
  server.store.put({
    resourceType: 'MedicationRequest',
    id: 'thyroxine',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'Levothyroxine' },
    subject,
    authoredOn: '2026-10-02',
    dosageInstruction: [
      {
        text: 'Half an hour before breakfast',
        route: { text: 'oral' },
        doseAndRate: [{ doseQuantity: { value: 50.0, unit: 'ug' } }],
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
      },
    ],
  });
}

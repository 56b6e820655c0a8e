import type { MedicationRequest } from 'fhir/r4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { enrol, newUserData, PASSPHRASE, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('language');

/** A medicine of which only codes say how it is taken. */
function twiceDaily(patientId: string): MedicationRequest {
  return {
    ...{ resourceType: 'MedicationRequest', id: `${patientId}-insulin`, status: 'active', intent: 'order' },
    ...{ medicationCodeableConcept: { text: 'Insulin' }, subject: { reference: `Patient/${patientId}` } },
    dosageInstruction: [
      {
        timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd', when: ['HS'] } },
        doseAndRate: [{ doseQuantity: { value: 20, unit: 'IU' } }],
      },
    ],
  };
}

describe('the language of the page', () => {
  let server: DevServer;
  let running: RunningApp;
  const page = () => running.page;
  beforeAll(async () => {
    server = await smallServer(6);
    for (const { id } of server.store.list('Patient')) server.store.put(twiceDaily(id ?? ''));
    running = await startApp({ userData: newUserData(), server: server.url });
    await enrol(page());
    await page().getByTestId('patient-row').first().waitFor();
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('is chosen by a button that is named in it, while somebody works', async () => {
    await page().getByRole('button', { name: 'Español' }).click();
    await page().getByRole('heading', { name: 'Mis pacientes' }).waitFor();
    expect(await page().evaluate(() => document.documentElement.lang)).toBe('es');
    await page().getByTestId('patient-row').first().click();
    await page().getByTestId('patient-banner').waitFor();
    await page()
      .getByRole('heading', { name: /^Alergias/ })
      .waitFor();
    const medicines = page().getByTestId('section-medications');
    await medicines.getByText('dos veces al día').first().waitFor();
    expect(await medicines.textContent()).toMatch(/20 unidades/);
    expect(await medicines.textContent()).not.toMatch(/daily|units|at bedtime/);
    await picture(page(), 'chart-es');
  });

  it('takes nothing of what is typed with it, not even the last letters', async () => {
    const typed = 'Dormido; no despertar.';
    await page().getByTestId('tab-notes').click();
    await page().getByTestId('note-new').click();
    await page().getByTestId('note-text').fill(typed);
    await page().getByTestId('speak-en').click();
    await page().getByTestId('leave-dialog-confirm').click();
    await page().getByRole('heading', { name: 'My patients' }).waitFor();
    await page().getByTestId('draft-banner-open').click();
    expect(await page().getByTestId('draft-body').textContent()).toBe(typed);
    await page().getByTestId('speak-es').click();
    await page().getByRole('heading', { name: 'Mis pacientes' }).waitFor();
  });

  it('is kept through the lock, and back again before the passphrase', async () => {
    await page().keyboard.press('Control+l');
    await page().getByTestId('unlock-passphrase').waitFor();
    await page().getByRole('button', { name: 'Desbloquear' }).waitFor();
    await picture(page(), 'lock-es');
    await page().getByRole('button', { name: 'English' }).click();
    await page().getByRole('button', { name: 'Unlock' }).waitFor();
    await page().getByTestId('unlock-passphrase').fill(PASSPHRASE);
    await page().keyboard.press('Enter');
    await page().getByRole('heading', { name: 'My patients' }).waitFor();
  });

  it('can be one that is read from the right: the page turns around, and nothing is cut off', async () => {
    await page().getByTestId('patient-row').first().waitFor();
    const before = await page().getByTestId('lock-button').boundingBox();
    await page().evaluate(() => {
      document.documentElement.dir = 'rtl';
    });
    const after = await page().getByTestId('lock-button').boundingBox();
    const width = await page().evaluate(() => window.innerWidth);
    expect((before?.x ?? 0) > width / 2 && (after?.x ?? width) < width / 2).toBe(true);
    await picture(page(), 'list-rtl');
    await page().getByTestId('patient-row').first().click();
    await page().getByTestId('patient-banner').waitFor();
    await picture(page(), 'chart-rtl');
    const cut = await page().evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(cut).toBe(false);
  });
});

// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChartSummary } from '../../../../../preload/contract/chart.ts';
import { fakeChart, fakePatients, NOTHING_WITHHELD } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const patients = fakePatients(1);

async function openChart(change: Partial<ChartSummary> = {}) {
  const app = renderApp({ patients });
  const chart = { ...fakeChart(patients[0]!), ...change };
  Object.assign(app.bridge.chart, { read: async () => ({ ok: true, value: chart }) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  return app;
}

describe('the banner', () => {
  it('names the patient, allergies and alerts', async () => {
    await openChart();
    const banner = screen.getByTestId('patient-banner');
    expect(within(banner).getByRole('heading', { level: 1 }).textContent).toBe('OKAFOR, Grace (Mrs)');
    expect(screen.getByTestId('banner-allergies').textContent).toContain('Penicillin G (high), Latex (unconfirmed)');
    expect(banner.textContent).toContain('Not for resuscitation');
    expect(banner.textContent).toContain('MRN 700000');
  });

  it('stays over results and notes', async () => {
    await openChart();
    for (const key of ['2', '3', '1']) {
      fireEvent.keyDown(window, { key });
      expect(screen.getByTestId('patient-banner').textContent).toContain('OKAFOR, Grace');
    }
  });

  it('names a chart that is not whole', async () => {
    const { vitals } = fakeChart(patients[0]!);
    await openChart({ vitals: { ...vitals, state: 'partial' } });
    expect(screen.getByTestId('banner-age').textContent).toContain('Partial');
  });
});

describe('the summary', () => {
  it('never lets what a section shows seem to be all', async () => {
    const [patient] = fakePatients(1);
    if (!patient) throw new Error('nobody');
    const chart = fakeChart(patient);
    await openChart({ encounters: { ...chart.encounters, total: 431, omittedSince: '2009' } });
    const card = screen.getByTestId('section-encounters');
    const more = 431 - chart.encounters.items.length;
    expect(card.textContent).toContain(`${more} more are not listed here, back to 2009. The timeline has all.`);
    expect(card.textContent).not.toContain('Show all');
    expect(screen.getByTestId('section-notes').textContent).not.toContain('not listed here');
  });

  it('tells nothing recorded, not fetched and not permitted apart', async () => {
    const empty = {
      asOf: null,
      deletionsUnknown: false,
      items: [],
      total: 0,
      omittedSince: null,
      withheld: NOTHING_WITHHELD,
    };
    await openChart({
      problems: { ...empty, state: 'complete' },
      encounters: { ...empty, state: 'not-fetched' },
      notes: { ...empty, state: 'not-permitted' },
      results: { ...empty, state: 'not-kept' },
    });
    expect(screen.getByTestId('section-problems').textContent).toContain('None recorded');
    expect(screen.getByTestId('section-encounters').textContent).toContain('Not available offline');
    expect(screen.getByTestId('section-notes').textContent).toContain('Not permitted to view');
    expect(screen.getByTestId('section-results').textContent).toContain('Not kept on this workstation');
  });

  it('says no number of notes that are not here, and it once why', async () => {
    const { notes } = fakeChart(patients[0]!);
    await openChart({ notes: { ...notes, state: 'not-kept', asOf: null, items: [], total: 0 } });
    fireEvent.click(screen.getByTestId('tab-notes'));
    await screen.findByTestId('note-new');
    expect(screen.queryByText(/0 notes/)).toBeNull();
    expect(screen.getByText('Not kept here')).toBeTruthy();
    expect(screen.getAllByText(/Not kept on this workstation/)).toHaveLength(1);
  });

  it('says on a card that what the server has deleted is not noticed, and only there', async () => {
    const { problems } = fakeChart(patients[0]!);
    await openChart({ problems: { ...problems, deletionsUnknown: true } });
    expect(screen.getByTestId('section-problems').textContent).toContain('deletions not noticed');
    expect(screen.getByTestId('section-vitals').textContent).not.toContain('deletions');
  });

  it('says of how many a capped list is', async () => {
    await openChart();
    expect(screen.getByTestId('section-vitals').textContent).toContain('showing 6 of 431');
  });

  it('says flags in words', async () => {
    await openChart();
    expect(within(screen.getByTestId('section-results')).getAllByText('critically high').length).toBe(1);
  });

  it('folds refuted and entered-in-error allergies away under these names', async () => {
    await openChart();
    const folded = screen.getByTestId('section-allergies').querySelector('details')!;
    expect(folded.open).toBe(false);
    expect(screen.queryByText('Codeine')).toBeNull();
    fireEvent.click(folded.querySelector('summary')!);
    expect(folded.textContent).toContain('Codeine – Refuted');
    expect(folded.textContent).toContain('Aspirin – Entered in error');
  });

  it('goes back to the list on Escape', async () => {
    await openChart();
    fireEvent.keyDown(window, { key: 'Escape' });
    expect(await screen.findByTestId('patient-list')).toBe(document.activeElement);
    expect(screen.queryByTestId('patient-banner')).toBeNull();
  });
});

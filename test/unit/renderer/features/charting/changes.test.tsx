// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChartSummary, Unsent } from '../../../../../preload/contract/chart.ts';
import { fakeChange } from '../../support/fakeData.ts';
import { fill, openChart, saidOf, save, saveTwice, sent } from './support.tsx';

afterEach(cleanup);

/** What doesn't hold any longer is folded away, and is opened first. */
function rowOf(section: string, text: string) {
  const card = screen.getByTestId(`section-${section}`);
  for (const summary of card.querySelectorAll('details:not([open]) > summary')) fireEvent.click(summary);
  return within(card).getByText(text).closest('li')!;
}
const change = (section: string, text: string) =>
  fireEvent.click(within(rowOf(section, text)).getByTestId('item-change'));

/** The first allergy of the chart, as it would be after a change here. */
const withAllergy = (now: { unsent: Unsent; versionId?: string }) => (chart: ChartSummary) => {
  const items = chart.allergies.items.map((item) => (item.id === 'a1' ? { ...item, ...now } : item));
  return { ...chart, allergies: { ...chart.allergies, items } };
};
const withTaken = (chart: ChartSummary) => {
  const items = chart.medications.items.map((item) =>
    item.id === 'm2' ? { ...item, source: 'MedicationStatement' as const } : item,
  );
  return { ...chart, medications: { ...chart.medications, items } };
};

describe('a record that is there', () => {
  it.each([
    ['allergies', 'Penicillin G', 'refute', { id: 'a1' }, 'charting.refuteAllergy'],
    [
      'problems',
      'Type 2 diabetes mellitus',
      'resolve',
      { id: 'c2', change: 'resolve', end: null },
      'charting.changeProblem',
    ],
    ['problems', 'Acute bronchitis', 'reactivate', { id: 'c5', change: 'reactivate' }, 'charting.changeProblem'],
    ['medications', 'Clarithromycin 500 mg tablet', 'stop', { id: 'm2', end: null }, 'charting.stopMedication'],
    [
      'allergies',
      'Codeine',
      'entered-in-error',
      { id: 'a4', type: 'AllergyIntolerance' },
      'charting.markEnteredInError',
    ],
  ] as const)('of the %s: %s, %s', async (section, text, deed, request, call) => {
    const app = await openChart({ chart: withTaken });
    change(section, text);
    expect((await screen.findByTestId('change-dialog')).textContent).toMatch(/OKAFOR, Grace.*MRN 700000/);
    fireEvent.click(screen.getByTestId(`deed-${deed}`));
    fill('reason', 'Was a mistake');
    saveTwice();
    await waitFor(() => expect(screen.queryByTestId('change-dialog')).toBeNull());
    const shown = { patientId: 'p0', versionId: '1', reason: 'Was a mistake', ...request };
    expect(sent(app)).toEqual([{ call, request: expect.objectContaining(shown) }]);
  });

  it('is a vital sign that was written for the wrong patient', async () => {
    const app = await openChart();
    const row = within(screen.getByTestId('section-vitals')).getAllByTestId('value-row')[0]!;
    const button = within(row).getByTestId('item-change');
    expect(button.title).toMatch(/^Entered in error: .+ \d/);
    fireEvent.click(button);
    await screen.findByTestId('change-dialog');
    fill('reason', 'Of the next bed');
    saveTwice();
    await waitFor(() => expect(screen.queryByTestId('change-dialog')).toBeNull());
    const request = { patientId: 'p0', type: 'Observation', id: row.dataset['id'], reason: 'Of the next bed' };
    expect(sent(app)).toEqual([{ call: 'charting.markEnteredInError', request: expect.objectContaining(request) }]);
  });

  it('is refuted, stopped and taken back with a reason only, and it is asked before a reason is lost', async () => {
    const app = await openChart();
    change('allergies', 'Penicillin G');
    const dialog = await screen.findByTestId('change-dialog');
    expect((screen.getByTestId('form-save') as HTMLButtonElement).disabled).toBe(true);
    fireEvent.click(screen.getByTestId('deed-refute'));
    save();
    await waitFor(() => expect(saidOf('reason')).toContain('Say why'));
    fill('reason', 'Tolerated it twice');
    fireEvent(dialog, new Event('cancel', { cancelable: true }));
    expect((await screen.findByTestId('leave-dialog')).textContent).toContain('lost');
    expect(sent(app)).toEqual([]);
  });

  it('that is another version by now is told, and nothing is lost', async () => {
    await openChart({ charting: { refuteAllergy: async () => ({ ok: false, error: { code: 'stale' } }) } });
    change('allergies', 'Penicillin G');
    fireEvent.click(await screen.findByTestId('deed-refute'));
    fill('reason', 'Tolerated it twice');
    save();
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('stale');
    expect(screen.getByTestId('change-dialog').textContent).toContain('Penicillin G');
  });

  it('is offered what can be done to it: a prescription nothing, an error nothing more', async () => {
    await openChart();
    expect(within(rowOf('medications', 'Clarithromycin 500 mg tablet')).queryByTestId('item-change')).toBeNull();
    expect(within(rowOf('allergies', 'Aspirin')).queryByTestId('item-change')).toBeNull();
    change('allergies', 'Codeine');
    await screen.findByTestId('deed-entered-in-error');
    expect(screen.queryByTestId('deed-refute')).toBeNull();
  });
});

it('leaves the focus in the card where what it was given to is gone from it', async () => {
  let isRefuted = false;
  const app = await openChart({
    chart: (chart) => {
      const items = chart.allergies.items.filter(({ id }) => !isRefuted || id !== 'a1');
      return { ...chart, allergies: { ...chart.allergies, items } };
    },
  });
  const button = within(rowOf('allergies', 'Penicillin G')).getByTestId('item-change');
  button.focus();
  fireEvent.click(button);
  fireEvent.click(await screen.findByTestId('deed-refute'));
  fill('reason', 'Tolerated it twice');
  save();
  await waitFor(() => expect(screen.queryByTestId('change-dialog')).toBeNull());
  // The browser's own dialog gives the focus back, to what is about to go.
  button.focus();
  isRefuted = true;
  app.changed({ patients: 'all' });
  await waitFor(() => expect(screen.queryByText('Penicillin G')).toBeNull());
  expect(document.activeElement).toBe(screen.getByTestId('section-allergies'));
});

describe('a record that is not sent yet', () => {
  const about = { resourceType: 'AllergyIntolerance', resourceId: 'a1', title: 'Allergy: Penicillin G' };

  it('says so, and is withdrawn where it is shown, after a question', async () => {
    const unsent = [
      fakeChange({ resourceId: 'other' }),
      fakeChange({ ...about, id: '8c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' }),
    ];
    const app = await openChart({ chart: withAllergy({ unsent: 'waiting', versionId: '' }), unsent });
    const row = rowOf('allergies', 'Penicillin G');
    expect(within(row).getByTestId('unsent-badge').textContent).toBe('Not yet sent');
    fireEvent.click(within(row).getByTestId('item-withdraw'));
    expect((await screen.findByTestId('withdraw-dialog')).textContent).toContain('Allergy: Penicillin G');
    fireEvent.click(screen.getByTestId('withdraw-dialog-confirm'));
    const request = { id: '8c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b11' };
    await waitFor(() => expect(app.writes).toContainEqual({ call: 'sync.withdraw', request }));
  });

  it('is never marked as entered in error: nobody else has seen it', async () => {
    await openChart({ chart: withAllergy({ unsent: 'waiting', versionId: '' }) });
    change('allergies', 'Penicillin G');
    expect((await screen.findByTestId('change-dialog')).textContent).not.toContain('Entered in error');
  });

  it.each([
    [[], 'sent, or withdrawn, meanwhile'],
    [[fakeChange({ ...about, state: 'sending' })], 'being sent just now'],
  ])('and is by now, is told', async (unsent, words) => {
    const app = await openChart({ chart: withAllergy({ unsent: 'waiting' }), unsent });
    fireEvent.click(screen.getByTestId('item-withdraw'));
    expect((await screen.findByTestId('withdraw-late')).textContent).toContain(words);
    expect(app.writes).toEqual([]);
  });

  it('and was rejected, leads to why', async () => {
    await openChart({ chart: withAllergy({ unsent: 'parked' }) });
    fireEvent.click(screen.getByTestId('item-sync'));
    await screen.findByTestId('sync-view');
  });
});

it('no known allergies is a statement of its own, and main’s no is told', async () => {
  const app = await openChart({
    charting: { recordNoKnownAllergies: async () => ({ ok: false, error: { code: 'allergies-recorded' } }) },
  });
  fireEvent.click(screen.getByTestId('write-open'));
  fireEvent.click(await screen.findByTestId('write-no-known-allergies'));
  expect((await screen.findByTestId('no-known-dialog')).textContent).toMatch(/was asked.*OKAFOR|OKAFOR.*was asked/);
  save();
  expect((await screen.findByTestId('failure')).textContent).toContain('Allergies are recorded');
  expect(sent(app)).toEqual([]);
});

it('a look at the past offers nothing to write', async () => {
  await openChart();
  fireEvent.click(screen.getByTestId('past-open'));
  fireEvent.click((await screen.findAllByTestId('past-quick'))[0]!);
  await screen.findByTestId('past-tab-summary');
  await screen.findByTestId('section-allergies');
  for (const id of ['record-allergy', 'item-change', 'write-open']) expect(screen.queryByTestId(id)).toBeNull();
  fireEvent.keyDown(document.body, { key: 'n' });
  expect(screen.queryByTestId('write-menu')).toBeNull();
});

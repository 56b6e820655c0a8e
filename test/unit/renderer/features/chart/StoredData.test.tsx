// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { fakeChart, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

it('tells of each kind of record how much there is and when it was last complete', async () => {
  renderApp({ patients: fakePatients(1) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  fireEvent.keyDown(window, { key: '4' });
  const table = await screen.findByTestId('stored-data');
  const line = (type: string) => table.querySelector(`[data-type=${type}]`)?.textContent;
  expect(line('DocumentReference')).toMatch(/^Notes and documents31as of /);
  expect(line('Observation')).toMatch(/^Results and vital signs1,204Partial/);
  // What the server doesn’t tell is said beside what is stored, and only where there is something to doubt.
  expect(line('Observation')).toContain('deletions on the server can’t be noticed');
  expect(line('DocumentReference')).not.toContain('deletions');
  expect(line('CarePlan')).toBe('Care plans–Not permitted to view');
});

it('marks notes and values whose change is not on the server, in words', async () => {
  const [patient] = fakePatients(1);
  const app = renderApp({ patients: [patient!] });
  const chart = fakeChart(patient!);
  const [note, ...notes] = chart.notes.items;
  const [value, second, ...values] = chart.vitals.items;
  const marked = {
    ...chart,
    notes: { ...chart.notes, items: [{ ...note!, unsent: 'conflict' as const }, ...notes] },
    vitals: {
      ...chart.vitals,
      items: [{ ...value!, unsent: 'waiting' as const }, { ...second!, unsent: 'parked' as const }, ...values],
    },
  };
  Object.assign(app.bridge.chart, { read: async () => ({ ok: true, value: marked }) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  expect(screen.getAllByTestId('unsent-badge').map((badge) => badge.textContent)).toEqual([
    'Conflict',
    'Not yet sent',
    'Rejected',
  ]);
});

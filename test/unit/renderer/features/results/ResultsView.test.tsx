// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function openResults(mode: string) {
  const app = renderApp({ patients: fakePatients(1) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  fireEvent.click(await screen.findByTestId('tab-results'));
  fireEvent.click(await screen.findByLabelText(mode));
  return app;
}

const asked = (app: ReturnType<typeof renderApp>) =>
  app.writes.flatMap(({ call, request }) =>
    call === 'results.trends' ? [(request as { codes: string[] }).codes] : [],
  );
const boxOf = (code: string) =>
  within(screen.getAllByTestId('pick').find((pick) => pick.dataset['code'] === `http://loinc.org|${code}`)!).getByRole(
    'checkbox',
  ) as HTMLInputElement;

it('the list stands in panels, with deltas, corrections and where a flag comes from', async () => {
  await openResults('One test');
  const group = screen.getByRole('group', { name: 'Basic metabolic panel' });
  expect(group.textContent).toContain('+0.30 from 1.20');
  expect(within(group).getAllByTitle(/critically high, (as reported|by the reference range)/).length).toBe(1);
  expect(screen.getByRole('group', { name: 'Laboratory, single tests' })).toBeTruthy();
});

it('withdrawn values are struck out in the table of a trend', async () => {
  await openResults('One test');
  const table = await screen.findByTestId('trend-table');
  const row = await waitFor(() => table.querySelector('[data-withdrawn]')!);
  expect(row.querySelector('s')?.textContent).toBe('999 mmol/L');
});

it('several tests are one read: those of one unit and scale on one plot, others below', async () => {
  const app = await openResults('Several plots');
  const plots = await screen.findByTestId('compare-plots');
  expect(asked(app)).toEqual([['http://loinc.org|2823-3', 'http://loinc.org|2951-2', 'http://loinc.org|2160-0']]);
  const figures = [...plots.querySelectorAll('figure')];
  expect(figures.map((figure) => figure.dataset['unit'])).toEqual(['mmol/L', 'mmol/L', 'mg/dL', 'umol/L']);
  expect(figures[0]?.textContent).toContain('Sodium');
  expect(figures[1]?.textContent).toContain('Potassium');
});

it('no more than six are picked; one that is given up makes room', async () => {
  await openResults('Several plots');
  for (const code of ['8867-4', '8310-5', '9279-1']) fireEvent.click(boxOf(code));
  expect(screen.getByText('6 of at most 6')).toBeTruthy();
  expect(boxOf('59408-5').disabled).toBe(true);
  fireEvent.click(boxOf('8867-4'));
  expect(boxOf('59408-5').disabled).toBe(false);
});

it('time is zoomed by keys and buttons, and reset', async () => {
  await openResults('Several plots');
  const plots = await screen.findByTestId('compare-plots');
  expect(screen.queryByTestId('zoom-reset')).toBeNull();
  fireEvent.click(screen.getByTestId('zoom-in'));
  fireEvent.click(await screen.findByTestId('zoom-reset'));
  expect(screen.queryByTestId('zoom-reset')).toBeNull();
  fireEvent.keyDown(within(plots).getAllByRole('img')[0]!, { key: '+' });
  fireEvent.keyDown(within(plots).getAllByRole('img')[0]!, { key: '0' });
  await waitFor(() => expect(screen.queryByTestId('zoom-reset')).toBeNull());
});

it('the table is walked by keys, and a test leads to its trend', async () => {
  await openResults('Table');
  const grid = await screen.findByRole('grid', { name: 'Results by test and time' });
  const first = within(grid).getByRole('button', { name: 'Potassium' });
  first.focus();
  fireEvent.keyDown(first, { key: 'ArrowRight' });
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-colindex')).toBe('2'));
  fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' });
  await waitFor(() => expect(document.activeElement?.closest('tr')?.dataset['code']).toContain('2951-2'));
  fireEvent.keyDown(document.activeElement!, { key: 'Home' });
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Sodium'));
  fireEvent.click(document.activeElement!);
  expect(await screen.findByRole('region', { name: 'Trend of Sodium' })).toBeTruthy();
});

it('a table of many times holds only the columns in sight', async () => {
  await openResults('Table');
  const grid = await screen.findByRole('grid', { name: 'Results by test and time' });
  const count = Number(grid.getAttribute('aria-colcount'));
  expect(count).toBeGreaterThan(40);
  expect(within(grid).getAllByRole('columnheader').length).toBeLessThan(30);
});

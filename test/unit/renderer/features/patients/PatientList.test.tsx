// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { SYNCED } from '../../support/fakeBridge.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

async function openList(count: number) {
  renderApp({ patients: fakePatients(count) });
  await screen.findAllByTestId('patient-row');
  return screen.getByTestId('patient-list');
}

const activeName = () => document.querySelector('[aria-selected=true] bdi')?.textContent;
const nameOf = (index: number) => screen.getAllByTestId('patient-row')[index]?.querySelector('bdi')?.textContent;

it('moves the active row by keys and names it to assistive technology', async () => {
  const list = await openList(8);
  expect(activeName()).toBe(nameOf(0));
  fireEvent.keyDown(list, { key: 'ArrowDown' });
  fireEvent.keyDown(list, { key: 'ArrowDown' });
  expect(activeName()).toBe(nameOf(2));
  expect(list.getAttribute('aria-activedescendant')).toBe('patient-row-2');
  fireEvent.keyDown(list, { key: 'End' });
  expect(activeName()).toBe(nameOf(7));
  fireEvent.keyDown(list, { key: 'Home' });
  expect(activeName()).toBe(nameOf(0));
});

it('Enter opens the active patient', async () => {
  const list = await openList(8);
  fireEvent.keyDown(list, { key: 'ArrowDown' });
  const name = activeName()!;
  fireEvent.keyDown(list, { key: 'Enter' });
  expect((await screen.findByTestId('patient-banner')).textContent).toContain(name);
});

it('coming back from a chart, the same patient is active', async () => {
  const list = await openList(8);
  for (let press = 0; press < 3; press += 1) fireEvent.keyDown(list, { key: 'ArrowDown' });
  const name = activeName();
  fireEvent.keyDown(list, { key: 'Enter' });
  await screen.findByTestId('patient-banner');
  fireEvent.click(screen.getByTestId('back-to-list'));
  await screen.findByTestId('patient-list');
  expect(activeName()).toBe(name);
});

it('Enter in the search field opens nobody, but goes to the list', async () => {
  const list = await openList(8);
  fireEvent.keyDown(screen.getByTestId('patient-search'), { key: 'Enter' });
  expect(document.activeElement).toBe(list);
  expect(screen.queryByTestId('patient-banner')).toBeNull();
});

it('finds as typed and says how many match', async () => {
  await openList(40);
  expect(screen.getByTestId('patient-count').textContent).toBe('40 patients');
  fireEvent.change(screen.getByTestId('patient-search'), { target: { value: 'okafor' } });
  await waitFor(() => expect(screen.getByTestId('patient-count').textContent).toBe('4 of 40 patients match'));
  expect(screen.getByTestId('patient-count').getAttribute('aria-live')).toBe('polite');
});

it('asks for what is typed at once, for one answer at a time, and for no more rows than fill the window', async () => {
  const { bridge } = renderApp({ patients: fakePatients(2_000) });
  await screen.findAllByTestId('patient-row');
  const { list } = bridge.patients;
  const asked: { query: string; limit: number }[] = [];
  const answers: (() => void)[] = [];
  const slow: typeof list = async (request) => {
    asked.push(request);
    await new Promise<void>((resolve) => answers.push(resolve));
    return list(request);
  };
  Object.assign(bridge.patients, { list: slow });
  const queries = () => asked.map(({ query }) => query);
  const busy = () => screen.getByTestId('patient-list').getAttribute('aria-busy');
  for (const value of ['o', 'ok', 'oka']) {
    fireEvent.change(screen.getByTestId('patient-search'), { target: { value } });
  }
  expect(queries()).toEqual(['o']);
  expect(busy()).toBe('true');
  answers.shift()?.();
  await waitFor(() => expect(queries()).toEqual(['o', 'oka']));
  answers.shift()?.();
  await waitFor(() => expect(busy()).toBe('false'));
  expect(screen.getByTestId('patient-count').textContent).toContain('200 of');
  expect(Math.max(...asked.map(({ limit }) => limit)) * 34).toBeLessThan(window.innerHeight + 10 * 34);
});

it('holds a part of ten thousand rows only', async () => {
  const list = await openList(10_000);
  expect(list.getAttribute('aria-rowcount')).toBe('10001');
  expect(screen.getAllByTestId('patient-row').length).toBeLessThan(60);
});

it('sorts by a column head, and turns the order on a second press', async () => {
  await openList(8);
  fireEvent.click(screen.getByRole('button', { name: 'Location' }));
  expect(screen.getByRole('columnheader', { name: 'Location' }).getAttribute('aria-sort')).toBe('ascending');
  fireEvent.click(screen.getByRole('button', { name: 'Location' }));
  expect(screen.getByRole('columnheader', { name: 'Location' }).getAttribute('aria-sort')).toBe('descending');
});

it('tells apart that nobody is on the panel, that nothing was fetched, and that nobody matches', async () => {
  renderApp({ patients: [] });
  await screen.findByText('No patients on your care teams');
  cleanup();
  renderApp({ patients: [], sync: { ...SYNCED, asOf: null, complete: false } });
  await screen.findByText('Not fetched yet');
  expect(screen.getByTestId('patient-count').textContent).toBe('');
  cleanup();
  renderApp();
  fireEvent.change(await screen.findByTestId('patient-search'), { target: { value: 'zzz' } });
  await screen.findByText('No match');
});

it('a click that meets another row than the one that was aimed at opens nobody, until somebody can have noticed', async () => {
  let time = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => time);
  const list = await openList(40);
  const search = screen.getByTestId('patient-search');
  fireEvent.change(search, { target: { value: 'okafor' } });
  await waitFor(() => expect(screen.getByTestId('patient-count').textContent).toContain('of 40'));
  time += 1_000;
  fireEvent.pointerMove(screen.getAllByTestId('patient-row')[1]!);
  time += 1_000;
  fireEvent.change(search, { target: { value: '' } });
  await waitFor(() => expect(screen.getByTestId('patient-count').textContent).toBe('40 patients'));
  time += 400;
  fireEvent.click(screen.getAllByTestId('patient-row')[1]!);
  expect(list.isConnected).toBe(true);
  expect(screen.queryByTestId('patient-banner')).toBeNull();
  // Whoever moves the pointer sees what it is on.
  fireEvent.pointerMove(screen.getAllByTestId('patient-row')[1]!);
  fireEvent.click(screen.getAllByTestId('patient-row')[1]!);
  await screen.findByTestId('patient-banner');
});

// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, test } from 'vitest';
import { fuzzyScore } from '../../../../../renderer/features/palette/fuzzy.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function openPalette(options: Parameters<typeof renderApp>[0] = {}) {
  const fake = renderApp({ patients: fakePatients(30), ...options });
  await screen.findAllByTestId('patient-row');
  fireEvent.keyDown(window, { key: 'P', ctrlKey: true, shiftKey: true });
  return { fake, field: await screen.findByTestId<HTMLInputElement>('palette-field') };
}

const type = (value: string) => fireEvent.change(screen.getByTestId('palette-field'), { target: { value } });
const press = (key: string) => fireEvent.keyDown(screen.getByTestId('palette-field'), { key });
const titles = () => screen.queryAllByTestId('palette-option').map(({ dataset }) => dataset['id']);
const isActive = (id: string) => document.querySelector(`[data-id="${id}"]`)?.getAttribute('aria-selected');

it('offers places and acts with their keys, and does what is chosen', async () => {
  const { field } = await openPalette();
  expect(document.activeElement).toBe(field);
  expect(titles()).toContain('lock');
  expect(titles()).not.toContain('tab-results');
  type('short');
  expect(titles()).toEqual(['help', expect.any(String)]);
  expect(document.querySelector('[data-id=help]')?.textContent).toContain('?');
  press('Enter');
  expect(screen.queryByTestId('palette-dialog')).toBeNull();
  expect(await screen.findByText('Show these shortcuts')).toBeTruthy();
});

it('offers the parts of the chart that is open, the last chosen first', async () => {
  await openPalette();
  type('a patient');
  press('Escape');
  cleanup();
  renderApp({ patients: fakePatients(2) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  fireEvent.keyDown(window, { key: 'p', ctrlKey: true });
  await screen.findByTestId('palette-field');
  type('timeline');
  press('Enter');
  await waitFor(() => expect(screen.getByTestId('tab-timeline').getAttribute('aria-selected')).toBe('true'));
  fireEvent.keyDown(window, { key: 'p', ctrlKey: true });
  await screen.findByTestId('palette-field');
  expect(titles()[0]).toBe('tab-timeline');
  expect(isActive('tab-timeline')).toBe('true');
  press('ArrowDown');
  expect(isActive('tab-timeline')).toBe('false');
});

it.each([
  ['immunis', 'write', 'write-menu'],
  ['an allergy', 'write-allergy', 'form-dialog'],
  ['questionn', 'write-form', 'form-dialog'],
])('opens what can be written in the chart: %s', async (typed, id, dialog) => {
  renderApp({ patients: fakePatients(1) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  fireEvent.keyDown(window, { key: 'p', ctrlKey: true });
  await screen.findByTestId('palette-field');
  type(typed);
  expect(titles()[0]).toBe(id);
  press('Enter');
  expect(await screen.findByTestId(dialog)).toBeTruthy();
});

it('security: shows the patients whom the list answers with, and nobody before somebody types', async () => {
  const { fake } = await openPalette();
  expect(titles().some((id) => id?.startsWith('patient '))).toBe(false);
  const asked = fake.reads.length;
  const row = fakePatients(30)[3]!;
  type(row.name.family);
  await waitFor(() => expect(titles()).toContain(`patient ${row.id}`));
  expect(fake.reads.length).toBe(asked);
  const found = document.querySelector<HTMLElement>(`[data-id="patient ${row.id}"]`)!;
  expect(found.textContent).toContain(row.mrn);
  fireEvent.click(found);
  expect((await screen.findByTestId('patient-banner')).textContent?.toLowerCase()).toContain(
    row.name.family.toLowerCase(),
  );
});

it('looks for what was typed in records', async () => {
  const { fake } = await openPalette();
  type('chest pain');
  await waitFor(() => expect(titles()).toEqual(['find-typed']));
  press('Enter');
  expect((await screen.findByTestId<HTMLInputElement>('find-field')).value).toBe('chest pain');
  await waitFor(() => expect(fake.writes).toContainEqual({ call: 'find.inPanel', request: { text: 'chest pain' } }));
});

describe('what was typed', () => {
  test.each([
    ['sync', 'Sync: unsent changes', true],
    ['uns cha', 'Sync: unsent changes', true],
    ['cha uns', 'Sync: unsent changes', true],
    ['kbs', 'Keyboard shortcuts', false],
    ['ks', 'Keyboard shortcuts', true],
    ['kybrd', 'Keyboard shortcuts', true],
    ['resu', 'Résultats', true],
    ['x', 'Keyboard shortcuts', false],
    ['', 'anything', true],
  ])('%j finds %j: %j', (typed, text, expected) => {
    expect(fuzzyScore(typed, text) !== null).toBe(expected);
  });

  test('a whole word before its beginning, and that before its letters', () => {
    const [whole, beginning, letters] = ['note', 'not', 'nte'].map((typed) => fuzzyScore(typed, 'Write a note') ?? 0);
    expect([whole, beginning, letters]).toEqual([whole, beginning, letters].toSorted((a, b) => (b ?? 0) - (a ?? 0)));
    expect(whole).toBeGreaterThan(letters ?? 0);
  });
});

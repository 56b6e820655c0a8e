// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { Allergy } from '../../../../../preload/contract/chart.ts';
import { ItemActions } from '../../../../../renderer/features/charting/ItemActions.tsx';
import { allergyItem } from '../../../../../renderer/features/charting/itemDeeds.ts';
import { WriteButton } from '../../../../../renderer/features/charting/WriteButton.tsx';
import WriteForms from '../../../../../renderer/features/charting/WriteForms.tsx';
import { WriteProvider } from '../../../../../renderer/features/charting/write.ts';
import '../../support/dom.ts';
import { createFakeBridge } from '../../support/fakeBridge.ts';
import { allergy } from '../../support/fakeData.ts';
import { field, fill, openChart, openForm, save } from './support.tsx';

afterEach(cleanup);

const blocked = 'This record was merged into another one: write in that one.';
const who = { name: 'OKAFOR, Grace', identity: 'born 1961' };

it('where a chart may not be written in, every way says why and leads nowhere', () => {
  Object.defineProperty(window, 'wardlight', { configurable: true, value: createFakeBridge().bridge });
  const open = vi.fn();
  const onChoose = vi.fn();
  const write = { patientId: 'p0', who, open, onSync: vi.fn(), blocked };
  render(
    <WriteProvider value={write}>
      <WriteButton kind="allergy" words="Record an allergy" />
      <ItemActions item={allergyItem(allergy('a1', 'Latex') as Allergy)} />
      <WriteForms
        {...{ patientId: 'p0', who, now: new Date(0), blocked, onChoose, onSaved: vi.fn(), onClose: vi.fn() }}
        form={{ kind: 'menu' }}
      />
    </WriteProvider>,
  );
  expect(screen.getByTestId('record-allergy').title).toBe(blocked);
  fireEvent.click(screen.getByTestId('record-allergy'));
  expect(screen.queryByTestId('item-change')).toBeNull();
  expect(screen.getByTestId('write-blocked').textContent).toBe(blocked);
  fireEvent.keyDown(screen.getByTestId('write-allergy'), { key: 'a' });
  fireEvent.click(screen.getByTestId('write-task'));
  expect(screen.queryByTestId('form-dialog')).toBeNull();
  expect([open.mock.calls, onChoose.mock.calls]).toEqual([[], []]);
});

it('what is typed when the record is merged into another one stays to be seen, then and later', async () => {
  let isMerged = false;
  const app = await openChart({
    chart: (chart) =>
      isMerged ? { ...chart, patient: { ...chart.patient, replacedBy: { id: 'p9', here: false } } } : chart,
    charting: { recordProblem: async () => ({ ok: false, error: { code: 'patient-merged' } }) },
  });
  await openForm('p');
  fill('problem', 'Asthma since school');
  fireEvent.change(field('verification'), { target: { value: 'confirmed' } });
  isMerged = true;
  app.changed({ patients: 'all' });
  await waitFor(() => expect((screen.getByTestId('record-problem') as HTMLButtonElement).disabled).toBe(true));
  save();
  expect((await screen.findByTestId('failure')).dataset['code']).toBe('patient-merged');
  expect(field('problem').value).toBe('Asthma since school');
  fireEvent.click(screen.getByTestId('form-cancel'));
  fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
  fireEvent.click(await screen.findByTestId('draft-row'));
  expect((await screen.findByTestId('draft-body')).textContent).toContain('Asthma since school');
  expect(screen.queryByTestId('draft-continue')).toBeNull();
});

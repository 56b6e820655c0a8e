// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { keyringErrors } from '../../../../preload/contract/session.ts';
import { errorWords } from '../../../../renderer/app/errors.ts';
import { LOCKED, SYNCED } from '../support/fakeBridge.ts';
import { fakePatients } from '../support/fakeData.ts';
import { renderApp } from '../support/renderApp.tsx';

afterEach(cleanup);

async function openFirstPatient() {
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  return await screen.findByTestId('patient-banner');
}

describe('locking', () => {
  it('takes everything of the patient out of the page and reads anew after unlocking', async () => {
    const app = renderApp({ patients: fakePatients(1) });
    await openFirstPatient();
    expect(document.body.textContent).toContain('OKAFOR');

    act(() => app.setSession(LOCKED));
    await screen.findByTestId('unlock-passphrase');
    for (const canary of ['OKAFOR', 'Okafor', 'Penicillin', '700000'])
      expect(document.body.innerHTML).not.toContain(canary);

    fireEvent.change(screen.getByTestId('unlock-passphrase'), { target: { value: 'correct horse' } });
    fireEvent.click(screen.getByTestId('unlock-submit'));
    await openFirstPatient();
    expect(app.reads).toEqual(['p0', 'p0']);
  });

  it('asks for the lock on Ctrl+L', async () => {
    renderApp();
    await screen.findByTestId('frame');
    fireEvent.keyDown(window, { key: 'l', ctrlKey: true });
    await screen.findByTestId('unlock-passphrase');
  });

  it('says at once that the passphrase is wrong, and keeps it selected', async () => {
    renderApp({ session: LOCKED });
    const field = (await screen.findByTestId('unlock-passphrase')) as HTMLInputElement;
    fireEvent.change(field, { target: { value: 'wrong' } });
    fireEvent.click(screen.getByTestId('unlock-submit'));
    const message = await screen.findByTestId('unlock-error');
    expect(message.getAttribute('role')).toBe('alert');
    await waitFor(() => expect([field.selectionStart, field.selectionEnd]).toEqual([0, 5]));
  });
});

it.each(keyringErrors)('%s has a screen of its own with its code', async (problem) => {
  renderApp({ session: { phase: 'keyring', problem } });
  const shown = await screen.findByTestId('keyring-screen');
  expect(shown.textContent).toContain(errorWords(problem).title);
  expect(shown.textContent).toContain(problem);
});

it('every opening of a chart is a read of its own, which main records', async () => {
  const app = renderApp({ patients: fakePatients(1) });
  await openFirstPatient();
  fireEvent.keyDown(window, { key: 'Escape' });
  await openFirstPatient();
  expect(app.reads).toEqual(['p0', 'p0']);
});

it('a refused chart shows nothing of the patient but why', async () => {
  const app = renderApp({ patients: fakePatients(1) });
  const refused = { ok: false as const, error: { code: 'not-permitted' as const } };
  Object.assign(app.bridge.chart, { read: async () => refused });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  const state = await screen.findByTestId('error-state');
  expect(state.dataset['code']).toBe('not-permitted');
  expect(document.body.textContent).not.toContain('OKAFOR');
});

it('the strip tells connection, activity and completeness', async () => {
  const app = renderApp();
  const strip = await screen.findByTestId('sync-now').then(() => screen.getByTestId('sync-strip'));
  expect({ ...strip.dataset }).toMatchObject({ activity: 'idle', online: 'true', complete: 'true' });
  act(() =>
    app.setSync({
      ...SYNCED,
      activity: 'running',
      progress: { label: 'Observations', done: 34, total: 120, resources: 3412 },
    }),
  );
  expect(screen.getByTestId('sync-progress').textContent).toBe('34 of 120 requests · 3,412 records · Observations');
  expect(screen.getByTestId('sync-strip').dataset['activity']).toBe('running');
});

it('the first sync is told once, above a list that works already', async () => {
  const progress = { label: 'Observations', done: 1, total: 120, resources: 12 };
  renderApp({ sync: { ...SYNCED, asOf: null, complete: false, activity: 'running', progress } });
  expect((await screen.findAllByTestId('sync-progress')).length).toBe(1);
  expect(screen.getAllByTestId('sync-cancel').length).toBe(1);
  await openFirstPatient();
});

it('the window title never names a patient', async () => {
  document.title = 'Wardlight';
  renderApp();
  await openFirstPatient();
  expect(document.title).toBe('Wardlight');
});

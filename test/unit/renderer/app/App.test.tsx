// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { keyringErrors, type SessionState } from '../../../../preload/contract/session.ts';
import { errorWords } from '../../../../renderer/app/errors.ts';
import { LOCKED, PROFILE, SYNCED, UNLOCKED } from '../support/fakeBridge.ts';
import { fakePatients } from '../support/fakeData.ts';
import { renderApp, startAgain } from '../support/renderApp.tsx';

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

    fireEvent.input(screen.getByTestId('unlock-passphrase'), { target: { value: 'correct horse' } });
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
    fireEvent.input(field, { target: { value: 'wrong' } });
    fireEvent.click(screen.getByTestId('unlock-submit'));
    const message = await screen.findByTestId('unlock-error');
    expect(message.getAttribute('role')).toBe('alert');
    await waitFor(() => expect([field.selectionStart, field.selectionEnd]).toEqual([0, 5]));
  });
});

it.each(keyringErrors)('%s has a screen of its own with its code', async (problem) => {
  renderApp({ session: { phase: 'blocked', problem } });
  const shown = await screen.findByTestId('keyring-screen');
  expect(shown.textContent).toContain(errorWords(problem).title);
  expect(shown.textContent).toContain(problem);
});

it('a retry that leads nowhere says so', async () => {
  renderApp({ session: { phase: 'blocked', problem: 'profile-damaged' } });
  fireEvent.click(await screen.findByTestId('keyring-retry'));
  await screen.findByText('Tried again: the problem is still there.');
});

it('main that could not be put together is told, with its code', async () => {
  const fake = renderApp();
  Object.assign(fake.bridge.session, { state: async () => ({ ok: false, error: { code: 'internal' } }) });
  startAgain();
  const shown = await screen.findByTestId('keyring-screen');
  expect(shown.textContent).toContain('Something went wrong');
  expect(shown.textContent).toContain('Code for IT: internal');
});

describe('several clinicians', () => {
  const other = { ...PROFILE, id: '7f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11', display: 'Dr Other' };
  const choosing = (damaged: string[] = []): SessionState => ({
    phase: 'choosing',
    profiles: [PROFILE, other].map((profile) => ({ ...profile, lastUsed: null })),
    damaged,
  });

  it('are gone through by arrows, the first has the focus, and the one is chosen that has it', async () => {
    const app = renderApp({ session: choosing() });
    const [first, second] = await screen.findAllByTestId('choose-profile');
    expect(document.activeElement).toBe(first);
    for (const [key, at] of [
      ['ArrowDown', second],
      ['ArrowDown', second],
      ['Home', first],
      ['ArrowUp', first],
      ['End', second],
    ] as const) {
      fireEvent.keyDown(document.activeElement ?? document.body, { key });
      expect(document.activeElement).toBe(at);
    }
    fireEvent.click(second!);
    await waitFor(() => expect(app.writes).toEqual([{ call: 'session.choose', request: { id: other.id } }]));
  });

  it('are told of a damaged profile by the name of its folder', async () => {
    renderApp({ session: choosing(['0f1c9a52']) });
    expect((await screen.findByTestId('damaged-profiles')).textContent).toContain('profile-damaged 0f1c9a52');
  });

  it('are switched by Ctrl+U, and from the passphrase', async () => {
    const app = renderApp();
    await screen.findByTestId('frame');
    fireEvent.keyDown(window, { key: 'u', ctrlKey: true });
    await waitFor(() => expect(app.writes.map(({ call }) => call)).toEqual(['session.switchClinician']));
    act(() => app.setSession(LOCKED));
    fireEvent.click(await screen.findByTestId('switch-clinician'));
    await waitFor(() => expect(app.writes).toHaveLength(2));
  });
});

describe('a launch by an EHR', () => {
  const asked = { phase: 'asked', host: 'ehr.example', server: 'https://ehr.example/r4', openFor: 'Dr A' } as const;

  it('is asked about above the page, which stays as it is', async () => {
    const app = renderApp({ patients: fakePatients(1) });
    await openFirstPatient();
    act(() => app.setLaunch(asked));
    expect((await screen.findByTestId('launch-dialog')).textContent).toContain('ehr.example');
    expect(screen.getByTestId('patient-banner')).toBeTruthy();
    fireEvent.click(screen.getByTestId('launch-accept'));
    await waitFor(() => expect(app.writes.at(-1)?.call).toBe('launch.accept'));
    act(() => app.setLaunch({ phase: 'refused', code: 'launch-issuer-unknown', host: 'evil.example' }));
    await screen.findByText('evil.example');
    const refused = screen.getByTestId('launch-dialog');
    expect(refused.textContent).toContain('Code for IT: launch-issuer-unknown');
    expect(screen.queryByTestId('launch-accept')).toBeNull();
    act(() => app.setLaunch({ phase: 'none' }));
    await waitFor(() => expect(screen.queryByTestId('launch-dialog')).toBeNull());
  });

  it('opens the chart of the patient whom the EHR had open, and says that it has', async () => {
    const app = renderApp({ patients: fakePatients(2) });
    await screen.findByTestId('frame');
    act(() => app.setSession({ ...UNLOCKED, openPatient: 'p1' } as SessionState));
    await screen.findByTestId('patient-banner');
    expect(app.reads).toEqual(['p1']);
    expect(app.writes.map(({ call }) => call)).toEqual(['session.openedPatient']);
  });
});

it.each([
  ['kept', null, 'sealed on this workstation'],
  ['removed', null, 'it is gone'],
  ['removed', 'keyring-locked', 'Erasing is not finished'],
] as const)(
  'a workstation that was erased says what became of unsent work (%s, %s)',
  async (unsent, problem, words) => {
    const app = renderApp({
      session: { phase: 'wiped', profiles: [{ display: 'Dr A', server: 'https://s', unsent }], problem },
    });
    const shown = await screen.findByTestId('wiped-screen');
    expect(shown.textContent).toContain(words);
    const go = screen.getByTestId('wiped-continue');
    expect(document.activeElement).not.toBe(go);
    fireEvent.click(go);
    await waitFor(() => expect(app.writes).toHaveLength(problem ? 0 : 1));
  },
);

it('a sign-in that doesn’t last says until when', async () => {
  const app = renderApp();
  act(() => app.setSession({ ...UNLOCKED, signInEnds: '2026-03-01T14:30:00Z' } as SessionState));
  expect((await screen.findByTestId('sign-in-ends')).textContent).toMatch(/until \d\d:\d\d only/);
});

it('a passphrase and Enter in one go are not lost', async () => {
  renderApp({ session: LOCKED });
  const field = (await screen.findByTestId('unlock-passphrase')) as HTMLInputElement;
  field.value = 'correct horse';
  fireEvent.submit(field.form!);
  await screen.findByTestId('frame');
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
      progress: {
        phase: 'recent',
        label: 'Observations',
        done: 34,
        total: 120,
        resources: 3412,
        remainingMs: 100_000,
      },
    }),
  );
  expect(screen.getByTestId('sync-progress').textContent).toBe('28 % · Last 12 months');
  expect(screen.getByTestId('sync-progress').title).toBe(
    'Last 12 months: Observations · 34 of 120 requests · 3,412 records · about 2 min left',
  );
  expect(screen.getByTestId('sync-strip').dataset['activity']).toBe('running');
});

it('the first sync is told once, above a list that works already', async () => {
  const progress = {
    phase: 'safety' as const,
    label: 'Allergies',
    done: 1,
    total: 120,
    resources: 12,
    remainingMs: null,
  };
  renderApp({ sync: { ...SYNCED, asOf: null, complete: false, activity: 'running', progress } });
  expect((await screen.findAllByTestId('sync-progress')).length).toBe(1);
  expect(screen.getAllByTestId('sync-cancel').length).toBe(1);
  await openFirstPatient();
});

it('the first sync shows its share, its numbers and each patient that comes', async () => {
  const rows = fakePatients(3);
  const progress = {
    phase: 'recent' as const,
    label: 'Results',
    done: 15,
    total: 33,
    resources: 3601,
    remainingMs: null,
  };
  const app = renderApp({
    patients: rows,
    sync: { ...SYNCED, asOf: null, complete: false, activity: 'running', progress },
  });
  expect((await screen.findByTestId('sync-progress')).textContent).toBe(
    'Last 12 months: Results45 %15 of 33 requests · 3,601 records',
  );
  await waitFor(() => expect(screen.getAllByTestId('patient-row').length).toBe(3));
  rows.push(...fakePatients(5).slice(3));
  act(() => app.changed({ patients: ['p3', 'p4'] }));
  await waitFor(() => expect(screen.getAllByTestId('patient-row').length).toBe(5));
});

it('being offline is told calmly, with the age of the data, and leaves the button whole', async () => {
  const retryAt = new Date(Date.now() + 60_000).toISOString();
  renderApp({ sync: { ...SYNCED, upToDate: false, online: false, error: { code: 'server-unreachable', retryAt } } });
  await screen.findByTestId('sync-now');
  const strip = screen.getByTestId('sync-strip');
  expect(strip.textContent).toMatch(/^OfflineData as of .+ · next try at \d\d:\d\dSync now$/);
  expect(strip.querySelector('[data-tone=warn][role=status]')).toBeNull();
});

it('the list has the focus after the unlock, so that Enter opens at once, but not one held down since', async () => {
  renderApp({ session: LOCKED, patients: fakePatients(1) });
  const field = await screen.findByTestId('unlock-passphrase');
  expect(document.activeElement).toBe(field);
  fireEvent.input(field, { target: { value: 'correct horse' } });
  fireEvent.click(screen.getByTestId('unlock-submit'));
  await screen.findAllByTestId('patient-row');
  const list = screen.getByTestId('patient-list');
  expect(document.activeElement).toBe(list);
  fireEvent.keyDown(list, { key: 'Enter', repeat: true });
  expect(screen.queryByTestId('patient-banner')).toBeNull();
  fireEvent.keyDown(list, { key: 'Enter' });
  await screen.findByTestId('patient-banner');
});

it('the second half of a double click presses nothing in the chart that the first has opened', async () => {
  renderApp({ patients: fakePatients(1) });
  await openFirstPatient();
  const back = screen.getByTestId('back-to-list');
  fireEvent.click(back, { detail: 2 });
  expect(screen.queryByTestId('patient-banner')).not.toBeNull();
  fireEvent.click(back, { detail: 1 });
  expect(screen.queryByTestId('patient-banner')).toBeNull();
});

it('the help names the program and its runtime', async () => {
  renderApp();
  await screen.findByTestId('frame');
  fireEvent.keyDown(window, { key: '?' });
  await waitFor(() => expect(screen.getByTestId('about').textContent).toContain('Electron 45 · development runtime'));
});

it('the window title never names a patient', async () => {
  document.title = 'Wardlight';
  renderApp();
  await openFirstPatient();
  expect(document.title).toBe('Wardlight');
});

// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { attemptWords } from '../../../../../renderer/features/lock/useAttempts.ts';
import { LOCKED, PROFILE } from '../../support/fakeBridge.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function tryPassphrase(value: string) {
  fireEvent.input(await screen.findByTestId('unlock-passphrase'), { target: { value } });
  fireEvent.click(screen.getByTestId('unlock-submit'));
}

describe('after wrong passphrases', () => {
  it('the screen says how many attempts are left, and what follows the last one', () => {
    expect(attemptWords({ left: null, waitSeconds: 0 })).toBe('');
    expect(attemptWords({ left: null, waitSeconds: 5 })).toContain('waits before the next try');
    expect(attemptWords({ left: 2, waitSeconds: 0 })).toContain('2 attempts are left: after that');
    expect(attemptWords({ left: 1, waitSeconds: 9 })).toContain('This is the last attempt');
  });

  it('it counts the wait down on the button and asks main for nothing until it is over', async () => {
    const app = renderApp({ session: LOCKED });
    await screen.findByTestId('unlock-passphrase');
    app.setAttempts({ left: 1, waitMs: 65_000 });
    await tryPassphrase('wrong');
    const submit = screen.getByTestId('unlock-submit');
    await waitFor(() => expect(submit.textContent).toMatch(/^Wait 1:0[45]$/));
    expect(submit.getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByTestId('unlock-attempts').getAttribute('role')).toBe('status');
    await tryPassphrase('correct horse');
    expect(screen.queryByTestId('frame')).toBeNull();
  });

  it('no wait is seen, not for a moment, where there is none', async () => {
    const { now } = performance;
    let time = 0;
    // Every reading of the clock is a later one.
    performance.now = () => (time += 1);
    try {
      renderApp({ session: LOCKED });
      await tryPassphrase('wrong');
      await screen.findByTestId('unlock-error');
      expect(screen.getByTestId('unlock-submit').textContent).toBe('Unlock');
    } finally {
      performance.now = now;
    }
  });

  it('it goes on as soon as the wait is over', async () => {
    const app = renderApp({ session: LOCKED });
    await screen.findByTestId('unlock-passphrase');
    app.setAttempts({ left: null, waitMs: 300 });
    await tryPassphrase('wrong');
    await screen.findByText('Wait 0:01');
    await screen.findByText('Unlock');
    await tryPassphrase('correct horse');
    await screen.findByTestId('frame');
  });
});

it('an unlock that takes long says what it may be about, until it has ended', async () => {
  const app = renderApp({ session: LOCKED });
  await screen.findByTestId('unlock-passphrase');
  let answer: (result: { ok: false; error: { code: 'passphrase-wrong' } }) => void = () => undefined;
  const unlock = () => new Promise((resolve) => (answer = resolve));
  Object.assign(app.bridge.session, { unlock });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    fireEvent.click(screen.getByTestId('unlock-submit'));
    const wait = screen.getByTestId('unlock-wait');
    expect(wait.textContent).toBe('');
    await act(() => vi.advanceTimersByTimeAsync(2_500));
    expect(wait.textContent).toContain('After an update');
    expect(wait.getAttribute('role')).toBe('status');
    answer({ ok: false, error: { code: 'passphrase-wrong' } });
    await act(() => vi.advanceTimersByTimeAsync(10));
    expect(wait.textContent).toBe('');
  } finally {
    vi.useRealTimers();
  }
});

it('destroyed keys are told without a field in which anybody would type in vain', async () => {
  renderApp({
    session: { ...LOCKED, phase: 'locked', profile: PROFILE, reason: 'started', problem: 'keys-destroyed' },
  });
  const told = await screen.findByTestId('destroyed-screen');
  expect(told.textContent).toContain('Call IT');
  expect(told.textContent).toContain('keys-destroyed');
  expect(screen.queryByTestId('unlock-passphrase')).toBeNull();
});

describe('unsent work that can’t be opened', () => {
  it.each(['outbox-damaged', 'outbox-missing'] as const)(
    'is given up in two steps, with the passphrase (%s)',
    async (problem) => {
      const app = renderApp({ session: { phase: 'locked', profile: PROFILE, reason: 'started', problem } });
      fireEvent.click(await screen.findByTestId('outbox-aside'));
      const decide = await screen.findByTestId('outbox-aside-confirm');
      expect(app.writes).toEqual([]);
      fireEvent.input(screen.getByTestId('unlock-passphrase'), { target: { value: 'correct horse' } });
      fireEvent.click(decide);
      await screen.findByTestId('frame');
      expect(app.writes).toEqual([{ call: 'session.setOutboxAside', request: { passphrase: 'correct horse' } }]);
    },
  );

  it('is not offered where something else stops the unlock', async () => {
    renderApp({ session: { phase: 'locked', profile: PROFILE, reason: 'started', problem: 'outbox-key-wrong' } });
    await screen.findByTestId('unlock-error');
    expect(screen.queryByTestId('outbox-aside')).toBeNull();
  });
});

describe('choosing a passphrase', () => {
  it('shows how strong it is while it is typed, in words and beside them in bars', async () => {
    renderApp({ session: { phase: 'enrolling', display: 'Dr A', server: 'https://s' } });
    const field = await screen.findByTestId('enrol-passphrase');
    await screen.findByText(/At least 8 characters/);
    fireEvent.input(field, { target: { value: 'short' } });
    await screen.findByText('Too short: 3 more.');
    fireEvent.input(field, { target: { value: 'longer than that' } });
    await screen.findByText('Strong.');
    expect(screen.getByTestId('strength-meter').getAttribute('data-enough')).toBe('true');
  });
});

it('a change of keys shows how far it is', async () => {
  renderApp({ session: { phase: 'rotating', profile: PROFILE, done: 0.42 } });
  const shown = await screen.findByTestId('rotating-screen');
  expect(shown.textContent).toContain('42 %');
  expect(screen.getByRole('progressbar').getAttribute('value')).toBe('42');
});

it('names the version before where this one could not take the records over', async () => {
  const profile = PROFILE;
  renderApp({ session: { phase: 'locked', profile, reason: 'started', problem: 'upgrade-failed', needs: '0.1.0' } });
  const said = (await screen.findByTestId('unlock-error')).textContent;
  expect(said).toContain('put the version before back');
  expect(said).toContain('Code: upgrade-failed 0.1.0');
});

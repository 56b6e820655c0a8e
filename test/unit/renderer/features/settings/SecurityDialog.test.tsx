// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { SYNCED, UNLOCKED } from '../../support/fakeBridge.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const type = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } });

async function open(place: 'security-passphrase' | 'security-keys') {
  const app = renderApp();
  fireEvent.click(await screen.findByTestId('security-button'));
  fireEvent.click(await screen.findByTestId(place));
  return app;
}

describe('changing the passphrase', () => {
  it('asks for the one now and twice for the new one, and says when it is done', async () => {
    const app = await open('security-passphrase');
    type('change-current', 'correct horse');
    type('change-next', 'another one now');
    type('change-repeat', 'another one');
    fireEvent.click(screen.getByTestId('security-submit'));
    await screen.findByText('The two passphrases are not the same.');
    expect(app.writes).toEqual([]);
    type('change-repeat', 'another one now');
    fireEvent.click(screen.getByTestId('security-submit'));
    await screen.findByTestId('passphrase-changed');
    const request = { current: 'correct horse', next: 'another one now' };
    expect(app.writes).toEqual([{ call: 'session.changePassphrase', request }]);
  });

  it('says that a wrong one counts', async () => {
    await open('security-passphrase');
    type('change-current', 'wrong');
    fireEvent.click(screen.getByTestId('security-submit'));
    await screen.findByText(/count here as they do at the unlock/);
  });
});

describe('changing the keys', () => {
  it('says what it means, and asks for the passphrase', async () => {
    const app = await open('security-keys');
    type('rotate-passphrase', 'correct horse');
    fireEvent.click(screen.getByTestId('security-submit'));
    await screen.findByTestId('frame');
    expect(app.writes).toEqual([{ call: 'session.rotateKey', request: { passphrase: 'correct horse' } }]);
  });
});

describe('records that are rebuilt', () => {
  const session = { ...UNLOCKED, phase: 'unlocked', rebuilt: true } as typeof UNLOCKED;

  it('are told until they have all come', async () => {
    renderApp({ session, sync: { ...SYNCED, asOf: null, complete: false, activity: 'running' } });
    const banner = await screen.findByTestId('rebuilt-banner');
    expect(banner.textContent).toContain('being rebuilt from the server');
    expect(banner.textContent).toContain('Your unsent work is safe');
  });

  it('can’t be had offline, which is said', async () => {
    renderApp({
      session,
      sync: { ...SYNCED, asOf: null, complete: false, online: false, error: { code: 'offline', retryAt: null } },
    });
    expect((await screen.findByTestId('rebuilt-banner')).textContent).toContain('until the server is reachable');
  });

  it('are not mentioned any more once they are here', async () => {
    renderApp({ session });
    await screen.findByTestId('frame');
    expect(screen.queryByTestId('rebuilt-banner')).toBeNull();
  });
});

// @vitest-environment jsdom
import '../../../../../renderer/features/support/NoticesDialog.tsx';
import '../../../../../renderer/features/support/SupportDialog.tsx';
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

/** Opens the review from the help. */
async function review(options: Parameters<typeof renderApp>[0] = {}) {
  const fake = renderApp(options);
  await screen.findByTestId('frame');
  fireEvent.keyDown(document.body, { key: '?' });
  fireEvent.click(await screen.findByTestId('help-support'));
  return fake;
}

describe('the review of a support bundle', () => {
  it('shows every part as it will stand in the file', async () => {
    await review();
    const parts = await screen.findByTestId('support-parts');
    expect(within(parts).getByText(/"health": "healthy"/).textContent).toBe('{\n  "health": "healthy"\n}');
    expect(within(parts).getByText(/"event":"call"/)).toBeTruthy();
  });

  it('saves what is left in, under the id of what was read, and says so', async () => {
    const fake = await review();
    fireEvent.click(await screen.findByTestId('support-part-log'));
    expect(screen.queryByText(/"event":"call"/)).toBeNull();
    fireEvent.click(screen.getByTestId('support-save'));
    await waitFor(() => expect(screen.getByTestId('support-said').textContent).toBe('Saved.'));
    expect(fake.writes).toEqual([
      { call: 'support.save', request: { id: '0c6f7a52-3a8e-4a57-9d0b-0000000000ca', parts: ['health'] } },
    ]);
  });

  it('does not say that it is saved where the person has cancelled, or has left something else out since', async () => {
    let saved = false;
    await review({ support: { save: async () => ({ ok: true, value: { saved } }) } });
    fireEvent.click(await screen.findByTestId('support-save'));
    await waitFor(() => expect(screen.getByTestId('support-save').getAttribute('aria-busy')).toBeNull());
    expect(screen.getByTestId('support-said').textContent).toBe('');
    saved = true;
    fireEvent.click(screen.getByTestId('support-save'));
    await waitFor(() => expect(screen.getByTestId('support-said').textContent).toBe('Saved.'));
    fireEvent.click(screen.getByTestId('support-part-log'));
    expect(screen.getByTestId('support-said').textContent).toBe('');
  });

  it('has nothing to save where everything was left out', async () => {
    await review();
    for (const part of ['health', 'log']) fireEvent.click(await screen.findByTestId(`support-part-${part}`));
    expect(screen.queryByTestId('support-save')).toBeNull();
    expect(screen.getByTestId('support-said').textContent).toBe('Nothing is left to save.');
  });

  it.each(['disk-full', 'bundle-gone'] as const)('tells why it was not saved: %s', async (code) => {
    await review({ support: { save: async () => ({ ok: false, error: { code } }) } });
    fireEvent.click(await screen.findByTestId('support-save'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe(code);
  });

  it('can be put together again where that has failed', async () => {
    let tries = 0;
    await review({
      support: {
        async gather() {
          tries += 1;
          if (tries === 1) return { ok: false, error: { code: 'internal' } };
          return {
            ok: true,
            value: { id: '0c6f7a52-3a8e-4a57-9d0b-0000000000ca', parts: [{ name: 'log', text: '[]' }] },
          };
        },
      },
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('support-part-log')).toBeTruthy();
  });
});

describe('versions and licences', () => {
  it('are shown whole, however many pieces they come in', async () => {
    renderApp();
    await screen.findByTestId('frame');
    fireEvent.keyDown(document.body, { key: '?' });
    fireEvent.click(await screen.findByTestId('help-notices'));
    expect(await screen.findByText('MIT, and Apache-2.0')).toBeTruthy();
    expect(screen.getByTestId('versions').textContent).toBe(
      'Wardlight 0.1.0 · Electron 45 · Chromium 130 · development runtime',
    );
  });

  it('say where they will be, in a program that runs from its sources', async () => {
    renderApp({ support: { notices: async () => ({ ok: true, value: { missing: true, text: '', more: false } }) } });
    await screen.findByTestId('frame');
    fireEvent.keyDown(document.body, { key: '?' });
    fireEvent.click(await screen.findByTestId('help-notices'));
    expect((await screen.findByTestId('notices-missing')).textContent).toContain('THIRD-PARTY-NOTICES.txt');
  });
});

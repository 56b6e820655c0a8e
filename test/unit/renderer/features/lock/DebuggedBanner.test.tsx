// @vitest-environment jsdom
import { cleanup, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { LOCKED } from '../../support/fakeBridge.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

it('security: that another program may read the window is told before the unlock too', async () => {
  renderApp({ session: LOCKED, remoteDebugging: true });
  const banner = await screen.findByTestId('debugged-banner');
  expect(banner.textContent).toContain('another program can read and control this window');
  expect(screen.getByTestId('unlock-passphrase')).toBeTruthy();
});

it('is not told where nobody may', async () => {
  renderApp({ session: LOCKED });
  await screen.findByTestId('unlock-passphrase');
  expect(screen.queryByTestId('debugged-banner')).toBeNull();
});

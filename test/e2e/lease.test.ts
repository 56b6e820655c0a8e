import { existsSync } from 'node:fs';
import { join } from 'node:path';
import keytar from 'keytar';
import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, type StartOptions, setClock, startApp } from '../support/app.ts';
import { enrol, newUserData, PASSPHRASE, smallServer, synced, unlock } from '../support/journey.ts';
import { profileSecrets } from '../support/profile-files.ts';

const DAY = 24 * 60 * 60_000;

async function problem(page: Page, code: string): Promise<void> {
  await page.locator(`[data-testid="unlock-error"][data-code="${code}"]`).waitFor();
}

describe('the time without the server', () => {
  let server: DevServer;
  let userData: string;
  let connect: () => void = () => undefined;
  beforeAll(async () => {
    server = await smallServer(4);
  });
  beforeEach(() => {
    userData = newUserData();
  });
  afterAll(() => server.stop());

  function disconnect() {
    connect = server.faults.add({ kind: 'dropBefore' });
  }

  /** A program that has fetched everything and then lost its server. */
  async function enrolled(policy: NonNullable<StartOptions['policy']>): Promise<RunningApp> {
    const running = await startApp({ userData, server: server.url, policy });
    await enrol(running.page);
    await synced(running.page);
    disconnect();
    return running;
  }

  it('ends in a lock that a clock set back does not open, and the server does', async () => {
    const { app, page } = await startApp({ userData, server: server.url, policy: { lease: { offlineMs: 4_000 } } });
    try {
      await enrol(page);
      // Looked for from now on: on a busy machine it has come and gone before the next step is taken.
      const told = page.getByTestId('lease-banner').waitFor();
      await Promise.all([told, synced(page).then(disconnect)]);
      await page.locator('[data-testid="lock-reason"][data-reason="lease-expired"]').waitFor();
      await problem(page, 'lease-expired');
      await unlock(page);
      await problem(page, 'lease-expired');
      await setClock(app, -DAY);
      await unlock(page);
      await problem(page, 'lease-expired');
      expect(await page.getByTestId('frame').count()).toBe(0);
      connect();
      await unlock(page);
      await page.getByTestId('frame').waitFor();
    } finally {
      connect();
      await app.close();
    }
  });

  it('is not made longer by a clock that is set back while the program is closed', async () => {
    const first = await enrolled({});
    await first.app.close();
    const back = await startApp({ userData, server: server.url, clockOff: -DAY });
    try {
      await problem(back.page, 'lease-clock');
      await unlock(back.page);
      await problem(back.page, 'lease-clock');
    } finally {
      await back.app.close();
    }
    const right = await startApp({ userData, server: server.url });
    try {
      await unlock(right.page);
      await right.page.getByTestId('frame').waitFor();
      await right.page.getByTestId('sync-open').click();
      await right.page.getByText('Opens without the server until').waitFor();
    } finally {
      connect();
      await right.app.close();
    }
  });

  it('asks for a sign-in, and for the passphrase after it, where the stored one is no longer taken', async () => {
    const first = await enrolled({ lease: { offlineMs: 4_000 } });
    await problem(first.page, 'lease-expired');
    await first.app.close();
    connect();
    const [profile] = (await keytar.findCredentials('org.wardlight.app')).filter(({ account }) =>
      account.endsWith('/refresh-token'),
    );
    if (profile) await keytar.setPassword('org.wardlight.app', profile.account, 'revoked');
    const { app, page } = await startApp({ userData, server: server.url });
    try {
      await problem(page, 'lease-expired');
      await unlock(page);
      await problem(page, 'lease-sign-in');
      await page.getByTestId('lease-sign-in').click();
      await unlock(page);
      await page.getByTestId('frame').waitFor();
    } finally {
      await app.close();
    }
  });

  it('destroys the keys past its grace, after it has said so, and leaves the files', async () => {
    const { app, page } = await enrolled({ lease: { offlineMs: 3_000, graceMs: 1_000, noticeMs: 3_000 } });
    const { folder } = await profileSecrets(userData);
    try {
      await problem(page, 'lease-overdue');
      await page.getByTestId('destroyed-screen').waitFor();
      expect(await page.getByTestId('unlock-passphrase').count()).toBe(0);
    } finally {
      await app.close();
    }
    await expect(profileSecrets(userData)).rejects.toThrow('no keychain entry');
    for (const file of ['cache.db', 'outbox.db', 'slots.json']) expect(existsSync(join(folder, file))).toBe(true);
    const again = await startApp({ userData, server: server.url });
    try {
      await again.page.getByTestId('destroyed-screen').waitFor();
      const answer = await again.page.evaluate(
        (passphrase) => window.wardlight.session.unlock({ passphrase }),
        PASSPHRASE,
      );
      expect(answer.ok).toBe(false);
    } finally {
      connect();
      await again.app.close();
    }
  });
});

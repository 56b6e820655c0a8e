import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DevServer } from '../server/index.ts';
import { startApp } from '../support/app.ts';
import { enrol, newUserData, profilesOf, smallServer, unlock } from '../support/journey.ts';
import { freezeKeyring, lockKeyring, unlockKeyring } from '../support/keyring.ts';
import { profileSecrets } from '../support/profile-files.ts';

describe.runIf(process.platform === 'linux')('the keyring', () => {
  let server: DevServer;
  beforeAll(async () => {
    server = await smallServer(4);
  });
  afterAll(async () => {
    await unlockKeyring();
    await server.stop();
  });

  it('that is absent is named, and no profile is made', async () => {
    const userData = newUserData();
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' };
    const { app, page } = await startApp({ userData, server: server.url, env });
    try {
      await page.getByTestId('keyring-screen').waitFor();
      expect(await page.getByTestId('keyring-screen').textContent()).toContain('keyring-absent');
      expect(() => readdirSync(profilesOf(userData))).toThrow('ENOENT');
    } finally {
      await app.close();
    }
  });

  it('that never answers keeps neither the page nor its other calls waiting', async () => {
    const wake = await freezeKeyring();
    const { app, page } = await startApp({ userData: newUserData(), server: server.url });
    try {
      await page.getByText('Starting…').waitFor();
      const answers = await page.evaluate(() =>
        Promise.all([window.wardlight.session.state({}), window.wardlight.preferences.theme({})]),
      );
      expect(answers).toEqual([
        { ok: true, value: { phase: 'starting' } },
        { ok: true, value: 'system' },
      ]);
      wake();
      await page.getByTestId('signin-submit').waitFor();
    } finally {
      wake();
      await app.close();
    }
  });

  it('that is locked is named, and serves as soon as it is unlocked', async () => {
    await lockKeyring();
    const { app, page } = await startApp({ userData: newUserData(), server: server.url });
    try {
      await page.getByTestId('keyring-screen').waitFor();
      expect(await page.getByTestId('keyring-screen').textContent()).toContain('keyring-locked');
      await unlockKeyring();
      await page.getByTestId('keyring-retry').click();
      await page.getByTestId('signin-submit').waitFor();
    } finally {
      await unlockKeyring();
      await app.close();
    }
  });

  it('that is locked where a profile exists makes no new key, and the old one opens afterwards', async () => {
    const userData = newUserData();
    const first = await startApp({ userData, server: server.url });
    await enrol(first.page);
    await first.app.close();
    const before = await profileSecrets(userData);
    await lockKeyring();
    const { app, page } = await startApp({ userData, server: server.url });
    try {
      await unlock(page);
      await page.getByText('keyring-locked').waitFor();
      await unlockKeyring();
      expect(await profileSecrets(userData)).toEqual(before);
      await unlock(page);
      // The record of access could not be opened at the start either: the list shows that it is open now.
      await page.getByTestId('patient-row').first().waitFor();
    } finally {
      await unlockKeyring();
      await app.close();
    }
  });
});

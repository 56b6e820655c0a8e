import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DocumentReference } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/cache/open.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import {
  changingClinician,
  enrol,
  newUserData,
  openChart,
  PASSPHRASE,
  profilesOf,
  smallServer,
  synced,
  unlock,
  writeUnsentNote,
} from '../support/journey.ts';
import { profileSecrets } from '../support/profile-files.ts';
import { openUncounted } from '../support/slots.ts';

const NOTE = 'Written by Osei while the server was away';
const THEIRS = 'another long passphrase';

function notesWith(server: DevServer, text: string): DocumentReference[] {
  const data = Buffer.from(text).toString('base64').slice(0, 40);
  return server.store
    .list('DocumentReference')
    .filter((one) => JSON.stringify(one).includes(data)) as DocumentReference[];
}

const chosen = (page: Page, name: string) => page.getByTestId('choose-profile').filter({ hasText: name });

describe('two clinicians on one workstation', () => {
  let server: DevServer;
  let running: RunningApp;
  const userData = newUserData();
  const clinician = changingClinician();
  const ids: string[] = [];
  const start = () => startApp({ userData, server: server.url, env: clinician.env });

  beforeAll(async () => {
    server = await smallServer(4);
    clinician.is('osei');
    running = await start();
    await enrol(running.page);
    await synced(running.page);
    ids.push(...readdirSync(profilesOf(userData)));
  });
  afterAll(async () => {
    await running.app.close();
    await server.stop();
  });

  it('security: what one has not sent waits for her, and is not sent while the other is signed in', async () => {
    const { page } = running;
    const [patientId = ''] = panelOf(server);
    await openChart(page, patientId);
    await writeUnsentNote(page, server, NOTE);
    await page.keyboard.press('Control+u');
    await chosen(page, 'Dr Amara Osei').waitFor();
    expect(await page.content()).not.toContain(NOTE);
    server.faults.clear();
    clinician.is('lindqvist');
    await page.getByTestId('add-clinician').click();
    await enrol(page, THEIRS);
    await synced(page);
    ids.push(...readdirSync(profilesOf(userData)).filter((id) => !ids.includes(id)));
    expect(ids).toHaveLength(2);
    expect(notesWith(server, NOTE)).toEqual([]);
    // Back to the only other one, whose passphrase it takes.
    await page.getByTestId('switch-button').click();
    await page.getByText('Dr Amara Osei').waitFor();
    await unlock(page, THEIRS);
    await page.getByTestId('unlock-error').waitFor();
    expect(notesWith(server, NOTE)).toEqual([]);
    await unlock(page);
    await synced(page);
    const sent = notesWith(server, NOTE);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.author?.[0]?.reference).toBe('Practitioner/dev-osei');
  });

  it('a second enrolment of the same clinician leads to the profile that she has', async () => {
    const { page } = running;
    await page.getByTestId('switch-button').click();
    await page.getByText('Elin Lindqvist RN').waitFor();
    await page.getByTestId('switch-clinician').click();
    await page.getByTestId('add-clinician').click();
    clinician.is('osei');
    await page.getByTestId('signin-submit').click();
    await page.getByText('You are signed in, and you have a profile').waitFor();
    await unlock(page);
    await page.getByTestId('frame').waitFor();
    expect(readdirSync(profilesOf(userData)).sort()).toEqual([...ids].sort());
  });

  it('the next start asks who it is, by keyboard alone, the last one first', async () => {
    await running.app.close();
    running = await start();
    const { page } = running;
    await page.getByTestId('choose-screen').waitFor();
    const names = await page.getByTestId('choose-profile').allTextContents();
    expect(names.map((name) => name.replace(server.url, ''))).toEqual(['Dr Amara Osei', 'Elin Lindqvist RN']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('unlock-passphrase').waitFor();
    await page.keyboard.type(THEIRS);
    await page.keyboard.press('Enter');
    await page.getByTestId('frame').waitFor();
    await running.app.close();
  });

  it('security: nothing of one can be opened with the secrets of the other', async () => {
    const [mine = '', theirs = ''] = ids;
    const a = await profileSecrets(userData, mine);
    const b = await profileSecrets(userData, theirs, THEIRS);
    expect(a.deviceSecret.equals(b.deviceSecret)).toBe(false);
    expect(a.refreshToken).not.toBe(b.refreshToken);
    const open = (profile: string, of: typeof a, passphrase: string) =>
      openUncounted({ file: join(of.folder, 'slots.json'), profile, deviceSecret: b.deviceSecret, passphrase });
    for (const passphrase of [PASSPHRASE, THEIRS]) {
      expect(await open(mine, a, passphrase)).toEqual({ ok: false, error: { code: 'keyring-entry-wrong' } });
    }
    for (const [name, key] of [
      ['cache', b.cacheKey],
      ['outbox', b.outboxKey],
      ['outbox', a.cacheKey],
    ] as const) {
      const file = join(a.folder, `${name}.db`);
      const opened = openDatabase({ file, key: Buffer.from(key), mode: 'write', migrations: cacheMigrations });
      expect(opened).toMatchObject({ ok: false, error: { code: expect.stringMatching(/key-wrong$/) } });
    }
  });

  it('a profile that is damaged is named, and the other opens', async () => {
    writeFileSync(join(profilesOf(userData), ids[1] ?? '', 'profile.json'), '{');
    running = await start();
    const { page } = running;
    const damaged = page.getByTestId('damaged-profiles');
    await damaged.waitFor();
    expect(await damaged.textContent()).toContain(`profile-damaged ${ids[1]}`);
    await chosen(page, 'Dr Amara Osei').click();
    await unlock(page);
    await page.getByTestId('frame').waitFor();
  });
});

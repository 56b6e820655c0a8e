import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CareTeam, FhirResource } from 'fhir/r4';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signBundle } from '../../main/access/policy/bundle.ts';
import { defaultBundle } from '../../main/access/policy/defaults.ts';
import { type DevServer, startServer } from '../server/index.ts';
import { type RunningApp, sessionFolder, startApp } from '../support/app.ts';
import { eventsInFile } from '../support/audit.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, PASSPHRASE, synced, unlock } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';
import { profileSecrets } from '../support/profile-files.ts';

const MINUTE = 60_000;
const SYNC_TIMEOUT = MINUTE;
const picture = picturesOf('access');

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const RESTRICTED = [{ system: CONFIDENTIALITY, code: 'R' }];
const VERY_RESTRICTED = [{ system: CONFIDENTIALITY, code: 'V' }];

/** What the bridge answers to the page, whatever its screens would ask. */
function ask(page: Page, feature: string, name: string, request: object): Promise<unknown> {
  return page.evaluate(
    ([of, call, args]) =>
      (window.wardlight as unknown as Record<string, Record<string, (request: unknown) => unknown>>)[of]?.[call]?.(
        args,
      ),
    [feature, name, request] as const,
  );
}

const SECRET_NOTE = 'CANARY-SECRET-NOTE';
const SECRET_ALLERGY = 'CANARY-SECRET-ALLERGY';
const FOREIGN = 'CANARY-FOREIGN-NOTE';

function noteOf(id: string, patientId: string, text: string, security: typeof RESTRICTED = []): FhirResource {
  return {
    resourceType: 'DocumentReference',
    id,
    ...(security.length > 0 && { meta: { security } }),
    status: 'current',
    docStatus: 'final',
    description: text,
    subject: { reference: `Patient/${patientId}` },
    date: '2026-10-31T08:00:00Z',
    content: [{ attachment: { contentType: 'text/plain', data: Buffer.from(text).toString('base64') } }],
  };
}

/** Takes everybody off a patient's care teams, as a ward does that has moved her. */
function leave(server: DevServer, patientId: string): void {
  const teams = server.store.list('CareTeam') as CareTeam[];
  for (const team of teams) {
    if (team.subject?.reference === `Patient/${patientId}`) server.store.put({ ...team, status: 'inactive' });
  }
}

async function declare(page: Page, passphrase: string): Promise<void> {
  await page.getByTestId('emergency-open').click();
  await page.getByTestId('emergency-reason').fill('Found unconscious on the ward');
  await page.getByTestId('emergency-passphrase').fill(passphrase);
  await page.getByTestId('emergency-confirm').click();
}

describe('security: who may see what, in the program', () => {
  let server: DevServer;
  let running: RunningApp;
  const userData = newUserData();
  let mine = '';
  let leaver = '';

  beforeAll(async () => {
    server = await startServer({ patients: 8, seed: 7, now: '2026-11-01T08:00:00Z' });
    [mine = '', leaver = ''] = panelOf(server);
    server.store.put(noteOf('secret-note', mine, SECRET_NOTE, RESTRICTED));
    server.store.put({
      resourceType: 'AllergyIntolerance',
      id: 'secret-allergy',
      meta: { security: VERY_RESTRICTED },
      patient: { reference: `Patient/${mine}` },
      clinicalStatus: { coding: [{ code: 'active' }] },
      code: { text: SECRET_ALLERGY },
    });
    server.store.put(noteOf('foreign-note', leaver, FOREIGN));
    running = await startApp({ userData, server: server.url, policy: { access: { emergencyMs: MINUTE } } });
    await enrol(running.page);
    await synced(running.page);
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('security: says that restricted entries exist, and opens them for a purpose alone', async () => {
    const { page } = running;
    await openChart(page, mine);
    const allergies = page.getByTestId('section-allergies');
    expect(await allergies.getByTestId('withheld').getAttribute('data-restricted')).toBe('purpose');
    expect(await page.content()).not.toContain(SECRET_ALLERGY);
    expect(await page.getByTestId('banner-allergies').textContent()).not.toMatch(/no known|none recorded/i);
    const note = { patientId: mine, noteId: 'secret-note' };
    expect(await ask(page, 'notes', 'read', note)).toEqual({ ok: false, error: { code: 'not-found' } });
    await picture(page, 'restricted');

    await allergies.getByTestId('open-withheld').click();
    await page.getByTestId('purpose-dialog').waitFor();
    await picture(page, 'purpose-dialog');
    await page.getByTestId('purpose-confirm').click();
    await page.getByTestId('access-banner').waitFor();
    await page.getByText(SECRET_ALLERGY).first().waitFor();
    expect(await allergies.getByTestId('withheld').count()).toBe(0);
    expect(JSON.stringify(await ask(page, 'notes', 'read', note))).toContain(SECRET_NOTE);
    await picture(page, 'opened');

    await page.getByTestId('access-end').click();
    await page.getByTestId('access-banner').waitFor({ state: 'detached' });
    await allergies.getByTestId('withheld').waitFor();
    expect(await page.content()).not.toContain(SECRET_ALLERGY);
  });

  it('security: a patient who has left shows nothing, in any view, nor that she is there', async () => {
    const { page } = running;
    await page.getByTestId('back-to-list').click();
    await openChart(page, leaver);
    // Written, and not taken by the server: it leads back to her once she has left.
    server.faults.add({ kind: 'status', status: 503, match: ({ method }) => method === 'POST' });
    const created = await ask(page, 'notes', 'create', { patientId: leaver, kind: 'progress', body: 'Seen at eight.' });
    expect(created).toMatchObject({ ok: true });
    leave(server, leaver);
    await page.getByTestId('sync-now').click();
    await page.getByTestId('error-state').waitFor({ timeout: SYNC_TIMEOUT });
    expect(await page.content()).not.toContain(FOREIGN);
    for (const [feature, name, request] of [
      ['chart', 'read', {}],
      ['results', 'list', {}],
      ['results', 'trend', { code: 'http://loinc.org|8867-4' }],
      ['notes', 'read', { noteId: 'foreign-note' }],
      ['notes', 'create', { kind: 'progress', body: 'x' }],
      ['notes', 'amend', { noteId: 'foreign-note', versionId: '1', body: 'x' }],
      ['results', 'record', { kind: 'heart-rate', value: '82', diastolic: null }],
      ['sync', 'sections', {}],
    ] as const) {
      const answer = await ask(page, feature, name, { patientId: leaver, ...request });
      expect(answer, `${feature}.${name}`).toEqual({ ok: false, error: { code: 'not-permitted' } });
    }
    const changes = await ask(page, 'sync', 'changes', {});
    expect(changes).toMatchObject({ ok: true, value: { items: [{ withheld: true, title: 'A note' }] } });
    await picture(page, 'not-permitted');
  });

  it('security: emergency access needs the passphrase, is unmistakable in every view, and ends at the lock', async () => {
    const { page } = running;
    await page.getByTestId('emergency-open').click();
    await picture(page, 'emergency-dialog');
    await page.keyboard.press('Escape');
    await declare(page, 'not the passphrase');
    await page.getByTestId('failure').waitFor();
    expect(await page.getByTestId('failure').getAttribute('data-code')).toBe('passphrase-wrong');
    expect(await ask(page, 'chart', 'read', { patientId: leaver })).toMatchObject({ ok: false });
    await picture(page, 'emergency-wrong');
    await page.getByTestId('emergency-passphrase').fill(PASSPHRASE);
    await page.getByTestId('emergency-confirm').click();
    const banner = page.locator('[data-testid="access-banner"][data-kind="emergency"]');
    await banner.waitFor();
    await page.getByText(FOREIGN).first().waitFor();
    await picture(page, 'emergency');
    for (const tab of ['results', 'notes', 'data']) {
      await page.getByTestId(`tab-${tab}`).click();
      expect(await banner.isVisible(), tab).toBe(true);
    }
    await page.getByTestId('tab-notes').click();
    await picture(page, 'emergency-notes');

    await page.keyboard.press('Control+l');
    await page.getByTestId('unlock-passphrase').waitFor();
    await unlock(page);
    await page.getByTestId('frame').waitFor();
    expect(await ask(page, 'access', 'state', {})).toMatchObject({ ok: true, value: { grants: [] } });
    expect(await ask(page, 'chart', 'read', { patientId: leaver })).toMatchObject({ ok: false });
  });

  it('security: emergency access ends by itself, and the page is cleared', { timeout: 3 * MINUTE }, async () => {
    const { page } = running;
    await page.getByTestId('sync-open').click();
    const change = page.getByTestId('change').first();
    await change.waitFor();
    await picture(page, 'withheld-change');
    await change.getByTitle('Open the chart').click();
    await declare(page, PASSPHRASE);
    await page.getByText(FOREIGN).first().waitFor();
    // The shortest time that policy allows: nobody does anything.
    await page.getByTestId('error-state').waitFor({ timeout: 2 * MINUTE });
    expect(await page.getByTestId('access-banner').count()).toBe(0);
    expect(await page.content()).not.toContain(FOREIGN);
    expect(await ask(page, 'chart', 'read', { patientId: leaver })).toMatchObject({ ok: false });
    await picture(page, 'emergency-over');
  });

  it('security: all of it stands in the record of access', async () => {
    await running.app.close();
    const { auditKey } = await profileSecrets(userData);
    const file = join(userData, 'audit', 'audit.db');
    const events = eventsInFile(file, auditKey);
    const told = events.map((event) => brief(event as never));
    const emergencies = told.filter((one) => one.startsWith('110127') || one.startsWith('110138'));
    expect(emergencies).toEqual([
      // The wrong passphrase, then what it was declared by, then its end at the lock; and once more by time.
      '110127 4 BTG,ETREAT',
      '110127 0 BTG,ETREAT',
      '110138 0 BTG,ETREAT',
      '110127 0 BTG,ETREAT',
      '110138 0 BTG,ETREAT',
    ]);
    // The alert stands before the first look.
    expect(told.indexOf('110127 0 BTG,ETREAT')).toBeLessThan(told.indexOf('read 0 BTG,ETREAT'));
    expect(JSON.stringify(events)).toContain('Found unconscious on the ward');
  });

  it('security: npm run audit exports it, and verifies the export by the key alone', async () => {
    const folder = mkdtempSync(sessionFolder('audit-export-'));
    const [key, file, report] = ['key', 'export.ndjson', 'report.html'].map((name) => join(folder, name));
    const audit = (...args: string[]) =>
      execFileSync(process.execPath, [join('main', 'audit-cli.ts'), ...args], { encoding: 'utf8' });
    writeFileSync(key ?? '', audit('key', '--data', userData));
    const before = eventsInFile(join(userData, 'audit', 'audit.db'), (await profileSecrets(userData)).auditKey).length;
    audit('export', '--data', userData, '--out', file ?? '', '--report', report ?? '');
    expect(JSON.parse(audit('verify', file ?? '', '--key', key ?? '', '--json'))).toMatchObject({
      ok: true,
      problems: [],
    });
    expect(readFileSync(report ?? '', 'utf8')).toContain('Found unconscious on the ward');
    const asked = JSON.parse(audit('query', '--data', userData, '--action', '110127', '--json')) as {
      entries: unknown[];
    };
    expect(asked.entries).toHaveLength(3);
    // It stands in the log itself, and in what was exported.
    const { auditKey } = await profileSecrets(userData);
    const [last, ...more] = eventsInFile(join(userData, 'audit', 'audit.db'), auditKey).slice(before);
    expect(more).toEqual([]);
    expect(JSON.stringify(last)).toContain('"audit.export"');
    expect(readFileSync(file ?? '', 'utf8')).toContain('"audit.export"');
  });
});

describe('security: access policies of an organisation, in the program', () => {
  let server: DevServer;
  let running: RunningApp;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bundle = join(mkdtempSync(sessionFolder('bundle-')), 'bundle.json');
  const signed = () => signBundle(defaultBundle, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  beforeAll(async () => {
    server = await startServer({ patients: 4, seed: 7, now: '2026-11-01T08:00:00Z' });
    // Changed by somebody after it was signed.
    writeFileSync(bundle, signed().replace('care-team', 'none'));
    const signingKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    running = await startApp({
      userData: newUserData(),
      server: server.url,
      policy: { access: { bundle, signingKey } },
    });
  });
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('security: open nothing while their signature doesn’t hold, say so, and hold once they are put right', async () => {
    const { page } = running;
    await enrol(page);
    const alarm = page.getByTestId('policy-alarm');
    await alarm.waitFor();
    expect(await alarm.textContent()).toContain('policy-signature');
    await page.getByTestId('error-state').waitFor({ timeout: SYNC_TIMEOUT });
    const [patientId = ''] = panelOf(server);
    expect(await ask(page, 'chart', 'read', { patientId })).toEqual({ ok: false, error: { code: 'not-permitted' } });
    await picture(page, 'policy-alarm');

    writeFileSync(bundle, signed());
    await page.keyboard.press('Control+l');
    await unlock(page);
    await page.getByTestId('patient-row').first().waitFor({ timeout: SYNC_TIMEOUT });
    expect(await alarm.count()).toBe(0);
    expect(await ask(page, 'access', 'state', {})).toMatchObject({ value: { policies: { source: 'organisation' } } });
  });
});

interface BriefEvent {
  subtype: { code: string }[];
  outcome: string;
  purposeOfEvent: { coding: { code: string }[] }[];
}

/** What happened, how it ended, and for which purposes. */
function brief({ subtype, outcome, purposeOfEvent }: BriefEvent): string {
  const purposes = purposeOfEvent.map(({ coding }) => coding[0]?.code).join();
  return `${subtype[0]?.code} ${outcome} ${purposes}`;
}

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Communication } from 'fhir/r4';
import keytar from 'keytar';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { anchorAccount } from '../../main/audit/anchor.ts';
import type { Anchor } from '../../main/audit/checkpoints.ts';
import { createSigner } from '../../main/audit/log/note.ts';
import { createAuditLog } from '../../main/audit/log.ts';
import type { DevServer } from '../server/index.ts';
import { type RunningApp, startApp } from '../support/app.ts';
import { eventsInFile } from '../support/audit.ts';
import { panelOf } from '../support/expected.ts';
import { enrol, newUserData, openChart, smallServer, synced, unlock } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';
import { profileSecrets } from '../support/profile-files.ts';
import { isSigned } from '../support/verify-webhook.ts';
import { startWebhook, type WebhookReceiver } from '../support/webhook.ts';

const picture = picturesOf('audit');
const NURSE = 'Practitioner/dev-lindqvist';

const officer = {
  resourceType: 'PractitionerRole' as const,
  id: 'privacy-officer',
  active: true,
  practitioner: { reference: 'Practitioner/dev-osei' },
  code: [{ coding: [{ system: 'urn:wardlight:role', code: 'privacy-officer' }] }],
};

/** What a nurse did here, and the alarm that it rang, as the program records them. */
function nurseEvents(patientId: string): object[] {
  const base = {
    resourceType: 'AuditEvent',
    recorded: new Date().toISOString(),
    outcome: '0',
    source: { observer: { identifier: { value: 'ws' } } },
  };
  const machine = { who: { identifier: { value: 'ws' } }, network: { address: 'ward-7-pc', type: '1' } };
  const own = (code: string) => ({ system: 'urn:wardlight:audit-action', code });
  const patient = { what: { reference: `Patient/${patientId}` } };
  return [
    {
      ...base,
      id: 'nurse-look',
      purposeOfEvent: [{ coding: [{ code: 'BTG' }] }, { coding: [{ code: 'ETREAT' }] }],
      subtype: [{ code: 'read' }, own('read')],
      agent: [{ who: { reference: NURSE } }, machine],
      entity: [patient, { name: 'chart.read', detail: [{ type: 'reason', valueString: 'Found unconscious' }] }],
    },
    {
      ...base,
      id: 'nurse-alarm',
      purposeOfEvent: [{ coding: [{ code: 'HSYSADMIN' }] }],
      subtype: [{ code: '110132' }, own('alarm')],
      agent: [machine],
      entity: [
        patient,
        { what: { reference: NURSE } },
        { what: { reference: 'AuditEvent/nurse-look' } },
        { name: 'alarms', detail: [{ type: 'rule', valueString: 'emergency-access' }] },
      ],
    },
  ];
}

/** Goes on with the log of a program that has ended, with the keys from the keychain. */
async function appendToLog(userData: string, events: readonly object[]): Promise<void> {
  const { auditKey } = await profileSecrets(userData);
  const folder = join(userData, 'audit');
  const entry = (account: string) => keytar.getPassword('org.wardlight.app', account);
  const anchor = JSON.parse((await entry(anchorAccount(folder))) ?? 'null') as Anchor | null;
  const log = createAuditLog();
  const opened = log.open({
    file: join(folder, 'audit.db'),
    key: auditKey,
    seed: Buffer.from((await entry('audit/device-key')) ?? '', 'base64'),
    anchor,
    logId: randomUUID(),
    damaged: false,
    time: new Date().toISOString(),
    nativeBinding: undefined,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  for (const event of events) await log.append(JSON.stringify(event));
  log.close();
}

describe('the record of access, as a privacy officer sees it in the program', () => {
  let server: DevServer;
  let webhook: WebhookReceiver;
  let running: RunningApp;
  let page: Page;
  let patientId = '';
  const userData = newUserData();

  beforeAll(async () => {
    [server, webhook] = await Promise.all([smallServer(6), startWebhook()]);
    server.store.put(officer);
    const rules = { 'many-charts': { least: 1, leastUnknown: 1 } };
    const alarms = { recipients: ['Organization/privacy'], webhook: { url: webhook.url }, rules };
    const start = { userData, server: server.url, policy: { audit: { alarms } } };
    [patientId = ''] = panelOf(server);
    const first = await startApp(start);
    await enrol(first.page);
    await synced(first.page);
    await openChart(first.page, patientId);
    // The role came with the sync: nobody has to start again.
    await first.page.getByTestId('alarms-count').waitFor();
    await first.app.close();
    await appendToLog(userData, nurseEvents(patientId));
    // Nobody can be told before somebody has mended the address.
    webhook.answerAll({ status: 404 });
    running = await startApp(start);
    ({ page } = running);
    await unlock(page);
    await page.getByTestId('frame').waitFor();
  });
  afterAll(async () => {
    await running?.app.close();
    await Promise.all([server?.stop(), webhook?.close()]);
  });

  it('counts an alarm, shows what it goes by, verifies the record, and marks it with a reason', async () => {
    await page.getByTestId('alarms-count').getByText('1').waitFor();
    const enrolment = () =>
      page.evaluate(async () => {
        const answer = await window.wardlight.audit.integrity({});
        return answer.ok ? answer.value.enrolment : answer.error.code;
      });
    await expect.poll(enrolment).toBe('enrolled');
    await page.keyboard.press('a');
    const alarm = page.getByTestId('alarm');
    await alarm.getByTestId('alarm-head').click();
    await page.getByTestId('evidence').getByText('Opened the chart').waitFor();
    expect(await alarm.textContent()).toContain('LINDQVIST');
    await page.getByTestId('verify-now').click();
    await page.getByText('Intact: every entry was verified').waitFor();
    await page.getByTestId('leaving').getByText('IT has to look at it').waitFor();
    const enrolled = page.getByTestId('integrity-enrolment').getByText('key and signed state are known there');
    await enrolled.waitFor();
    const devices = JSON.stringify(server.store.list('Device'));
    expect(devices).toMatch(/StructureDefinition\/audit-log.*wardlight\.org\/audit\/.*"checkpoint"/);
    await picture(page, 'alarms');
    await page.getByTestId('alarm-mark-open').click();
    await page.getByTestId('mark-reason').fill('She was called to the arrest.');
    await picture(page, 'mark');
    await page.getByTestId('mark-confirm').click();
    await page.getByTestId('alarms-count').getByText('0').waitFor();
    await page.getByTestId('alarm-mark').getByText('She was called to the arrest.').waitFor();
  });

  it('has told the server of the alarm, and tells the webhook once it answers', async () => {
    const told = server.store.list('Communication') as Communication[];
    expect(told.map(({ identifier }) => identifier?.[0]?.value)).toEqual(['nurse-alarm']);
    webhook.answerAll({ status: 204 });
    await page.getByTestId('lock-button').click();
    await unlock(page);
    // The key works once it is known that she may see them.
    await page.getByTestId('alarms-count').waitFor();
    await page.keyboard.press('a');
    await page.getByText('· received by those who are to be told').waitFor();
    await page.getByTestId('leaving-line').filter({ hasText: 'service' }).getByText('All received').waitFor();
    await picture(page, 'received');
    const seed = Buffer.from((await keytar.getPassword('org.wardlight.app', 'audit/device-key')) ?? '', 'base64');
    for (const request of webhook.received) {
      const { id, log } = JSON.parse(request.body) as { id: string; log: string };
      expect(id).toBe('nurse-alarm');
      expect(await isSigned(request, createSigner(log, seed).vkey)).toBe(true);
    }
  });

  it('tells from an alarm, and from a chart, who has seen it', async () => {
    await page.getByTestId('alarm-patient').first().click();
    await page.getByTestId('accesses-page').waitFor();
    await page.locator('[data-testid="access"][data-emergency="true"]').first().waitFor();
    await page.getByTestId('accesses-patient').waitFor();
    await picture(page, 'accesses');
    await page.keyboard.press('Escape');
    await page.getByTestId('alarms-view').waitFor();
    await page.keyboard.press('Escape');
    await openChart(page, patientId);
    // Who may look at it is asked of main, and comes a moment after the chart.
    await page.getByTestId('tab-accesses').waitFor();
    await page.keyboard.press('7');
    await page.getByTestId('filter-person').selectOption(NURSE);
    await page.getByTestId('access').nth(1).waitFor({ state: 'detached' });
    expect(await page.getByTestId('access').first().textContent()).toContain('Found unconscious');
    await picture(page, 'tab');
  });

  it('tells of what rings at once, while she goes on working', async () => {
    await page.keyboard.press('Escape');
    await openChart(page, panelOf(server)[1] ?? '');
    const rung = () => webhook.received.map(({ body }) => (JSON.parse(body) as { rule: string }).rule);
    await vi.waitFor(() => expect(rung()).toContain('many-charts'), { timeout: 20_000, interval: 50 });
    const stored = () => server.store.list('Communication') as Communication[];
    await vi.waitFor(() => expect(stored()).toHaveLength(2), { timeout: 20_000, interval: 50 });
    expect(JSON.stringify(stored()[1])).toContain('many charts were opened');
  });

  it('security: shows no sign of it any more once she is no privacy officer', async () => {
    server.store.put({ ...officer, active: false });
    await page.getByTestId('sync-now').click();
    await page.getByTestId('alarms-open').waitFor({ state: 'detached' });
    const refused = await page.evaluate(() => window.wardlight.audit.alarms({ before: null }));
    expect(refused).toEqual({ ok: false, error: { code: 'not-permitted' } });
  });

  it('security: what she has looked at, and how she has judged, stands in the record itself', async () => {
    await running.app.close();
    const { auditKey } = await profileSecrets(userData);
    const told = eventsInFile(join(userData, 'audit', 'audit.db'), auditKey).map((event) => JSON.stringify(event));
    for (const view of ['audit.alarms', 'audit.evidence', 'audit.accesses', 'audit.verify', 'audit.markFalse']) {
      expect(
        told.some((event) => event.includes(`"${view}"`) && event.includes('Practitioner/dev-osei')),
        view,
      ).toBe(true);
    }
    expect(told.filter((event) => event.includes('She was called to the arrest.'))).toHaveLength(1);
  });
});

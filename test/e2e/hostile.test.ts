import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordTypes } from '../../main/sync/plan.ts';
import type { DevServer } from '../server/index.ts';
import type { RunningApp } from '../support/app.ts';
import { panelOf } from '../support/expected.ts';
import { aboutPatient, type Example, hl7Examples } from '../support/hl7-examples.ts';
import { hostileHtml } from '../support/hostile-html.ts';
import { nastyTexts } from '../support/hostile-records.ts';
import { enrolledApp, newUserData, openChart, smallServer } from '../support/journey.ts';
import { picturesOf } from '../support/pictures.ts';

const picture = picturesOf('hostile');
const TABS = ['summary', 'results', 'notes', 'data', 'documents', 'timeline'];
const examples = hl7Examples().filter(({ resourceType }) => recordTypes.slice(1).includes(resourceType));

/** HL7's examples of one patient, and of another one of each type whose every text is hostile. */
function spoil(server: DevServer, [plain = '', hostile = '']: readonly string[]): Record<string, Set<string>> {
  const ofPlain = examples.map((one) => aboutPatient(one, plain));
  const oneOfEach = [...new Map(examples.map((one) => [one.resourceType, one])).values()];
  const ofHostile = oneOfEach.map((one, at) => ({
    ...nastyTexts(aboutPatient(one, hostile)),
    id: `hostile-${at}`,
    text: { status: 'generated', div: `<div>${hostileHtml.join('')}</div>` },
  }));
  for (const one of [...ofPlain, ...ofHostile]) server.store.put(JSON.stringify(one));
  const keys = (records: readonly Example[]) =>
    new Set(records.filter(isPlain).map(({ resourceType, id }) => `${resourceType}/${id}`));
  return { [plain]: keys(ofPlain), [hostile]: keys(ofHostile) };
}

/** What is labelled is withheld, which the timeline says. */
const isPlain = ({ meta }: Example) => (meta as { security?: unknown } | undefined)?.security === undefined;

/** What would have happened if anything of a record had been more than text. */
function watch(page: Page): string[] {
  const seen: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => seen.push(`dialog: ${dialog.type()}`));
  page.on('framenavigated', (frame) => seen.push(`navigation: ${frame.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith('app://wardlight/')) seen.push(`request: ${request.url()}`);
  });
  return seen;
}

/** `Type/id` of all that the timeline has of a patient, asked for as the page asks. */
function timelineOf(page: Page, patientId: string): Promise<string[]> {
  return page.evaluate(async (id) => {
    const { timeline } = window.wardlight;
    const filter = { kinds: [], text: '', from: null, to: null, withdrawn: true };
    const outline = await timeline.outline({ patientId: id, filter });
    if (!outline.ok) throw new Error(outline.error.code);
    const found: string[] = [];
    for (const after of [null, ...outline.value.marks]) {
      const answer = await timeline.page({ patientId: id, filter, after });
      if (!answer.ok) throw new Error(answer.error.code);
      for (const entry of answer.value.items) {
        const group = entry.count > 1 ? await timeline.group({ patientId: id, key: entry.key }) : null;
        for (const one of group?.ok ? group.value.items : [entry]) found.push(`${one.type}/${one.id}`);
      }
    }
    return found;
  }, patientId);
}

/** Looks at every part of a chart, and at the first and last records of its timeline. */
async function walk(page: Page, name: string): Promise<void> {
  for (const tab of TABS) {
    await page.getByTestId(`tab-${tab}`).click();
    await expect.poll(() => page.locator('main [aria-busy="true"]').count()).toBe(0);
    expect(await page.getByTestId('error-state').count()).toBe(0);
    await picture(page, `${name}-${tab}`);
  }
  for (const key of ['Home', 'End']) {
    await page.getByTestId('timeline-list').focus();
    await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await page.getByTestId('entry-panel').waitFor();
    await picture(page, `${name}-record-${key}`);
    await page.getByTestId('entry-close').click();
  }
}

/** Opens the records of hostile texts one after the other, with their narratives. */
async function openHostile(page: Page): Promise<void> {
  await page.getByTestId('timeline-text').fill('gnp.exe');
  await page.getByTestId('timeline-entry').first().waitFor();
  await page.getByTestId('timeline-list').focus();
  for (let at = 0; at < 8; at += 1) {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('record-view').or(page.getByTestId('entry-members')).first().waitFor();
    await page.getByTestId('timeline-list').focus();
  }
  await picture(page, 'narrative');
}

describe('HL7’s examples and hostile records in a real window', () => {
  let server: DevServer;
  let running: RunningApp;
  let records: Record<string, Set<string>>;

  beforeAll(async () => {
    server = await smallServer(4);
    records = spoil(server, panelOf(server));
    running = await enrolledApp(server, newUserData());
  }, 180_000);
  afterAll(async () => {
    await running?.app.close();
    await server?.stop();
  });

  it('security: are shown in every part of a chart, all of them, and nothing of them executes, asks or leads away', {
    timeout: 180_000,
  }, async () => {
    const { page, app } = running;
    await page.evaluate(() => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        Object.assign(window, { harmed: effectiveDirective });
      });
    });
    const seen = watch(page);
    for (const [id, expected] of Object.entries(records)) {
      await openChart(page, id);
      await walk(page, id === Object.keys(records)[0] ? 'plain' : 'hostile');
      if (id === Object.keys(records)[1]) await openHostile(page);
      const shown = new Set(await timelineOf(page, id));
      expect([...expected].filter((one) => !shown.has(one))).toEqual([]);
      await page.keyboard.press('Escape');
    }
    expect(seen).toEqual([]);
    expect(await page.evaluate(() => (window as unknown as { harmed?: unknown }).harmed)).toBeUndefined();
    expect(page.url()).toBe('app://wardlight/index.html');
    expect(app.windows()).toHaveLength(1);
  });
});

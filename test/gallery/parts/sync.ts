import type { AllergyIntolerance, DocumentReference } from 'fhir/r4';
import { openChart, synced } from '../../support/journey.ts';
import { atList, offline, type Part, pageOf, said, type World } from '../stop.ts';
import { PLAIN_ALLERGY, PLAIN_NOTE } from '../ward.ts';

const OURS = 'Added offline at 07:30: comfortable, slept well, drank 400 ml.';
const THEIRS = 'Added in the EHR at 06:10: vomited twice, doctor informed.';

/** A note is amended, an allergy refuted, a problem and a vital sign recorded, and nothing of it can be sent. */
async function writeOffline(world: World): Promise<void> {
  const page = pageOf(world);
  await page.getByTestId('tab-notes').click();
  await page.locator(`[data-note-id="${PLAIN_NOTE}"]`).click();
  await page.getByTestId('note-amend').click();
  const before = await page.getByTestId('note-text').inputValue();
  await page.getByTestId('note-text').fill(`${before}\n\n${OURS}`);
  await page.getByTestId('note-save').click();
  await page.locator('article [data-testid="unsent-badge"]').waitFor();
  await page.getByTestId('tab-summary').click();
  const allergy = page.getByTestId('section-allergies').locator('li', { hasText: 'Amoxicillin' });
  await allergy.getByTestId('item-change').click();
  await page.getByTestId('deed-refute').check();
  await page.getByTestId('field-reason').fill('Tolerated it twice since');
  await page.getByTestId('form-save').click();
  await page.getByTestId('change-dialog').waitFor({ state: 'detached' });
  await page.getByTestId('write-open').click();
  await page.getByTestId('write-menu').waitFor();
  await page.keyboard.press('p');
  await page.getByTestId('field-problem').fill('Written for the wrong patient');
  await page.getByTestId('field-verification').selectOption('confirmed');
  await page.getByTestId('form-save').click();
  await page.getByTestId('form-dialog').waitFor({ state: 'detached' });
  // Last: a server that isn't ready for one is not asked to take the next.
  await page.getByTestId('record-vital').click();
  await page.getByTestId('vital-value').fill('82');
  await page.getByTestId('vital-save').click();
  await page.getByTestId('record-vital-dialog').waitFor({ state: 'detached' });
}

const NO_CODE =
  'Condition.code: minimum required = 1, but only found 0 codings (from https://hospital.example/fhir/Problem)';

/** Of what waits, the server takes one not at all, one not now, and two are changed there meanwhile. */
function disagree({ server }: World): void {
  server.faults.clear();
  const posts = (type: string) => (request: { method: string; path: string }) =>
    request.method !== 'GET' && request.path.includes(`/${type}`);
  const issue = { code: 'required' as const, diagnostics: NO_CODE, expression: ['Condition.code'] };
  server.faults.add({ kind: 'status', status: 400, issue, match: posts('Condition') });
  server.faults.add({ kind: 'status', status: 503, match: posts('Observation') });
  const note = server.store.read('DocumentReference', PLAIN_NOTE) as DocumentReference;
  const [content] = note.content;
  const text = Buffer.from(content?.attachment.data ?? '', 'base64').toString('utf8');
  const data = Buffer.from(`${text}\n\n${THEIRS}`).toString('base64');
  server.store.put({ ...note, content: [{ attachment: { ...content?.attachment, data } }] });
  const allergy = server.store.read('AllergyIntolerance', PLAIN_ALLERGY) as AllergyIntolerance;
  const reaction = [...(allergy.reaction ?? []), { manifestation: [{ text: 'Wheeze' }] }];
  server.store.put({ ...allergy, criticality: 'high', reaction });
}

async function resolve(world: World, title: string): Promise<void> {
  const change = pageOf(world).getByTestId('changes-conflict').getByTestId('change').filter({ hasText: title });
  await change.getByTestId('change-resolve').click();
  await pageOf(world).getByTestId('conflict-view').waitFor();
}

/** What waits for the server, and what it does not take. */
export const sync: Part = {
  name: 'sync',
  async begin(world) {
    const page = await atList(world);
    await page.getByTestId('list-mine').click();
    await openChart(page, world.patients.restricted);
  },
  stops: [
    {
      screen: 'sync',
      state: 'waiting',
      async go(world) {
        world.server.faults.add({ kind: 'dropBefore' });
        await writeOffline(world);
        await offline(pageOf(world));
        await pageOf(world).keyboard.press('s');
        await pageOf(world).getByTestId('changes-waiting').getByTestId('change').nth(2).waitFor();
      },
    },
    {
      screen: 'sync',
      state: 'conflict, parked, waiting',
      async go(world) {
        const page = pageOf(world);
        disagree(world);
        await page.getByTestId('sync-now').click();
        await page.getByTestId('changes-conflict').waitFor();
        await page.getByTestId('changes-parked').or(page.getByTestId('changes-rejected')).waitFor();
        await page.locator('[data-testid="sync-strip"][data-activity="idle"]').waitFor();
      },
    },
    {
      screen: 'list',
      state: 'conflict',
      async go(world) {
        await pageOf(world).getByTestId('back-to-list').click();
        await pageOf(world).getByTestId('list-unfinished').click();
        await pageOf(world).getByTestId('patient-row').first().waitFor();
      },
    },
    {
      screen: 'conflict',
      state: 'undecided',
      async go(world) {
        const page = pageOf(world);
        await page.keyboard.press('s');
        await resolve(world, 'Night round');
      },
    },
    {
      screen: 'conflict',
      state: 'decided',
      async go(world) {
        const both = pageOf(world).locator('[data-testid="conflict-field"][data-changed-by="both"]');
        for (const field of await both.all()) await field.getByTestId('choose-mine').check();
        await pageOf(world).getByTestId('merged-preview').waitFor();
      },
    },
    {
      screen: 'conflict',
      state: 'of an allergy, undecided',
      async go(world) {
        await pageOf(world).getByTestId('use-merged').click();
        await resolve(world, 'Amoxicillin');
      },
    },
    {
      screen: 'conflict',
      state: 'exactly what differs',
      async go(world) {
        const exact = pageOf(world).getByTestId('conflict-exact').first();
        if ((await exact.getAttribute('open')) === null) await exact.locator('summary').click();
        await exact.scrollIntoViewIfNeeded();
      },
    },
    {
      screen: 'conflict',
      state: 'of an allergy, decided',
      async go(world) {
        for (const field of await pageOf(world).getByTestId('conflict-field').all()) {
          const isMine = (await field.getAttribute('data-changed-by')) === 'mine';
          await field.getByTestId(isMine ? 'choose-mine' : 'choose-theirs').check();
        }
        await pageOf(world).getByTestId('merged-in-chart').scrollIntoViewIfNeeded();
      },
    },
    {
      screen: 'sync',
      state: 'empty',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('use-merged').click();
        world.server.faults.clear();
        await page.getByTestId('change-retry').first().click();
        await page.getByTestId('sync-now').click();
        await page.getByText(said(world, 'No unsent changes')).waitFor();
        await synced(page);
      },
    },
  ],
};

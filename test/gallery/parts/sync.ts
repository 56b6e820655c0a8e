import type { DocumentReference } from 'fhir/r4';
import { openChart } from '../../support/journey.ts';
import { atList, offline, type Part, pageOf, type World } from '../stop.ts';
import { PLAIN_NOTE } from '../ward.ts';

const OURS = 'Added offline at 07:30: comfortable, slept well, drank 400 ml.';
const THEIRS = 'Added in the EHR at 06:10: vomited twice, doctor informed.';

/** A note is amended, a problem and a vital sign are recorded, and nothing of it can be sent. */
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

/** Of what waits, the server takes one not at all, one not now, and one is changed there meanwhile. */
function disagree({ server }: World): void {
  server.faults.clear();
  const posts = (type: string) => (request: { method: string; path: string }) =>
    request.method !== 'GET' && request.path.includes(`/${type}`);
  server.faults.add({ kind: 'status', status: 400, match: posts('Condition') });
  server.faults.add({ kind: 'status', status: 503, match: posts('Observation') });
  const note = server.store.read('DocumentReference', PLAIN_NOTE) as DocumentReference;
  const [content] = note.content;
  const text = Buffer.from(content?.attachment.data ?? '', 'base64').toString('utf8');
  const data = Buffer.from(`${text}\n\n${THEIRS}`).toString('base64');
  server.store.put({ ...note, content: [{ attachment: { ...content?.attachment, data } }] });
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
        await page.getByTestId('change-resolve').click();
        await page.getByTestId('conflict-view').waitFor();
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
      screen: 'sync',
      state: 'empty',
      async go(world) {
        const page = pageOf(world);
        await page.getByTestId('use-merged').click();
        world.server.faults.clear();
        await page.getByTestId('change-retry').first().click();
        await page.getByTestId('sync-now').click();
        await page.getByText('No unsent changes').waitFor();
      },
    },
  ],
};

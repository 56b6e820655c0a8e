// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { FoundRecord } from '../../../../../preload/contract/find.ts';
import { said } from '../../../../support/said.ts';
import { AS_OF, fakePatients, NOTHING_WITHHELD } from '../../support/fakeData.ts';
import { fakeVersion } from '../../support/fakeTimeline.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const [first] = fakePatients(2);
if (!first) throw new Error('no patient');

function hit(more: Partial<FoundRecord> = {}): FoundRecord {
  return {
    patientId: first?.id ?? '',
    kind: 'note',
    type: 'DocumentReference',
    id: 'n1',
    title: 'Ward round',
    time: AS_OF,
    withdrawn: false,
    unsent: null,
    trend: null,
    snippet: {
      text: 'No <b>chest pain</b> today',
      marks: [
        [6, 11],
        [12, 16],
      ],
    },
    ...more,
  };
}

type FakeOptions = NonNullable<Parameters<typeof renderApp>[0]>;

const found = (items: FoundRecord[], more: object = {}) => ({
  ok: true as const,
  value: { items, total: items.length, more: false, gaps: [], withheld: NOTHING_WITHHELD, ...more },
});

async function openFind(find: FakeOptions['find'], more: FakeOptions = {}) {
  const fake = renderApp({ patients: fakePatients(2), ...(find && { find }), ...more });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  fireEvent.keyDown(window, { key: 'f', ctrlKey: true });
  return { fake, field: await screen.findByTestId<HTMLInputElement>('find-field') };
}

const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const press = (key: string) => fireEvent.keyDown(screen.getByTestId('find-field'), { key });

it('lists what is found with its words marked, and never as HTML', async () => {
  const { field } = await openFind({ inChart: async () => found([hit(), hit({ id: 'n2', title: 'Letter' })]) });
  expect(document.activeElement).toBe(field);
  type(field, 'chest pain');
  const [line] = await screen.findAllByTestId('find-option');
  expect([...(line?.querySelectorAll('mark') ?? [])].map((one) => one.textContent)).toEqual(['chest', 'pain']);
  expect(line?.querySelector('b')).toBeNull();
  expect(line?.textContent).toContain('No <b>chest pain</b> today');
  expect(screen.getByTestId('find-status').textContent).toBe('2 records.');
  expect(field.getAttribute('aria-activedescendant')).toBe(line?.id);
});

it('opens the note that is active with Enter, in its reader', async () => {
  const { field } = await openFind({ inChart: async () => found([hit({ id: 'n3' }), hit()]) });
  type(field, 'chest');
  await screen.findAllByTestId('find-option');
  press('ArrowDown');
  press('Enter');
  expect((await screen.findByTestId('note-body')).textContent).toContain('Less breathless');
  expect(screen.queryByTestId('find-dialog')).toBeNull();
  expect(screen.getByTestId('tab-notes').getAttribute('aria-selected')).toBe('true');
});

it('opens a value in its trend, and any other record on the timeline, in the chart of its patient', async () => {
  const other = fakePatients(2)[1]?.id ?? '';
  const record = hit({ kind: 'problem', type: 'Condition', id: 'c9', patientId: other, title: 'Asthma' });
  const { fake, field } = await openFind(
    {
      inChart: async () => found([hit({ kind: 'result', type: 'Observation', id: 'o', trend: 'urn:x|hb' })]),
      inPanel: async () => ({
        ok: true,
        value: { ...found([record]).value, patients: [fakePatients(2)[1]!], panel: 2, incomplete: 1 },
      }),
    },
    { timeline: { versions: [{ shown: fakeVersion(), fields: [{ path: 'code', said: said('Asthma') }] }] } },
  );
  type(field, 'haemoglobin');
  await screen.findAllByTestId('find-option');
  press('Enter');
  await waitFor(() => expect(screen.getByTestId('tab-results').getAttribute('aria-selected')).toBe('true'));
  fireEvent.keyDown(window, { key: 'F', ctrlKey: true, shiftKey: true });
  type(await screen.findByTestId('find-field'), 'asthma');
  const [line] = await screen.findAllByTestId('find-option');
  expect(line?.textContent).toContain('born');
  expect(line?.textContent).toContain('MRN');
  expect(screen.getByTestId('find-gaps').textContent).toContain('Of 1 of 2 patients not everything');
  press('Enter');
  await screen.findByTestId('record-view');
  expect(fake.writes).toContainEqual({
    call: 'timeline.record',
    request: { patientId: other, type: 'Condition', id: 'c9', version: null },
  });
});

it('says that nothing is found only beside what was not searched', async () => {
  const { field } = await openFind({
    inChart: async () =>
      found([], {
        gaps: [
          { kind: 'note', state: 'partial' },
          { kind: 'problem', state: 'not-permitted' },
        ],
        withheld: { restricted: 'purpose', denied: false },
      }),
  });
  type(field, 'zebra');
  await waitFor(() => expect(screen.getByTestId('find-status').textContent).toBe('Nothing found.'));
  expect(screen.getByTestId('find-gaps').textContent).toBe(
    'Not searched. Not permitted to view: problems. Only a part is here: notes.',
  );
  expect(screen.getByTestId('find-dialog').textContent).toContain('There are restricted entries, which are not shown.');
});

it('says that newer ones may be missing where not all could be told apart, and that nothing of the past is searched', async () => {
  const { field } = await openFind({ inChart: async () => found([hit()], { total: 8000, more: true }) });
  type(field, 'chest');
  await screen.findAllByTestId('find-option');
  const status = screen.getByTestId('find-status').textContent;
  expect(status).toBe('More than 8000 records. 1 of them are listed, and newer ones may be missing: add a word.');
  expect(screen.getByTestId('find-of-now').textContent).toContain('not as it was at a past moment');
});

it('asks nothing for a single letter, and says why a search is refused', async () => {
  const asked: string[] = [];
  const { field } = await openFind({
    inChart: async ({ text }) => {
      asked.push(text);
      return { ok: false, error: { code: 'not-permitted' } };
    },
  });
  type(field, 'a');
  type(field, 'ab');
  expect((await screen.findByTestId('error-state')).dataset['code']).toBe('not-permitted');
  expect(asked).toEqual(['ab']);
  expect(screen.queryAllByTestId('find-option')).toEqual([]);
});

it('lists no record of the chart among those of the panel when it looks elsewhere', async () => {
  const { field } = await openFind({ inChart: async () => found([hit()]) });
  type(field, 'chest');
  await screen.findAllByTestId('find-option');
  fireEvent.click(screen.getByTestId('find-scope-panel'));
  await waitFor(() => expect(screen.getByTestId('find-status').textContent).toBe('Nothing found.'));
  expect(screen.queryAllByTestId('find-option')).toEqual([]);
});

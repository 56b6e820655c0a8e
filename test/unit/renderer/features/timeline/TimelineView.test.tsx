// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { said } from '../../../../support/said.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { type FakeTimeline, fakeEntry, fakeKind, fakeVersion } from '../../support/fakeTimeline.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function openTab(timeline: FakeTimeline = {}, slowPast = false) {
  const fake = renderApp({ patients: fakePatients(1), timeline, slowPast });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('tab-timeline');
  fireEvent.keyDown(document.body, { key: '6' });
  return fake;
}

const failing = async () => ({ ok: false as const, error: { code: 'internal' as const } });
const fields = (status: string, note: string) => [
  { path: 'code', said: said('Asthma') },
  { path: 'status', said: said(status) },
  { path: 'note', said: said(note) },
];
const versions = [
  { shown: fakeVersion(), fields: fields('Resolved', 'She has not had an attack for more than a year now.') },
  {
    shown: fakeVersion({ version: 'h7', versionId: '1', who: 'Dr Nowak', ended: 'replaced' }),
    fields: fields('Active', 'She has had an attack for more than a week now.'),
  },
];

describe('the timeline', () => {
  it('lists the entries below the heads of their months, and says how many there are and how old', async () => {
    await openTab({ entries: [fakeEntry(0), fakeEntry(1), fakeEntry(7)] });
    const lines = await screen.findAllByTestId('timeline-entry');
    expect(lines.map((line) => line.textContent)).toEqual([
      expect.stringContaining('Problem 0'),
      expect.stringContaining('Problem 1'),
      expect.stringContaining('Problem 7'),
    ]);
    expect(screen.getAllByTestId('timeline-month').map((head) => head.textContent)).toEqual([
      'March 2026 2',
      'January 2026 1',
    ]);
    expect(screen.getByTestId('timeline-knowledge').textContent).toContain('3 entries');
    expect(screen.getByTestId('timeline-knowledge').textContent).toContain('as of');
  });

  it('asks for the pages in sight and beside them, never for all', async () => {
    const { writes } = await openTab({ entries: Array.from({ length: 5_000 }, (_, at) => fakeEntry(at)) });
    await screen.findAllByTestId('timeline-entry');
    expect(writes.filter(({ call }) => call === 'timeline.page').length).toBe(2);
    expect(screen.getAllByTestId('timeline-entry').length).toBeLessThan(60);
  });

  it('names a line that is still being read, to who hears the list', async () => {
    await openTab({ entries: [fakeEntry(0)], calls: { page: () => new Promise(() => undefined) } });
    const [line] = await screen.findAllByRole('option', { name: 'Loading…', busy: true });
    expect(line).toBeTruthy();
  });

  it('reads nothing of what flies by under a dragged scroll bar, and all where it comes to rest', async () => {
    const { writes } = await openTab({ entries: Array.from({ length: 5_000 }, (_, at) => fakeEntry(at)) });
    await screen.findAllByTestId('timeline-entry');
    const list = screen.getByTestId('timeline-list');
    for (const entry of [1_000, 2_000, 3_000, 4_000]) fireEvent.scroll(list, { target: { scrollTop: entry * 34 } });
    expect(writes.filter(({ call }) => call === 'timeline.page').length).toBe(2);
    await waitFor(() => expect(screen.getAllByTestId('timeline-entry').length).toBeGreaterThan(0));
    expect(writes.filter(({ call }) => call === 'timeline.page').length).toBe(5);
  });

  it('asks for no page of a filter before it is known how many there are', async () => {
    const { writes } = await openTab();
    await screen.findAllByTestId('timeline-entry');
    fireEvent.change(screen.getByTestId('timeline-text'), { target: { value: 'problem 1' } });
    await waitFor(() => expect(screen.getAllByTestId('timeline-entry')).toHaveLength(1));
    const asked = writes.map(({ call, request }) => `${call} ${(request as { filter: { text: string } }).filter.text}`);
    expect(asked.indexOf('timeline.page problem 1')).toBeGreaterThan(asked.indexOf('timeline.outline problem 1'));
  });

  it('strikes out what was entered in error, which is listed only when asked for, and names what is encrypted', async () => {
    const wrong = fakeEntry(1, { title: 'Wrong one', withdrawn: true, status: 'entered-in-error' });
    await openTab({ entries: [fakeEntry(0, { masked: true }), wrong] });
    const [line] = await screen.findAllByTestId('timeline-entry');
    expect(line?.textContent).toContain('Encrypted');
    expect(screen.queryByText('Wrong one')).toBeNull();
    fireEvent.click(screen.getByTestId('timeline-withdrawn'));
    const struck = await screen.findByText('Wrong one');
    expect(struck.closest('[data-testid=timeline-entry]')?.textContent).toContain('Entered in error');
  });

  it.each([
    ['complete', 'None recorded'],
    ['partial', 'None in the part fetched so far'],
    ['not-fetched', 'Not available offline'],
    ['not-permitted', 'Not permitted to view'],
  ] as const)('says why it is empty: %s', async (state, words) => {
    await openTab({ entries: [], kinds: [fakeKind('problem', { state, count: 0 })] });
    expect(await screen.findByText(words)).toBeTruthy();
  });

  it('names the kinds that are missing beside those that are there', async () => {
    await openTab({
      kinds: [
        fakeKind('problem'),
        fakeKind('note', { state: 'not-permitted' }),
        fakeKind('task', { state: 'not-fetched' }),
        fakeKind('procedure', { state: 'not-kept', count: 0 }),
      ],
    });
    const knowledge = await screen.findByTestId('timeline-knowledge');
    expect(knowledge.textContent).toContain('Not permitted to view: notes.');
    expect(knowledge.textContent).toContain('Not available offline: tasks.');
    expect(knowledge.textContent).toContain('Not kept on this workstation, by your organisation’s policy: procedures.');
  });

  it('doesn’t say that nothing is recorded where a kind is not kept here', async () => {
    const kinds = [fakeKind('problem', { count: 0 }), fakeKind('note', { state: 'not-kept', count: 0 })];
    await openTab({ entries: [], kinds });
    expect(await screen.findByText('None in the part fetched so far')).toBeTruthy();
    expect(screen.getByText('not kept here')).toBeTruthy();
  });

  it('shows the kinds that are chosen alone, and gives the focus back when the choice is closed', async () => {
    await openTab({
      entries: [fakeEntry(0), fakeEntry(1, { kind: 'note', title: 'Ward round' })],
      kinds: [fakeKind('problem'), fakeKind('note'), fakeKind('task', { state: 'not-fetched', count: 0 })],
    });
    const summary = await screen.findByTestId('timeline-kinds');
    fireEvent.click(summary);
    expect((await screen.findByTestId('timeline-kind-task')).closest('label')?.textContent).toContain('not available');
    fireEvent.click(screen.getByTestId('timeline-kind-note'));
    await waitFor(() => expect(screen.getAllByTestId('timeline-entry')).toHaveLength(1));
    expect(screen.getByText('Ward round')).toBeTruthy();
    fireEvent.keyDown(screen.getByTestId('timeline-kind-note'), { key: 'Escape' });
    expect(document.activeElement).toBe(summary);
    expect(screen.getByTestId('tab-timeline')).toBeTruthy();
  });

  it('says that it could not be read, and that a page of it could not', async () => {
    await openTab({ calls: { outline: failing } });
    expect(await screen.findByRole('alert')).toBeTruthy();
    cleanup();
    await openTab({ calls: { page: failing } });
    expect((await screen.findByTestId('failure')).dataset.code).toBe('internal');
  });

  it('offers nothing else than to show all entries where the filter lets none through', async () => {
    await openTab();
    fireEvent.change(await screen.findByTestId('timeline-text'), { target: { value: 'zzz' } });
    fireEvent.click(await screen.findByText('Show all entries'));
    expect(await screen.findAllByTestId('timeline-entry')).toHaveLength(2);
  });

  it('opens entries by the keys of the list, and compares two versions element by element', async () => {
    await openTab({ versions });
    await screen.findAllByTestId('timeline-entry');
    fireEvent.keyDown(screen.getByTestId('timeline-list'), { key: 'ArrowDown' });
    const record = await screen.findByTestId('record-view');
    expect(within(record).getByText('Resolved')).toBeTruthy();
    fireEvent.change(within(record).getByTestId('record-compare'), { target: { value: 'h7' } });
    const comparison = await screen.findByTestId('record-comparison');
    const changed = within(comparison).getAllByTestId('changed-field');
    expect(changed.map((one) => one.dataset.path)).toEqual(['status', 'note']);
    expect(within(changed[1]!).getByText('year', { exact: false, selector: 'ins' })).toBeTruthy();
    expect(comparison.textContent).toContain('Dr Nowak');
    expect(record.textContent).toContain('the server may have more');
  });

  it('opens what was measured at one time one by one', async () => {
    await openTab({ entries: [fakeEntry(0, { kind: 'result', count: 2, title: 'Renal panel' })], versions });
    fireEvent.click((await screen.findAllByTestId('timeline-entry'))[0]!);
    fireEvent.click(within(await screen.findByTestId('entry-members')).getByText('Sodium'));
    expect(await screen.findByTestId('record-view')).toBeTruthy();
  });
});

describe('the chart as it was known', () => {
  async function look() {
    const fake = await openTab();
    fireEvent.keyDown(document.body, { key: 'h' });
    fireEvent.change(await screen.findByTestId('past-input'), { target: { value: '2026-03-05T07:00' } });
    fireEvent.click(screen.getByTestId('past-go'));
    await screen.findByTestId('patient-banner');
    return fake;
  }

  it('says on every view of it that it is not current, and reads all of it as of then', async () => {
    const { reads, writes } = await look();
    const asOf = new Date(Date.parse('2026-03-05T07:00') + 59_999).toISOString();
    expect(reads).toContain(`p0 as of ${asOf}`);
    for (const tab of ['past-tab-summary', 'past-tab-results', 'past-tab-timeline']) {
      fireEvent.click(screen.getByTestId(tab));
      expect(screen.getByTestId('past-banner').textContent).toContain(
        'As known here on 05-Mar-2026 07:00 – NOT CURRENT',
      );
    }
    await screen.findAllByTestId('timeline-entry');
    const outlines = writes.filter(({ call }) => call === 'timeline.outline');
    expect(outlines.at(-1)?.request).toMatchObject({ asOf });
  });

  it('security: offers nothing that writes, and nothing that opens a value as it is now', async () => {
    await look();
    expect(screen.getByTestId('section-vitals')).toBeTruthy();
    for (const id of ['record-vital', 'correct-vital', 'note-new', 'tab-notes', 'tab-documents', 'reveal'])
      expect(screen.queryByTestId(id)).toBeNull();
  });

  it('is left by Escape, to the chart and not to the list', async () => {
    await look();
    fireEvent.keyDown(document.body, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('past-banner')).toBeNull());
    expect(await screen.findByTestId('tab-notes')).toBeTruthy();
  });

  it('says that it is being put together, and is left meanwhile', async () => {
    await openTab({}, true);
    fireEvent.keyDown(document.body, { key: 'h' });
    fireEvent.change(await screen.findByTestId('past-input'), { target: { value: '2026-03-05T07:00' } });
    fireEvent.click(screen.getByTestId('past-go'));
    expect((await screen.findByTestId('past-building')).textContent).toContain('Putting the chart of that moment');
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(await screen.findByTestId('tab-notes')).toBeTruthy();
  });

  it('says where the workstation can’t tell what it knew', async () => {
    await openTab();
    fireEvent.click(screen.getByTestId('past-open'));
    const input = await screen.findByTestId('past-input');
    fireEvent.change(input, { target: { value: '2026-02-05T07:00' } });
    fireEvent.click(screen.getByTestId('past-go'));
    const banner = await screen.findByTestId('past-banner');
    await waitFor(() => expect(banner.textContent).toContain('this workstation can’t tell what it knew'));
  });
});

// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query';
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Bridge } from '../../../../../preload/contract/index.ts';
import { UNLOCKED } from '../../support/fakeBridge.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

const [first, second] = fakePatients(2);
const CANARY = 'canary';
const A = first!.id;
const B = second!.id;

const clients = new Set<QueryClient>();
const mount = vi.spyOn(QueryClient.prototype, 'mount').mockImplementation(function (this: QueryClient) {
  clients.add(this);
});

afterEach(() => {
  cleanup();
  clients.clear();
});

/**
 * Every text of an answer about the first patient, as a canary; keys by which the page tells kinds apart stay, and the
 * lines of a plot, which can't be drawn here.
 */
function marked(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return KEPT.has(name) || /^\d{4}(-|$)/.test(value) ? value : `${CANARY} ${value}`;
  if (Array.isArray(value)) return value.map((one) => marked(one, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === 'series' ? [] : marked(member, key)]),
  );
}

const KEPT = new Set(
  'key month id code state type kind sex source category criticality clinicalStatus verificationStatus allergyStatement status warns flag mri resourceType contentType marks masked unsent versionId restricted deceased'.split(
    ' ',
  ),
);

type Call = (request: { patientId: string }) => Promise<unknown>;

/** All calls about the first patient answer canaries; `hold` lets them wait until they are let go. */
function withCanaries(bridge: Bridge) {
  const waiting: (() => void)[] = [];
  const held = { hold: false };
  const calls: [object, string][] = [
    [bridge.chart, 'read'],
    [bridge.results, 'list'],
    [bridge.results, 'trend'],
    [bridge.notes, 'read'],
    [bridge.documents, 'list'],
    [bridge.sync, 'sections'],
    [bridge.timeline, 'outline'],
    [bridge.timeline, 'page'],
    [bridge.audit, 'accesses'],
  ];
  for (const [feature, name] of calls) {
    const answer = (feature as Record<string, Call>)[name]!;
    Object.assign(feature, {
      [name]: async (request: { patientId: string }) => {
        const found = await answer(request);
        if (request.patientId !== A) return found;
        if (held.hold) await new Promise<void>((resolve) => waiting.push(resolve));
        return marked(found);
      },
    });
  }
  return {
    hold: () => {
      held.hold = true;
    },
    waiting: () => waiting.length,
    letGo: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}

/** Everything that the page holds or says: tags with their attributes, values that are typed, title, answers kept. */
function everything(): string {
  const typed = [...document.querySelectorAll('input, textarea')].map((one) => (one as HTMLInputElement).value);
  const kept = [...clients].flatMap((client) =>
    client
      .getQueryCache()
      .getAll()
      .map(({ queryKey, state }) => JSON.stringify([queryKey, state.data])),
  );
  return [document.documentElement.outerHTML, document.title, ...typed, ...kept].join('\n');
}

const rowOf = (id: string) => screen.getAllByTestId('patient-row').find((row) => row.dataset['patientId'] === id)!;

async function open(id: string) {
  await screen.findAllByTestId('patient-row');
  fireEvent.click(rowOf(id));
  await waitFor(() =>
    expect(document.querySelector(`[data-patient-id="${id}"] [data-testid="patient-banner"]`)).toBeTruthy(),
  );
}

/** All views of a chart, a note that is read and a dialog among them. */
async function visitAll() {
  for (const key of ['2', '3', '4', '5', '6', '1']) {
    fireEvent.keyDown(window, { key });
    await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).toBeNull());
    if (key === '3') {
      fireEvent.click((await screen.findAllByTestId('note-row'))[0]!);
      await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).toBeNull());
    }
  }
  for (const more of screen.queryAllByText(/^Show all|^Show lots/)) fireEvent.click(more);
  fireEvent.click(screen.getByTestId('record-vital'));
  expect(document.querySelector('dialog, [role=dialog]')?.textContent).toContain(CANARY.toUpperCase());
}

/** No trace of the first patient: neither what was answered, nor her id, but for the row of the list. */
function expectNothingLeft() {
  const all = everything();
  expect(all.toLowerCase()).not.toContain(CANARY);
  const kept = [...clients].flatMap((client) => client.getQueryCache().findAll({ queryKey: ['record', A] }));
  expect(kept).toEqual([]);
}

describe('nothing of one patient is left', () => {
  it('security: once another one is open, or the list', async () => {
    const { bridge } = renderApp({ patients: [first!, second!] });
    withCanaries(bridge);
    await open(A);
    await visitAll();
    expect(everything().toLowerCase().split(CANARY).length).toBeGreaterThan(50);
    fireEvent.click(await screen.findByTestId('vital-cancel'));
    await waitFor(() => expect(document.querySelector('dialog, [role=dialog]')).toBeNull());
    fireEvent.keyDown(window, { key: 'Escape' });
    await screen.findByTestId('patient-list');
    await waitFor(expectNothingLeft);
    await open(B);
    await waitFor(expectNothingLeft);
    expect(document.title).toBe('');
  });

  it('security: where the EHR opens another one over an open chart', async () => {
    const { bridge, setSession } = renderApp({ patients: [first!, second!] });
    withCanaries(bridge);
    await open(A);
    fireEvent.keyDown(window, { key: '3' });
    fireEvent.click((await screen.findAllByTestId('note-row'))[0]!);
    const read = bridge.chart.read;
    const answers: (() => void)[] = [];
    Object.assign(bridge.chart, {
      read: async (request: { patientId: string }) => {
        await new Promise<void>((resolve) => answers.push(resolve));
        return read(request);
      },
    });
    act(() => setSession({ ...UNLOCKED, openPatient: B } as typeof UNLOCKED));
    await waitFor(() => expect(answers).toHaveLength(1));
    // Before the other one’s chart is there, the first is gone.
    expect(document.documentElement.outerHTML.toLowerCase()).not.toContain(CANARY);
    for (const answer of answers) answer();
    await waitFor(() => expect(document.querySelector(`[data-patient-id="${B}"]`)).toBeTruthy());
    await waitFor(expectNothingLeft);
  });

  it('security: by an answer that comes after another one was opened', async () => {
    const { bridge } = renderApp({ patients: [first!, second!] });
    const { hold, letGo, waiting } = withCanaries(bridge);
    await open(A);
    hold();
    // Asked while she leaves: the views of the first, and the chart anew.
    for (const key of ['2', '3', '4', '5', '6']) fireEvent.keyDown(window, { key });
    await waitFor(() => expect(waiting()).toBeGreaterThan(1));
    fireEvent.keyDown(window, { key: 'Escape' });
    await open(B);
    letGo();
    await waitFor(expectNothingLeft);
    expect(document.querySelector('[data-testid=patient-banner]')?.textContent).toContain(
      second!.name.family.toUpperCase(),
    );
  });

  it('security: by a chart whose first answer comes after another one was opened', async () => {
    const { bridge } = renderApp({ patients: [first!, second!] });
    const { hold, letGo, waiting } = withCanaries(bridge);
    await screen.findAllByTestId('patient-row');
    hold();
    fireEvent.click(rowOf(A));
    await waitFor(() => expect(waiting()).toBe(1));
    fireEvent.keyDown(window, { key: 'Escape' });
    await open(B);
    letGo();
    await waitFor(expectNothingLeft);
    expect(mount).toHaveBeenCalled();
  });
});

// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import {
  alarmRules,
  findingCodes,
  type Integrity,
  lastingFailures,
  passingFailures,
} from '../../../../../preload/contract/audit.ts';
import { filterRequest } from '../../../../../renderer/features/audit/AccessFilter.tsx';
import { alarmMeans, alarmTitle } from '../../../../../renderer/features/audit/alarmWords.ts';
import { findingWords } from '../../../../../renderer/features/audit/findingWords.ts';
import { sendingState } from '../../../../../renderer/features/audit/leavingWords.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';
import { ACCESSES, fakeAlarm } from './reviewData.ts';

afterEach(cleanup);

const patients = fakePatients(2);
const marked = fakeAlarm({
  id: 'alarm-0',
  seq: 5,
  rule: 'own-record',
  mark: { at: '2026-03-12T09:00:00Z', who: null, reason: 'A test account.' },
});
const review = { alarms: [fakeAlarm(), marked], accesses: ACCESSES };

async function openAlarms(change: Partial<typeof review> & { findings?: never } = {}) {
  const app = renderApp({ patients, review: { ...review, ...change } });
  fireEvent.click(await screen.findByTestId('alarms-open'));
  await screen.findByTestId('alarms-view');
  return app;
}

describe('who may not look at the record of access', () => {
  it('security: finds no sign of it, neither in the header, nor by keyboard, nor in a chart', async () => {
    const app = renderApp({ patients });
    await screen.findByTestId('frame');
    fireEvent.keyDown(document.body, { key: 'a' });
    fireEvent.keyDown(document.body, { key: '?' });
    expect((await screen.findByRole('dialog')).textContent).not.toMatch(/alarm/i);
    fireEvent.click(screen.getByText('Close'));
    fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
    await screen.findByTestId('patient-banner');
    fireEvent.keyDown(document.body, { key: '7' });
    for (const sign of ['alarms-open', 'alarms-view', 'tab-accesses', 'accesses', 'accesses-open']) {
      expect(screen.queryByTestId(sign), sign).toBeNull();
    }
    expect(app.writes).toEqual([]);
  });
});

describe('the alarms', () => {
  it('are counted in the header, and listed with the rule in plain words', async () => {
    await openAlarms();
    expect(screen.getByTestId('alarms-count').textContent).toBe('1');
    const alarm = await within(await screen.findByTestId('alarms-open-list')).findByTestId('alarm');
    expect(alarm.textContent).toContain('Charts of patients who are not hers');
    expect(alarm.textContent).toContain('ADEYEMI, Tunde (Dr)');
    expect(alarm.textContent).toContain('OKAFOR, Ada');
    expect(alarm.textContent).toContain('ward-7-pc');
    expect(alarm.textContent).toContain('not yet received by those who are to be told');
    const judged = within(screen.getByTestId('alarms-marked-list')).getByTestId('alarm-mark');
    expect(judged.textContent).toContain('A test account.');
  });

  it('are gone through by the arrows, show their entries, and are marked with a reason', async () => {
    const app = await openAlarms();
    const [first, second] = await screen.findAllByTestId('alarm-head');
    first!.focus();
    fireEvent.keyDown(first!, { key: 'ArrowDown' });
    expect(document.activeElement).toBe(second);
    fireEvent.click(first!);
    const evidence = await screen.findByTestId('evidence');
    expect(evidence.textContent).toContain('Opened the chart');
    expect(evidence.textContent).toContain('One more entry is not shown here.');
    fireEvent.click(screen.getByTestId('alarm-mark-open'));
    expect(screen.getByTestId('mark-confirm')).toHaveProperty('disabled', true);
    fireEvent.change(screen.getByTestId('mark-reason'), { target: { value: 'Asked for a consult.' } });
    fireEvent.click(screen.getByTestId('mark-confirm'));
    await waitFor(() => expect(screen.getByTestId('alarms-count').textContent).toBe('0'));
    expect(app.writes).toContainEqual({
      call: 'audit.markFalse',
      request: { id: 'alarm-1', reason: 'Asked for a consult.' },
    });
    await waitFor(() => expect(screen.getByTestId('alarms-open-list').textContent).toContain('all were looked at'));
    expect(screen.queryByTestId('mark-dialog')).toBeNull();
  });

  it('security: one that is about oneself is left to somebody else', async () => {
    await openAlarms({ alarms: [fakeAlarm({ own: true })] });
    expect((await screen.findByTestId('alarm')).textContent).toContain('somebody else has to judge it');
    expect(screen.queryByTestId('alarm-mark-open')).toBeNull();
  });

  it('say that there are none, and why they can’t be shown', async () => {
    const app = await openAlarms({ alarms: [] });
    await screen.findByText('No alarms');
    fireEvent.keyDown(document.body, { key: 'Escape' });
    await screen.findByTestId('patient-list');
    for (const code of ['not-permitted', 'audit-unavailable'] as const) {
      Object.assign(app.bridge.audit, { alarms: async () => ({ ok: false, error: { code } }) });
      fireEvent.keyDown(document.body, { key: 'a' });
      expect((await screen.findByTestId('error-state')).getAttribute('data-code')).toBe(code);
      fireEvent.keyDown(document.body, { key: 'Escape' });
      await screen.findByTestId('patient-list');
    }
  });

  it('have words for every rule and every finding', () => {
    for (const rule of alarmRules) {
      for (const measured of [null, 3, 4.25]) {
        const words = alarmMeans({ rule, measured, threshold: null });
        expect(`${alarmTitle({ rule })} ${words}`).not.toMatch(/null|undefined|NaN/);
      }
    }
    for (const code of findingCodes) expect(findingWords({ code, first: 0, end: 0 })).not.toContain('entries 1');
    expect(findingWords({ code: 'entry-altered', first: 4, end: 5 })).toBe('Entries were changed: entry 5');
    expect(findingWords({ code: 'entry-missing', first: 4, end: 9 })).toContain('entries 5 to 9');
  });
});

describe('the state of the record', () => {
  it('is verified when it is asked for, with progress, until it is stopped', async () => {
    const app = await openAlarms();
    expect((await screen.findByTestId('integrity-state')).textContent).toContain('not verified as a whole');
    fireEvent.click(screen.getByTestId('verify-now'));
    act(() => app.setAudit({ degraded: null, verification: { checked: 400, size: 1_000, done: false } }));
    expect((await screen.findByTestId('verify-progress')).getAttribute('value')).toBe('400');
    fireEvent.click(screen.getByTestId('verify-stop'));
    act(() => app.setAudit({ degraded: null, verification: { checked: 1_000, size: 1_000, done: true } }));
    await waitFor(() => expect(screen.getByTestId('integrity-state').textContent).toContain('Intact'));
    expect(app.writes.map(({ call }) => call)).toEqual(['audit.verify', 'audit.stopVerifying']);
  });

  it('is never called intact beside something that was found, or while it can’t be written', async () => {
    const app = renderApp({
      patients,
      review: {
        ...review,
        findings: [{ code: 'log-truncated', log: 'l', first: 7, end: 9, at: '2026-03-12T09:00:00Z' }],
      },
    });
    fireEvent.click(await screen.findByTestId('alarms-open'));
    expect((await screen.findByTestId('findings')).textContent).toContain(
      'Entries at the end of the log are gone: entries 8 to 9',
    );
    const state = screen.getByTestId('integrity-state');
    act(() => app.setAudit({ degraded: null, verification: { checked: 9, size: 9, done: true } }));
    await waitFor(() => expect(state.textContent).toContain('Something is wrong'));
    act(() => app.setAudit({ degraded: 'disk-full', verification: { checked: 9, size: 9, done: true } }));
    await waitFor(() => expect(state.textContent).toContain('emergency access only'));
  });
});

describe('what leaves the workstation', () => {
  async function linesWith(change: Partial<Pick<Integrity, 'delivery' | 'sending'>>) {
    renderApp({ patients, review: { ...review, ...change } });
    fireEvent.click(await screen.findByTestId('alarms-open'));
    const lines = await screen.findAllByTestId('leaving-line');
    const told = lines.map((line) => [line.textContent, line.querySelector('dd')?.getAttribute('data-tone')]);
    cleanup();
    return told;
  }

  it('is told where nobody is named, while it goes on, while it waits, and where IT has to look', async () => {
    expect(await linesWith({})).toEqual([
      ['AlarmsShown here only: policy names nobody to tell', 'plain'],
      ['Record of accessStays here: policy names no place for it', 'plain'],
    ]);
    const fine = { problem: null, needsIt: false };
    const [alarms, record] = await linesWith({
      sending: [{ channel: 'communication', waiting: 0, ...fine }],
      delivery: [{ target: 'worm', delivered: 12_000, ...fine }],
    });
    expect(alarms).toEqual(['Alarms to the clinical serverAll received', 'good']);
    expect(record).toEqual(['Record to “worm”12,000 of 12,345 entries delivered', 'good']);
    const offline = { problem: 'target-unreachable', needsIt: false } as const;
    for (const [words, tone] of await linesWith({
      sending: [{ channel: 'webhook', waiting: 2, ...offline }],
      delivery: [{ target: 'worm', delivered: null, ...offline }],
    })) {
      expect(words).toContain('It goes on by itself.');
      expect(tone).toBe('plain');
    }
    const broken = { problem: 'target-certificate', needsIt: true } as const;
    const [refused] = await linesWith({ sending: [{ channel: 'webhook', waiting: 1, ...broken }] });
    expect(refused?.[0]).toContain('One alarm not received yet: its certificate is not trusted. IT has to look at it.');
    expect(refused).toEqual([expect.stringContaining('target-certificate'), 'danger']);
    const [closed] = await linesWith({
      sending: [{ channel: 'webhook', waiting: null, problem: 'segment-unreadable', needsIt: true }],
    });
    expect(closed?.[0]).toContain('Not known yet how many wait: the record can’t be read.');
  });

  it('has words for everything that can be in the way', () => {
    for (const problem of [...passingFailures, ...lastingFailures]) {
      const { words } = sendingState({ waiting: 2, problem, needsIt: false });
      expect(words, problem).not.toMatch(/undefined|null/);
    }
  });
});

describe('who has seen a chart', () => {
  async function openTab() {
    const app = renderApp({ patients, review });
    fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
    await screen.findByTestId('tab-accesses');
    fireEvent.keyDown(document.body, { key: '7' });
    await screen.findByTestId('accesses');
    return app;
  }

  it('tells when, who, what, why and where, and marks an emergency', async () => {
    await openTab();
    const [emergency, refused, unknown] = await screen.findAllByTestId('access');
    expect(emergency!.textContent).toContain('EMERGENCY');
    expect(emergency!.textContent).toContain('Emergency treatment: Found unconscious');
    expect(emergency!.textContent).toContain('ward-7-pc');
    expect(refused!.textContent).toContain('Practitioner/n-2');
    expect(refused!.textContent).toContain('refused');
    expect(unknown!.textContent).toContain('Other access (amend-of-a-newer-version)');
  });

  it('is filtered by who and when', async () => {
    const app = await openTab();
    const opened = (app.writes.at(-1)!.request as { patientId: string }).patientId;
    expect(patients.map(({ id }) => id)).toContain(opened);
    fireEvent.change(screen.getByTestId('filter-person'), { target: { value: 'Practitioner/n-2' } });
    await waitFor(() => expect(screen.getAllByTestId('access')).toHaveLength(1));
    fireEvent.change(screen.getByTestId('filter-from'), { target: { value: '2026-03-31' } });
    fireEvent.change(screen.getByTestId('filter-to'), { target: { value: '2026-03-31' } });
    const from = new Date(2026, 2, 31).getTime();
    const to = new Date(2026, 3, 1).getTime();
    await waitFor(() =>
      expect(app.writes.at(-1)).toEqual({
        call: 'audit.accesses',
        request: { patientId: opened, person: 'Practitioner/n-2', from, to, lists: false, before: null },
      }),
    );
    expect(filterRequest({ person: '', from: '', to: 'no day', lists: true })).toEqual({
      person: null,
      from: null,
      to: null,
      lists: true,
    });
  });

  it('is reached where the chart itself may not be seen, and from an alarm, and leads back', async () => {
    const app = renderApp({ patients, review });
    Object.assign(app.bridge.chart, { read: async () => ({ ok: false, error: { code: 'not-permitted' } }) });
    fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
    fireEvent.click(await screen.findByTestId('accesses-open'));
    await screen.findByTestId('accesses-page');
    // No banner says whose chart it is.
    expect((await screen.findByTestId('accesses-patient')).textContent).toBe('Patient p1');
    fireEvent.keyDown(document.body, { key: 'Escape' });
    await screen.findByTestId('accesses-open');
    fireEvent.keyDown(document.body, { key: 'a' });
    fireEvent.click((await screen.findAllByTestId('alarm-patient'))[0]!);
    await screen.findByTestId('accesses-page');
    fireEvent.keyDown(document.body, { key: 'Escape' });
    await screen.findByTestId('alarms-view');
  });
});

// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { AccessState, Grant } from '../../../../../preload/contract/access.ts';
import { policyAlarms } from '../../../../../preload/contract/access.ts';
import type { ChartSummary, Withheld } from '../../../../../preload/contract/chart.ts';
import { ALARM_WORDS, remainingWords } from '../../../../../renderer/features/access/accessWords.ts';
import { noneWords } from '../../../../../renderer/parts/sectionWords.ts';
import { NOTHING_OPEN } from '../../support/fakeBridge.ts';
import { fakeChange, fakeChart, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const patients = fakePatients(1);
const [patient] = patients;
const patientId = patient?.id ?? '';
const emergency: Grant = { patientId, kind: 'emergency', purpose: 'ETREAT', remainingMs: 29 * 60_000 + 41_000 };
const withGrant = (grant: Grant): AccessState => ({ ...NOTHING_OPEN, grants: [grant] });
const withheld = (restricted: Withheld['restricted'], denied = false): Withheld => ({ restricted, denied });

async function openChart(change: Partial<ChartSummary> = {}) {
  const app = renderApp({ patients });
  const chart = { ...fakeChart(patients[0]!), ...change };
  Object.assign(app.bridge.chart, { read: async () => ({ ok: true, value: chart }) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('patient-banner');
  return app;
}

async function openDenied(options: Parameters<typeof renderApp>[0] = {}) {
  const app = renderApp({ patients, ...options });
  Object.assign(app.bridge.chart, { read: async () => ({ ok: false, error: { code: 'not-permitted' } }) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('error-state');
  return app;
}

describe('a section of which something is withheld', () => {
  it('never says that there is nothing', async () => {
    const empty = {
      state: 'complete' as const,
      asOf: null,
      deletionsUnknown: false,
      items: [],
      total: 0,
      omittedSince: null,
    };
    await openChart({
      allergyStatement: 'restricted',
      allergies: { ...empty, withheld: withheld('purpose') },
      problems: { ...empty, withheld: withheld(null, true) },
      medications: { ...empty, withheld: withheld('emergency') },
      alerts: { ...empty, withheld: withheld(null, true) },
    });
    for (const section of ['allergies', 'problems', 'medications']) {
      const card = screen.getByTestId(`section-${section}`);
      expect(card.textContent, section).not.toMatch(/none recorded|no known|none active|none current/i);
      expect(within(card).getByTestId('withheld')).toBeTruthy();
    }
    expect(screen.getByTestId('banner-allergies').textContent).toMatch(/restricted/);
    // That no alert is listed is worth no word, but that some are not shown is.
    expect(screen.getByTestId('patient-banner').textContent).toMatch(/alerts There are entries/);
    expect(within(screen.getByTestId('section-problems')).queryByTestId('open-withheld')).toBeNull();
  });

  it('doesn’t pass a part for the whole', async () => {
    const { problems, medications } = fakeChart(patients[0]!);
    const past = (items: ChartSummary['problems']['items']) => items.filter((one) => one.clinicalStatus === 'resolved');
    const stopped = medications.items.filter(({ status }) => status === 'stopped');
    await openChart({
      problems: { ...problems, items: past(problems.items), withheld: withheld('purpose') },
      medications: { ...medications, items: stopped, withheld: withheld(null, true) },
    });
    expect(screen.getByTestId('section-problems').textContent).toContain('None active that may be shown');
    expect(screen.getByTestId('section-medications').textContent).toContain('None current that may be shown');
  });

  it('has words of its own only where something is withheld', () => {
    expect(noneWords({ state: 'complete', withheld: withheld(null) })).toBe('None recorded');
    expect(noneWords({ state: 'complete', withheld: withheld('purpose') })).not.toBe('None recorded');
    expect(noneWords({ state: 'not-fetched', withheld: withheld('purpose') })).toBe('Not available offline');
  });

  it('opens by a purpose, which is asked for', async () => {
    const chart = fakeChart(patients[0]!);
    const app = await openChart({ notes: { ...chart.notes, withheld: withheld('purpose') } });
    fireEvent.click(within(screen.getByTestId('section-notes')).getByTestId('open-withheld'));
    fireEvent.change(screen.getByTestId('purpose-choice'), { target: { value: 'CAREMGT' } });
    await act(async () => {
      fireEvent.click(screen.getByTestId('purpose-confirm'));
    });
    expect(app.writes).toEqual([{ call: 'access.openRestricted', request: { patientId, purpose: 'CAREMGT' } }]);
    expect(screen.queryByTestId('purpose-dialog')).toBeNull();
  });
});

describe('emergency access', () => {
  it('needs a reason and the passphrase, and says what was wrong', async () => {
    const app = await openDenied();
    fireEvent.click(await screen.findByTestId('emergency-open'));
    const confirm = screen.getByTestId<HTMLButtonElement>('emergency-confirm');
    expect(confirm.disabled).toBe(true);
    fireEvent.change(screen.getByTestId('emergency-reason'), { target: { value: 'Found unconscious' } });
    expect(confirm.disabled).toBe(true);
    fireEvent.change(screen.getByTestId('emergency-passphrase'), { target: { value: 'guessed' } });
    await act(async () => {
      fireEvent.click(confirm);
    });
    expect(screen.getByTestId('failure').dataset['code']).toBe('passphrase-wrong');
    // What was typed is not kept for a second try.
    expect(screen.getByTestId<HTMLInputElement>('emergency-passphrase').value).toBe('');
    fireEvent.change(screen.getByTestId('emergency-passphrase'), { target: { value: 'correct horse' } });
    await act(async () => {
      fireEvent.click(confirm);
    });
    expect(screen.queryByTestId('emergency-dialog')).toBeNull();
    expect(app.writes).toHaveLength(2);
  });

  it('is not offered where policy has none', async () => {
    await openDenied({ mayDeclare: false });
    await act(async () => {
      await Promise.resolve();
    });
    expect(screen.queryByTestId('emergency-offer')).toBeNull();
  });

  it('stands above every view of the patient, with the time that is left, and can be ended', async () => {
    const app = await openChart();
    act(() => app.setAccess(withGrant(emergency)));
    for (const tab of ['notes', 'data', 'summary']) {
      fireEvent.click(screen.getByTestId(`tab-${tab}`));
      expect(screen.getByTestId('access-banner').dataset['kind'], tab).toBe('emergency');
    }
    expect(screen.getByTestId('access-remaining').textContent).toBe('ends in 29:41');
    fireEvent.click(screen.getByTestId('access-end'));
    expect(app.writes).toEqual([{ call: 'access.end', request: { patientId } }]);
    // Of somebody else nothing is said here.
    act(() => app.setAccess(withGrant({ ...emergency, patientId: 'another' })));
    expect(screen.queryByTestId('access-banner')).toBeNull();
  });

  it('security: takes the records from the page as it ends, before anything is asked for', async () => {
    const app = await openChart();
    act(() => app.setAccess(withGrant(emergency)));
    // Main has not answered yet, and never will.
    Object.assign(app.bridge.chart, { read: () => new Promise(() => undefined) });
    await act(async () => app.setAccess(NOTHING_OPEN));
    await waitFor(() => expect(screen.queryByTestId('patient-banner')).toBeNull());
    expect(document.body.textContent).not.toContain('Penicillin');
  });

  it('counts down in hours, minutes and seconds', () => {
    expect(remainingWords(0)).toBe('0:00');
    expect(remainingWords(59_001)).toBe('1:00');
    expect(remainingWords(61_000)).toBe('1:01');
    expect(remainingWords(3_600_000 + 65_000)).toBe('1:01:05');
  });
});

describe('access policies that could not be taken', () => {
  it('are told on every screen, with what holds instead', async () => {
    const policies = { source: 'last-good', name: 'Northhaven', version: 3, alarm: 'policy-signature' } as const;
    renderApp({ patients, access: { grants: [], policies } });
    const alarm = await screen.findByTestId('policy-alarm');
    expect(alarm.textContent).toContain('Northhaven, version 3');
    expect(alarm.textContent).toContain('policy-signature');
  });

  it('each have words of their own', () => {
    const titles = policyAlarms.map((alarm) => ALARM_WORDS[alarm].title);
    expect(new Set(titles).size).toBe(policyAlarms.length);
  });
});

describe('an unsent change of somebody who may not be seen', () => {
  it('can be withdrawn, and nothing else', async () => {
    const change = fakeChange({
      state: 'conflict',
      withheld: true,
      title: 'A note',
      patient: { family: '', given: '', prefix: '' },
    });
    renderApp({ patients, unsent: [change] });
    fireEvent.click(await screen.findByTestId('sync-open'));
    const item = await screen.findByTestId('change');
    expect(item.textContent).toContain('A patient or record that you may not see');
    expect(within(item).queryByTestId('change-resolve')).toBeNull();
    expect(within(item).getByTestId('change-withdraw')).toBeTruthy();
  });
});

// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { SaidItems } from '../../../../../preload/contract/said.ts';
import type { Conflict, SyncStatus } from '../../../../../preload/contract/sync.ts';
import { errorWords } from '../../../../../renderer/app/errors.ts';
import { said } from '../../../../support/said.ts';
import { SYNCED } from '../../support/fakeBridge.ts';
import { allergy, fakeChange, fakeConflict, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const ID = fakeChange().id;
const parked = fakeChange({
  id: '8c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b12',
  state: 'parked',
  attempts: 2,
  problem: {
    code: 'rejected',
    lines: ['Date: is not in the right format'],
    issues: [{ code: 'value', at: 'date', said: 'Not a valid date/time format' }],
  },
});
const unsent = [fakeChange({ id: '9c1e9a52-3a8e-4a57-9d0b-1f4f6f0c2b13' }), fakeChange({ state: 'conflict' }), parked];
const withChanges: SyncStatus = {
  ...SYNCED,
  upToDate: false,
  changes: { waiting: 1, conflicts: 1, parked: 1, duplicates: 0, unchecked: 0 },
};

describe('the strip', () => {
  it('counts what waits, conflicts and was rejected, and each count leads to the list', async () => {
    renderApp({ sync: withChanges, unsent });
    for (const [testId, words] of [
      ['sync-conflicts', '1 conflict'],
      ['sync-parked', '1 rejected'],
      ['sync-waiting', '1 waiting'],
    ] as const) {
      expect((await screen.findByTestId(testId)).textContent).toBe(words);
      fireEvent.click(screen.getByTestId(testId));
      await screen.findByTestId('sync-view');
      fireEvent.keyDown(window, { key: 'Escape' });
      await waitFor(() => expect(screen.queryByTestId('sync-view')).toBeNull());
    }
  });

  it('says up to date only where main says so', async () => {
    const app = renderApp({ sync: { ...SYNCED, upToDate: false } });
    await screen.findByTestId('sync-now');
    expect(screen.getByTestId('sync-strip').textContent).not.toContain('Up to date');
    act(() => app.setSync(SYNCED));
    expect(screen.getByTestId('sync-strip').textContent).toContain('Up to date');
  });

  it('names a clock that is wrong', async () => {
    renderApp({ sync: { ...SYNCED, clockOffsetMs: -15 * 60_000 } });
    expect((await screen.findByTestId('sync-clock')).textContent).toBe('Clock off: Clock 15 min fast');
  });

  it('a server that was reset stays on every screen, with what to do and the code', async () => {
    renderApp({ sync: { ...SYNCED, upToDate: false, error: { code: 'server-reset', retryAt: null } } });
    fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
    await screen.findByTestId('patient-banner');
    const banner = screen.getByTestId('reset-banner');
    expect(banner.getAttribute('role')).toBe('alert');
    expect(banner.textContent).toContain(errorWords('server-reset').act);
    expect(banner.textContent).toContain('server-reset');
  });
});

describe('the unsent changes', () => {
  async function open(options: Parameters<typeof renderApp>[0] = {}) {
    const app = renderApp({ sync: withChanges, unsent, patients: fakePatients(1), ...options });
    await screen.findByTestId('sync-now');
    fireEvent.keyDown(window, { key: 's' });
    await screen.findByTestId('sync-view');
    return app;
  }

  it('are listed by what they need, with patient, state and the server’s words', async () => {
    await open();
    await screen.findAllByTestId('change');
    const states = screen.getAllByTestId('change').map((change) => change.dataset['state']);
    expect(states).toEqual(['conflict', 'parked', 'waiting']);
    const rejected = screen.getByTestId('changes-parked');
    expect(rejected.textContent).toContain('Written on: A date or a time is not written as it has to be.');
    expect(rejected.textContent).toContain('The server says: Not a valid date/time format');
    expect(rejected.textContent).toContain('tried 2 times');
    expect(rejected.textContent).toContain('OKAFOR, Grace');
  });

  it('has the focus, so that a screen reader begins there', async () => {
    await open();
    expect(document.activeElement?.textContent).toBe('Sync');
  });

  it('a rejected one is sent again on request', async () => {
    const app = await open();
    fireEvent.click(await screen.findByTestId('change-retry'));
    await waitFor(() => expect(app.writes).toEqual([{ call: 'sync.retry', request: { id: parked.id } }]));
  });

  it('one that refers to what was withdrawn can’t be sent again as it is', async () => {
    const problem = { code: 'reference-withdrawn', lines: [], issues: [] };
    await open({ unsent: [{ ...parked, problem }] });
    expect((await screen.findByTestId('change-problem')).textContent).toContain(
      'It refers to a record that was withdrawn',
    );
    expect(screen.getByTestId('change-withdraw')).toBeDefined();
    expect(screen.queryByTestId('change-retry')).toBeNull();
  });

  it('a rejected one is corrected in its editor', async () => {
    await open();
    fireEvent.click(await screen.findByTestId('change-correct'));
    expect(((await screen.findByTestId('note-text')) as HTMLTextAreaElement).value).toContain('Less breathless');
  });

  it('a rejected visit is corrected in its form, but one with another patient’s number gets another number', async () => {
    for (const code of ['rejected', 'number-taken']) {
      cleanup();
      const visit = { resourceType: 'Encounter', action: 'create' as const, title: 'Visit 7700016' };
      await open({ unsent: [{ ...parked, ...visit, problem: { code, lines: [], issues: [] } }] });
      await screen.findByTestId('change');
      expect(screen.queryAllByTestId('change-correct')).toHaveLength(code === 'rejected' ? 1 : 0);
    }
  });

  it('a rejected vital sign is corrected in its dialog, or it is said why not', async () => {
    for (const resourceId of ['8867-4', 'an-older-one']) {
      const value = { ...parked, resourceType: 'Observation', resourceId, title: 'Heart rate 820 /min' };
      await open({ unsent: [value] });
      fireEvent.click(await screen.findByTestId('change-correct'));
      if (resourceId === '8867-4') await screen.findByTestId('correct-vital-dialog');
      else expect((await screen.findByTestId('section-vitals')).textContent).toContain('Withdraw it under Sync');
      cleanup();
    }
  });

  it('withdrawing is asked about first, says what is lost, and changes nothing when refused', async () => {
    const app = await open();
    fireEvent.click(within(await screen.findByTestId('changes-waiting')).getByTestId('change-withdraw'));
    const dialog = await screen.findByTestId('withdraw-dialog');
    expect(dialog.textContent).toContain('what the server has');
    fireEvent.click(within(dialog).getByText('Keep it'));
    expect(screen.queryByTestId('withdraw-dialog')).toBeNull();
    expect(app.writes).toEqual([]);
    fireEvent.click(within(screen.getByTestId('changes-waiting')).getByTestId('change-withdraw'));
    fireEvent.click(await screen.findByTestId('withdraw-dialog-confirm'));
    await waitFor(() => expect(app.writes).toEqual([{ call: 'sync.withdraw', request: { id: unsent[0]?.id } }]));
    await waitFor(() => expect(screen.queryByTestId('withdraw-dialog')).toBeNull());
  });

  it('one that is being sent can’t be withdrawn', async () => {
    await open({ unsent: [fakeChange({ state: 'sending', attempts: 1 })] });
    await screen.findByTestId('change');
    expect(screen.queryByTestId('change-withdraw')).toBeNull();
  });

  it('are read anew when main says that they are other ones', async () => {
    const app = await open();
    await screen.findAllByTestId('change');
    Object.assign(app.bridge.sync, { changes: async () => ({ ok: true, value: { items: [], total: 0 } }) });
    act(() => app.changesChanged());
    await screen.findByText('No unsent changes');
    expect(document.body.textContent).not.toContain('Everything that was written');
  });

  it('none says that all is on the server only where that is confirmed', async () => {
    await open({ unsent: [], sync: SYNCED });
    expect((await screen.findByText(/Everything that was written/)).textContent).toContain('is on the server');
  });

  it('that can’t be recorded are not shown, with the reason', async () => {
    const app = renderApp({ sync: withChanges });
    const refused = { ok: false as const, error: { code: 'audit-unavailable' as const } };
    Object.assign(app.bridge.sync, { changes: async () => refused });
    fireEvent.click(await screen.findByTestId('sync-open'));
    expect((await screen.findByTestId('error-state')).dataset['code']).toBe('audit-unavailable');
  });
});

describe('a conflict', () => {
  const code = (one: string): SaidItems => [[{ kind: 'code', at: 'criticality', code: one, text: one }]];
  async function open(conflict = fakeConflict(), options: Parameters<typeof renderApp>[0] = {}) {
    const app = renderApp({ sync: withChanges, unsent, conflict, patients: fakePatients(1), ...options });
    fireEvent.click(await screen.findByTestId('sync-conflicts'));
    fireEvent.click(await screen.findByTestId('change-resolve'));
    await screen.findByTestId('conflict-view');
    return app;
  }
  const fieldOf = (path: string) =>
    screen.getAllByTestId('conflict-field').find((one) => one.dataset['path'] === path) as HTMLElement;

  it('shows base, mine and theirs of each part, and what came and went in words', async () => {
    await open();
    const text = fieldOf('content');
    expect(text.textContent).toContain('Slept four hours. No chest pain.');
    expect(text.querySelector('ins')?.textContent).toBe('added: six');
    expect(text.querySelector('del')?.textContent).toBe('taken out: four');
    expect(text.textContent).toContain('at 06:00, ECG unchanged.');
  });

  it('decides nothing by itself where both sides changed a part', async () => {
    await open();
    expect(fieldOf('content').dataset['chosen']).toBe('none');
    expect(fieldOf('docStatus').dataset['chosen']).toBe('mine');
    expect((screen.getByTestId('use-merged') as HTMLButtonElement).disabled).toBe(true);
    expect(screen.getByTestId('merged-preview').textContent).toContain('Not chosen yet');
  });

  it('previews the merged record and sends what was chosen', async () => {
    const app = await open();
    fireEvent.click(within(fieldOf('content')).getByLabelText('Text: take the server’s'));
    expect(screen.getByTestId('merged-preview').textContent).toContain('Chest pain at 06:00, ECG unchanged.');
    fireEvent.click(screen.getByTestId('use-merged'));
    const choices = { docStatus: 'mine', content: 'theirs' };
    await waitFor(() =>
      expect(app.writes).toEqual([
        { call: 'sync.resolve', request: { id: ID, token: 'seen-1', resolution: { kind: 'merged', choices } } },
      ]),
    );
    await screen.findByTestId('sync-view');
  });

  it('keeping mine sends it, and taking theirs is asked about first', async () => {
    const app = await open();
    fireEvent.click(screen.getByTestId('take-theirs'));
    expect((await screen.findByTestId('theirs-dialog')).textContent).toContain('given up');
    expect(app.writes).toEqual([]);
    fireEvent.click(screen.getByText('Keep deciding'));
    fireEvent.click(screen.getByTestId('keep-mine'));
    await waitFor(() =>
      expect(app.writes).toEqual([
        { call: 'sync.resolve', request: { id: ID, token: 'seen-1', resolution: { kind: 'mine' } } },
      ]),
    );
  });

  it('says exactly what differs, at once where the versions read alike', async () => {
    const shown = said('Penicillin');
    const place = { at: 'code.coding[0].system', base: '"urn:a"', mine: '"urn:a"', theirs: '"urn:b"' };
    const [field] = fakeConflict().fields;
    if (!field) throw new Error('no field');
    const alike = { ...field, base: shown, mine: shown, theirs: shown, exact: { all: [place], more: 2 } };
    await open(fakeConflict({ fields: [alike, { ...field, path: 'type' }] }));
    const [opened, folded] = screen.getAllByTestId('conflict-exact') as HTMLDetailsElement[];
    expect([opened?.open, folded?.open]).toEqual([true, false]);
    expect(opened?.textContent).toContain('These read alike, and are not the same');
    expect(opened?.textContent).toContain('code.coding[0].system"urn:a""urn:a""urn:b"2 more places');
  });

  it('with a record that was deleted on the server offers no merge, and says what each choice does', async () => {
    const { fields } = fakeConflict();
    await open(fakeConflict({ deletedOnServer: true, fields: fields.map((field) => ({ ...field, theirs: null })) }));
    expect(screen.queryByTestId('use-merged')).toBeNull();
    expect(screen.queryAllByRole('radio')).toEqual([]);
    expect(screen.getByTestId('conflict-view').textContent).toContain('the record was deleted on the server');
    expect(screen.getByTestId('keep-mine').textContent).toContain('write it again');
    expect(screen.getByTestId('take-theirs').textContent).toContain('Leave it deleted');
  });

  it('security: of an allergy has nothing chosen beforehand, and is previewed as the chart will show it', async () => {
    const list = (...texts: string[]) => said(...texts);
    const encrypted = { base: false, mine: false, theirs: false };
    const exact = { all: [], more: 0 };
    const fields: Conflict['fields'] = [
      {
        path: 'reaction',
        base: list('Rash'),
        mine: list('Rash', 'Itching'),
        theirs: list('Rash', 'Wheeze'),
        both: list('Rash', 'Wheeze', 'Itching'),
        encrypted,
        changedBy: 'both',
        exact,
      },
      {
        path: 'criticality',
        base: null,
        mine: null,
        theirs: code('high'),
        both: null,
        encrypted,
        changedBy: 'theirs',
        exact,
      },
      {
        path: 'implicitRules',
        base: null,
        mine: said('urn:x'),
        theirs: null,
        both: null,
        encrypted,
        changedBy: 'mine',
        exact,
      },
    ];
    const change = fakeChange({ state: 'conflict', resourceType: 'AllergyIntolerance' });
    const preview = { kind: 'allergy' as const, allergy: allergy('a', 'Penicillin') };
    const app = await open(fakeConflict({ change, fields, decideAll: true }), { preview });
    for (const field of screen.getAllByTestId('conflict-field')) expect(field.dataset['chosen']).toBe('none');
    expect(fieldOf('reaction').querySelector('legend')?.textContent).toContain('Reaction');
    expect(
      within(fieldOf('reaction'))
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toContain('added: Wheeze');
    expect(fieldOf('criticality').textContent).toContain('high criticality');
    expect(screen.getByText('Other fields')).not.toBeNull();
    expect(fieldOf('implicitRules').querySelector('legend code')?.textContent).toBe('implicitRules');
    expect(screen.queryByTestId('merged-in-chart')).toBeNull();
    fireEvent.click(within(fieldOf('reaction')).getByTestId('choose-both'));
    fireEvent.click(within(fieldOf('criticality')).getByTestId('choose-theirs'));
    fireEvent.click(within(fieldOf('implicitRules')).getByTestId('choose-theirs'));
    await waitFor(() => expect(screen.getByTestId('merged-in-chart').textContent).toContain('Penicillin'));
    const detail = 'Reaction 1: is empty (AllergyIntolerance.reaction[0])';
    Object.assign(app.bridge.sync, { resolve: async () => ({ ok: false, error: { code: 'invalid', detail } }) });
    fireEvent.click(screen.getByTestId('use-merged'));
    expect((await screen.findByTestId('failure-lines')).textContent).toContain('Reaction 1: is empty');
  });

  it('that can’t be resolved stays open with the reason', async () => {
    const app = await open();
    const failure = { ok: false as const, error: { code: 'not-mergeable' as const } };
    Object.assign(app.bridge.sync, { resolve: async () => failure });
    fireEvent.click(screen.getByTestId('keep-mine'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('not-mergeable');
    expect(screen.getByTestId('conflict-view')).not.toBeNull();
  });

  it('that the server has changed again is shown anew, with nothing of what was chosen before', async () => {
    const app = await open();
    fireEvent.click(within(fieldOf('content')).getByLabelText('Text: take the server’s'));
    const failure = { ok: false as const, error: { code: 'conflict-changed' as const } };
    const newer = fakeConflict({ token: 'seen-2', theirsUpdated: '2026-03-14T09:00:00Z' });
    const conflict = async () => ({ ok: true as const, value: newer });
    Object.assign(app.bridge.sync, { resolve: async () => failure, conflict });
    fireEvent.click(screen.getByTestId('use-merged'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('conflict-changed');
    await waitFor(() => expect((screen.getByTestId('use-merged') as HTMLButtonElement).disabled).toBe(true));
  });

  it('that was decided meanwhile says so, and leads back', async () => {
    const app = renderApp({ sync: withChanges, unsent });
    fireEvent.click(await screen.findByTestId('sync-conflicts'));
    fireEvent.click(await screen.findByTestId('change-resolve'));
    expect((await screen.findByTestId('error-state')).dataset['code']).toBe('not-found');
    fireEvent.click(screen.getByTestId('back-to-changes'));
    await screen.findByTestId('sync-view');
    expect(app.writes).toEqual([]);
  });
});

it('locking takes the changes of patients out of the page', async () => {
  const app = renderApp({ sync: withChanges, unsent });
  fireEvent.click(await screen.findByTestId('sync-waiting'));
  await screen.findAllByTestId('change');
  act(() =>
    app.setSession({ phase: 'locked', profile: { id: ID, display: 'x', server: 'y' }, reason: 'asked', problem: null }),
  );
  await screen.findByTestId('unlock-passphrase');
  for (const canary of ['OKAFOR', 'Ward round']) expect(document.body.innerHTML).not.toContain(canary);
});

describe('a server that was reset', () => {
  const RESET: SyncStatus = { ...SYNCED, upToDate: false, error: { code: 'server-reset', retryAt: null } };

  it('is accepted only on a word of its own, with the server’s name typed by hand', async () => {
    const app = renderApp({ sync: RESET });
    fireEvent.click(await screen.findByTestId('sync-open'));
    fireEvent.click(await screen.findByTestId('accept-server'));
    const dialog = within(screen.getByTestId('accept-dialog'));
    expect(screen.getByTestId('accept-dialog').textContent).toContain(
      'Nothing is deleted now, and nothing is sent now.',
    );
    const confirm = dialog.getByTestId<HTMLButtonElement>('accept-confirm');
    const field = dialog.getByTestId('accept-host');
    for (const typed of ['', 'fhir.stmarys', 'https://fhir.stmarys.example/r4']) {
      fireEvent.change(field, { target: { value: typed } });
      expect(confirm.disabled).toBe(true);
      fireEvent.submit(field);
    }
    expect(app.writes).toEqual([]);
    fireEvent.change(field, { target: { value: 'fhir.stmarys.example' } });
    fireEvent.click(confirm);
    await waitFor(() => expect(screen.queryByTestId('accept-dialog')).toBeNull());
    expect(app.writes).toEqual([{ call: 'sync.acceptServer', request: { host: 'fhir.stmarys.example' } }]);
  });

  it('says why it could not be accepted, and stays to be accepted', async () => {
    const app = renderApp({ sync: RESET });
    Object.assign(app.bridge.sync, {
      acceptServer: async () => ({ ok: false, error: { code: 'audit-unavailable' } }),
    });
    fireEvent.click(await screen.findByTestId('sync-open'));
    fireEvent.click(await screen.findByTestId('accept-server'));
    fireEvent.change(screen.getByTestId('accept-host'), { target: { value: 'fhir.stmarys.example' } });
    fireEvent.click(screen.getByTestId('accept-confirm'));
    const failure = await within(screen.getByTestId('accept-dialog')).findByTestId('failure');
    expect(failure.dataset['code']).toBe('audit-unavailable');
  });

  it('can’t be accepted while no server was reset', async () => {
    renderApp({ sync: { ...RESET, error: { code: 'server-error', retryAt: null } } });
    fireEvent.click(await screen.findByTestId('sync-open'));
    await screen.findByTestId('sync-view');
    expect(screen.queryByTestId('accept-server')).toBeNull();
  });
});

describe('a number that turned out to be another patient’s', () => {
  it('is shown with the one that took its place, the old label void and the new one to be printed', async () => {
    const app = renderApp({
      sync: { ...SYNCED, changes: { ...SYNCED.changes, duplicates: 1 } },
      duplicates: [
        {
          ...{ id: ID, kind: 'other-patient', patientId: 'p1', patient: fakeChange().patient, number: '7700016' },
          ...{ resourceType: 'Encounter', resourceId: 'e1', versionId: '', title: 'Visit 7700016', other: null },
          ...{ madeAt: '2026-03-12T10:00:00Z', foundAt: '2026-03-12T11:00:00Z', withheld: false },
        },
      ],
    });
    fireEvent.click(await screen.findByTestId('sync-duplicates'));
    fireEvent.click(await screen.findByTestId('duplicate-renumber'));
    const dialog = await screen.findByTestId('renumbered');
    expect(within(dialog).getByTestId('renumbered-number').textContent).not.toBe('7700016');
    expect(within(dialog).getByTestId('renumbered-void').textContent).toContain('The label 7700016 is void');
    fireEvent.click(within(dialog).getByTestId('print-label'));
    await waitFor(() => expect(app.writes.map(({ call }) => call)).toContain('charting.renumber'));
    await waitFor(() => expect(screen.getByTestId('label-said').textContent).not.toBe(''));
  });
});

it('tells what waits because its number could not be looked for', async () => {
  renderApp({ sync: { ...withChanges, changes: { ...withChanges.changes, unchecked: 1 } }, unsent });
  fireEvent.click(await screen.findByTestId('sync-waiting'));
  expect((await screen.findByTestId('sync-unchecked')).textContent).toContain('1 visit or specimen waits');
});

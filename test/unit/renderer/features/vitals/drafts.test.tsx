// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ObservationItem } from '../../../../../preload/contract/chart.ts';
import { type DraftItem, drafts, NUMBER_MAX } from '../../../../../preload/contract/drafts.ts';
import { draftObstacle, NUMBER_LONGEST } from '../../../../../renderer/features/vitals/vitals.ts';
import { AS_OF, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';
import { openChart, pulseRow, typeInto } from './support.tsx';

afterEach(cleanup);

it('as long a number is taken as the contract takes', () => expect(NUMBER_LONGEST).toBe(NUMBER_MAX));

const NEW: Extract<DraftItem, { resourceType: 'Observation' }> = {
  patientId: 'p0',
  patient: fakePatients(1)[0]!.name,
  resourceType: 'Observation',
  resourceId: null,
  kind: 'blood-pressure',
  versionId: '',
  title: 'Blood pressure',
  body: { value: '012', diastolic: '8', unit: 'mmHg' },
  changedAt: AS_OF,
  sealed: false,
};
const PULSE: typeof NEW = {
  ...NEW,
  resourceId: '8867-4',
  kind: null,
  versionId: '1',
  title: 'Heart rate',
  body: { value: '8', diastolic: null, unit: '/min' },
};

const typedIn = (testId: string) => (screen.getByTestId(testId) as HTMLInputElement).value;
const draftCalls = (app: ReturnType<typeof renderApp>) => app.writes.filter(({ call }) => call.startsWith('drafts.'));

describe('a vital sign that nobody has saved', () => {
  it('is kept as it is typed, half a number and its unit, and is no more once that is taken back', async () => {
    const app = await openChart();
    fireEvent.click(screen.getByTestId('record-vital'));
    await screen.findByTestId('vital-value');
    typeInto('vital-kind', 'body-temperature');
    typeInto('vital-value', ' 038,');
    const { patient: _patient, changedAt: _changedAt, sealed: _sealed, ...about } = NEW;
    const body = { value: ' 038,', diastolic: null, unit: '°C' };
    const request = { ...about, kind: 'body-temperature', title: 'Body temperature', body };
    await waitFor(() => expect(draftCalls(app)).toEqual([{ call: 'drafts.keep', request }]));
    expect(drafts.calls.keep.request.safeParse(request).success).toBe(true);
    expect(screen.getByTestId('draft-state').textContent).toContain('Draft kept');
    typeInto('vital-value', '');
    await waitFor(() => expect(draftCalls(app).at(-1)?.call).toBe('drafts.drop'));
  });

  it('is handed over before Wardlight locks or closes', async () => {
    const app = await openChart();
    fireEvent.click(within(pulseRow()).getByTestId('correct-vital'));
    await screen.findByTestId('vital-value');
    typeInto('vital-value', '8');
    act(() => app.flush());
    await waitFor(() => expect(app.writes.map(({ call }) => call)).toEqual(['drafts.keep', 'drafts.flushed']));
    const { body, resourceId, versionId } = PULSE;
    expect(app.writes[0]?.request).toMatchObject({
      body,
      resourceId,
      versionId,
      title: expect.stringMatching(/rate/i),
    });
  });

  it('is not left unasked, by Escape or Cancel, and is told where it stays', async () => {
    const app = await openChart();
    fireEvent.click(screen.getByTestId('record-vital'));
    await screen.findByTestId('vital-value');
    typeInto('vital-value', '8');
    const dialog = screen.getByTestId<HTMLDialogElement>('record-vital-dialog');
    const ways = [
      () => fireEvent(dialog, new Event('cancel', { cancelable: true })),
      // Escape twice closes it whatever is said.
      () => {
        dialog.close();
        fireEvent(dialog, new Event('close'));
      },
      () => fireEvent.click(screen.getByTestId('vital-cancel')),
    ];
    for (const go of ways) {
      go();
      expect((await screen.findByTestId('leave-dialog')).textContent).toContain('stays on this workstation as a draft');
      fireEvent.click(screen.getByText('Keep writing'));
      expect([dialog.open, typedIn('vital-value')]).toEqual([true, '8']);
    }
    fireEvent.click(screen.getByTestId('vital-cancel'));
    fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
    await screen.findByTestId('draft-row');
    expect(draftCalls(app).map(({ call }) => call)).toEqual(['drafts.keep']);
  });

  it('is offered after the unlock, and gone on with as it was typed', async () => {
    const app = renderApp({ patients: fakePatients(1), drafts: [NEW] });
    fireEvent.click(await screen.findByTestId('draft-banner-open'));
    expect((await screen.findByTestId('draft-offer')).textContent).toContain('not saved');
    expect(screen.getByTestId('draft-body').textContent).toBe('012 / 8 mmHg');
    expect(screen.queryByTestId('vital-value')).toBeNull();
    fireEvent.click(screen.getByTestId('draft-continue'));
    expect(screen.getByTestId('vital-typed-before').textContent).toContain('taken when you save it');
    expect([typedIn('vital-kind'), typedIn('vital-value'), typedIn('vital-diastolic')]).toEqual([
      'blood-pressure',
      '012',
      '8',
    ]);
    typeInto('vital-value', '120');
    typeInto('vital-diastolic', '80');
    fireEvent.click(screen.getByTestId('vital-save'));
    const request = { patientId: 'p0', kind: 'blood-pressure', value: '120', diastolic: '80' };
    await waitFor(() => expect(app.writes.at(-1)).toEqual({ call: 'results.record', request }));
    await waitFor(() => expect(screen.queryByTestId('record-vital-dialog')).toBeNull());
  });

  it('stands above the vital signs and not among the notes, and is given up on a person’s word alone', async () => {
    const app = await openChart(undefined, [PULSE]);
    fireEvent.click(screen.getByTestId('tab-notes'));
    await screen.findAllByTestId('note-row');
    expect(screen.queryByTestId('draft-row')).toBeNull();
    fireEvent.click(screen.getByTestId('tab-summary'));
    const row = await within(await screen.findByTestId('section-vitals')).findByTestId('draft-row');
    expect(row.textContent).toContain('Heart rate');
    fireEvent.click(row);
    fireEvent.click(await screen.findByTestId('draft-discard'));
    expect(draftCalls(app)).toEqual([]);
    fireEvent.click(screen.getByTestId('draft-discard-dialog-confirm'));
    await screen.findByTestId('vital-value');
    expect(typedIn('vital-value')).toBe('112');
    const request = { patientId: 'p0', resourceType: 'Observation', resourceId: '8867-4' };
    expect(draftCalls(app)).toEqual([{ call: 'drafts.drop', request }]);
  });

  it('of an earlier version is saved as one of it until the newer one was read', async () => {
    const app = await openChart((item) => ({ ...item, versionId: '2', value: '95' }), [PULSE]);
    fireEvent.click(await screen.findByTestId('draft-row'));
    fireEvent.click(await screen.findByTestId('draft-continue'));
    expect(screen.getByTestId('vital-newer').textContent).toContain('95 /min');
    expect(typedIn('vital-value')).toBe('8');
    fireEvent.click(screen.getByTestId('vital-save'));
    await waitFor(() => expect(app.writes.at(-1)?.request).toMatchObject({ versionId: '1', value: '8' }));
  });

  it('is never gone on with in another unit or for another value', () => {
    const item = { value: '95', unit: '/min', status: 'final' } as ObservationItem;
    expect(draftObstacle(item, PULSE.body)).toBeNull();
    expect(draftObstacle({ ...item, unit: 'Hz' }, PULSE.body)).toContain('another unit');
    expect(draftObstacle({ ...item, value: '120/80' }, PULSE.body)).not.toBeNull();
    expect(draftObstacle({ ...item, status: 'entered-in-error' }, PULSE.body)).toContain('can’t be corrected');
    expect(draftObstacle(null, PULSE.body)).toContain('not among the newest');
  });

  it('of a value that is not among the newest any more can be read and given up', async () => {
    await openChart(undefined, [{ ...PULSE, resourceId: 'older' }]);
    fireEvent.click(await screen.findByTestId('draft-row'));
    expect((await screen.findByTestId('draft-body')).textContent).toBe('8 /min');
    expect(screen.queryByTestId('draft-continue')).toBeNull();
    fireEvent.click(screen.getByTestId('draft-discard'));
    fireEvent.click(screen.getByTestId('draft-discard-dialog-confirm'));
    await screen.findByText(/no draft of it/);
  });
});

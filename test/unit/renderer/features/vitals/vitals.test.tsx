// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { ObservationItem } from '../../../../../preload/contract/chart.ts';
import { decimal, vitalKind } from '../../../../../preload/contract/results.ts';
import { shownMeasure, typedDecimal, typedMeasure, VITALS } from '../../../../../renderer/features/vitals/vitals.ts';
import { openChart, pulseRow, showing, typeInto } from './support.tsx';

afterEach(cleanup);

describe('a typed number', () => {
  it.each([
    ['37.0', '37.0'],
    [' 37,2 ', '37.2'],
    ['.5', '0.5'],
    ['0.30', '0.30'],
    ['-2', '-2'],
  ])('%s keeps its digits as %s, which main takes', (typed, value) => {
    expect(typedDecimal(typed)).toBe(value);
    expect(decimal.safeParse(value).success).toBe(true);
  });

  it.each(['', '37.', '3 7', '1,234,567', '037', 'NaN', '1e3', '12345678901', '+3', '120/80'])(
    '%s is none',
    (typed) => {
      expect(typedDecimal(typed)).toBeNull();
    },
  );

  it('a blood pressure needs both', () => {
    expect(typedMeasure('120', '80')).toEqual({ value: '120', diastolic: '80' });
    expect(typedMeasure('120', '')).toBeNull();
    expect(typedMeasure('82', null)).toEqual({ value: '82', diastolic: null });
  });

  it('is read from a value as it is shown', () => {
    expect(shownMeasure('120/80')).toEqual({ value: '120', diastolic: '80' });
    expect(shownMeasure('37.0')).toEqual({ value: '37.0', diastolic: null });
    for (const value of ['<0.5', 'Negative', 'not available: refused', '1:128']) expect(shownMeasure(value)).toBeNull();
  });
});

it('every vital sign of the contract can be recorded', () => {
  expect(VITALS.map(({ kind }) => kind).sort()).toEqual([...vitalKind.options].sort());
});

it('a vital sign is recorded for the patient whose name is on the dialog', async () => {
  const app = await openChart();
  fireEvent.click(screen.getByTestId('record-vital'));
  await screen.findByTestId('vital-value');
  expect(screen.getByTestId('record-vital-dialog').textContent).toContain('OKAFOR, Grace');
  typeInto('vital-kind', 'blood-pressure');
  typeInto('vital-value', '120');
  typeInto('vital-diastolic', '80');
  fireEvent.click(screen.getByTestId('vital-save'));
  const request = { patientId: 'p0', kind: 'blood-pressure', value: '120', diastolic: '80' };
  await waitFor(() => expect(app.saved()).toEqual([{ call: 'results.record', request }]));
  await waitFor(() => expect(screen.queryByTestId('record-vital-dialog')).toBeNull());
});

it('what is no number is not sent, and said at the field', async () => {
  const app = await openChart();
  fireEvent.click(screen.getByTestId('record-vital'));
  await screen.findByTestId('vital-value');
  typeInto('vital-value', 'many');
  fireEvent.click(screen.getByTestId('vital-save'));
  const field = screen.getByTestId('vital-value');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toContain('Type a number');
  expect(app.saved()).toEqual([]);
});

it('a value is corrected from its line, with the version that was shown', async () => {
  const app = await openChart();
  const pulse = screen.getAllByTestId('value-row').find((row) => row.dataset['id'] === '8867-4')!;
  fireEvent.click(within(pulse).getByTestId('correct-vital'));
  expect(((await screen.findByTestId('vital-value')) as HTMLInputElement).value).toBe('112');
  typeInto('vital-value', '82');
  fireEvent.click(screen.getByTestId('vital-save'));
  const request = { patientId: 'p0', observationId: '8867-4', versionId: '1', value: '82', diastolic: null };
  await waitFor(() => expect(app.saved()).toEqual([{ call: 'results.correct', request }]));
});

describe('a value that was never sent', () => {
  async function correctUnsent(now: Partial<ObservationItem>) {
    const app = await openChart((item) => ({ ...item, versionId: '', unsent: 'waiting' }));
    fireEvent.click(within(pulseRow()).getByTestId('correct-vital'));
    await screen.findByTestId('vital-value');
    typeInto('vital-value', '82');
    expect(screen.queryAllByTestId('unsent-badge')).not.toEqual([]);
    showing(app, (item) => ({ ...item, unsent: null, ...now }));
    await waitFor(() => expect(screen.queryAllByTestId('unsent-badge')).toEqual([]));
    fireEvent.click(screen.getByTestId('vital-save'));
    await waitFor(() => expect(app.saved()).toHaveLength(1));
    return app.saved()[0]?.request;
  }

  it('is corrected as the version that the server has made of it meanwhile', async () => {
    expect(await correctUnsent({ versionId: '1' })).toMatchObject({ observationId: '8867-4', versionId: '1' });
    cleanup();
    expect(await correctUnsent({ id: 'given', versionId: '1' })).toMatchObject({
      observationId: 'given',
      versionId: '1',
    });
  });

  it('is not corrected unseen where it says something else by now', async () => {
    expect(await correctUnsent({ versionId: '2', value: '95' })).toMatchObject({
      observationId: '8867-4',
      versionId: '',
    });
  });
});

it('laboratory results have no such button: they are the laboratory’s to correct', async () => {
  await openChart();
  expect(within(screen.getByTestId('section-results')).queryAllByTestId('correct-vital')).toEqual([]);
});

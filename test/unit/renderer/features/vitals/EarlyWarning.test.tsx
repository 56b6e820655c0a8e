// @vitest-environment jsdom
import '../../support/dom.ts';
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { EarlyWarning as Warning, WarningInput, WarningValue } from '../../../../../preload/contract/results.ts';
import { createQueryClient } from '../../../../../renderer/app/queries.ts';
import { EarlyWarning } from '../../../../../renderer/features/vitals/EarlyWarning.tsx';
import { whyNot } from '../../../../../renderer/features/vitals/earlyWarningWords.ts';
import { createFakeBridge } from '../../support/fakeBridge.ts';
import { AS_OF, fakeWarning } from '../../support/fakeData.ts';

afterEach(cleanup);

const NOW = new Date(AS_OF);
const hours = (count: number) => new Date(NOW.getTime() + count * 3_600_000);

async function show(warning: Warning, now = NOW) {
  const { bridge } = createFakeBridge({ warning });
  Object.defineProperty(window, 'wardlight', { configurable: true, value: bridge });
  render(
    <QueryClientProvider client={createQueryClient()}>
      <EarlyWarning patientId="p0" now={now} />
    </QueryClientProvider>,
  );
  return screen.findByTestId('early-warning');
}

/** A warning without a score, as one input has a problem. */
function without(input: WarningInput, change: Partial<WarningValue>): Warning {
  const inputs = fakeWarning().inputs.map((one) => ({ ...one, score: null, ...(one.input === input && change) }));
  return fakeWarning({ inputs, total: null, risk: null, validUntil: null });
}

it('says the aggregate, the risk in words and which parameter has 3', async () => {
  const section = await show(fakeWarning());
  expect(section.textContent).toContain('NEWS2 11');
  expect(section.textContent).toContain('High risk');
  expect(section.textContent).toContain('3 in one parameter: consciousness');
});

it('is explained by each input with value, time and score, what was converted with what was written', async () => {
  await show(fakeWarning());
  fireEvent.click(screen.getByTestId('early-warning-inputs'));
  const rows = within(screen.getByRole('table')).getAllByRole('row').slice(1);
  expect(rows.map((row) => row.lastElementChild?.textContent)).toEqual(['2', '2', '0', '2', '2', '3', '0']);
  expect(rows.at(-1)?.textContent).toContain('38.0 °C (written 100.4 [degF])');
  expect(screen.getByTestId('early-warning').textContent).toContain('SpO₂ scale 1, as no record asks for scale 2');
});

it('is not shown as computed once the set is too old', async () => {
  const section = await show(fakeWarning(), hours(10.1));
  expect(section.textContent).toContain('NEWS2 not computed.');
  expect(section.textContent).toContain('more than 12 hours ago');
  fireEvent.click(screen.getByTestId('early-warning-inputs'));
  expect(within(screen.getByRole('table')).queryByText('3')).toBeNull();
});

it('says that it counts what is not sent yet', async () => {
  const [first, ...others] = fakeWarning().inputs;
  const section = await show(fakeWarning({ inputs: [{ ...first!, unsent: 'waiting' }, ...others] }));
  expect(section.textContent).toContain('Includes values that are not sent yet');
});

const NINE = new Date(2026, 2, 12, 9, 12).toISOString();

it.each<[string, WarningInput, Partial<WarningValue>, string]>([
  ['is missing', 'temperature', { problem: 'missing', value: null, time: null }, 'No temperature.'],
  ['is older than the rest', 'temperature', { problem: 'apart', time: NINE }, 'No temperature since 09:12.'],
  [
    'is missing, of oxygen',
    'supplemental-oxygen',
    { problem: 'missing', value: null, time: null },
    'No record of air or oxygen.',
  ],
  ['is encrypted', 'pulse', { problem: 'encrypted', value: null }, 'Pulse is encrypted or masked.'],
  ['is in another unit', 'pulse', { problem: 'unit' }, 'Pulse is in a unit that can’t be converted exactly.'],
])('says which input %s', (_what, input, change, words) => {
  const now = new Date(2026, 2, 12, 14, 32);
  expect(whyNot(without(input, change), now)).toBe(words);
});

it('never says that nothing is recorded of what was never fetched', async () => {
  const nothing = fakeWarning().inputs.map((one) => ({
    ...one,
    value: null,
    time: null,
    score: null,
    problem: 'missing' as const,
  }));
  const warning = fakeWarning({ inputs: nothing, total: null, risk: null, validUntil: null });
  expect(whyNot(warning, NOW)).toBe('None of its observations is recorded.');
  expect(whyNot({ ...warning, state: 'not-fetched' }, NOW)).toBe('Observations are not available offline.');
  const section = await show({ ...warning, withheld: { restricted: 'purpose', denied: false } });
  expect(section.textContent).toContain('Some observations are not shown');
});

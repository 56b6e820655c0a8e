import { act, fireEvent, screen, within } from '@testing-library/react';
import type { ObservationItem } from '../../../../../preload/contract/chart.ts';
import type { DraftItem } from '../../../../../preload/contract/drafts.ts';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

export const pulseRow = () =>
  screen.getAllByTestId('value-row').find((row) => within(row).queryByText(/pulse|heart rate/i))!;

/** The chart has another pulse from now on. */
export function showing(app: ReturnType<typeof renderApp>, change: (item: ObservationItem) => ObservationItem): void {
  const read = app.bridge.chart.read;
  Object.assign(app.bridge.chart, {
    read: async (request: { patientId: string }) => {
      const answer = await read(request);
      if (!answer.ok) return answer;
      const { vitals } = answer.value;
      const items = vitals.items.map((item) => (item.code.endsWith('8867-4') ? change(item) : item));
      return { ok: true as const, value: { ...answer.value, vitals: { ...vitals, items } } };
    },
  });
  act(() => app.changed({ patients: ['p0'] }));
}

export async function openChart(
  change?: (item: ObservationItem) => ObservationItem,
  drafts: readonly DraftItem[] = [],
) {
  const app = renderApp({ patients: fakePatients(1), drafts });
  if (change) showing(app, change);
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  await screen.findByTestId('section-vitals');
  return app;
}

export const typeInto = (testId: string, value: string) =>
  fireEvent.change(screen.getByTestId(testId), { target: { value } });

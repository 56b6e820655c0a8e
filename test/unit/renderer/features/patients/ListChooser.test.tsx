// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const WARD = 'Ward 7';
const patients = fakePatients(30);
const onWard = patients.filter(({ location }) => location?.startsWith(WARD)).length;

const count = () => screen.getByTestId('patient-count').textContent;

/** The appointments of a day in March 2026, as the list is asked for. */
const appointmentsOf = (day: number) => ({
  list: 'appointments',
  from: new Date(2026, 2, day).toISOString(),
  to: new Date(2026, 2, day + 1).toISOString(),
});

async function openList() {
  const app = renderApp({ patients });
  await screen.findAllByTestId('patient-row');
  await waitFor(() =>
    expect(within(screen.getByTestId('list-ward')).queryByText(`${WARD} (${onWard})`)).not.toBeNull(),
  );
  return app;
}

const choose = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } });

describe('the lists', () => {
  it('show a ward by its name, and all again', async () => {
    await openList();
    choose('list-ward', WARD);
    await waitFor(() => expect(count()).toBe(`${onWard} patients`));
    expect(screen.getByRole('heading', { name: WARD })).not.toBeNull();
    fireEvent.click(screen.getByTestId('list-mine'));
    await waitFor(() => expect(count()).toBe('30 patients'));
  });

  it('say of an empty one which list is empty', async () => {
    await openList();
    fireEvent.click(screen.getByTestId('list-appointments'));
    await screen.findByText('No appointments today');
    expect(screen.getByRole('columnheader', { name: 'Appointment' })).not.toBeNull();
    fireEvent.click(screen.getByTestId('list-unfinished'));
    await screen.findByText('Nothing is unfinished');
  });

  it('are kept by a name with what was searched for, and shown again by it', async () => {
    await openList();
    choose('list-ward', WARD);
    await waitFor(() => expect(count()).toBe(`${onWard} patients`));
    choose('list-kept', ' keep');
    fireEvent.click(await screen.findByRole('button', { name: 'Save' }));
    await waitFor(() => expect(screen.queryByTestId('keep-filter')).toBeNull());
    fireEvent.click(screen.getByTestId('list-mine'));
    await waitFor(() => expect(count()).toBe('30 patients'));
    choose('list-kept', WARD);
    await waitFor(() => expect(count()).toBe(`${onWard} patients`));
  });

  it('ask for the appointments of the day that it is by then, in a kept filter too', async () => {
    vi.setSystemTime(new Date(2026, 2, 1, 23, 50));
    const { listed } = await openList();
    fireEvent.click(screen.getByTestId('list-appointments'));
    choose('list-kept', ' keep');
    fireEvent.click(await screen.findByRole('button', { name: 'Save' }));
    await waitFor(() => expect(listed.at(-1)).toEqual(appointmentsOf(1)));
    fireEvent.click(screen.getByTestId('list-mine'));
    fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
    await screen.findByTestId('patient-banner');

    vi.setSystemTime(new Date(2026, 2, 2, 0, 10));
    fireEvent.click(screen.getByTestId('back-to-list'));
    await screen.findByTestId('patient-list');
    choose('list-kept', 'Today’s appointments');
    await waitFor(() => expect(listed.at(-1)).toEqual(appointmentsOf(2)));
  });
});

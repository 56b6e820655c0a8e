// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const WARD = 'Ward 7';
const patients = fakePatients(30);
const onWard = patients.filter(({ location }) => location?.startsWith(WARD)).length;

const count = () => screen.getByTestId('patient-count').textContent;

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
});

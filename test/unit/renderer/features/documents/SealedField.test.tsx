// @vitest-environment jsdom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function openNote(noteId = 'n1') {
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  fireEvent.click(await screen.findByTestId('tab-notes'));
  const rows = await screen.findAllByTestId('note-row');
  fireEvent.click(rows.find((row) => row.dataset['noteId'] === noteId)!);
  return await screen.findByTestId('note-body');
}

describe('a note whose text is encrypted', () => {
  it('says so, and can’t be amended unseen', async () => {
    renderApp({ patients: fakePatients(1), masked: true });
    const note = await openNote();
    expect(await within(note).findByText('The text of this note is encrypted.')).toBeTruthy();
    expect(screen.queryByTestId('note-amend')).toBeNull();
    expect(screen.queryByTestId('sealed-text')).toBeNull();
  });

  it('is shown when it is asked for, and is masked again in the next view', async () => {
    renderApp({ patients: fakePatients(1), masked: true });
    await openNote();
    fireEvent.click(await screen.findByTestId('sealed-reveal'));
    expect((await screen.findByTestId('sealed-text')).textContent).toBe('What was sealed.');
    fireEvent.click(await screen.findByTestId('tab-summary'));
    await openNoteAgain();
    expect(screen.queryByTestId('sealed-text')).toBeNull();
  });

  it('tells why it can’t be shown', async () => {
    const reveal = async () => ({ ok: false as const, error: { code: 'field-context-mismatch' as const } });
    renderApp({ patients: fakePatients(1), masked: true, reveal });
    await openNote();
    fireEvent.click(screen.getByTestId('sealed-reveal'));
    expect((await screen.findByTestId('error-state')).textContent).toContain('This belongs to another record');
    expect(screen.queryByTestId('sealed-text')).toBeNull();
  });
});

it('a value that is encrypted is shown in its row, to who asks', async () => {
  const reveal = async () => ({ ok: true as const, value: { texts: ['112 /min'] } });
  renderApp({ patients: fakePatients(1), masked: true, reveal });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  const row = await within(await screen.findByTestId('section-vitals')).findByText('Encrypted');
  const line = row.closest('tr')!;
  expect(within(line).queryByTestId('correct-vital')).toBeNull();
  fireEvent.click(within(line).getByTestId('sealed-reveal'));
  expect((await within(line).findByTestId('sealed-text')).textContent).toBe('112 /min');
});

it('a value that is encrypted has its row in the trend, and is told of beside the plot', async () => {
  const reveal = async () => ({ ok: true as const, value: { texts: ['112 /min'] } });
  const { writes } = renderApp({ patients: fakePatients(1), masked: true, reveal });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  fireEvent.click(await screen.findByTestId('tab-results'));
  expect((await screen.findByTestId('trend-masked')).textContent).toContain('1 value is encrypted and not drawn.');
  const group = screen.getAllByTestId('result-group')[0]!;
  expect(group.textContent).toContain('Encrypted');
  const row = (await screen.findByTestId('trend-table')).querySelector<HTMLElement>('[data-masked]')!;
  expect(row.textContent).toContain('Encrypted');
  fireEvent.click(within(row).getByTestId('sealed-reveal'));
  expect((await within(row).findByTestId('sealed-text')).textContent).toBe('112 /min');
  expect(writes.at(-1)).toMatchObject({
    call: 'sealed.reveal',
    request: { type: 'Observation', id: 'm', path: 'valueQuantity' },
  });
});

async function openNoteAgain() {
  fireEvent.click(await screen.findByTestId('tab-notes'));
  const rows = await screen.findAllByTestId('note-row');
  fireEvent.click(rows[0]!);
  await screen.findByTestId('note-body');
}

// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
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
  it('says so', async () => {
    renderApp({ patients: fakePatients(1), masked: true });
    const note = await openNote();
    expect(await within(note).findByText('The text of this note is encrypted.')).toBeTruthy();
    expect(screen.queryByTestId('sealed-text')).toBeNull();
  });

  it('is amended once its text was shown, and never unseen', async () => {
    const { writes } = renderApp({ patients: fakePatients(1), masked: true });
    await openNote();
    fireEvent.click(screen.getByTestId('note-amend'));
    expect(await screen.findByTestId('note-closed')).toBeTruthy();
    expect(screen.queryByTestId('note-editor')).toBeNull();
    fireEvent.click(await screen.findByTestId('sealed-reveal'));
    const area = (await screen.findByTestId('note-text')) as HTMLTextAreaElement;
    expect(area.value).toBe('What was sealed.');
    fireEvent.input(area, { target: { value: 'What was sealed, amended.' } });
    fireEvent.click(screen.getByTestId('note-save'));
    await waitFor(() => expect(writes.some(({ call }) => call === 'notes.amend')).toBe(true));
    expect(writes.find(({ call }) => call === 'notes.amend')?.request).toMatchObject({
      noteId: 'n1',
      versionId: '1',
      body: 'What was sealed, amended.',
    });
    // The next view of it is masked again.
    await screen.findByTestId('note-amend');
    expect(screen.queryByTestId('sealed-text')).toBeNull();
  });

  it('of which a newer version came is written over only once that one was shown', async () => {
    const app = renderApp({ patients: fakePatients(1), masked: true });
    await openNote();
    fireEvent.click(screen.getByTestId('note-amend'));
    fireEvent.click(await screen.findByTestId('sealed-reveal'));
    const area = await screen.findByTestId('note-text');
    fireEvent.input(area, { target: { value: 'Mine.' } });
    app.setNoteVersion('2');
    const newer = await screen.findByTestId('note-newer');
    const take = within(newer).getByTestId('note-take-newer') as HTMLButtonElement;
    expect(take.disabled).toBe(true);
    fireEvent.click(within(newer).getByTestId('sealed-reveal'));
    await waitFor(() => expect(take.disabled).toBe(false));
    fireEvent.click(take);
    await waitFor(() => expect(screen.queryByTestId('note-newer')).toBeNull());
    fireEvent.click(screen.getByTestId('note-save'));
    await waitFor(() =>
      expect(app.writes.findLast(({ call }) => call === 'notes.amend')?.request).toMatchObject({ versionId: '2' }),
    );
  });

  it('has a draft whose text is shown when it is asked for', async () => {
    const [patient] = fakePatients(1);
    const about = { patientId: patient!.id, patient: patient!.name, resourceType: 'DocumentReference' as const };
    const draft = { ...about, resourceId: null, kind: 'progress' as const, versionId: '', title: 'Progress note' };
    const { writes } = renderApp({
      patients: [patient!],
      drafts: [{ ...draft, body: '', changedAt: '2026-03-12T10:00:00Z', sealed: true }],
    });
    fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
    fireEvent.click(await screen.findByTestId('tab-notes'));
    fireEvent.click(await screen.findByTestId('draft-row'));
    expect((await screen.findByTestId('draft-body')).textContent).toContain('encrypted');
    expect(screen.queryByTestId('draft-continue')).toBeNull();
    fireEvent.click(screen.getByTestId('draft-open'));
    fireEvent.click(await screen.findByTestId('draft-continue'));
    expect(((await screen.findByTestId('note-text')) as HTMLTextAreaElement).value).toBe('What was typed.');
    expect(writes.map(({ call }) => call)).toContain('drafts.open');
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

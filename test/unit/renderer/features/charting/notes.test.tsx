// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { charting } from '../../../../../preload/contract/charting.ts';
import { openChart, sent } from './support.tsx';

afterEach(cleanup);

const SECTIONS = { subjective: 'Slept well.', objective: '', assessment: '', plan: 'Go home.' };
const type = (name: string, value: string) => fireEvent.change(screen.getByTestId(name), { target: { value } });

async function openSoap(options = {}) {
  const app = await openChart(options);
  fireEvent.keyDown(document.body, { key: 'n' });
  fireEvent.keyDown(await screen.findByTestId('write-note'), { key: 's' });
  await screen.findByTestId('soap-editor');
  return app;
}

async function openNote(options = {}) {
  const app = await openChart(options);
  fireEvent.click(screen.getByTestId('tab-notes'));
  fireEvent.click((await screen.findAllByTestId('note-row'))[0]!);
  await screen.findByTestId('note-body');
  return app;
}

describe('a note in sections', () => {
  it('is signed after a warning only, and once', async () => {
    const app = await openSoap();
    type('soap-subjective', SECTIONS.subjective);
    type('soap-plan', SECTIONS.plan);
    fireEvent.click(screen.getByTestId('soap-sign'));
    expect((await screen.findByTestId('sign-dialog')).textContent).toContain('can’t be edited any more');
    expect(sent(app)).toEqual([]);
    fireEvent.click(screen.getByTestId('sign-confirm'));
    fireEvent.click(screen.getByTestId('sign-confirm'));
    await waitFor(() => expect(screen.queryByTestId('soap-editor')).toBeNull());
    const request = { patientId: 'p0', kind: 'progress', sections: SECTIONS, language: 'en', sign: true };
    expect(sent(app)).toEqual([{ call: 'charting.recordNote', request }]);
  });

  it('is saved to be signed later, by Ctrl+Enter twice and once', async () => {
    const app = await openSoap();
    type('soap-objective', 'Chest clear.');
    for (const _ of [1, 2]) fireEvent.keyDown(screen.getByTestId('soap-objective'), { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(screen.queryByTestId('soap-editor')).toBeNull());
    expect(sent(app).map(({ request }) => request['sign'])).toEqual([false]);
  });

  it('is kept as it is typed, and gone on with in its sections', async () => {
    const app = await openSoap();
    type('soap-subjective', SECTIONS.subjective);
    type('soap-plan', SECTIONS.plan);
    await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
    fireEvent.click(screen.getByTestId('note-cancel'));
    fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
    fireEvent.click(await screen.findByTestId('draft-row'));
    fireEvent.click(await screen.findByTestId('draft-continue'));
    for (const [name, value] of Object.entries(SECTIONS)) {
      expect(((await screen.findByTestId(`soap-${name}`)) as HTMLTextAreaElement).value).toBe(value);
    }
    expect(sent(app)).toEqual([]);
  });

  it('is not lost when it can’t be saved', async () => {
    await openSoap({ charting: { recordNote: async () => ({ ok: false, error: { code: 'disk-full' } }) } });
    type('soap-plan', SECTIONS.plan);
    fireEvent.submit(screen.getByTestId('soap-editor'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('disk-full');
    expect((screen.getByTestId('soap-plan') as HTMLTextAreaElement).value).toBe(SECTIONS.plan);
  });
});

describe('a note that is there', () => {
  it('is signed in the version that is shown, after the warning', async () => {
    const app = await openNote();
    fireEvent.click(screen.getByTestId('note-sign'));
    fireEvent.click(await screen.findByTestId('sign-confirm'));
    await waitFor(() => expect(screen.queryByTestId('sign-dialog')).toBeNull());
    const request = { patientId: 'p0', id: 'n1', versionId: '1' };
    expect(sent(app)).toEqual([{ call: 'charting.signNote', request }]);
  });

  it('and is signed, is added to and never edited', async () => {
    const app = await openNote({ signed: true });
    for (const id of ['note-amend', 'note-sign']) expect(screen.queryByTestId(id)).toBeNull();
    fireEvent.click(screen.getByTestId('note-add'));
    await screen.findByTestId('addendum-text');
    expect(screen.getByTestId('addendum-editor').textContent).toContain('Less breathless overnight');
    type('addendum-text', 'Oxygen stopped.');
    await waitFor(() => expect(app.writes.at(-1)?.call).toBe('drafts.keep'));
    fireEvent.submit(screen.getByTestId('addendum-editor'));
    fireEvent.submit(screen.getByTestId('addendum-editor'));
    await waitFor(() => expect(screen.queryByTestId('addendum-editor')).toBeNull());
    const request = { patientId: 'p0', noteId: 'n1', body: 'Oxygen stopped.' };
    expect(charting.calls.addNote.request.parse(request)).toEqual(request);
    expect(sent(app)).toEqual([{ call: 'charting.addNote', request }]);
  });

  it('is marked as entered in error with a reason', async () => {
    const app = await openNote({ signed: true });
    fireEvent.click(screen.getByTestId('item-change'));
    fireEvent.change(await screen.findByTestId('field-reason'), { target: { value: 'Wrong patient' } });
    fireEvent.click(screen.getByTestId('form-save'));
    const request = { patientId: 'p0', id: 'n1', versionId: '1', type: 'DocumentReference', reason: 'Wrong patient' };
    await waitFor(() => expect(sent(app)).toEqual([{ call: 'charting.markEnteredInError', request }]));
  });
});

// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { DraftItem } from '../../../../../preload/contract/drafts.ts';
import { NOTE_MAX, type NoteText } from '../../../../../preload/contract/notes.ts';
import { LONGEST } from '../../../../../renderer/features/notes/NoteEditor.tsx';
import { AS_OF, fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function openNotes() {
  const app = renderApp({ patients: fakePatients(1) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  fireEvent.click(await screen.findByTestId('tab-notes'));
  await screen.findAllByTestId('note-row');
  return app;
}

async function openAmend() {
  const app = await openNotes();
  fireEvent.click(screen.getAllByTestId('note-row')[0]!);
  fireEvent.click(await screen.findByTestId('note-amend'));
  return { app, area: (await screen.findByTestId('note-text')) as HTMLTextAreaElement };
}

const type = (text: string) => fireEvent.change(screen.getByTestId('note-text'), { target: { value: text } });

it('takes as much text as the contract does', () => expect(LONGEST).toBe(NOTE_MAX));

describe('a new note', () => {
  it('is saved with its kind and text', async () => {
    const app = await openNotes();
    fireEvent.click(screen.getByTestId('note-new'));
    fireEvent.change(await screen.findByTestId('note-kind'), { target: { value: 'nursing' } });
    type('Slept well.');
    fireEvent.click(screen.getByTestId('note-save'));
    await waitFor(() =>
      expect(app.saved()).toEqual([
        { call: 'notes.create', request: { patientId: 'p0', kind: 'nursing', body: 'Slept well.' } },
      ]),
    );
    await screen.findByTestId('note-body');
  });

  it('can’t be saved empty', async () => {
    const app = await openNotes();
    fireEvent.click(screen.getByTestId('note-new'));
    await screen.findByTestId('note-text');
    type('   ');
    fireEvent.keyDown(screen.getByTestId('note-text'), { key: 'Enter', ctrlKey: true });
    expect((screen.getByTestId('note-save') as HTMLButtonElement).disabled).toBe(true);
    expect(app.saved()).toEqual([]);
  });
});

describe('an amended note', () => {
  it('begins with its text and is saved with the version that was read', async () => {
    const { app, area } = await openAmend();
    expect(area.value).toContain('Less breathless overnight.');
    type('Better.');
    fireEvent.keyDown(area, { key: 'Enter', ctrlKey: true });
    const request = { patientId: 'p0', noteId: 'n1', versionId: '1', body: 'Better.' };
    await waitFor(() => expect(app.saved()).toEqual([{ call: 'notes.amend', request }]));
  });

  it('keeps the text where it can’t be saved, and says why', async () => {
    const { app, area } = await openAmend();
    const failure = { ok: false as const, error: { code: 'disk-full' as const } };
    Object.assign(app.bridge.notes, { amend: async () => failure });
    type('Better.');
    fireEvent.click(screen.getByTestId('note-save'));
    expect((await screen.findByTestId('failure')).dataset['code']).toBe('disk-full');
    expect(area.value).toBe('Better.');
  });

  it('shows a newer version that came meanwhile, keeps the text, and goes on only when it was read', async () => {
    const { app, area } = await openAmend();
    type('Mine.');
    const read = app.bridge.notes.read;
    const newer = async (request: { patientId: string; noteId: string }) => {
      const answer = await read(request);
      if (!answer.ok) return answer;
      const value: NoteText = { ...answer.value, versionId: '2', body: 'Somebody else’s.' };
      return { ok: true as const, value };
    };
    Object.assign(app.bridge.notes, { read: newer });
    act(() => app.changed({ patients: ['p0'] }));
    expect((await screen.findByTestId('note-newer')).textContent).toContain('Somebody else’s.');
    expect(area.value).toBe('Mine.');
    fireEvent.click(screen.getByTestId('note-save'));
    await waitFor(() => expect(app.writes.at(-1)?.request).toMatchObject({ versionId: '1' }));
  });

  it('is not offered for what is no text', async () => {
    await openNotes();
    fireEvent.click(screen.getAllByTestId('note-row')[2]!);
    await screen.findByTestId('note-body');
    expect(screen.queryByTestId('note-amend')).toBeNull();
  });
});

const patient = fakePatients(1)[0]!.name;
const DRAFT: Extract<DraftItem, { resourceType: 'DocumentReference' }> = {
  patientId: 'p0',
  patient,
  resourceType: 'DocumentReference',
  resourceId: null,
  kind: 'nursing',
  versionId: '',
  title: 'Nursing note',
  body: 'Slept w',
  changedAt: AS_OF,
  sealed: false,
};

describe('a draft', () => {
  const openDraft = async (draft: typeof DRAFT) => {
    const app = renderApp({ patients: fakePatients(1), drafts: [draft] });
    fireEvent.click(await screen.findByTestId('draft-banner-open'));
    expect((await screen.findByTestId('draft-offer')).textContent).toContain('not saved');
    expect(screen.getByTestId('draft-body').textContent).toBe(draft.body);
    return app;
  };
  const keeps = (app: { writes: { call: string }[] }) => app.writes.filter(({ call }) => call.startsWith('drafts.'));

  it('is told of after the unlock, and gone on with where it was left', async () => {
    const app = await openDraft(DRAFT);
    fireEvent.click(screen.getByTestId('draft-continue'));
    expect(((await screen.findByTestId('note-text')) as HTMLTextAreaElement).value).toBe('Slept w');
    expect((screen.getByTestId('note-kind') as HTMLSelectElement).value).toBe('nursing');
    expect(screen.queryByTestId('draft-banner')).toBeNull();
    expect(keeps(app)).toEqual([]);
    type('Slept well.');
    await waitFor(() => expect(keeps(app)).toHaveLength(1));
    expect(screen.getByTestId('draft-state').textContent).toContain('Draft kept');
    fireEvent.click(screen.getByTestId('note-save'));
    await screen.findByTestId('note-body');
    expect(app.writes.map(({ call }) => call)).toEqual(['drafts.keep', 'notes.create']);
  });

  it('is given up on a person’s word alone, and nothing is typed over it before', async () => {
    const app = await openDraft(DRAFT);
    expect(screen.queryByTestId('note-text')).toBeNull();
    fireEvent.click(screen.getByTestId('draft-discard'));
    fireEvent.click(screen.getByText('Keep it'));
    expect(keeps(app)).toEqual([]);
    fireEvent.click(screen.getByTestId('draft-discard'));
    fireEvent.click(await screen.findByTestId('draft-discard-dialog-confirm'));
    expect(((await screen.findByTestId('note-text')) as HTMLTextAreaElement).value).toBe('');
    expect(keeps(app)).toEqual([
      { call: 'drafts.drop', request: { patientId: 'p0', resourceType: 'DocumentReference', resourceId: null } },
    ]);
  });

  it('of an earlier version of a note shows the newer one first', async () => {
    await openDraft({ ...DRAFT, resourceId: 'n1', versionId: '0', body: 'Better.' });
    fireEvent.click(screen.getByTestId('draft-continue'));
    expect((await screen.findByTestId('note-newer')).textContent).toContain('Less breathless overnight.');
    expect((screen.getByTestId('note-text') as HTMLTextAreaElement).value).toBe('Better.');
  });

  it('goes with its text where that is taken back', async () => {
    const { app, area } = await openAmend();
    const before = area.value;
    type('Mine.');
    await waitFor(() => expect(keeps(app)).toHaveLength(1));
    type(before);
    await waitFor(() => expect(keeps(app).at(-1)?.call).toBe('drafts.drop'));
  });

  it('is among the unsent work, and so are those that may not be seen', async () => {
    renderApp({ patients: fakePatients(1), drafts: [DRAFT], hidden: 2 });
    fireEvent.click(await screen.findByTestId('sync-open'));
    expect((await screen.findByTestId('draft')).textContent).toContain('Nursing note');
    expect(screen.getByTestId('drafts-hidden').textContent).toContain('2 more drafts');
    fireEvent.click(screen.getByTestId('draft-open'));
    await screen.findByTestId('draft-offer');
    expect((await screen.findByTestId('drafts-withheld')).textContent).toContain('2 drafts are withheld');
  });

  it('left on the way to the list is offered when somebody comes back at once', async () => {
    await openAmend();
    type('Mine.');
    fireEvent.click(screen.getAllByTestId('note-row')[1]!);
    fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
    fireEvent.click(await screen.findByTestId('draft-row'));
    expect((await screen.findByTestId('draft-body')).textContent).toBe('Mine.');
  });
});

describe('text that nobody has saved', () => {
  const ways: [string, () => void][] = [
    ['another tab', () => fireEvent.keyDown(window, { key: '1' })],
    ['another note', () => fireEvent.click(screen.getAllByTestId('note-row')[1]!)],
    ['the list', () => fireEvent.click(screen.getByTestId('back-to-list'))],
    ['the sync', () => fireEvent.click(screen.getByTestId('sync-open'))],
    ['a search', () => fireEvent.change(screen.getByTestId('patient-search'), { target: { value: 'a' } })],
    ['cancel', () => fireEvent.click(screen.getByTestId('note-cancel'))],
  ];

  it('is not lost to another language: the page is loaded anew only once that is confirmed', async () => {
    const { app } = await openAmend();
    type('Mine.');
    const spoken = () => app.writes.filter(({ call }) => call === 'preferences.setLanguage');
    fireEvent.click(screen.getByTestId('speak-es'));
    await screen.findByTestId('leave-dialog');
    expect(spoken()).toEqual([]);
    fireEvent.click(screen.getByTestId('leave-dialog-confirm'));
    await waitFor(() => expect(spoken().map(({ request }) => request)).toEqual([{ language: 'es' }]));
  });

  it.each(ways)('is not lost on the way to %s', async (_where, go) => {
    const { app } = await openAmend();
    type('Mine.');
    go();
    await screen.findByTestId('leave-dialog');
    fireEvent.click(screen.getByText('Keep writing'));
    expect(screen.queryByTestId('leave-dialog')).toBeNull();
    expect((screen.getByTestId('note-text') as HTMLTextAreaElement).value).toBe('Mine.');
    go();
    fireEvent.click(await screen.findByTestId('leave-dialog-confirm'));
    await waitFor(() => expect(screen.queryByTestId('note-text')).toBeNull());
    const kept = app.writes.filter(({ call }) => call === 'drafts.keep');
    expect(kept.at(-1)?.request).toMatchObject({ patientId: 'p0', resourceId: 'n1', versionId: '1', body: 'Mine.' });
  });

  it('is handed over, and off the screen, before Wardlight locks or closes', async () => {
    const { app } = await openAmend();
    type('Mine.');
    act(() => app.flush());
    expect(document.documentElement.dataset['leaving']).toBe('');
    await waitFor(() => expect(app.writes.map(({ call }) => call)).toEqual(['drafts.keep', 'drafts.flushed']));
    expect(app.writes[0]?.request).toMatchObject({ body: 'Mine.' });
  });

  it('is told to be on the screen only where no draft could be kept, and to be lost by leaving', async () => {
    const { app } = await openAmend();
    Object.assign(app.bridge.drafts, { keep: async () => ({ ok: false, error: { code: 'disk-full' } }) });
    type('Mine.');
    await waitFor(() => expect(screen.getByTestId('draft-state').textContent).toContain('disk-full'));
    fireEvent.click(screen.getByTestId('back-to-list'));
    expect((await screen.findByTestId('leave-dialog')).textContent).toContain('lost once you leave');
  });

  it('is never put into the browser’s storage', async () => {
    await openAmend();
    type('Canary of a draft');
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain('Canary');
  });

  it('is asked about only where there is some', async () => {
    await openAmend();
    fireEvent.keyDown(window, { key: '1' });
    await screen.findByTestId('section-notes');
    expect(screen.queryByTestId('leave-dialog')).toBeNull();
  });
});

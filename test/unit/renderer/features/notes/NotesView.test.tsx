// @vitest-environment jsdom
import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { fakePatients } from '../../support/fakeData.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

async function openNote(noteId: string) {
  renderApp({ patients: fakePatients(1) });
  fireEvent.click((await screen.findAllByTestId('patient-row'))[0]!);
  fireEvent.click(await screen.findByTestId('tab-notes'));
  const rows = await screen.findAllByTestId('note-row');
  fireEvent.click(rows.find((row) => row.dataset['noteId'] === noteId)!);
  return await screen.findByTestId('note-body');
}

it('a note is text, whatever it holds', async () => {
  const body = await openNote('n1');
  expect(body.querySelector('b')).toBeNull();
  expect(body.textContent).toContain('<b>This is shown as it was written, never as HTML.</b>');
});

it('a document that is no text says so with its type', async () => {
  expect((await openNote('n3')).textContent).toBe("This document can't be shown as text yet (application/pdf).");
});

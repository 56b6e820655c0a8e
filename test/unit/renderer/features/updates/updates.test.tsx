// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { UpdateState } from '../../../../../preload/contract/updates.ts';
import { isOffered, isWaitingFor } from '../../../../../renderer/features/updates/UpdateBanner.tsx';
import { problemWords, stageWords } from '../../../../../renderer/features/updates/updateWords.ts';
import { NO_UPDATES } from '../../support/fakeBridge.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString();
const offer = { version: '0.2.0', releasedAt: null, isRequired: false, until: TOMORROW, putOffUntil: null };
const READY: UpdateState = { ...NO_UPDATES, mode: 'feed', stage: 'ready', offer };

describe('the offer', () => {
  it('is on the list, says what and until when it can wait, and installs when a person says so', async () => {
    const fake = renderApp({ updates: READY });
    const banner = await screen.findByTestId('update-banner');
    expect(banner.textContent).toContain('0.2.0');
    expect(banner.textContent).toContain('It can wait until');
    fireEvent.click(screen.getByTestId('update-now'));
    fireEvent.click(await screen.findByTestId('update-at-close'));
    await waitFor(() => expect(fake.writes.map(({ call }) => call)).toContain('updates.installNow'));
  });

  it('comes while the program runs, and goes when it was taken back', async () => {
    const fake = renderApp({});
    await screen.findByTestId('frame');
    act(() => fake.tellUpdates(READY));
    expect(screen.getByTestId('update-banner')).toBeTruthy();
    act(() => fake.tellUpdates(NO_UPDATES));
    expect(screen.queryByTestId('update-banner')).toBeNull();
  });

  it('can’t be put off once policy’s days are over, and says so', async () => {
    renderApp({ updates: { ...READY, offer: { ...offer, until: YESTERDAY } } });
    expect((await screen.findByTestId('update-banner')).textContent).toContain('can’t be put off any longer');
    expect(screen.queryByTestId('update-later')).toBeNull();
  });

  it('says why it was not installed', async () => {
    renderApp({ updates: READY, updateFailure: 'update-held' });
    fireEvent.click(await screen.findByTestId('update-now'));
    expect((await screen.findByTestId('failure')).textContent).toContain('Something would be interrupted');
  });

  it.each<[string, Partial<UpdateState>]>([
    ['a draft is open', { holds: ['unsaved'] }],
    ['the server can’t be reached', { holds: ['offline'] }],
    ['a file is being sent', { holds: ['sending'] }],
    ['it is put off', { offer: { ...offer, putOffUntil: TOMORROW } }],
    ['a person has agreed already', { stage: 'agreed' }],
    ['it is being fetched', { stage: 'downloading' }],
  ])('is not made while %s', (_name, change) => {
    expect(isOffered({ ...READY, ...change }, new Date())).toBe(false);
    expect(isOffered(READY, new Date())).toBe(true);
  });
});

it('says on the list what it waits for, once it is due and that is something of hers', async () => {
  const due: UpdateState = { ...READY, holds: ['unsaved'], offer: { ...offer, until: YESTERDAY } };
  renderApp({ updates: due });
  expect((await screen.findByTestId('update-waits')).textContent).toContain('until no draft is open');
  expect(isWaitingFor({ ...due, holds: ['offline', 'unsaved'] }, new Date())).toBe(false);
  expect(isWaitingFor({ ...due, offer }, new Date())).toBe(false);
  expect(isWaitingFor({ ...due, offer: { ...offer, isRequired: true } }, new Date())).toBe(true);
});

it('asks for a start anew where IT has installed it', async () => {
  renderApp({ updates: { ...READY, mode: 'repository', stage: 'restart' } });
  expect((await screen.findByTestId('update-banner')).textContent).toContain('IT has installed Wardlight 0.2.0');
  expect(screen.getByTestId('update-now').textContent).toBe('Start again now');
  expect(screen.queryByTestId('update-at-close')).toBeNull();
});

it('the settings of the organisation say how it stands, and why there is no update', async () => {
  const fake = renderApp({
    updates: { ...NO_UPDATES, mode: 'feed', problem: 'signature-wrong', checkedAt: YESTERDAY },
  });
  fireEvent.click(await screen.findByTestId('security-button'));
  fireEvent.click(await screen.findByTestId('security-managed'));
  const lines = await screen.findByTestId('update-lines');
  expect(lines.textContent).toContain('Wardlight 0.1.0.');
  expect(screen.getByTestId('update-problem').textContent).toBe(`${problemWords('signature-wrong')} signature-wrong`);
  fireEvent.click(screen.getByTestId('update-look'));
  await waitFor(() => expect(fake.writes.map(({ call }) => call)).toContain('updates.check'));
});

it('says what a version waits for', () => {
  expect(stageWords({ ...READY, holds: ['unsaved', 'syncing'] })).toBe(
    'Version 0.2.0 can be installed. It waits until no draft is open.',
  );
});

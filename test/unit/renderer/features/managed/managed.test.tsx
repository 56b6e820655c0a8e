// @vitest-environment jsdom
import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { ManagedState } from '../../../../../preload/contract/managed.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const malformed: ManagedState = {
  source: 'file',
  problems: [{ key: 'lock.idleMs', code: 'malformed' }],
  isEarlier: false,
};

it('tells on every screen that a setting of IT’s can’t be used, what holds instead, and the code', async () => {
  renderApp({ managed: malformed });
  const alarm = await screen.findByTestId('managed-alarm');
  expect(alarm.getAttribute('role')).toBe('alert');
  expect(alarm.textContent).toContain('the strictest one holds');
  expect(alarm.textContent).toContain('malformed lock.idleMs');
});

it('is silent where nothing is wrong, and where a setting is only unknown', async () => {
  renderApp({ managed: { source: 'file', problems: [{ key: 'lokc', code: 'unknown-key' }], isEarlier: false } });
  fireEvent.click(await screen.findByTestId('security-button'));
  fireEvent.click(await screen.findByTestId('security-managed'));
  expect((await screen.findByTestId('managed-problems')).textContent).toContain('no such setting');
  expect(screen.queryByTestId('managed-alarm')).toBeNull();
});

it('tells it while the program runs, and no longer once IT has mended it', async () => {
  const fake = renderApp({});
  await screen.findByTestId('frame');
  act(() => fake.tellManaged(malformed));
  expect(screen.getByTestId('managed-alarm')).toBeTruthy();
  act(() => fake.tellManaged({ source: 'file', problems: [], isEarlier: false }));
  expect(screen.queryByTestId('managed-alarm')).toBeNull();
});

it('tells it before the unlock too', async () => {
  renderApp({
    managed: { source: 'file', problems: [{ key: '', code: 'untrusted-file' }], isEarlier: false },
    session: { phase: 'signed-out', server: '', hasProfiles: false },
  });
  const notice = await screen.findByTestId('managed-notice');
  expect(notice.textContent).toContain('Others than IT can change what IT has set. The strictest values hold.');
});

it('tells where what IT had set before holds, as what is there now is damaged', async () => {
  renderApp({ managed: { source: 'file', problems: [{ key: '', code: 'not-json' }], isEarlier: true } });
  const alarm = await screen.findByTestId('managed-alarm');
  expect(alarm.textContent).toContain('is damaged. What it had set before holds on.');
});

it('shows what is set and by whom, what the organisation has decided first', async () => {
  renderApp({ managed: malformed });
  fireEvent.click(await screen.findByTestId('security-button'));
  fireEvent.click(await screen.findByTestId('security-managed'));
  const dialog = await screen.findByTestId('managed-dialog');
  const [first, second] = await within(dialog).findAllByTestId('managed-row');
  expect(first!.textContent).toBe('lock.idleMsIdle lock.60000your organisation');
  expect(second!.textContent).toBe('screen.shadeOnBlurShade.falseWardlight');
  expect(within(dialog).getByTestId('managed-problems').textContent).toContain('lock.idleMs');
  expect(dialog.textContent).toContain('only administrators can change');
});

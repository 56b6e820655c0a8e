// @vitest-environment jsdom
import { cleanup, findByTestId, fireEvent, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Binder } from '../../../../../preload/contract/downtime.ts';
import { NO_BINDER } from '../../support/fakeBridge.ts';
import { renderApp } from '../../support/renderApp.tsx';

afterEach(cleanup);

const HANDLE = '6f1c9a52-3a8e-4a57-9d0b-1f4f6f0c2b11';
const kept: Binder = {
  id: HANDLE,
  scope: { kind: 'list', query: '' },
  madeAt: '2026-03-12T13:00:00Z',
  asOf: '2026-03-12T12:30:00Z',
  pages: 19,
  patients: 6,
  withheld: 1,
};
const ok = async <Value,>(value: Value) => ({ ok: true as const, value });

async function open(options: Parameters<typeof renderApp>[0]) {
  const fake = renderApp(options);
  fireEvent.click(await findByTestId(document.body, 'downtime-button'));
  return { fake, dialog: await findByTestId(document.body, 'downtime') };
}
const click = async (name: string) => fireEvent.click(await findByTestId(document.body, name));

describe('the downtime binder above the list', () => {
  it('says when the last one was made, of whom and what is not in it, and that a try failed', async () => {
    const failed = { code: 'disk-full', at: '2026-03-12T14:00:00Z' };
    const { dialog } = await open({ downtime: { now: { ...NO_BINDER, kept: [kept], failed } } });
    expect((await findByTestId(document.body, 'downtime-not-made')).textContent).toBe('Last try failed');
    await findByTestId(dialog, 'downtime-failed');
    expect(dialog.textContent).toContain('6 patients, 19 pages, data as of');
    expect(dialog.textContent).toContain('1 patient withheld by access policy');
    expect(dialog.textContent).toContain('disk-full');
  });

  it('shows how far it is, and stops', async () => {
    const { fake, dialog } = await open({ downtime: { make: () => new Promise(() => undefined) } });
    await click('downtime-make');
    fake.setBinders({ ...NO_BINDER, making: { scope: kept.scope, done: 2, total: 6 } });
    expect((await findByTestId(dialog, 'downtime-progress')).textContent).toContain('2 of 6 patients read');
    await click('downtime-stop');
    expect(fake.writes).toContainEqual({ call: 'downtime.cancel', request: {} });
  });

  it('opens what was made in the viewer, prints it, and closes it with the view', async () => {
    const { fake } = await open({
      downtime: { make: () => ok(kept), open: () => ok({ handle: HANDLE, size: 10, binder: kept }) },
    });
    await click('downtime-make');
    await click('downtime-print');
    await waitFor(() => expect(document.body.textContent).toContain('Sent to the printer.'));
    await click('viewer-close');
    await waitFor(() => expect(fake.writes).toContainEqual({ call: 'downtime.close', request: { handle: HANDLE } }));
  });

  it('says in words what is wrong', async () => {
    const { dialog } = await open({
      downtime: { make: async () => ({ ok: false, error: { code: 'binder-layout' } }) },
    });
    await click('downtime-make');
    await waitFor(() => expect(dialog.textContent).toContain('The pages could not be laid out'));
  });
});

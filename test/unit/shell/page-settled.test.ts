import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { pageFailed, pageSettled } from '../../../main/shell/page-settled.ts';

const ENDS = ['did-fail-load', 'render-process-gone', 'destroyed'];

/** Whether a wait has ended, before and after an event of the page. */
async function around(wait: typeof pageSettled, event: string): Promise<[before: boolean, after: boolean]> {
  const webContents = new EventEmitter();
  let ended = false;
  void wait({ webContents } as never).then(() => {
    ended = true;
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  const before = ended;
  webContents.emit(event);
  await settle();
  return [before, ended];
}

it.each(['did-finish-load', ...ENDS])('%s ends the wait for the page', async (event) => {
  expect(await around(pageSettled, event)).toEqual([false, true]);
});

it.each(ENDS)('%s is a failure of the page', async (event) => {
  expect(await around(pageFailed, event)).toEqual([false, true]);
});

it('a page that is loaded has not failed', async () => {
  expect(await around(pageFailed, 'did-finish-load')).toEqual([false, false]);
});

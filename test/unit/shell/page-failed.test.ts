import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { pageFailed } from '../../../main/shell/page-failed.ts';

it.each(['did-fail-load', 'render-process-gone', 'destroyed'])('%s ends the wait for the page', async (event) => {
  const webContents = new EventEmitter();
  let ended = false;
  const waiting = pageFailed({ webContents } as never).then(() => {
    ended = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  webContents.emit(event);
  await waiting;
});

import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { pageSettled } from '../../../main/shell/page-settled.ts';

it.each(['did-finish-load', 'did-fail-load', 'render-process-gone', 'destroyed'])(
  '%s ends the wait for the page',
  async (event) => {
    const webContents = new EventEmitter();
    let ended = false;
    const waiting = pageSettled({ webContents } as never).then(() => {
      ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    webContents.emit(event);
    await waiting;
  },
);

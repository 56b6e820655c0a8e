import { EventEmitter } from 'node:events';
import type { App, BrowserWindow } from 'electron';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChildPort } from '../../../main/cache/rpc.ts';
import { watchCrashes, watchPage, watchProcess } from '../../../main/shell/crash-watch.ts';

const recorder = () => {
  const recorded: unknown[][] = [];
  return { recorded, record: (...args: unknown[]) => void recorded.push(args) };
};

describe('a process of ours', () => {
  function start() {
    const child = new EventEmitter();
    const sent: unknown[] = [];
    const port = Object.assign(child, {
      postMessage: (one: unknown) => sent.push(one),
      kill: () => child.emit('exit', 15),
    });
    const { recorded, record } = recorder();
    return { child, sent, recorded, watched: watchProcess(port as unknown as ChildPort, 'cache', record) };
  }

  it('has crashed where it ends with a code and nobody has ended it', () => {
    const { child, recorded } = start();
    child.emit('exit', 11);
    expect(recorded).toEqual([['cache', 'crashed', { exit: 11 }]]);
  });

  it('has not where it was ended, or has ended in order', () => {
    const ended = start();
    ended.watched.kill();
    expect(ended.recorded).toEqual([]);
    const closed = start();
    closed.child.emit('exit', 0);
    expect(closed.recorded).toEqual([]);
  });

  it('is spoken to as before', () => {
    const { child, sent, watched } = start();
    const heard: unknown[] = [];
    watched.on('message', (message) => heard.push(message));
    watched.postMessage('to');
    child.emit('message', 'fro');
    expect([sent, heard]).toEqual([['to'], ['fro']]);
  });
});

describe('a page that has crashed', () => {
  function start() {
    const webContents = new EventEmitter();
    const { recorded, record } = recorder();
    let time = 0;
    let shown = 0;
    const reload = () => {
      shown += 1;
    };
    watchPage({ webContents } as unknown as BrowserWindow, { record, reload, now: () => time });
    const crash = (reason = 'crashed') => webContents.emit('render-process-gone', {}, { reason, exitCode: 5 });
    return { crash, recorded, shown: () => shown, wait: (ms: number) => (time += ms) };
  }

  it('is recorded with how it ended, and shown anew', () => {
    const { crash, recorded, shown } = start();
    crash('oom');
    expect(recorded).toEqual([['page', 'out-of-memory', { exit: 5 }]]);
    expect(shown()).toBe(1);
  });

  it('is shown anew three times a minute at most, and again later; each crash is recorded', () => {
    const { crash, recorded, shown, wait } = start();
    for (let times = 0; times < 10; times += 1) crash();
    expect(shown()).toBe(3);
    expect(recorded).toHaveLength(10);
    wait(60_001);
    crash();
    expect(shown()).toBe(4);
  });

  it('is none where the process has ended in order', () => {
    const { crash, recorded, shown } = start();
    crash('clean-exit');
    expect([recorded.length, shown()]).toEqual([0, 0]);
  });
});

describe('main', () => {
  const listeners = ['uncaughtException', 'unhandledRejection'] as const;
  const before = listeners.map((name) => (process as EventEmitter).listeners(name));
  afterEach(() => {
    vi.restoreAllMocks();
    for (const [at, name] of listeners.entries()) {
      process.removeAllListeners(name);
      for (const one of before[at] ?? []) process.on(name, one as () => void);
    }
  });

  function start(isPackaged: boolean) {
    const said: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    for (const name of listeners) process.removeAllListeners(name);
    const app = Object.assign(new EventEmitter(), { isPackaged });
    const { recorded, record } = recorder();
    watchCrashes(app as unknown as App, record);
    return { app, recorded, said };
  }

  /** As Node tells it. */
  const fault = (name: (typeof listeners)[number], error: Error) => (process as EventEmitter).emit(name, error);

  it('security: records an exception without its message, which may quote a record, and prints none of it', () => {
    const { recorded, said } = start(false);
    fault('uncaughtException', new TypeError('Amara Nwosu\n    is allergic'));
    fault('unhandledRejection', new Error('Amara Nwosu'));
    expect(recorded).toEqual([
      ['main', 'exception'],
      ['main', 'rejection'],
    ]);
    expect(said.join('')).toContain('wardlight: TypeError');
    expect(said.join('')).not.toMatch(/Nwosu|allergic/);
  });

  it('security: prints nothing at all in an installed program', () => {
    const { said } = start(true);
    fault('uncaughtException', new Error('Amara Nwosu'));
    expect(said).toEqual([]);
  });

  it('records Chromium’s own processes by what they do, and leaves ours to who has started them', () => {
    const { app, recorded } = start(true);
    const gone = (details: object) => app.emit('child-process-gone', {}, { exitCode: 5, ...details });
    gone({ type: 'GPU', reason: 'crashed' });
    gone({ type: 'Utility', serviceName: 'network.mojom.NetworkService', reason: 'killed' });
    gone({ type: 'Utility', serviceName: 'audio.mojom.AudioService', reason: 'abnormal-exit' });
    gone({ type: 'Utility', serviceName: 'node.mojom.NodeService', reason: 'crashed' });
    gone({ type: 'GPU', reason: 'clean-exit' });
    expect(recorded).toEqual([
      ['graphics', 'crashed', { exit: 5 }],
      ['network', 'killed', { exit: 5 }],
      ['other', 'abnormal-exit', { exit: 5 }],
    ]);
  });
});

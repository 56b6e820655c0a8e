import type { App, BrowserWindow, RenderProcessGoneDetails } from 'electron';
import type { CrashCode, CrashProcess } from '../../preload/contract/health.ts';
import type { ChildPort } from '../cache/rpc.ts';
import type { Crashes } from '../support/crashes.ts';

type Reason = RenderProcessGoneDetails['reason'];
type Record = Crashes['record'];

/** Null where a process has ended in order. */
function codeOf(reason: Reason): CrashCode | null {
  switch (reason) {
    case 'clean-exit':
      return null;
    case 'oom':
      return 'out-of-memory';
    case 'killed':
    case 'abnormal-exit':
    case 'launch-failed':
    case 'integrity-failure':
      return reason;
    default:
      return 'crashed';
  }
}

/** The processes of Chromium's own; ours are watched where they are started. */
const CHROMIUMS: Readonly<{ [service: string]: CrashProcess }> = { 'network.mojom.NetworkService': 'network' };
const NODE_SERVICE = 'node.mojom.NodeService';

/**
 * Records what goes wrong below and beside the program. Of an exception that nobody expected no more is told than that there
 * was one: its message may quote a record, and Electron would show it in a dialog and print it. The program goes on, as it
 * would behind that dialog.
 */
export function watchCrashes(app: Pick<App, 'on' | 'isPackaged'>, record: Record): void {
  const isTold = !app.isPackaged;
  app.on('child-process-gone', (_event, { type, reason, exitCode, serviceName = '' }) => {
    const code = codeOf(reason);
    if (code === null || serviceName === NODE_SERVICE) return;
    record(type === 'GPU' ? 'graphics' : (CHROMIUMS[serviceName] ?? 'other'), code, { exit: exitCode });
  });
  process.on('uncaughtException', (error) => {
    record('main', 'exception');
    if (isTold) tellDeveloper(error);
  });
  process.on('unhandledRejection', (reason) => {
    record('main', 'rejection');
    if (isTold) tellDeveloper(reason);
  });
}

/** Where in the source it was, without its message. */
function tellDeveloper(error: unknown): void {
  if (!(error instanceof Error)) return;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  process.stderr.write(`wardlight: ${error.name}\n${frames.join('\n')}\n`);
}

/** A process of our own: it has crashed where it ends with a code and nobody has ended it. */
export function watchProcess(port: ChildPort, process: CrashProcess, record: Record): ChildPort {
  let isEnded = false;
  port.on('exit', (code) => {
    if (!isEnded && code !== 0) record(process, 'crashed', { exit: code });
  });
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'exit', listener: (value: never) => void) => port.on(event as 'message', listener as never),
    kill() {
      isEnded = true;
      return port.kill();
    },
  };
}

/** So many times within so long a page that has crashed is shown anew: one that crashes at once must not flicker. */
const AGAIN_MAX = 3;
const AGAIN_MS = 60_000;

/** Shows the page anew when its process has crashed; what was typed is among the drafts. */
export function watchPage(
  { webContents }: BrowserWindow,
  { record, reload, now }: { record: Record; reload: () => void; now: () => number },
): void {
  let crashes: number[] = [];
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    const code = codeOf(reason);
    if (code === null) return;
    record('page', code, { exit: exitCode });
    crashes = [...crashes.filter((time) => now() - time < AGAIN_MS), now()];
    if (crashes.length <= AGAIN_MAX) reload();
  });
}

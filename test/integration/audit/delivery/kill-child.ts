import { join } from 'node:path';
import { createDirectoryTarget } from '../../../../main/audit/delivery/directory.ts';
import { createQueue, type TargetStatus } from '../../../../main/audit/delivery/queue.ts';
import type { Target } from '../../../../main/audit/delivery/receipt.ts';
import { createS3Target } from '../../../../main/audit/delivery/s3.ts';
import { createS3Client, type S3Credentials } from '../../../../main/audit/delivery/s3-client.ts';
import { createAuditLog } from '../../../../main/audit/log.ts';
import type { Segments } from '../../../../main/audit/store.ts';

/*
 * One life of a workstation's delivery, in a process of its own: it adds events, seals, and brings what waits to a bucket
 * and a folder. It kills itself with SIGKILL at a step; told what to do by its parent.
 */

export interface Task {
  readonly folder: string;
  readonly logId: string;
  readonly organisationKey: string;
  readonly endpoint: string;
  readonly credentials: S3Credentials;
  readonly bucket: string;
  readonly events: readonly string[];
  /** The step at which it dies; null to live. */
  readonly kill: string | null;
}

/** Each step that it has come to, in order. */
export interface Done {
  readonly steps: readonly string[];
}

const TIME = '2026-03-01T10:00:00.000Z';

process.once('message', (task: Task) => void live(task));

async function live(task: Task): Promise<void> {
  const steps: string[] = [];
  const step = (name: string) => {
    if (name === task.kill) process.kill(process.pid, 'SIGKILL');
    steps.push(name);
  };
  const log = createAuditLog();
  const opened = log.open({
    file: join(task.folder, 'audit.db'),
    key: new Uint8Array(32).fill(1),
    seed: new Uint8Array(32).fill(2),
    anchor: null,
    logId: task.logId,
    damaged: false,
    nativeBinding: undefined,
    time: TIME,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  for (const event of task.events) await log.append(event);
  step('appended');
  log.checkpoint({ time: TIME });
  step('checkpoint');
  while (await log.seal({ organisationKey: task.organisationKey, time: TIME })) step('sealed');
  for (const target of targetsOf(task, step)) await bringAll(log as unknown as Segments, target, step);
  log.close();
  process.send?.({ steps } satisfies Done, () => process.exit(0));
}

function targetsOf({ folder, endpoint, credentials, bucket }: Task, step: (name: string) => void): Target[] {
  let isBringing = false;
  const stepping: typeof fetch = async (input, init) => {
    // Looking at receipts of earlier lives comes first, and changes nothing.
    if (isBringing) step(`before ${init?.method}`);
    const response = await fetch(input, init);
    if (isBringing) step(`after ${init?.method}`);
    return response;
  };
  const policy = { endpoint, region: 'us-east-1', bucket, pathStyle: true };
  const onServerTime = () => undefined;
  const value = createS3Client({ policy, credentials, fetch: stepping, clockOffset: 0, onServerTime });
  const client = async () => ({ ok: true as const, value });
  const target = createS3Target({ name: 'bucket', bucket, retentionDays: 30, client, now: Date.now });
  return [
    {
      ...target,
      deliver(...args) {
        isBringing = true;
        return target.deliver(...args);
      },
    },
    createDirectoryTarget({ name: 'folder', path: join(folder, 'share'), now: Date.now }),
  ];
}

/** The real queue, with a step before and after each receipt is kept. */
function bringAll(log: Segments, target: Target, step: (name: string) => void): Promise<void> {
  const segments: Segments = {
    ...log,
    async keepReceipt(request) {
      step(`before receipt of ${target.name}`);
      await log.keepReceipt(request);
      step(`after receipt of ${target.name}`);
    },
  };
  return new Promise((resolve, reject) => {
    const queue = createQueue({
      segments: async () => segments,
      target,
      timers: { after: () => () => undefined },
      random: () => 0,
      onStatus: ({ problem }: TargetStatus) => problem && reject(new Error(problem)),
      onFinding: ({ code }) => reject(new Error(code)),
    });
    queue.wake();
    const look = async () => {
      const waiting = await log.undelivered({ target: target.name, limit: 1 });
      if (waiting.length > 0) setTimeout(look, 1);
      else void queue.stop().then(resolve);
    };
    void look();
  });
}

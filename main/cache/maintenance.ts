import { stat } from 'node:fs/promises';
import type { Result } from '../../preload/contract/channel.ts';
import { type StoreError, storeErrors } from '../../preload/contract/session.ts';
import type { KeyedFile } from './rekey.ts';
import { type ChildPort, createCaller } from './rpc.ts';
import { CodedError } from './store-error.ts';

export interface Maintenance {
  /** Which of its two keys each file has. */
  fitting(files: readonly KeyedFile[]): Promise<Result<readonly number[], StoreError>>;
  /** Gives each file its second key, one after the other. */
  rekey(files: readonly KeyedFile[], onProgress: (done: number) => void): Promise<Result<void, StoreError>>;
}

export interface MaintenanceOptions {
  /** Starts the process in which it is done: it takes long, and main must not stand still. */
  readonly fork: () => ChildPort;
  /** Calls back again and again; answers the function that ends it. */
  readonly every: (ms: number, callback: () => void) => () => void;
}

const PROGRESS_MS = 250;

/** Main's handle on the work on databases that nobody has open; each piece of it has a process of its own. */
export function createMaintenance({ fork, every }: MaintenanceOptions): Maintenance {
  async function ask<Value>(op: string, files: readonly KeyedFile[]): Promise<Result<Value, StoreError>> {
    const port = fork();
    const caller = createCaller(port);
    port.on('exit', () => caller.fail('process-ended'));
    try {
      return { ok: true, value: (await caller.call(op, files)) as Value };
    } catch (error) {
      const code = error instanceof CodedError ? error.code : '';
      return { ok: false, error: { code: storeErrors.find((one) => one === code) ?? 'store-failed' } };
    } finally {
      port.kill();
    }
  }

  return {
    fitting: (files) => ask('fitting', files),
    async rekey(files, onProgress) {
      const sizes = await Promise.all(files.map(({ file }) => sizeOf(file)));
      const end = every(PROGRESS_MS, () => void progressOf(files, sizes).then(onProgress));
      try {
        return await ask<void>('rekey', files);
      } finally {
        end();
      }
    },
  };
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** By the size of the copy, and of the journal of its pages that are encrypted anew: SQLite tells nothing itself. */
async function progressOf(files: readonly KeyedFile[], sizes: readonly number[]): Promise<number> {
  const written = await Promise.all(
    files.flatMap(({ file }) => [sizeOf(`${file}.rekey`), sizeOf(`${file}.rekey-journal`)]),
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  return Math.min(1, sum(written) / Math.max(1, 2 * sum(sizes)));
}

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ChildPort } from '../cache/rpc.ts';
import type { Emit } from '../ipc/bind.ts';
import type { Policy } from '../managed/policy.ts';
import type { Log } from '../shell/log.ts';
import type { Timers } from '../sync/sync.ts';
import { makePrivateFolder, writeDurably } from '../vault/durable.ts';
import type { KeyStore } from '../vault/key-store.ts';
import type { LeaseClocks } from '../vault/lease.ts';

/** What almost every part is made with. */
export interface Base {
  /** Folder of everything that is kept on the workstation. */
  readonly data: string;
  /** Of the program. */
  readonly version: string;
  readonly policy: Policy;
  /** The workstation is managed by IT. */
  readonly isManaged: () => boolean;
  readonly log: Log;
  readonly emit: Emit;
  readonly now: () => number;
  readonly clocks: LeaseClocks;
  readonly newId: () => string;
  readonly after: Timers['after'];
  readonly keyStore: KeyStore;
  /** The identifier of this workstation. */
  readonly workstation: () => Promise<string>;
  /** Makes what starts a process of main's own, by its built entry. */
  readonly fork: (entry: string) => () => ChildPort;
  /** Path of a SQLCipher module for the development runtime. */
  readonly binding: string | undefined;
}

/** Minutes by which the workstation's time is ahead of UTC. */
export const offsetMinutes = (time: number) => -new Date(time).getTimezoneOffset();

/** Small files that are written whole or not at all. */
export const keptFiles = {
  read: (file: string) =>
    readFile(file, 'utf8').then(
      (text) => text,
      () => null,
    ),
  async write(file: string, text: string): Promise<void> {
    await makePrivateFolder(dirname(file));
    await writeDurably(file, text);
  },
};

/** One such file. */
export const keptText = (file: string) => ({
  read: () => keptFiles.read(file),
  write: (text: string) => keptFiles.write(file, text),
});

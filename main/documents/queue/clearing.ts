import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cache } from '../../cache/client.ts';
import type { StoredTransfer } from '../../cache/transfer.ts';
import type { Addresses } from './addresses.ts';
import { removeStored } from './remove.ts';

export interface ClearingOptions {
  readonly outbox: Pick<Cache['outbox'], 'transfers' | 'dropTransfer'>;
  readonly addresses: Addresses;
  readonly spoolFolder: string;
}

/** Clears away files and transfers that are done with. All of it may be repeated after a death anywhere. */
export function createClearing({ outbox, addresses, spoolFolder }: ClearingOptions) {
  const removeFile = (file: string) => rm(join(spoolFolder, file), { force: true });

  /** The file first, then what knows of it. */
  async function clear({ id, file }: StoredTransfer): Promise<void> {
    await removeFile(file);
    await outbox.dropTransfer({ id });
  }

  return {
    /** Those whose record is sent or withdrawn, but for the one that is under way; answers whether there were any. */
    async settled(active: string | null): Promise<boolean> {
      const all = (await outbox.transfers()).filter(({ id, record }) => record !== 'open' && id !== active);
      for (const transfer of all) {
        if (transfer.record === 'withdrawn' && hasRemote(transfer)) await removeFile(transfer.file);
        else await clear(transfer);
      }
      return all.length > 0;
    },
    /** What was given up goes from the server too, as far as that lets it. */
    async withdrawn(signal: AbortSignal): Promise<void> {
      const all = (await outbox.transfers()).filter(({ record }) => record === 'withdrawn');
      for (const transfer of all) {
        if (!(await removeStored(addresses, transfer, signal))) return;
        await clear(transfer);
      }
    },
    /** Ciphertexts that no transfer names: a death came between their spooling and their record. */
    async unknown(): Promise<void> {
      const known = new Set((await outbox.transfers()).map(({ file }) => file));
      const files = await readdir(spoolFolder).catch(() => []);
      for (const file of files) if (!known.has(file)) await removeFile(file);
    },
  };
}

function hasRemote({ tus, binary, url }: StoredTransfer): boolean {
  return tus !== null || binary !== null || url !== null;
}

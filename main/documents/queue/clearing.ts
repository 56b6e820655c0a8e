import { mkdir, readdir, rename, rm } from 'node:fs/promises';
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
  const asideFolder = `${spoolFolder}.aside`;
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
    /**
     * Ciphertexts that no transfer names: a death came between their spooling and their record. Or the outbox that knows of
     * them is aside: then they may be the only ones that there are.
     */
    async unknown(isOutboxAside: boolean): Promise<void> {
      const known = new Set((await outbox.transfers()).map(({ file }) => file));
      const files = await readdir(spoolFolder).catch(() => []);
      const unknown = files.filter((file) => !known.has(file));
      if (isOutboxAside && unknown.length > 0) await mkdir(asideFolder, { recursive: true, mode: 0o700 });
      for (const file of unknown) {
        if (isOutboxAside) await rename(join(spoolFolder, file), join(asideFolder, file));
        else await removeFile(file);
      }
    },
  };
}

function hasRemote({ tus, binary, url }: StoredTransfer): boolean {
  return tus !== null || binary !== null || url !== null;
}

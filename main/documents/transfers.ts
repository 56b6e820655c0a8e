import type { Transfer } from '../../preload/contract/documents.ts';
import type { Files } from '../access/files.ts';
import type { Attaching } from './attaching.ts';
import type { DocumentQueue } from './queue/queue.ts';

/** What is on its way: what is being encrypted comes first, then the queue. What may not be seen keeps its place. */
export interface Transfers {
  list(): Promise<Transfer[]>;
  /** Tells of them, whichever has changed. */
  tell(): Promise<void>;
}

export function createTransfers(
  attaching: () => Pick<Attaching, 'running'>,
  queue: () => Pick<DocumentQueue, 'list'>,
  files: Pick<Files, 'shown'>,
  onTransfers: (items: Transfer[]) => void,
): Transfers {
  async function list(): Promise<Transfer[]> {
    const encrypting = await attaching().running();
    const queued = await queue().list();
    const all = [...encrypting, ...queued.map((one) => ({ ...one, place: one.place + encrypting.length }))];
    return files.shown(all);
  }
  return {
    list,
    async tell() {
      onTransfers(await list());
    },
  };
}

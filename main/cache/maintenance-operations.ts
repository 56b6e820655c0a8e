import { fittingKey, type KeyedFile, rekeyDatabase } from './rekey.ts';
import type { Operations } from './rpc.ts';

/** What the maintenance process answers. The keys that it was sent are wiped, whatever comes of it. */
export const maintenance: Operations = {
  fitting: (files: readonly KeyedFile[]) => wiping(files, () => files.map(fittingKey)),
  rekey: (files: readonly KeyedFile[]) =>
    wiping(files, () => {
      for (const file of files) rekeyDatabase(file);
    }),
};

function wiping<Value>(files: readonly KeyedFile[], work: () => Value): Value {
  try {
    return work();
  } finally {
    for (const { keys } of files) for (const key of keys) key.fill(0);
  }
}

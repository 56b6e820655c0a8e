import { createNames } from '../ingest/names.ts';
import { callerKey, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { WriteOperations } from '../operations.ts';
import { applyPage, refuseTask } from './page.ts';
import { expandRun, finishRun, startRun } from './run.ts';

/** The write operations on one connection; each commits whole or not at all. */
export function createWrites(db: WriteDb): WriteOperations {
  const names = createNames(db);

  function whole<Args, Value>(operation: (args: Args) => Value): (args: Args) => Value {
    const transaction = db.transaction(operation);
    return (args) => {
      try {
        return transaction.immediate(args);
      } catch (error) {
        names.forget();
        throw error;
      }
    };
  }

  return {
    startRun: whole(({ tasks }) => startRun(db, tasks)),
    expandRun: whole(({ panel, tasks }) => expandRun(db, names, panel, tasks)),
    applyPage: whole((page) => applyPage(db, names, page)),
    refuseTask: whole((args) => refuseTask(db, names, args)),
    finishRun: whole(({ asOf }) => finishRun(db, asOf)),
    setMeta: whole(({ key, value }) => setMeta(db, callerKey(key), value)),
  };
}

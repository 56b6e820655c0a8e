import { createReceiver } from '../handover.ts';
import { createNames, type Names } from '../ingest/names.ts';
import { watchKeys } from '../keys-held.ts';
import { callerKey, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { WriteOperations } from '../operations.ts';
import { createSearchIndex } from '../search/index.ts';
import { applyGone, applyText } from './answer.ts';
import { forgetBringers } from './bringers.ts';
import { addDeviceKey, certifyDeviceKey, keepRevocations, replaceCertificates } from './keys.ts';
import { leaveOut } from './leave-out.ts';
import { applyLines } from './lines.ts';
import { type LocalChanges, noLocalChanges } from './local-changes.ts';
import { noteOpened } from './opened.ts';
import { applyPage, endTask, purgePatients, refuseTask } from './page.ts';
import { acceptServer, advanceTask, appendTasks, expandRun, finishRun, reopenRun, startRun } from './run.ts';

export interface WriteOptions {
  readonly localChanges?: LocalChanges | undefined;
  /** The connection's names, where others write on it too. */
  readonly names?: Names | undefined;
}

export interface Writes extends WriteOperations {
  /** Several operations in one transaction, which commits whole or, where one throws, not at all. */
  together<Value>(work: () => Value): Value;
}

/** The write operations on one connection; each commits whole or not at all. */
export function createWrites(
  db: WriteDb,
  { localChanges = noLocalChanges, names = createNames(db) }: WriteOptions = {},
): Writes {
  watchKeys(db);
  const writer = { db, names, localChanges };
  const receiver = createReceiver();
  let isTogether = false;

  /** What was remembered of a transaction that was rolled back. */
  function forget(): void {
    names.forget();
    createSearchIndex(db, names).forget();
    forgetBringers(db);
  }

  function whole<Args, Value>(operation: (args: Args) => Value): (args: Args) => Value {
    const transaction = db.transaction(operation);
    return (args) => {
      // Where one of several fails, all are undone: a savepoint for each would only copy each page that it changes.
      if (isTogether) return operation(args);
      try {
        return transaction.immediate(args);
      } catch (error) {
        forget();
        throw error;
      }
    };
  }

  return {
    together: (work) => {
      // What the operations owe to the index is written once, at the end.
      const transaction = db.transaction(() => createSearchIndex(db, names).together(work));
      isTogether = true;
      try {
        return transaction.immediate();
      } catch (error) {
        forget();
        throw error;
      } finally {
        isTogether = false;
      }
    },
    startRun: whole(({ tasks }) => startRun(db, tasks)),
    expandRun: whole((expansion) => expandRun(db, names, expansion)),
    appendTasks: whole(({ tasks, drop }) => appendTasks(db, tasks, drop)),
    reopenRun: whole(({ tasks }) => reopenRun(db, tasks)),
    applyPage: whole((page) => applyPage(writer, page)),
    applyText: whole((answer) => applyText(writer, answer)),
    applyGone: whole((args) => applyGone(writer, args)),
    applyLines: whole((args) => applyLines(writer, args)),
    setCursor: whole(({ seq, next }) => advanceTask(db, seq, 'pending', next)),
    endTask: whole((args) => endTask(writer, args)),
    refuseTask: whole((args) => refuseTask(writer, args)),
    purgePatients: whole(({ patientIds }) => purgePatients(writer, patientIds)),
    leaveOut: whole(({ types }) => leaveOut(writer, types)),
    acceptServer: whole<void, void>(() => acceptServer(db)),
    finishRun: whole(({ asOf }) => finishRun(db, names, asOf)),
    setMeta: whole(({ key, value }) => setMeta(db, callerKey(key), value)),
    noteOpened: whole(({ patientId, at }) => noteOpened(db, patientId, at)),
    handoverKey: () => receiver.publicKey,
    addDeviceKey: whole((key) => addDeviceKey(db, receiver, key)),
    certifyDeviceKey: whole((args) => certifyDeviceKey(db, args)),
    replaceCertificates: whole(({ items }) => replaceCertificates(db, items)),
    keepRevocations: whole((args) => keepRevocations(db, args)),
  };
}

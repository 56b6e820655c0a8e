import type { Names } from '../ingest/names.ts';
import type { WriteDb } from '../open.ts';
import type { OutboxOperations } from '../operations.ts';
import { sql } from '../statements.ts';
import { storeErrorOf } from '../store-error.ts';
import type { LocalChanges } from '../writes/local-changes.ts';
import { addChange } from './add.ts';
import { conflictElement, conflictOf } from './conflict.ts';
import { mergeOf, resolveConflict, retryChange, withdrawChange } from './decide.ts';
import { dropDraft, keepDraft, listDrafts } from './drafts.ts';
import { catchUp, type Parts } from './follow.ts';
import { createLocalChanges } from './hold.ts';
import { listChanges, pendingChange } from './list.ts';
import { keepBoth, listDuplicates, listNumbered, noteDuplicates } from './numbered.ts';
import { parkedChange } from './parked.ts';
import { previewMerge } from './preview.ts';
import { allOpenRows, countRows, type Row, rowById, serverIdOf, unfinishedPatients } from './rows.ts';
import { acknowledge, begin, collide, match, park, queue, release } from './sending.ts';
import { subjectsOf } from './subjects.ts';
import { doubtTransfers } from './transfer-rows.ts';
import {
  addTransfer,
  cancelTransfer,
  confirmTransfer,
  dropTransfer,
  listTransfers,
  moveTransfer,
  noteTransfer,
} from './transfers.ts';
import { alwaysDecided } from './types.ts';

export interface OutboxOptions {
  /** The outbox's own database. */
  readonly db: WriteDb;
  readonly cache: WriteDb;
  readonly names: Names;
  /** Types that policy wants never to be merged without a person. */
  readonly neverMerge?: readonly string[] | undefined;
  readonly newId: () => string;
}

export interface Outbox {
  readonly operations: OutboxOperations;
  readonly localChanges: LocalChanges;
  /**
   * Makes the cache follow the outbox: after a crash between the two, or when the cache was made anew. To be called once,
   * before anything else is asked.
   */
  reconcile(): void;
}

/** The clinician's unsent changes, in a database of their own beside the cache. */
export function createOutbox({ db, cache, names, newId, neverMerge = [] }: OutboxOptions): Outbox {
  const parts: Parts = { db, cache, names, newId, neverMerge: new Set([...alwaysDecided, ...neverMerge]), owed: [] };
  const openRow = (id: string): Row | undefined => {
    const row = rowById(db, id);
    return row?.state === 'acknowledged' || row?.state === 'withdrawn' ? undefined : row;
  };

  /** A decision about what the cache shows is made on what it ought to show. */
  const afterCatchUp =
    <Args, Answer>(decide: (parts: Parts, args: Args) => Answer) =>
    (args: Args): Answer => {
      catchUp(parts);
      return decide(parts, args);
    };

  /** A failure of the disk is an answer, not an accident. */
  const stored = (write: () => void) => {
    try {
      write();
      return { ok: true, value: null } as const;
    } catch (error) {
      return { ok: false, error: { code: storeErrorOf(error) } } as const;
    }
  };

  return {
    localChanges: createLocalChanges(parts),
    reconcile() {
      parts.owed.push(...allOpenRows(db));
      catchUp(parts);
    },
    operations: {
      add(change) {
        try {
          return addChange(parts, change);
        } catch (error) {
          return { ok: false, error: { code: storeErrorOf(error) } };
        }
      },
      keepDraft: (draft) => stored(() => keepDraft(parts, draft)),
      dropDraft: (key) => stored(() => dropDraft(db, key)),
      drafts: (args) => listDrafts(parts, args),
      counts: () => countRows(db),
      unfinished: () => unfinishedPatients(db),
      list: (args) => listChanges(parts, args),
      get({ id }) {
        const row = openRow(id);
        return row ? pendingChange(parts, row) : null;
      },
      parked: (args) => parkedChange(parts, args),
      conflict({ id, sight }) {
        const row = openRow(id);
        return row?.state === 'conflict' ? conflictOf(parts, row, sight) : null;
      },
      merged: (args) => mergeOf(parts, args),
      preview: (args) => previewMerge(parts, args),
      conflictElement({ id, side, path }) {
        const row = rowById(parts.db, id);
        return row?.state === 'conflict' ? conflictElement(parts, row, { side, path }) : null;
      },
      subjects: (args) => subjectsOf(parts, args),
      resolve: afterCatchUp(resolveConflict),
      retry: afterCatchUp(retryChange),
      withdraw: afterCatchUp(withdrawChange),
      resolveId: ({ type, id }) => serverIdOf(db, type, id),
      queue() {
        catchUp(parts);
        return queue(parts);
      },
      begin: (args) => begin(parts, args),
      release: (args) => release(parts, args),
      match: (args) => match(parts, args),
      acknowledge: (args) => acknowledge(parts, args),
      collide: (args) => collide(parts, args),
      park: (args) => park(parts, args),
      numbered: (args) => listNumbered(parts, args),
      noteDuplicates: (args) => noteDuplicates(parts, args),
      duplicates: () => listDuplicates(parts),
      keepBoth: (args) => keepBoth(parts, args),
      addTransfer(args) {
        try {
          return addTransfer(parts, args);
        } catch (error) {
          return { ok: false, error: { code: storeErrorOf(error) } };
        }
      },
      transfers: () => listTransfers(db),
      noteTransfer: (args) => noteTransfer(db, args),
      moveTransfer: (args) => moveTransfer(db, args),
      confirmTransfer: (args) => confirmTransfer(parts, args),
      cancelTransfer: afterCatchUp(cancelTransfer),
      dropTransfer: (args) => dropTransfer(db, args),
      doubt() {
        const all = db.transaction(() => {
          sql(db, `UPDATE change SET doubted = 1 WHERE action <> 'create'`).run();
          sql(db, 'DELETE FROM own_version').run();
          doubtTransfers(db);
        });
        all.immediate();
      },
    },
  };
}

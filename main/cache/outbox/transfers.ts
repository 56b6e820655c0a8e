import type { ReadDb, WriteDb } from '../open.ts';
import type { Touched, TransferOperations } from '../operations.ts';
import { sql } from '../statements.ts';
import type { StoredTransfer, TransferNote } from '../transfer.ts';
import { addChange } from './add.ts';
import { withdrawChange } from './decide.ts';
import { follow, type Parts } from './follow.ts';
import { openRows, serverIdOf } from './rows.ts';
import { keepAddress } from './transfer-rows.ts';

type Args<Name extends keyof TransferOperations> = Parameters<TransferOperations[Name]>[0];
type Answer<Name extends keyof TransferOperations> = ReturnType<TransferOperations[Name]>;

const TYPE = 'DocumentReference';

export function addTransfer(parts: Parts, { change, transfer }: Args<'addTransfer'>): Answer<'addTransfer'> {
  if (change.type !== TYPE || change.action !== 'create') return { ok: false, error: { code: 'not-writable' } };
  return addChange(parts, change, (document) => {
    const { patientId: patient, title, author } = change;
    sql(
      parts.db,
      `INSERT INTO transfer (id, document, patient, title, author, file, size, sha256, place)
       VALUES (@id, @document, @patient, @title, @author, @file, @size, @sha256,
         (SELECT coalesce(max(place), 0) + 1 FROM transfer))`,
    ).run({ ...transfer, document, patient, title, author });
  });
}

type Stored = Omit<StoredTransfer, 'localId' | 'documentId' | 'patientId' | 'paused'> & {
  readonly document: string;
  readonly patient: string;
  readonly paused: number;
};

/** All, those that are on their way first and counted from 1. */
export function listTransfers(db: ReadDb): StoredTransfer[] {
  const rows = sql(
    db,
    `SELECT id, document, patient, title, author, file, size, sha256, state, paused, code, done, mismatches, tus, binary,
       url, record, place FROM transfer ORDER BY record <> 'open', place`,
  ).all() as Stored[];
  return rows.map(({ document, patient, paused, ...rest }, index) => ({
    ...rest,
    place: index + 1,
    paused: paused === 1,
    localId: document,
    documentId: serverIdOf(db, TYPE, document),
    patientId: serverIdOf(db, 'Patient', patient),
  }));
}

export function noteTransfer(db: WriteDb, { id, note }: { id: string; note: TransferNote }): boolean {
  const values = Object.entries(note).map(([name, value]) => [
    name,
    typeof value === 'boolean' ? Number(value) : value,
  ]);
  const assignments = values.map(([name]) => `${name} = @${name}`);
  return (
    sql(db, `UPDATE transfer SET ${assignments} WHERE id = @id`).run({ ...Object.fromEntries(values), id }).changes > 0
  );
}

export function moveTransfer(db: WriteDb, { id, place }: Args<'moveTransfer'>): boolean {
  const move = db.transaction(() => {
    const open = listTransfers(db).filter(({ record }) => record === 'open');
    if (!open.some((one) => one.id === id)) return false;
    const order = open.map((one) => one.id).filter((one) => one !== id);
    order.splice(place - 1, 0, id);
    for (const [index, one] of order.entries()) {
      sql(db, 'UPDATE transfer SET place = ? WHERE id = ?').run(index + 1, one);
    }
    return true;
  });
  return move.immediate();
}

export function confirmTransfer(parts: Parts, { id, url }: Args<'confirmTransfer'>): Touched | null {
  const { db } = parts;
  const confirm = db.transaction(() => {
    const transfer = openTransfer(db, id);
    if (!transfer) return null;
    sql(
      db,
      `UPDATE transfer SET state = 'stored', url = ?, done = size, code = NULL, tus = NULL, binary = NULL WHERE id = ?`,
    ).run(url, id);
    keepAddress(db, transfer.localId);
    return openRows(db, TYPE, transfer.localId);
  });
  const rows = confirm.immediate();
  return rows && { patients: follow(parts, rows) };
}

export function cancelTransfer(parts: Parts, { id }: Args<'cancelTransfer'>): Answer<'cancelTransfer'> {
  const transfer = listTransfers(parts.db).find((one) => one.id === id);
  if (!transfer || transfer.record === 'withdrawn') return { ok: false, error: { code: 'not-found' } };
  const [row] = openRows(parts.db, TYPE, transfer.localId);
  const withdrawn = row && withdrawChange(parts, { id: row.id });
  return withdrawn?.ok ? withdrawn : { ok: false, error: { code: 'too-late' } };
}

export function dropTransfer(db: WriteDb, { id }: Args<'dropTransfer'>): void {
  sql(db, `DELETE FROM transfer WHERE id = ? AND record <> 'open'`).run(id);
}

function openTransfer(db: ReadDb, id: string): StoredTransfer | undefined {
  return listTransfers(db).find((one) => one.id === id && one.record === 'open');
}

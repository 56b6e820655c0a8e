/** Codes of statuses that end or undo a record of several types (R4). */
const OVER = new Set(['completed', 'cancelled', 'revoked', 'rejected', 'entered-in-error', 'inactive', 'not-done']);

/** True of a goal, plan or device that holds no longer. */
export function isOver(status: string): boolean {
  return OVER.has(status);
}

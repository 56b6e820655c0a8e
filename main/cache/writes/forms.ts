import { runKeys, setMeta } from '../meta.ts';
import type { WriteDb } from '../open.ts';
import type { KnownForms } from '../operations.ts';
import { askedForms, knownForms } from '../reads/forms.ts';

/**
 * Remembers which forms a run has asked for, and whether all of them came. What the server refused or failed to give is
 * forgotten, so that the next run asks from the beginning, and not only for what was changed since.
 */
export function noteForms(db: WriteDb, asOf: string): void {
  const { tasks, urls, since } = askedForms(db);
  const before = knownForms(db);
  const isAnswered = tasks.length > 0 && tasks.every(({ state, flawed }) => state === 'done' || flawed === 1);
  const isGone = !isAnswered || (since && before === null);
  const isWhole = tasks.every(({ state }) => state === 'done') && (!since || before?.whole === true);
  const known: KnownForms = { urls, whole: isWhole, at: since ? (before?.at ?? asOf) : asOf };
  setMeta(db, runKeys.forms, isGone ? null : JSON.stringify(known));
}

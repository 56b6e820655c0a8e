import type { Transfer } from '../../preload/contract/documents.ts';
import type { Duplicate, PendingChange } from '../../preload/contract/sync.ts';

/** Kinds of record that are written here, in words that tell nothing of the record. */
const WORDS: Readonly<Record<string, string>> = { DocumentReference: 'A note', Observation: 'An observation' };

/**
 * An unsent change of which the patient or the record may not be seen: that it is there, and what it needs to be
 * withdrawn. The patient's id stays, as the chart that refuses to open is where emergency access is declared.
 */
export function maskedChange(change: PendingChange): PendingChange {
  const { problem, resourceType } = change;
  return {
    ...change,
    patient: { family: '', given: '', prefix: '' },
    resourceId: change.id,
    title: (Object.hasOwn(WORDS, resourceType) ? WORDS[resourceType] : undefined) ?? 'A record',
    withheld: true,
    problem: problem && { code: problem.code, lines: [], issues: [] },
  };
}

/** Likewise, of a file on its way. */
export function maskedTransfer(transfer: Transfer): Transfer {
  return { ...transfer, documentId: transfer.id, title: 'A record' };
}

/** Likewise, of what may have been registered twice. */
export function maskedDuplicate(item: Duplicate): Duplicate {
  const patient = { family: '', given: '', prefix: '' };
  return {
    ...item,
    patient,
    title: 'A record',
    number: '',
    other: null,
    resourceId: item.id,
    versionId: '',
    withheld: true,
  };
}

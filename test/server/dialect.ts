/** How servers differ, all within FHIR R4 or seen running. The default is what a client would wish for. */
export interface Dialect {
  /** Without it a transaction is refused, and not declared. */
  transactions: boolean;
  /** `_history` of a type and of the system. */
  typeHistory: boolean;
  /** Any `_history`, reads of a version included. */
  history: boolean;
  /** `ignored`: a PATCH with the wrong version is applied all the same. */
  patchIfMatch: 'honoured' | 'ignored';
  /** Numbers are given out again after a restore; UUIDs never. */
  versionIds: 'number' | 'uuid';
  /** How a 429 says how long to wait: in `Retry-After`, or as Medplum does, in `ratelimit` and the diagnostics. */
  throttle: 'retry-after' | 'medplum';
  /**
   * Pages by offset and fails past this one, but for `_sort=_lastUpdated` with `_count` of 20 and more. Null: pages by
   * cursor.
   */
  offsetLimit: number | null;
  /** Most resources on a page, whatever `_count` asks for. */
  maxCount: number;
  /** `shortened`: `1.50` comes back as `1.5`. */
  decimals: 'kept' | 'shortened';
  /** Whether entries of a batch's or transaction's answer have an `etag` and `lastModified`. */
  entryEtags: boolean;
  /** Whether a PUT to a new id creates. */
  updateCreate: boolean;
  /** A PUT that changes nothing: a new version like any other, or the one that there was. */
  sameContent: 'new-version' | 'same-version';
  /** How a read of a deleted record is answered: 410, or 404 with an OperationOutcome or without. */
  deletedReads: 'gone' | 'not-found' | 'bare';
  /** Whether entries of a history say when it was beside the resource: those of HAPI don't. */
  historyTimes: boolean;
  /** Types that it has; null: all of R4. */
  types: readonly string[] | null;
}

export const defaultDialect: Dialect = {
  transactions: true,
  typeHistory: true,
  history: true,
  patchIfMatch: 'honoured',
  versionIds: 'number',
  throttle: 'retry-after',
  offsetLimit: null,
  maxCount: 1_000,
  decimals: 'kept',
  entryEtags: true,
  updateCreate: true,
  sameContent: 'new-version',
  deletedReads: 'gone',
  historyTimes: true,
  types: null,
};

/** A version that the server has, as a page, a read or a deletion brings it. */
export interface ServerVersion {
  readonly type: string;
  readonly id: string;
  /** Empty where the server told none. */
  readonly versionId: string;
  /** The resource as the server wrote it; null where it was deleted. */
  readonly body: string | null;
  /** The server left elements out (tag `SUBSETTED`): it tells that there is a version, and not what is in it. */
  readonly subsetted?: boolean;
  /** It may not be read any longer; whether it is still there isn't known. */
  readonly unavailable?: boolean;
  /** Server time of a deletion in milliseconds, where it is known. */
  readonly deletedAt?: number | null;
}

/** What the download asks of the outbox, so that nothing that a clinician wrote is overwritten by it. */
export interface LocalChanges {
  /** True where there is no change at all: nothing is held then. Asked once for each page of a first sync. */
  isEmpty(): boolean;
  /**
   * True where the resource has an unsent change: the cache then keeps the clinician's text. Before it answers, a
   * version that is neither the change's base nor what the change itself made is durably kept as theirs. Asking again
   * with the same version changes nothing. `news`: true, and the list of unsent changes tells something else now.
   */
  hold(server: ServerVersion): boolean | 'news';
  /** True while any change of the patient's records is unsent: nothing of the patient may be purged. */
  hasUnsent(patientId: string): boolean;
}

/** Of a cache without an outbox. */
export const noLocalChanges: LocalChanges = { isEmpty: () => true, hold: () => false, hasUnsent: () => false };

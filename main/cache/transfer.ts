/** A ciphertext in the spool, on its way to the server. */
export interface StoredTransfer {
  readonly id: string;
  /** Id under which the DocumentReference was made here. */
  readonly localId: string;
  /** The same, or the server's id once it has one. */
  readonly documentId: string;
  readonly patientId: string;
  readonly title: string;
  /** `Practitioner/<id>`. */
  readonly author: string;
  /** Name in the spool. */
  readonly file: string;
  readonly size: number;
  /** Base64. */
  readonly sha256: string;
  /** From 1, among those whose record is open. */
  readonly place: number;
  readonly state: 'waiting' | 'stored' | 'failed';
  readonly paused: boolean;
  readonly code: string | null;
  readonly done: number;
  readonly mismatches: number;
  /** What tus-js-client keeps of an upload (`PreviousUpload`), as JSON. */
  readonly tus: string | null;
  readonly binary: string | null;
  readonly url: string | null;
  readonly record: 'open' | 'sent' | 'withdrawn';
}

/** What is learnt on the way; nothing of it touches the record. */
export type TransferNote = Partial<
  Pick<StoredTransfer, 'paused' | 'code' | 'done' | 'mismatches' | 'tus' | 'binary'> & { state: 'waiting' | 'failed' }
>;

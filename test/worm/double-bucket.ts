/** A version of an object, or the marker of a deletion. */
export interface DoubleVersion {
  readonly key: string;
  readonly id: string;
  readonly body: Buffer;
  readonly isMarker: boolean;
  readonly time: number;
  retention: { readonly mode: string; readonly until: number } | null;
}

export interface DoubleBucket {
  readonly isLocked: boolean;
  isVersioned: boolean;
  /** Oldest first. */
  versions: DoubleVersion[];
}

/** CreateBucket: Object Lock at once turns versioning on. */
export function bucketOf(isLocked: boolean): DoubleBucket {
  return { isLocked, isVersioned: isLocked, versions: [] };
}

export function newestOf({ versions }: DoubleBucket, key: string): DoubleVersion | undefined {
  return versions.findLast((one) => one.key === key);
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
}

/** An error as S3 words it. */
export function refuse(status: number, code: string, message: string): Refusal {
  return {
    status,
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  };
}

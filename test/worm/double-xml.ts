import type { DoubleVersion } from './double-bucket.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

export function lockXml(): string {
  return `${HEAD}<ObjectLockConfiguration ${NAMESPACE}><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`;
}

export function retentionXml({ mode, until }: { mode: string; until: number }): string {
  const date = new Date(until).toISOString();
  return `${HEAD}<Retention ${NAMESPACE}><Mode>${mode}</Mode><RetainUntilDate>${date}</RetainUntilDate></Retention>`;
}

/** A Retention that is to be put; null where it is empty, which takes it away. */
export function readLockXml(text: string): { mode: string; until: number } | null {
  const mode = /<Mode>(\w+)<\/Mode>/.exec(text)?.[1];
  const until = /<RetainUntilDate>([^<]+)<\/RetainUntilDate>/.exec(text)?.[1];
  return mode && until ? { mode, until: Math.floor(Date.parse(until) / 1000) * 1000 } : null;
}

/** ListObjectVersions: newest first within a key. */
export function versionsXml(bucket: string, versions: readonly DoubleVersion[]): string {
  const latest = new Map(versions.map((one) => [one.key, one]));
  const rows = versions.toReversed().map((one) => {
    const { key, id, time, body, isMarker } = one;
    const shared = `<Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${latest.get(key) === one}</IsLatest><LastModified>${new Date(time).toISOString()}</LastModified>`;
    return isMarker
      ? `<DeleteMarker>${shared}</DeleteMarker>`
      : `<Version>${shared}<Size>${body.length}</Size><StorageClass>STANDARD</StorageClass></Version>`;
  });
  return `${HEAD}<ListVersionsResult ${NAMESPACE}><Name>${bucket}</Name><IsTruncated>false</IsTruncated>${rows.join('')}</ListVersionsResult>`;
}

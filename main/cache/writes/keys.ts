import type { Receiver } from '../handover.ts';
import type { WriteDb } from '../open.ts';
import type { DeviceKey, KnownCertificate, SealedDeviceKey } from '../operations.ts';
import { sql } from '../statements.ts';

/** Keeps a new pair of this workstation; the older ones stay. */
export function addDeviceKey(
  db: WriteDb,
  receiver: Receiver,
  { thumbprint, sealed, madeAt }: SealedDeviceKey & Pick<DeviceKey, 'madeAt'>,
): void {
  const text = 'INSERT INTO device_key (thumbprint, jwk, made_at) VALUES (?, ?, ?)';
  sql(db, text).run(thumbprint, receiver.open(sealed).toString(), madeAt);
}

/** Keeps the certificate of a pair. */
export function certifyDeviceKey(
  db: WriteDb,
  { thumbprint, certificate, published }: { thumbprint: string; certificate: string; published: boolean },
): void {
  const text = 'UPDATE device_key SET certificate = ?, published = ? WHERE thumbprint = ?';
  sql(db, text).run(certificate, published ? 1 : 0, thumbprint);
}

/** Keeps certificates in place of those that were known. */
export function replaceCertificates(db: WriteDb, items: readonly KnownCertificate[]): void {
  sql(db, 'DELETE FROM key_certificate').run();
  const insert = sql(
    db,
    'INSERT OR IGNORE INTO key_certificate (practitioner, thumbprint, certificate) VALUES (?, ?, ?)',
  );
  for (const { practitioner, thumbprint, certificate } of items) insert.run(practitioner, thumbprint, certificate);
}

/**
 * Keeps a list of revoked keys in the place of the one that it was found newer than: no two who have read the same can go
 * backwards.
 */
export function keepRevocations(
  db: WriteDb,
  args: { readonly iat: number; readonly list: string; readonly replaces: string | null },
): boolean {
  const text = `INSERT INTO key_revocations (one, iat, list) VALUES (1, @iat, @list)
    ON CONFLICT (one) DO UPDATE SET iat = excluded.iat, list = excluded.list WHERE key_revocations.list = @replaces`;
  return sql(db, text).run(args).changes > 0;
}

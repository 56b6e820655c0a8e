import { startOf } from '../dates.ts';
import { sealTo } from '../handover.ts';
import { idKey } from '../id-key.ts';
import { field, parseReference } from '../json.ts';
import type { ReadDb } from '../open.ts';
import type { DeviceKey, KnownCertificate, SealedDeviceKey } from '../operations.ts';
import { sql } from '../statements.ts';
import { isActiveRole } from './run.ts';

/** Pairs of this workstation, the newest first. */
export function readDeviceKeys(db: ReadDb): DeviceKey[] {
  const text = `SELECT thumbprint, jwk ->> 'n' AS n, jwk ->> 'e' AS e, made_at AS madeAt, certificate, published
    FROM device_key ORDER BY number DESC`;
  const rows = sql(db, text).all() as (Omit<DeviceKey, 'jwk' | 'published'> & {
    n: string;
    e: string;
    published: number;
  })[];
  return rows.map(({ n, e, ...row }) => ({ ...row, jwk: { kty: 'RSA', n, e }, published: row.published === 1 }));
}

/** Their private halves, for the process that works with them. */
export function sealDeviceKeys(db: ReadDb, { to }: { to: Uint8Array }): SealedDeviceKey[] {
  const rows = sql(db, 'SELECT thumbprint, jwk FROM device_key ORDER BY number DESC').all() as {
    thumbprint: string;
    jwk: string;
  }[];
  return rows.map(({ thumbprint, jwk }) => ({ thumbprint, sealed: sealTo(to, Buffer.from(jwk)) }));
}

/** What is known of the devices of some practitioners, or of all. */
export function readCertificates(db: ReadDb, practitioners: readonly string[] | null): KnownCertificate[] {
  if (practitioners === null) {
    return sql(db, 'SELECT practitioner, thumbprint, certificate FROM key_certificate').all() as KnownCertificate[];
  }
  return sql(
    db,
    `SELECT k.practitioner, k.thumbprint, k.certificate FROM json_each(?) wish
     CROSS JOIN key_certificate k ON k.practitioner = wish.value ORDER BY k.practitioner, k.thumbprint`,
  ).all(JSON.stringify(practitioners)) as KnownCertificate[];
}

/** The newest list of revoked keys. */
export function readRevocations(db: ReadDb): string | null {
  const row = sql(db, 'SELECT list FROM key_revocations').get() as { list: string } | undefined;
  return row?.list ?? null;
}

const TEAMS = `
  CROSS JOIN entry e ON e.patient = p.pid AND e.type = (SELECT tid FROM term WHERE text = 'CareTeam')
  CROSS JOIN care_team_member m ON m.rid = e.rid WHERE m.starts <= @time AND m.ends >= @time`;

/** Practitioners of the active care teams of one patient, or of all on the panel. */
export function careTeamPractitioners(db: ReadDb, patientId: string | null, at: string): string[] {
  const time = startOf(at);
  if (time === null) return [];
  const members =
    patientId === null
      ? sql(db, `SELECT DISTINCT m.member FROM (SELECT pid FROM patient WHERE panel = 1) p ${TEAMS}`).all({ time })
      : sql(db, `SELECT DISTINCT m.member FROM (SELECT pid FROM patient WHERE id = @id) p ${TEAMS}`).all({
          time,
          id: patientId,
        });
  const practitioners = (members as { member: string }[]).flatMap(
    ({ member }) => practitionerOf(db, member, time) ?? [],
  );
  return [...new Set(practitioners)].sort();
}

/** A member who is a practitioner, by herself or in one of her roles (R4 careteam-definitions.html, participant.member). */
function practitionerOf(db: ReadDb, member: string, time: number): string | null {
  const [type, id = ''] = member.split('/');
  if (type === 'Practitioner') return member;
  if (type !== 'PractitionerRole') return null;
  const row = sql(
    db,
    `SELECT body FROM resource WHERE type = (SELECT tid FROM term WHERE text = 'PractitionerRole') AND key = ? AND id = ?`,
  ).get(idKey(id), id) as { body: string } | undefined;
  if (!row) return null;
  const role: unknown = JSON.parse(row.body);
  const reference = parseReference(field(role, 'practitioner', 'reference'));
  return reference?.type === 'Practitioner' && isActiveRole(role, time) ? `Practitioner/${reference.id}` : null;
}

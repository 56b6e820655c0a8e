import { createHash } from 'node:crypto';
import type { Result } from '../../preload/contract/channel.ts';
import { type Artifact, filesDigest, type Place, type Release } from './documents.ts';
import { refused } from './refused.ts';
import type { Opened } from './signed.ts';
import { compareVersions, isOlder } from './version.ts';

/** What was seen of a feed before: no later document may fall behind it. */
export interface Seen {
  readonly serial: number;
  /** SHA-256 of the document that had this number. */
  readonly digest: string;
  readonly version: string;
  /** Of the files of that version. */
  readonly files: string;
}

/** This workstation, as far as it matters here. */
export interface Here {
  readonly place: Place;
  readonly installed: string;
  readonly ring: string;
  /** Identifier of the workstation: decides where it stands in a rollout. */
  readonly device: string;
}

export type JudgeError = 'expired' | 'older' | 'changed' | 'downgrade';

/**
 * Whether a document, whose signature is good, may be believed now. `time`: milliseconds, the workstation's clock, but never
 * before what was seen before, so that a clock that is set back brings nothing expired to life again.
 */
export function believe({ value, digest }: Opened<Release>, seen: Seen | null, time: number): Result<Seen, JudgeError> {
  const { serial, version, expires } = value;
  const files = filesDigest(value);
  if (Date.parse(expires) <= time) return refused('expired');
  if (seen) {
    if (serial < seen.serial) return refused('older');
    if (serial === seen.serial && digest !== seen.digest) return refused('changed');
    if (isOlder(version, seen.version)) return refused('downgrade');
    if (version === seen.version && files !== seen.files) return refused('changed');
  }
  return { ok: true, value: { serial, digest, version, files } };
}

export type Verdict =
  /** What runs is this version, or the rollout hasn't come here yet. */
  { readonly kind: 'none' } | { readonly kind: 'offer'; readonly artifact: Artifact; readonly isRequired: boolean };

/** What a document that is believed means here. */
export function judge(release: Release, here: Here): Result<Verdict, 'downgrade' | 'version-too-old' | 'no-file'> {
  const { version, updatesFrom, minimum, artifacts } = release;
  const { installed, place } = here;
  const order = compareVersions(version, installed);
  if (order < 0) return refused('downgrade');
  if (order === 0) return { ok: true, value: { kind: 'none' } };
  const isRequired = isOlder(installed, minimum);
  if (!isInRollout(release, here, isRequired)) return { ok: true, value: { kind: 'none' } };
  if (isOlder(installed, updatesFrom)) return refused('version-too-old');
  const artifact = artifacts.find(
    (one) => one.platform === place.platform && one.arch === place.arch && one.kind === place.kind,
  );
  return artifact ? { ok: true, value: { kind: 'offer', artifact, isRequired } } : refused('no-file');
}

/** A ring that is named has all of its workstations at once where the version that they run is no longer to be used. */
function isInRollout({ rings, version }: Release, { ring, device }: Here, isRequired: boolean): boolean {
  const share = Object.hasOwn(rings, ring) ? (rings[ring] ?? 0) : 0;
  return isRequired ? share > 0 : positionOf(device, version) < share;
}

/**
 * Where a workstation stands in the rollout of a version, from 0 to below 1: always the same place for the same version, and
 * another one for the next, so that it isn't always the same wards that are first.
 */
export function positionOf(device: string, version: string): number {
  const hash = createHash('sha256').update(`${version}\n${device}`).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}

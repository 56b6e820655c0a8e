import { createHash } from 'node:crypto';
import * as z from 'zod';
import { programVersion, updateKey, updateRing } from '../../preload/contract/updates.ts';
import { canonical } from '../audit/log/canonical.ts';

/** In UTC. A text that is no time would never expire. */
const moment = z.iso.datetime().max(40);

/** Largest file that a release may have, in bytes. */
const FILE_MAX = 2_147_483_648;

/** Where a file is for. Names are Node's (`process.platform`, `process.arch`) and electron-builder's (targets). */
export const place = z.strictObject({
  platform: z.enum(['linux', 'win32']),
  arch: z.enum(['x64', 'arm64']),
  kind: z.enum(['deb', 'rpm', 'nsis']),
});
export type Place = z.infer<typeof place>;

const artifact = place.extend({
  /** A plain name beside the document: nothing that could lead elsewhere. */
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  /** Bytes. */
  size: z.int().min(1).max(FILE_MAX),
  sha512: z.string().regex(/^[0-9a-f]{128}$/),
});
export type Artifact = z.infer<typeof artifact>;

const placeName = ({ platform, arch, kind }: Place) => `${platform} ${arch} ${kind}`;
const areDistinct = (names: readonly string[]) => new Set(names).size === names.length;

/**
 * One release, with all of its files: as there is one document for all of it, parts of two can't be mixed. The roles of
 * targets, snapshot and timestamp in The Update Framework (section 4) are this one document here.
 */
export const releaseDocument = z
  .strictObject({
    type: z.literal('wardlight-release/1'),
    /** Counts up with each document that is signed, also of the same version (for another share, or a later expiry). */
    serial: z.int().min(1),
    version: programVersion,
    released: moment,
    /** After which the document says nothing any more: it is to be signed anew before. */
    expires: moment,
    /** The oldest version that may go to this one at once. */
    updatesFrom: programVersion,
    /** The oldest version that is still to be used. */
    minimum: programVersion,
    /** Share of the workstations of a ring that get it; a ring that isn't named gets nothing. */
    rings: z.record(updateRing, z.number().min(0).max(1)),
    artifacts: z.array(artifact).min(1).max(20),
  })
  .refine(({ released, expires }) => Date.parse(released) < Date.parse(expires), 'expires before it is released')
  .refine(({ artifacts }) => areDistinct(artifacts.map(placeName)), 'has two files for one system')
  .refine(({ artifacts }) => areDistinct(artifacts.map(({ file }) => file)), 'has two files of one name');
export type Release = z.infer<typeof releaseDocument>;

/**
 * The keys that count from now on, signed by a key of the list before: so a key is turned without touching a workstation,
 * and one that was lost is out with the next list (The Update Framework, section 5.3, with a threshold of one).
 */
export const keysDocument = z.strictObject({
  type: z.literal('wardlight-keys/1'),
  /** 1 follows the keys that the package or machine policy has. */
  version: z.int().min(1),
  keys: z.array(updateKey).min(1).max(10),
});

/** Names under which both lie in a feed. */
export const RELEASE_FILE = 'release.json';
export const keysFile = (version: number): string => `keys-${version}.json`;

/** Stands for what a version consists of: the same version never has other files. */
export function filesDigest({ artifacts }: Release): string {
  const sorted = artifacts.toSorted((a, b) => (placeName(a) < placeName(b) ? -1 : 1));
  return createHash('sha256').update(canonical(sorted)).digest('hex');
}

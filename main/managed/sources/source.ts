import type { PolicyProblem, PolicySource } from '../../../preload/contract/managed.ts';

/** What stands in the place that only an administrator can write. */
export type Found =
  | { readonly kind: 'none' }
  | { readonly kind: 'document'; readonly document: unknown }
  | { readonly kind: 'problem'; readonly code: Exclude<PolicyProblem['code'], 'unknown-key' | 'malformed'> };

/** Machine policy of one operating system. */
export interface Source {
  readonly name: Exclude<PolicySource, 'none'>;
  /** Never throws; what can't be believed is a problem, not an absence. */
  readonly find: () => Promise<Found>;
}

/** Larger than any policy that a person writes. */
export const DOCUMENT_MAX = 1_048_576;

/** Stands for what is there and can't be read: no setting takes it, so that each falls to its strictest by itself. */
export const UNUSABLE = Symbol('unusable');

import type { CapabilityStatement } from 'fhir/r4';
import { listOf } from '../capabilities.ts';

/** What the upload has to know of a server (R4 capabilitystatement.html). */
export interface Server {
  readonly transactions: boolean;
  /** Types of which a resource's own history can be read. */
  hasHistory(type: string): boolean;
  /** Types whose whole history can be read. */
  hasTypeHistory(type: string): boolean;
  /** False only where the server says that it does not look at `If-None-Exist`. */
  createsConditionally(type: string): boolean;
}

/** A server that says nothing gets records one at a time, and is not asked for what it may not have. */
export function serverOf(capabilities: CapabilityStatement | null): Server {
  const all = listOf(capabilities?.rest);
  const rest = all.find(({ mode }) => mode === 'server') ?? all[0];
  const types = new Map(listOf(rest?.resource).map((one) => [String(one.type), one]));
  const can = (type: string, code: string) =>
    listOf(types.get(type)?.interaction).some((interaction) => interaction.code === code);
  return {
    transactions: listOf(rest?.interaction).some(({ code }) => code === 'transaction'),
    hasHistory: (type) => can(type, 'history-instance'),
    hasTypeHistory: (type) => can(type, 'history-type'),
    createsConditionally: (type) => types.get(type)?.conditionalCreate !== false,
  };
}

import type { CapabilityStatement } from 'fhir/r4';

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
  const rest = capabilities?.rest?.find(({ mode }) => mode === 'server') ?? capabilities?.rest?.[0];
  const types = new Map(rest?.resource?.map((one) => [String(one.type), one]));
  const can = (type: string, code: string) =>
    types.get(type)?.interaction?.some((interaction) => interaction.code === code) ?? false;
  return {
    transactions: rest?.interaction?.some(({ code }) => code === 'transaction') ?? false,
    hasHistory: (type) => can(type, 'history-instance'),
    hasTypeHistory: (type) => can(type, 'history-type'),
    createsConditionally: (type) => types.get(type)?.conditionalCreate !== false,
  };
}

import type { AuditEntry } from '../../audit/events/entry.ts';
import type { PoliciesInForce } from './load.ts';

/** Which policies an unlocked profile goes by, or why they aren't the organisation's, for the record of access. */
export function policyEntry(
  { source, bundle, alarm }: Pick<PoliciesInForce, 'source' | 'bundle' | 'alarm'>,
  by: Pick<AuditEntry, 'practitioner' | 'server'>,
): AuditEntry {
  const of = bundle && { policy: bundle.hash, version: `${bundle.name} ${bundle.version}` };
  const details = { ...(alarm !== null && { code: alarm }), setting: 'access-policies', value: source, ...of };
  return { action: alarm === null ? 'policy-load' : 'policy-alarm', ...by, view: 'access.policies', details };
}

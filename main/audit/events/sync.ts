import type { Audit } from '../audit.ts';
import type { Interaction } from './actions.ts';
import type { AuditEntry } from './entry.ts';

type By = Pick<AuditEntry, 'practitioner' | 'server'>;

interface Leaving {
  readonly patientId: string;
  readonly type: string;
  readonly resourceId: string;
  readonly action: Extract<Interaction, 'create' | 'update' | 'delete'>;
}

/**
 * Records changes before they leave, with the `X-Request-Id` that their request will have. What can't be recorded is sent
 * all the same: it was recorded when it was written, and others wait for it at the bedside.
 */
export async function recordLeaving(
  audit: Pick<Audit, 'note'>,
  changes: readonly Leaving[],
  { practitioner, server, newId }: By & { readonly newId: () => string },
): Promise<string> {
  const requestId = newId();
  const entry = { action: 'sync-sent', practitioner, server, requestId, view: 'sync.send' } as const;
  await audit.note(
    changes.map(({ patientId, type, resourceId, action: attempted }) => ({
      ...entry,
      attempted,
      patientId,
      resource: `${type}/${resourceId}`,
    })),
  );
  return requestId;
}

/**
 * Records what a run has brought: its counts as one event, and each patient whose records are on this workstation from
 * now on (docs/decisions/0040-audit-events.md).
 */
export async function recordReceived(
  audit: Pick<Audit, 'note'>,
  { records, patients, arrived }: { records: number; patients: number; arrived: readonly string[] },
  by: By,
): Promise<void> {
  const entry = { action: 'sync-received', ...by, view: 'sync.receive' } as const;
  const details = { records: String(records), patients: String(patients) };
  await audit.note([{ ...entry, details }, ...arrived.map((patientId) => ({ ...entry, patientId }))]);
}

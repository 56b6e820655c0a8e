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

const RECEIVED = { action: 'sync-received', view: 'sync.receive' } as const;

/** Events that are made at once: of thousands of patients, all would keep main from anything else for a second. */
const AT_ONCE = 100;

/**
 * Records each patient whose records are on this workstation from now on, before they are asked for: a program that dies
 * while they come has told whose they are (docs/decisions/0040-audit-events.md). Where the log can't be written they come
 * all the same, as what is noted does.
 */
export async function recordArriving(audit: Pick<Audit, 'note'>, patientIds: readonly string[], by: By): Promise<void> {
  for (let at = 0; at < patientIds.length; at += AT_ONCE) {
    await audit.note(patientIds.slice(at, at + AT_ONCE).map((patientId) => ({ ...RECEIVED, ...by, patientId })));
  }
}

/** Records what a run has brought, by its counts. */
export async function recordReceived(
  audit: Pick<Audit, 'note'>,
  { records, patients }: { records: number; patients: number },
  by: By,
): Promise<void> {
  const details = { records: String(records), patients: String(patients) };
  await audit.note({ ...RECEIVED, ...by, details });
}

import type { Cache } from '../cache/client.ts';

/** What the page asks to do; grows with the policy (least privilege per patient). */
export type AccessAction = 'read' | 'search' | 'create' | 'update' | 'delete';

export type Decision = { allowed: true } | { allowed: false; reason: 'not-on-care-team' | 'unknown-patient' };

/** Who may do what to which patient. Deny by default. */
export interface Access {
  decide(request: { action: AccessAction; patientId: string }): Promise<Decision>;
}

/**
 * The first policy: a clinician reads and documents the patients on whose care teams she is, as of the last sync. The
 * panel is read anew for each decision, so that a patient who left it is denied at once.
 */
export function createAccess({ cache }: { cache: Cache }): Access {
  return {
    async decide({ patientId }) {
      const panel = await cache.read.panel();
      return panel.includes(patientId) ? { allowed: true } : { allowed: false, reason: 'not-on-care-team' };
    },
  };
}

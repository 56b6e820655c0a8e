import type { AccessState, EmergencyPurpose, Grant, Purpose } from '../../preload/contract/access.ts';
import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { KeyringError, PassphraseError, StoreError } from '../../preload/contract/session.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { Access } from './access.ts';
import { createGrants, type GrantTimes } from './grants.ts';
import type { PoliciesInForce } from './policy/load.ts';

type ReauthenticationError = PassphraseError | KeyringError | StoreError;
type Refusal = 'not-permitted' | AuditError;

/** What a clinician opens beyond the ordinary: of one patient, for a purpose, for a limited time. */
export interface Opening {
  state(): AccessState;
  grantOf(patientId: string): Grant | null;
  declareEmergency(request: {
    patientId: string;
    purpose: EmergencyPurpose;
    reason: string;
    passphrase: string;
  }): Promise<Result<Grant, Refusal | 'not-found' | ReauthenticationError>>;
  /** Whether emergency access is to be offered for a patient who is not the clinician's; the same for all of them. */
  mayDeclare(): Promise<{ emergency: boolean }>;
  openRestricted(request: { patientId: string; purpose: Purpose }): Promise<Result<Grant, Refusal>>;
  end(request: { patientId: string }): void;
  /** Closes everything, as Wardlight locks; resolves once that is recorded. */
  close(): Promise<void>;
}

export interface OpeningOptions {
  readonly cache: Cache;
  readonly audit: Pick<Audit, 'record'>;
  readonly policies: PoliciesInForce;
  /** Whether policy lets the clinician open it. */
  readonly access: Pick<Access, 'mayDeclare' | 'mayOpen' | 'groundsOf'>;
  /** Asks for the passphrase of the open profile, as an unlock does. */
  readonly reauthenticate: (passphrase: string) => Promise<Result<unknown, ReauthenticationError>>;
  readonly times: GrantTimes;
  readonly emergencyMs: number;
  readonly practitioner: string;
  readonly server: string;
  readonly onState: (state: AccessState) => void;
  /** What of a patient is open is another thing now: what the page shows of her is asked for anew. */
  readonly onChanged: (patientId: string) => void;
}

function failed<Code extends string>(code: Code): { ok: false; error: { code: Code } } {
  return { ok: false, error: { code } };
}

export function createOpening(options: OpeningOptions): Opening {
  const { cache, audit, policies, access, reauthenticate, times, emergencyMs, practitioner, server } = options;
  const grants = createGrants(times, (grant) => {
    void recordEnd(grant);
    told(grant.patientId);
  });
  let ended: Promise<unknown> = Promise.resolve();
  let closed = false;

  const record = (entry: Omit<AuditEntry, 'practitioner' | 'server'>) =>
    audit.record({ ...entry, practitioner, server });

  function recordEnd({ kind, patientId, purpose }: Grant): Promise<unknown> {
    if (kind !== 'emergency') return Promise.resolve();
    const recorded = record({ action: 'emergency-end', patientId, purpose, view: 'access.emergency' });
    ended = Promise.all([ended, recorded]);
    return recorded;
  }

  function told(patientId: string): void {
    if (closed) return;
    options.onState(state());
    options.onChanged(patientId);
  }

  function state(): AccessState {
    const { source, bundle, alarm } = policies;
    return {
      grants: grants.list(),
      policies: { source, name: bundle?.name ?? null, version: bundle?.version ?? null, alarm },
    };
  }

  function open(grant: Pick<Grant, 'patientId' | 'kind' | 'purpose'>): Grant {
    const opened = grants.open({ ...grant, durationMs: emergencyMs });
    told(grant.patientId);
    return opened;
  }

  return {
    state,
    grantOf: (patientId) => grants.of(patientId),

    async declareEmergency({ patientId, purpose, reason, passphrase }) {
      const view = 'access.emergency';
      const grounds = await access.groundsOf(patientId);
      const told = { ...grounds, patientId, purpose, reason, view };
      const refused = (outcome: 'denied' | 'emergency-failed') =>
        record({ action: outcome, attempted: 'emergency', ...told });
      if (!(await access.mayDeclare(patientId))) {
        await refused('denied');
        return failed('not-permitted');
      }
      const known = await reauthenticate(passphrase);
      if (!known.ok) {
        await refused('emergency-failed');
        return known;
      }
      // Asked only now: who doesn't know the passphrase doesn't learn who is stored here.
      if (!(await cache.read.subject({ type: 'Patient', id: patientId }))) {
        await refused('denied');
        return failed('not-found');
      }
      // The alert first: with either of them missing, nothing is opened.
      for (const action of ['emergency-alert', 'emergency'] as const) {
        const recorded = await record({ action, ...told });
        if (!recorded.ok) return recorded;
      }
      return closed ? failed('not-permitted') : { ok: true, value: open({ patientId, kind: 'emergency', purpose }) };
    },

    mayDeclare: async () => ({ emergency: await access.mayDeclare(null) }),

    async openRestricted({ patientId, purpose }) {
      const view = 'access.openRestricted';
      const grounds = await access.groundsOf(patientId);
      if (!(await access.mayOpen(patientId, purpose))) {
        await record({ action: 'denied', ...grounds, patientId, purpose, view });
        return failed('not-permitted');
      }
      const recorded = await record({ action: 'open-restricted', ...grounds, patientId, purpose, view });
      if (!recorded.ok) return recorded;
      // Emergency access shows more, and ends by itself.
      const now = grants.of(patientId);
      if (now?.kind === 'emergency') return { ok: true, value: now };
      return closed ? failed('not-permitted') : { ok: true, value: open({ patientId, kind: 'purpose', purpose }) };
    },

    end({ patientId }) {
      grants.end(patientId);
    },

    async close() {
      closed = true;
      for (const grant of grants.endAll()) void recordEnd(grant);
      await ended;
    },
  };
}

import type { Result } from '../../preload/contract/channel.ts';
import type { AcceptError } from '../../preload/contract/sync.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sync } from '../sync/sync.ts';

/** What is decided of the server itself, for all patients at once. */
export interface ServerDecisions {
  /**
   * Takes a server that was reset for what it is now. `host` is what the person has typed to say that she means it. The
   * decision is recorded durably, with why the server counted as reset, before anything follows from it.
   */
  accept(request: { host: string }): Promise<Result<Record<string, never>, AcceptError>>;
}

export interface ServerDecisionsOptions {
  audit: Pick<Audit, 'record'>;
  sync: Pick<Sync, 'resetReason' | 'acceptServer'>;
  practitioner: string;
  server: string;
}

function failed(code: AcceptError): { ok: false; error: { code: AcceptError } } {
  return { ok: false, error: { code } };
}

export function createServerDecisions({ audit, sync, practitioner, server }: ServerDecisionsOptions): ServerDecisions {
  return {
    async accept({ host }) {
      const reason = await sync.resetReason();
      if (reason === null) return failed('not-reset');
      if (host.trim().toLowerCase() !== new URL(server).host) return failed('host-differs');
      const view = 'sync.acceptServer';
      const details = { code: reason };
      const recorded = await audit.record({ action: 'accept-server', practitioner, server, view, details });
      if (!recorded.ok) return recorded;
      return sync.acceptServer();
    },
  };
}

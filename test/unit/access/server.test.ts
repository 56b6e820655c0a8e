import { describe, expect, it } from 'vitest';
import { createServerDecisions } from '../../../main/access/server.ts';
import type { Audit } from '../../../main/audit/audit.ts';
import type { AuditEntry } from '../../../main/audit/events/entry.ts';
import { listOf } from '../audit/support.ts';

const practitioner = 'Practitioner/a';
const server = 'https://fhir.hospital.example:8443/r4';
const host = 'fhir.hospital.example:8443';

function start({ reason = 'version-unknown', record }: { reason?: string | null; record?: Audit['record'] } = {}) {
  const events: string[] = [];
  const recorded: AuditEntry[] = [];
  const decisions = createServerDecisions({
    audit: {
      async record(entries) {
        const [entry] = listOf(entries) as [AuditEntry];
        // On disk only some turns later: whoever doesn't wait for it is found out.
        await new Promise((resolve) => setImmediate(resolve));
        recorded.push(entry);
        events.push(`record ${entry.action}`);
        return record ? record(entry) : { ok: true, value: undefined };
      },
    },
    sync: {
      resetReason: async () => reason,
      async acceptServer() {
        events.push('accept');
        return { ok: true, value: {} };
      },
    },
    practitioner,
    server,
  });
  return { decisions, events, recorded };
}

describe('to accept a server that was reset', () => {
  it('security: is recorded durably, with why it counted as reset, before anything follows from it', async () => {
    const { decisions, events, recorded } = start();
    expect(await decisions.accept({ host: ' FHIR.hospital.example:8443 ' })).toEqual({ ok: true, value: {} });
    expect(events).toEqual(['record accept-server', 'accept']);
    expect(recorded).toEqual([
      {
        action: 'accept-server',
        practitioner,
        server,
        view: 'sync.acceptServer',
        details: { code: 'version-unknown' },
      },
    ]);
  });

  it('security: is not done where it could not be recorded', async () => {
    const record: Audit['record'] = async () => ({ ok: false, error: { code: 'audit-unavailable' } });
    const { decisions, events } = start({ record });
    expect(await decisions.accept({ host })).toEqual({ ok: false, error: { code: 'audit-unavailable' } });
    expect(events).not.toContain('accept');
  });

  it.each(['', 'fhir.hospital.example', server])('security: needs the server’s own name, and not %j', async (typed) => {
    const { decisions, events } = start();
    expect(await decisions.accept({ host: typed })).toEqual({ ok: false, error: { code: 'host-differs' } });
    expect(events).toEqual([]);
  });

  it('security: is refused, and not recorded, while no server counts as reset', async () => {
    const { decisions, events } = start({ reason: null });
    expect(await decisions.accept({ host })).toEqual({ ok: false, error: { code: 'not-reset' } });
    expect(events).toEqual([]);
  });
});

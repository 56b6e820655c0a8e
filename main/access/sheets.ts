import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { PatientRow } from '../../preload/contract/patients.ts';
import type { PendingChange } from '../../preload/contract/sync.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';
import type { Cache } from '../cache/client.ts';
import type { DowntimeRecords } from '../cache/operations.ts';
import type { Access, Decision } from './access.ts';
import { current, OUTDATED } from './current.ts';

/** What of a patient may be printed. */
export interface Sheet extends DowntimeRecords {
  /** Of the clinician's own unsent changes; without those that may not be printed, which `hiddenChanges` counts. */
  readonly changes: readonly PendingChange[];
  readonly hiddenChanges: number;
}

/** The clinician's patients, as the list shows them. */
export interface ListedPatients {
  readonly rows: readonly PatientRow[];
  /** How many there are. */
  readonly total: number;
  readonly asOf: string | null;
  readonly complete: boolean;
}

type Answer<Value, Code extends string> = Promise<Result<Value, Code>>;

/** What becomes of sheets that are made. */
export type SheetUse = 'open' | 'print' | 'save';

/**
 * Whose records may stand on paper. Each is decided as printing, without what was opened for a time, and recorded, before
 * anything is answered; and again when what was made of them is looked at or leaves.
 */
export interface Sheets {
  list(query: string, limit: number): Promise<ListedPatients | null>;
  /** `since`: of vital signs, ISO instant. */
  sheet(patientId: string, since: string): Answer<Sheet, 'not-permitted' | 'not-found' | AuditError>;
  /** `not-permitted`: one of them may not be printed any longer, and nothing is done of what was asked. */
  use(patientIds: readonly string[], use: SheetUse): Answer<null, 'not-permitted' | AuditError>;
}

export interface SheetsOptions {
  readonly access: Pick<Access, 'decide' | 'decideList'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly cache: Cache;
  readonly practitioner: string;
  readonly server: string;
  /** By what policy tells test patients. */
  readonly testPatients?: readonly string[];
}

/** `recipient` of the events of what stays here: alarms know it (main/audit/alarms/facts.ts). */
const BINDER = 'downtime-binder';
const TRIES_MAX = 5;
const CHANGES_MAX = 1_000;

const USES: Readonly<Record<SheetUse, Pick<AuditEntry, 'action' | 'view'> & { recipient: string }>> = {
  open: { action: 'read', view: 'downtime.open', recipient: BINDER },
  print: { action: 'print', view: 'downtime.print', recipient: 'paper' },
  save: { action: 'export', view: 'downtime.saveAs', recipient: 'file' },
};

export function createSheets(options: SheetsOptions): Sheets {
  const { access, audit, cache, practitioner, server, testPatients = [] } = options;

  /** Of the Patient resource with its labels: whose identity is restricted is on no paper. */
  async function decide(patientId: string): Promise<Decision> {
    const subject = await cache.read.subject({ type: 'Patient', id: patientId });
    return access.decide({ action: 'print', patientId, subjects: subject ? [subject] : [], lasting: true });
  }

  const entryOf = (patientId: string, { grounds }: Decision, entry: Pick<AuditEntry, 'action' | 'view'>) => ({
    ...entry,
    practitioner,
    server,
    patientId,
    ...grounds,
    // What nothing was opened for is for treatment.
    purpose: 'TREAT',
  });
  const refused = (patientId: string, decision: Decision, view: string) =>
    audit.record({ ...entryOf(patientId, decision, { action: 'denied', view }), attempted: 'print' });

  async function changesOf(patientId: string): Promise<Pick<Sheet, 'changes' | 'hiddenChanges'>> {
    const { items } = await cache.outbox.list({ limit: CHANGES_MAX });
    const hers = items.filter((one) => one.patientId === patientId);
    const changes: PendingChange[] = [];
    for (const change of hers) {
      const { [change.id]: subjects } = await cache.outbox.subjects({ id: change.id });
      const decided = subjects && (await access.decide({ action: 'print', patientId, subjects, lasting: true }));
      if (decided?.allowed) changes.push(change);
    }
    return { changes, hiddenChanges: hers.length - changes.length };
  }

  return {
    async list(query, limit) {
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const sight = await access.decideList();
        if (!sight) return null;
        const asked = { query, exact: true, sort: 'location', descending: false, offset: 0, limit } as const;
        const page = await current(cache.read.patientList({ ...asked, unfinished: [], sight, practitioner }));
        if (page !== OUTDATED) return { rows: page.items, ...page };
      }
      return null;
    },

    async sheet(patientId, since) {
      const view = 'downtime.make';
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        const decision = await decide(patientId);
        if (!decision.allowed) {
          await refused(patientId, decision, view);
          return failed('not-permitted');
        }
        const { sight } = decision;
        const records = await current(cache.read.downtimeRecords({ patientId, sight, since, testPatients }));
        if (records === OUTDATED) continue;
        if (!records) return failed('not-found');
        const changes = await changesOf(patientId);
        const entry = entryOf(patientId, decision, { action: 'export', view });
        const recorded = await audit.record({ ...entry, details: { recipient: BINDER } });
        return recorded.ok ? { ok: true, value: { ...records, ...changes } } : recorded;
      }
      return failed('not-permitted');
    },

    async use(patientIds, use) {
      const { action, view = '', recipient } = USES[use];
      const entries: AuditEntry[] = [];
      for (const patientId of patientIds) {
        const decision = await decide(patientId);
        if (!decision.allowed) {
          await refused(patientId, decision, view);
          return failed('not-permitted');
        }
        entries.push({ ...entryOf(patientId, decision, { action, view }), details: { recipient } });
      }
      const recorded = await audit.record(entries);
      return recorded.ok ? { ok: true, value: null } : recorded;
    },
  };
}

function failed<Code extends string>(code: Code): Result<never, Code> {
  return { ok: false, error: { code } };
}

import type { AuditError } from '../../preload/contract/audit.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { Audit } from '../audit/audit.ts';
import type { AuditEntry } from '../audit/events/entry.ts';

export interface Found {
  readonly view: string;
  /** What was asked besides, as it came. */
  readonly request?: Readonly<Record<string, string | number | boolean>>;
  /** Patients of whom the answer tells. */
  readonly patients: readonly string[];
}

/** Records searches with whom they returned (docs/decisions/0040-audit-events.md). */
export type RecordSearch = (found: Found) => Promise<Result<void, AuditError>>;

export interface SearchesOptions {
  readonly audit: Pick<Audit, 'record'>;
  readonly practitioner: string;
  readonly server: string;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What stands on a screen is asked for again whenever a record changes: for so long that is the same search still. */
const SAME_MS = 5 * 60_000;
const REMEMBERED_MAX = 200;

interface Recorded {
  readonly requestId: string;
  readonly until: number;
  readonly patients: Set<string>;
}

/** A request as it stands in the record. */
export function queryOf(view: string, request: NonNullable<Found['request']>): string {
  const asked = new URLSearchParams(Object.entries(request).map(([name, value]) => [name, String(value)]));
  return `${view}?${asked}`;
}

/**
 * One event for each patient who was returned, with the query (IHE BALP, PatientQuery). When the same is asked again
 * within minutes, those who are new are recorded so, and of the others only that they were returned again; where it returns
 * nobody again, nothing.
 */
export function createSearches({ audit, practitioner, server, now, newId }: SearchesOptions): RecordSearch {
  const recent = new Map<string, Recorded>();

  return async ({ view, request = {}, patients }) => {
    const query = queryOf(view, request);
    const time = now();
    const known = recent.get(query);
    // A clock that was set back doesn't tell for how long it has been the same.
    const same = known && time < known.until && time >= known.until - SAME_MS ? known : null;
    // Nobody, as before: the counts of lists are asked for again with each change of a record.
    if (same && patients.length === 0) return { ok: true, value: undefined };
    const requestId = newId();
    const entry: AuditEntry = { action: 'search', practitioner, server, view, query, requestId };
    const fresh = [...new Set(patients)].filter((id) => !same?.patients.has(id));
    const returned = { returned: String(patients.length), ...(same && { earlier: same.requestId }) };
    const entries =
      fresh.length > 0
        ? fresh.map((patientId): AuditEntry => ({ ...entry, patientId, details: returned }))
        : [{ ...entry, details: returned }];
    const recorded = await audit.record(entries);
    if (!recorded.ok) return recorded;
    if (same) for (const id of fresh) same.patients.add(id);
    else {
      if (recent.size >= REMEMBERED_MAX) recent.clear();
      recent.set(query, { requestId, until: time + SAME_MS, patients: new Set(patients) });
    }
    return recorded;
  };
}

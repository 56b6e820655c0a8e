import type { Cache } from '../cache/client.ts';

/** What a run has brought onto the workstation. */
export interface Received {
  readonly records: number;
  /** Patients whose records changed. */
  readonly patients: number;
  /** Patients who weren't on the clinician's panel before. */
  readonly arrived: readonly string[];
}

/** Counts what a run brings. */
export interface Receipt {
  begin(): Promise<void>;
  /** Records that were stored so far. */
  count(records: number): void;
  changed(patients: readonly string[]): void;
  /** Tells it, if there is anything. */
  end(): Promise<void>;
}

/** Without anybody to tell, nothing is looked at. */
export function createReceipt(
  cache: Pick<Cache, 'read'>,
  tell: ((received: Received) => Promise<void>) | undefined,
): Receipt {
  const patients = new Set<string>();
  let before: ReadonlySet<string> | null = null;
  let records = 0;
  return {
    async begin() {
      if (tell) before = new Set(await cache.read.panel());
    },
    count(stored) {
      records = Math.max(records, stored);
    },
    changed(ids) {
      if (tell) for (const id of ids) patients.add(id);
    },
    async end() {
      if (!tell || !before) return;
      const known = before;
      const arrived = (await cache.read.panel()).filter((id) => !known.has(id));
      if (records > 0 || arrived.length > 0) await tell({ records, patients: patients.size, arrived });
    },
  };
}

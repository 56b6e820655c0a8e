/** What a run has brought onto the workstation. */
export interface Received {
  readonly records: number;
  /** Patients whose records changed. */
  readonly patients: number;
}

/** Counts what a run brings. */
export interface Receipt {
  /** Records that were stored so far. */
  count(records: number): void;
  changed(patients: readonly string[]): void;
  /** Tells it, if there is anything. */
  end(): Promise<void>;
}

export function createReceipt(tell: (received: Received) => Promise<void> = async () => undefined): Receipt {
  const patients = new Set<string>();
  let records = 0;
  return {
    count(stored) {
      records = Math.max(records, stored);
    },
    changed(ids) {
      for (const id of ids) patients.add(id);
    },
    async end() {
      if (records > 0) await tell({ records, patients: patients.size });
    },
  };
}

/** What an organisation decides for its workstations. Machine policy fills it in later; until then the defaults hold. */
export interface Policy {
  readonly panel: {
    /** Logical id of a Group or List whose patients are the clinician's too; null for none. */
    readonly group: string | null;
    readonly list: string | null;
  };
  /** Days that the records of a patient who left the panel stay on the workstation, by the server's clock. */
  readonly retentionDays: number;
  /** Difference of the clocks from which on it is shown. */
  readonly clockLimitMs: number;
  /** How far the cursor may be ahead of the server's clock before the server counts as reset. */
  readonly cursorLimitMs: number;
  /** Share of the compared records from which on their being gone counts as a reset, and not as deletions. */
  readonly massShare: number;
  /** Hours between two comparisons of all ids and versions. */
  readonly sweepHours: number;
  /** Pages of a type's history that a run reads at most for its deletions; beyond it compares ids instead. */
  readonly historyPages: number;
  /** Types that are never merged without a person, beside those that the design names. */
  readonly neverMerge: readonly string[];
}

const MINUTE_MS = 60_000;

export const defaultPolicy: Policy = {
  panel: { group: null, list: null },
  retentionDays: 30,
  clockLimitMs: 10 * MINUTE_MS,
  cursorLimitMs: 5 * MINUTE_MS,
  massShare: 0.5,
  sweepHours: 24,
  historyPages: 20,
  neverMerge: [],
};

import { readLeaf } from '../log/entry.ts';
import type { LogReading } from '../reading.ts';
import { accountingsOf, type LoggedEvent } from './accounting.ts';
import { accountingHtml } from './accounting-html.ts';

export interface PageOptions {
  readonly reading: Pick<LogReading, 'query' | 'newestCheckpoint'>;
  readonly origin: string;
  /** As an export's: instants in milliseconds. */
  readonly filter: { readonly patient?: string; readonly from?: number; readonly to?: number };
  readonly now: Date;
}

const PAGE = 500;

/** Accounts for what the export by the same filter has: up to the newest checkpoint. */
export function accountingPage({ reading, origin, filter, now }: PageOptions): string {
  const { size, note } = reading.newestCheckpoint({ size: null }) ?? { size: 0, note: '' };
  const entries: LoggedEvent[] = [];
  for (let before = size; before > 0; ) {
    const page = reading.query({ ...filter, before, limit: PAGE });
    entries.push(...page.map(({ seq, leaf }) => ({ seq, event: readLeaf(leaf)?.event ?? '{}' })));
    before = page.length < PAGE ? 0 : (page.at(-1)?.seq ?? 0);
  }
  const instantOf = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());
  const request = { patient: filter.patient ?? null, from: instantOf(filter.from), to: instantOf(filter.to) };
  return accountingHtml(accountingsOf(entries, request), {
    request,
    log: { origin, checkpoint: note },
    madeAt: now.toISOString(),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
}

import { auditFilter } from '../../preload/contract/audit.ts';
import { disclosureOf } from '../audit/export/disclosures.ts';
import { readLeaf } from '../audit/log/entry.ts';
import { createReading } from '../audit/reading.ts';
import { filterOf, numberOr, type Outcome, Refusal, USAGE, type Values } from './arguments.ts';
import { withLog } from './log-file.ts';

/** Entries that a filter lets through, newest first. */
export function query(values: Values): Promise<Outcome> {
  return withLog(values, async (db) => {
    const page = { limit: numberOr(values.limit, 100), ...(values.before && { before: numberOr(values.before, 0) }) };
    const parsed = auditFilter.safeParse({ ...filterOf(values), ...page });
    if (!parsed.success) throw new Refusal('usage', USAGE);
    const entries = createReading(() => db).query(
      parsed.data as Parameters<ReturnType<typeof createReading>['query']>[0],
    );
    const lines = entries.map(disclosureOf);
    const events = entries.map(({ seq, leaf }) => ({
      seq,
      event: JSON.parse(readLeaf(leaf)?.event ?? 'null') as unknown,
    }));
    const text = lines.map(({ seq, date, who, patient, what, why }) => [seq, date, who, patient, what, why].join('  '));
    return { text: text.join('\n'), value: { ok: true, entries: events }, ok: true };
  });
}

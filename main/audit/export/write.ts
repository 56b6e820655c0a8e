import type { AuditFilter } from '../../../preload/contract/audit.ts';
import type { LogReading } from '../reading.ts';
import type { ExportHeader, SelectedLine } from './format.ts';

/** What an export reads of a log, in this process or another. */
export type ExportReading = {
  readonly [Name in 'query' | 'range' | 'newestCheckpoint' | 'inclusion']: (
    ...args: Parameters<LogReading[Name]>
  ) => ReturnType<LogReading[Name]> | Promise<ReturnType<LogReading[Name]>>;
};

export interface ExportOptions {
  readonly reading: ExportReading;
  readonly identity: { readonly origin: string; readonly vkey: string };
  /** Which entries; null for the whole log. */
  readonly filter: Omit<AuditFilter, 'before' | 'limit'> | null;
}

const PAGE = 500;

/**
 * The lines of an export: its header, then the whole log in order, or the selected entries, newest first, each with the
 * proof that it is in the log. It ends at the newest checkpoint: what is not signed yet can't be proved.
 *
 * @throws where the log has no checkpoint.
 */
export async function* exportLines({ reading, identity, filter }: ExportOptions): AsyncGenerator<string> {
  const checkpoint = await reading.newestCheckpoint({ size: null });
  if (!checkpoint) throw new Error('the log was never signed');
  const { size, note } = checkpoint;
  const { origin, vkey } = identity;
  const header: ExportHeader = {
    format: 'wardlight-audit-export',
    version: 1,
    origin,
    vkey,
    checkpoint: note,
    size,
    content: filter ? 'selected' : 'all',
  };
  yield JSON.stringify(header);
  if (filter) yield* selected(reading, filter, size);
  else yield* whole(reading, size);
}

async function* whole(reading: ExportReading, size: number): AsyncGenerator<string> {
  for (let first = 0; first < size; first += PAGE) {
    for (const { leaf } of await reading.range({ first, end: Math.min(size, first + PAGE) })) yield leaf;
  }
}

async function* selected(
  reading: ExportReading,
  filter: NonNullable<ExportOptions['filter']>,
  size: number,
): AsyncGenerator<string> {
  let before = size;
  while (before > 0) {
    const entries = await reading.query({ ...filter, before, limit: PAGE });
    const proofs = await reading.inclusion({ seqs: entries.map(({ seq }) => seq), size });
    for (const [at, { seq, leaf }] of entries.entries()) {
      yield JSON.stringify({ seq, leaf, proof: proofs[at] ?? [] } satisfies SelectedLine);
    }
    before = entries.length < PAGE ? 0 : (entries.at(-1)?.seq ?? 0);
  }
}

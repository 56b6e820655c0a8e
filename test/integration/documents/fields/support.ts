import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fieldWrappingKey } from '../../../../main/cache/fields/key.ts';
import type { FieldMark } from '../../../../main/cache/fields/layer.ts';
import type { WriteDb } from '../../../../main/cache/open.ts';
import type {
  OpenRequest,
  OutboxOperations,
  ReadOperations,
  WriteOperations,
} from '../../../../main/cache/operations.ts';
import { createReads } from '../../../../main/cache/reads/index.ts';
import { createWriter } from '../../../../main/cache/writer-operations.ts';

export const cacheKey = () => new Uint8Array(32).fill(7);
export const outboxKey = () => new Uint8Array(32).fill(8);
export const wrapping = () => fieldWrappingKey(cacheKey());

export const mark = (type: string, path: string, more: Partial<FieldMark> = {}): FieldMark => ({
  type,
  path,
  label: null,
  blindIndex: false,
  ...more,
});

/** A cache and an outbox whose policy marks some fields, in this process. */
export interface MarkedStation {
  readonly folder: string;
  readonly db: WriteDb;
  readonly read: ReadOperations;
  readonly write: WriteOperations;
  readonly outbox: OutboxOperations;
  /** The download brings these texts. */
  learn(...texts: string[]): void;
  close(): void;
}

export function openMarked(marks: readonly FieldMark[], folder = newFolder(), key = cacheKey()): MarkedStation {
  const writer = createWriter();
  const operations = writer.operations as unknown as WriteOperations & OutboxOperations;
  const open = writer.operations['open'] as (request: OpenRequest) => { ok: boolean; error?: { code: string } };
  const opened = open({
    file: join(folder, 'cache.db'),
    key,
    create: true,
    marks,
    outbox: { file: join(folder, 'outbox.db'), key: outboxKey() },
  });
  const db = writer.cache();
  if (!opened.ok || !db) throw new Error(opened.error?.code);
  const close = () => (writer.operations['close'] as () => void)();
  onTestFinished(close);
  const read = createReads(db);
  return {
    folder,
    db,
    read,
    write: operations,
    outbox: operations,
    close,
    learn(...resources) {
      operations.startRun({ tasks: [{ label: 'all', resourceType: 'Patient', url: 'Patient', patients: null }] });
      const seq = read.tasks({})[0]?.seq ?? 0;
      operations.applyPage({ seq, resources, next: 'more', serverTime: '2026-03-01T10:00:00Z' });
    },
  };
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-fields-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything that a database holds once it is decrypted, in one text. */
export function everythingIn(db: WriteDb): string {
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all() as { name: string }[];
  return tables
    .flatMap(({ name }) => db.prepare(`SELECT * FROM "${name}"`).all())
    .map((row) =>
      Object.values(row as object)
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
        .join(' '),
    )
    .join('\n');
}

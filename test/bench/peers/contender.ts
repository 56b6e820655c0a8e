import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '../data.ts';

/** One store that takes the same pages as the others. */
export interface Contender {
  readonly name: string;
  /** Takes pages that came at the same time, in one transaction if it likes; they are durable when it has answered. */
  ingest(pages: readonly Page[]): void | Promise<void>;
  close(): void | Promise<void>;
}

/** A folder of its own for a store, which `remove` takes away. */
export function storeFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `wardlight-bench-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

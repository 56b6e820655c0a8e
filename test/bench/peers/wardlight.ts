import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../../../main/cache/open.ts';
import type { NewTask } from '../../../main/cache/operations.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import type { Page } from '../data.ts';
import { type Contender, storeFolder } from './contender.ts';

const SERVER_TIME = '2026-01-01T00:00:00.000Z';

/**
 * The cache as it is: encrypted, every index, full text, history, the state of sections and the cursor. As in a sync, the
 * run is planned at once, before the first page.
 */
export function wardlight(pages: readonly Page[]): Contender {
  const folder = storeFolder('wardlight');
  const key = randomBytes(32);
  const opened = openDatabase({
    file: join(folder.path, 'cache.db'),
    key,
    mode: 'create',
    migrations: cacheMigrations,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const db = opened.value;
  const writes = createWrites(db);
  const { tasks, steps } = planOf(pages);
  let isPlanned = false;
  writes.startRun({ tasks: [] });
  return {
    name: 'wardlight',
    ingest(page) {
      if (!isPlanned) writes.expandRun({ panel: [], tasks });
      isPlanned = true;
      const step = steps.get(page);
      if (!step) throw new Error('a page that was not planned');
      const { rejected } = writes.applyPage({ ...step, resources: page.resources, serverTime: SERVER_TIME });
      if (rejected > 0) throw new Error(`${rejected} of a page were rejected`);
    },
    close() {
      db.close();
      folder.remove();
    },
  };
}

interface Step {
  /** Number of the page's task. */
  readonly seq: number;
  readonly next: string | null;
}

/** A task for each type of each group of patients, and the task of each page. */
function planOf(pages: readonly Page[]): { tasks: readonly NewTask[]; steps: ReadonlyMap<Page, Step> } {
  const tasks: NewTask[] = [];
  const steps = new Map<Page, Step>();
  for (const [at, page] of pages.entries()) {
    if (!isSameTask(pages[at - 1], page)) {
      const { type, patients } = page;
      tasks.push({ label: 'bench', resourceType: type, url: type, patients: patients.length > 0 ? patients : null });
    }
    steps.set(page, { seq: tasks.length, next: isSameTask(page, pages[at + 1]) ? `page ${at + 1}` : null });
  }
  return { tasks, steps };
}

function isSameTask(one: Page | undefined, other: Page | undefined): boolean {
  return one !== undefined && one.type === other?.type && one.patients[0] === other.patients[0];
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { NewTask } from '../../../main/cache/operations.ts';
import { createService } from '../../../main/cache/service.ts';
import type { Page } from '../data.ts';
import { type Contender, storeFolder } from './contender.ts';

const SERVER_TIME = '2026-01-01T00:00:00.000Z';

/**
 * The cache as it is, with its threads: encrypted, every index, full text, history, the state of sections and the
 * cursor. As in a sync, the run is planned at once, before the first page.
 */
export async function wardlight(pages: readonly Page[]): Promise<Contender> {
  const folder = storeFolder('wardlight');
  const script = (name: string) => new URL(`../../../main/cache/${name}.ts`, import.meta.url);
  const operations = createService({
    writerScript: script('writer'),
    readerScript: script('reader'),
    checkpointerScript: script('checkpointer'),
    onWriterEnded: () => process.exit(1),
  });
  const call = async <Value>(name: string, args?: unknown) => (await operations[name]?.(args as never)) as Value;
  const outbox = { file: join(folder.path, 'outbox.db'), key: randomBytes(32) };
  const file = join(folder.path, 'cache.db');
  const opened = await call<{ ok: boolean }>('open', { file, key: randomBytes(32), create: true, outbox });
  if (!opened.ok) throw new Error('the cache could not be opened');
  const { tasks, steps } = planOf(pages);
  await call('startRun', { tasks: [] });
  await call('expandRun', { panel: [], tasks });

  async function apply(page: Page): Promise<void> {
    const answer = { ...steps.get(page), resources: page.resources, serverTime: SERVER_TIME };
    const { rejected } = await call<{ rejected: number }>('applyPage', answer);
    if (rejected > 0) throw new Error(`${rejected} of a page were rejected`);
  }

  return {
    name: 'wardlight',
    async ingest(together) {
      await Promise.all(together.map(apply));
    },
    async close() {
      await call('close');
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

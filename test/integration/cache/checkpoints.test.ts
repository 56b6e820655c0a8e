import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Cache, createCache } from '../../../main/cache/client.ts';
import { openDatabase, type ReadDb } from '../../../main/cache/open.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { forkCacheProcess, keyOf, SERVER_TIME, temporaryDirectory } from './support.ts';

const KEY = keyOf(1);
const PER_PAGE = 200;
/** Characters in each record, so that a page is about a megabyte in the file. */
const FILLER = 5_000;
/** The log is emptied beside the writer from 16 MB on, and by the writer itself only at 128 MB. */
const PAGES = 24;
const AT_ONCE = 6;

const tasks = Array.from({ length: PAGES }, (_, at) => ({
  label: 'Observations',
  resourceType: 'Observation',
  url: `Observation?page=${at}`,
  patients: [`p${at}`],
}));

function page(at: number) {
  const resources = Array.from({ length: PER_PAGE }, (_, number) =>
    JSON.stringify({
      resourceType: 'Observation',
      id: `o${at}-${number}`,
      meta: { versionId: '1' },
      subject: { reference: `Patient/p${at}` },
      extension: [{ url: 'urn:filler', valueBase64Binary: 'A'.repeat(FILLER) }],
    }),
  );
  return { seq: at + 1, resources, next: null, serverTime: SERVER_TIME };
}

async function start(file: string, create: boolean): Promise<{ cache: Cache; kill: () => void }> {
  const ports: ReturnType<typeof forkCacheProcess>[] = [];
  const cache = createCache({
    fork: () => {
      const port = forkCacheProcess();
      ports.push(port);
      return port;
    },
  });
  const outbox = { file: join(dirname(file), 'outbox.db'), key: keyOf(3) };
  expect(await cache.open({ file, key: KEY, create, outbox })).toMatchObject({ ok: true });
  return { cache, kill: () => ports.at(-1)?.child.kill('SIGKILL') };
}

/** Stores all pages, several at a time as a sync does; answers those that were acknowledged. */
async function store(cache: Cache, onAcknowledged: (count: number) => void): Promise<number[]> {
  const acknowledged: number[] = [];
  for (let first = 0; first < PAGES; first += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, offset) => first + offset);
    await Promise.allSettled(
      numbers.map(async (at) => {
        await cache.write.applyPage(page(at));
        acknowledged.push(at);
        onAcknowledged(acknowledged.length);
      }),
    );
  }
  return acknowledged;
}

function openReader(file: string): ReadDb {
  const opened = openDatabase({ file, key: KEY, mode: 'read', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

test('the log is emptied beside the writer, before the writer has to', async () => {
  const file = join(temporaryDirectory(), 'cache.db');
  const { cache } = await start(file, true);
  await cache.write.startRun({ tasks });
  await store(cache, () => undefined);
  const reader = openReader(file);
  // A last small change asks the thread once more, which by then has emptied what there was.
  await expect
    .poll(async () => {
      await cache.write.setMeta({ key: 'sync.sweepAt', value: '' });
      const [state] = reader.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
      return (state?.checkpointed ?? 0) > 4_000 && (state?.log ?? 0) < 32_000;
    })
    .toBe(true);
  reader.close();
  await cache.close();
});

test.each([1, 9, 14, 20])(
  'a process that is killed after %i pages has each that it acknowledged, whole',
  async (count) => {
    const file = join(temporaryDirectory(), 'cache.db');
    const { cache, kill } = await start(file, true);
    await cache.write.startRun({ tasks });
    const acknowledged = await store(cache, (done) => done === count && kill());
    expect(acknowledged.length).toBeGreaterThanOrEqual(count);

    const again = await start(file, false);
    const versions = await again.cache.read.versions();
    const stored = (at: number) => versions.filter(({ id }) => id.startsWith(`o${at}-`)).length;
    for (const at of acknowledged) expect(stored(at)).toBe(PER_PAGE);
    // What was not acknowledged is whole too, or not there; its cursor says which.
    const left = await again.cache.read.tasks({});
    for (const { seq, state } of left) {
      expect(stored(seq - 1)).toBe(state === 'done' ? PER_PAGE : 0);
    }
    const reader = openReader(file);
    expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
    reader.close();
    await again.cache.close();
  },
);

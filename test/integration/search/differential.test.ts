import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../main/cache/open.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { type DevServer, type DevServerOptions, startServer } from '../../server/index.ts';
import { keyOf, type TestCache } from '../cache/support.ts';
import { anyQueries, generatorQueries } from './queries.ts';
import { askCache, askServer, filled, ingest, textsOf, valuesOf } from './support.ts';

/*
 * The cache's search and the development server's were written apart from each other, from the specification. On the
 * same data they must find the same records, in the same order where `_sort` gives one, and as many.
 */

const SMALL = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'small', 'ndjson');
/** Searches that must find something, so that two empty answers prove nothing. */
const FRUITFUL = 0.8;

interface Side {
  readonly server: DevServer;
  readonly token: string;
  readonly cache: Pick<TestCache, 'read' | 'write'>;
  readonly values: { readonly [name: string]: string };
  close(): Promise<void>;
}

async function begin(options: DevServerOptions): Promise<Side> {
  const server = await startServer(options);
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-search-'));
  const file = join(folder, 'cache.db');
  const opened = openDatabase({ file, key: keyOf(1), mode: 'create', migrations: cacheMigrations });
  if (!opened.ok) throw new Error(opened.error.code);
  const cache = { write: createWrites(opened.value), read: createReads(opened.value) };
  const texts = textsOf(server);
  ingest(cache, texts);
  const token = await server.issueToken(server.users[0]?.username ?? '', 'openid fhirUser user/*.cruds system/*.rs');
  return {
    server,
    token,
    cache,
    values: valuesOf(texts),
    async close() {
      opened.value.close();
      rmSync(folder, { recursive: true, force: true });
      await server.stop();
    },
  };
}

function sameAnswers(options: DevServerOptions, queries: readonly string[]): void {
  let side: Side;
  let fruitful = 0;
  beforeAll(async () => {
    side = await begin(options);
  });
  afterAll(async () => {
    await side.close();
  });

  test.each(queries)('%s', async (query) => {
    const asked = filled(query, side.values);
    const server = await askServer(side.server, side.token, asked);
    const cache = askCache(side.cache, asked);
    const inOrder = (matches: readonly string[]) => (query.includes('_sort=') ? matches : [...matches].sort());
    expect(inOrder(cache.matches)).toEqual(inOrder(server.matches));
    expect(new Set(cache.matches).size).toBe(cache.matches.length);
    expect(cache.included).toEqual(server.included);
    expect(cache.total).toBe(server.total);
    if (server.matches.length > 0) fruitful += 1;
  });

  test('most searches find something', () => {
    expect(fruitful).toBeGreaterThan(queries.length * FRUITFUL);
  });
}

describe('on generated patients', () => {
  sameAnswers({ patients: 25, seed: 3, now: '2026-01-01T00:00:00Z' }, [...anyQueries, ...generatorQueries]);
});

describe.skipIf(!existsSync(SMALL))('on the small data set', () => {
  sameAnswers({ data: SMALL }, anyQueries);
});

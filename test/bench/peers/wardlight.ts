import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../../../main/cache/open.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWrites } from '../../../main/cache/writes/index.ts';
import { type Contender, storeFolder } from './contender.ts';

const SERVER_TIME = '2026-01-01T00:00:00.000Z';

/** The cache as it is: encrypted, every index, full text, history, the state of sections and the cursor. */
export function wardlight(): Contender {
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
  let seq = 0;
  writes.startRun({ tasks: [] });
  return {
    name: 'wardlight',
    ingest({ type, patients, resources }) {
      writes.expandRun({
        panel: [],
        tasks: [{ label: 'bench', resourceType: type, url: type, patients: patients.length > 0 ? patients : null }],
      });
      seq += 1;
      const { rejected } = writes.applyPage({ seq, resources, next: null, serverTime: SERVER_TIME });
      if (rejected > 0) throw new Error(`${rejected} of a page were rejected`);
    },
    close() {
      db.close();
      folder.remove();
    },
  };
}

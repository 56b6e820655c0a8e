import { join } from 'node:path';
import type { Cache } from '../../../main/cache/client.ts';
import { openDatabase } from '../../../main/cache/open.ts';
import { outboxNames, readNames, writeNames } from '../../../main/cache/operations.ts';
import { createReads } from '../../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../../main/cache/schema/index.ts';
import { createWriter } from '../../../main/cache/writer-operations.ts';
import { createFhirClient } from '../../../main/fhir/client.ts';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { runSync } from '../../../main/sync/engine.ts';
import type { RunResult } from '../../../main/sync/run-options.ts';
import { runUpload } from '../../../main/sync/upload/upload.ts';
import { type CommitHooks, watchCommits } from '../../support/commits.ts';

/** The real engine on the real files of one workstation, in this process. */
export interface Station {
  /** As main sees it: copies go in, copies come out. */
  readonly cache: Cache;
  sync(server: { url: string; token: string }, fetch?: typeof globalThis.fetch): Promise<RunResult>;
  close(): void;
}

const PRACTITIONER = 'Practitioner/dr';

/** Opens the databases in a folder; `hooks` are called around each commit from then on. */
export function openStation(folder: string, create: boolean, hooks?: CommitHooks): Station {
  let isOpen = false;
  const guarded: CommitHooks = {
    before: () => isOpen && hooks?.before(),
    after: () => isOpen && hooks?.after(),
  };
  const open = ((options: Parameters<typeof openDatabase>[0]) => {
    const opened = openDatabase(options as never);
    if (opened.ok) watchCommits(opened.value, guarded);
    return opened;
  }) as typeof openDatabase;
  const writer = createWriter({ open });
  const operations = writer.operations as Record<string, (args?: unknown) => unknown>;
  const file = join(folder, 'cache.db');
  const answer = operations['open']!({
    file,
    key: new Uint8Array(32).fill(7),
    create,
    outbox: { file: join(folder, 'outbox.db'), key: new Uint8Array(32).fill(8) },
  }) as { ok: boolean };
  const reader = openDatabase({ file, key: new Uint8Array(32).fill(7), mode: 'read', migrations: cacheMigrations });
  if (!answer.ok || !reader.ok) throw new Error(`the files can't be opened: ${JSON.stringify(answer)}`);
  isOpen = true;
  const all = { ...operations, ...createReads(reader.value) } as Record<string, (args?: unknown) => unknown>;
  const group = (names: readonly string[]) =>
    Object.fromEntries(
      names.map((name) => [name, async (args?: unknown) => structuredClone(all[name]!(structuredClone(args)))]),
    );
  const cache = { read: group(readNames), write: group(writeNames), outbox: group(outboxNames) } as unknown as Cache;
  return {
    cache,
    sync({ url, token }, fetch = globalThis.fetch) {
      let count = 0;
      const requestId = () => {
        count += 1;
        return `r${count}`;
      };
      const accessToken = async () => ({ ok: true as const, value: token });
      const fhir = createFhirClient({ base: url, fetch, accessToken, requestId });
      return runSync({
        cache,
        fhir,
        practitioner: PRACTITIONER,
        policy: defaultPolicy,
        timers: { now: () => Date.now(), wait: async () => undefined },
        random: () => 0,
        // One after the other, so that the nth commit is always the same one.
        concurrency: 1,
        signal: new AbortController().signal,
        upload: (facts, signal) => runUpload({ cache, fhir, capabilities: facts.statement, signal }),
        onProgress: () => undefined,
        onChanged: () => undefined,
        onAnswer: () => undefined,
      });
    },
    close() {
      isOpen = false;
      reader.value.close();
      operations['close']!();
    },
  };
}

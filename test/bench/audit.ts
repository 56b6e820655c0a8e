import { fork } from 'node:child_process';
import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { auditEvent } from '../../main/audit/events/event.ts';
import { canonical } from '../../main/audit/log/canonical.ts';
import { leafOf } from '../../main/audit/log/entry.ts';
import { leafHash } from '../../main/audit/log/merkle.ts';
import { createWalk, type Head, headAfter, startOf } from '../../main/audit/log/verify.ts';
import { createAuditLog } from '../../main/audit/log.ts';
import { openAuditStore } from '../../main/audit/store.ts';
import { openDatabase, type WriteDb } from '../../main/cache/open.ts';
import type { ChildPort } from '../../main/cache/rpc.ts';
import { auditWith } from '../support/audit.ts';
import { recorder } from '../unit/audit/support.ts';
import { type BenchResult, median, percentile, rounded } from './statistics.ts';

const ROUNDS = 9;
const EVENTS = 1_024;
/** Events that wait at once, as when a chart, its results and a list are opened by one click. */
const GROUP = 32;
const OPENINGS = 300;
const ENTRIES = 1_000_000;
const BATCH = 10_000;
/** Patients whom somebody has to do with. */
const WARD = 400;
const PATIENTS = Array.from({ length: WARD }, () => randomUUID() as string);
const ORIGIN = 'wardlight.org/audit/6d1f6c1e-1111-4222-8333-444455556666';

/** What it costs to record, durably, and to verify a million entries. */
export async function benchAudit(say: (message: string) => void): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-bench-audit-'));
  try {
    say(`audit: ${ROUNDS} rounds of ${EVENTS} events`);
    const appending = await appends(folder);
    say(`audit: ${OPENINGS} records of a chart`);
    const cost = await chartCost(join(folder, 'chart'));
    say(`audit: verifying ${ENTRIES} entries`);
    return [...appending, cost, verifying()];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function eventTexts(count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const entry = {
      action: 'read',
      practitioner: `Practitioner/d${at % 9}`,
      server: 'https://fhir.hospital.example/r4',
    } as const;
    const event = auditEvent(
      { ...entry, patientId: PATIENTS[Math.abs(at) % WARD] ?? '', view: 'chart.read' },
      { id: randomUUID(), recorded: new Date().toISOString(), requestId: randomUUID(), recorder },
    );
    return canonical(event);
  });
}

/** Durable appends a second with group commit, against bare inserts into an encrypted table, each durable and in the same groups. */
async function appends(folder: string): Promise<BenchResult[]> {
  const log = createAuditLog();
  const opened = log.open({
    file: join(folder, 'audit.db'),
    key: new Uint8Array(32).fill(1),
    seed: new Uint8Array(32).fill(2),
    anchor: null,
    logId: randomUUID(),
    damaged: false,
    time: new Date().toISOString(),
    nativeBinding: undefined,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const bare = bareTable(folder);
  const [own, grouped, single]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const texts = eventTexts(EVENTS);
    own.push(
      await rate(async () => {
        for (let at = 0; at < EVENTS; at += GROUP) {
          await Promise.all(texts.slice(at, at + GROUP).map((text) => log.append(text)));
        }
      }),
    );
    grouped.push(
      await rate(async () => {
        for (let at = 0; at < EVENTS; at += GROUP) insertAll(bare, texts.slice(at, at + GROUP));
      }),
    );
    single.push(
      await rate(async () => {
        for (const text of texts) insertAll(bare, [text]);
      }),
    );
  }
  log.close();
  bare.close();
  const against = (peer: readonly number[]) => rounded(median(own.map((value, at) => value / (peer[at] ?? 1))));
  const ratio = { unit: 'ratio', better: 'higher' } as const;
  const rates = { 'appends/s': rounded(median(own), 0) };
  return [
    {
      ...ratio,
      name: 'audit.append_vs_insert',
      value: against(single),
      target: 0.5,
      peers: { ...rates, 'bare inserts/s': rounded(median(single), 0) },
    },
    {
      ...ratio,
      name: 'audit.append_vs_grouped_inserts',
      value: against(grouped),
      target: null,
      peers: { ...rates, 'bare inserts/s, in the same groups': rounded(median(grouped), 0) },
    },
  ];
}

function bareTable(folder: string, name = 'bare.db'): WriteDb {
  const opened = openDatabase({
    file: join(folder, name),
    key: new Uint8Array(32).fill(1),
    mode: 'create',
    migrations: [(db) => db.exec('CREATE TABLE entry (seq INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT')],
  });
  if (!opened.ok) throw new Error(opened.error.code);
  return opened.value;
}

function insertAll(db: WriteDb, texts: readonly string[]): void {
  const insert = db.prepare('INSERT INTO entry (event) VALUES (?)');
  const write = db.transaction(() => {
    for (const text of texts) insert.run(text);
  });
  write.immediate();
}

async function rate(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return EVENTS / ((performance.now() - begun) / 1_000);
}

/** What a chart waits for before it is read: the record by main, in the other process, on the disk. */
async function chartCost(folder: string): Promise<BenchResult> {
  const entries = new Map<string, string>();
  const keyStore = {
    get: async (account: string) => ({ ok: true, value: entries.get(account) ?? null }) as const,
    set: async (account: string, secret: string) => {
      entries.set(account, secret);
      return { ok: true, value: undefined } as const;
    },
  };
  const store = { fork: forkLog, folder, keyStore, binding: undefined, now: () => Date.now(), newId: randomUUID };
  const audit = auditWith({ open: (damaged) => openAuditStore(store, damaged) });
  const [samples, plain]: [number[], number[]] = [[], []];
  const bare = bareTable(dirname(folder), 'bare-chart.db');
  const texts = eventTexts(OPENINGS);
  for (let at = -20; at < OPENINGS; at += 1) {
    const entry = {
      action: 'read',
      practitioner: 'Practitioner/d',
      server: 'https://fhir.hospital.example/r4',
    } as const;
    const begun = performance.now();
    const recorded = await audit.record({
      ...entry,
      patientId: PATIENTS[Math.abs(at) % WARD] ?? '',
      view: 'chart.read',
    });
    if (!recorded.ok) throw new Error(recorded.error.code);
    if (at >= 0) {
      samples.push(performance.now() - begun);
      plain.push(time(() => insertAll(bare, [texts[at] ?? ''])));
    }
    // Somebody reads it before the next one.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await audit.close();
  bare.close();
  return {
    name: 'audit.chart_cost_p95_ms',
    value: rounded(percentile(samples, 0.95)),
    unit: 'ms',
    better: 'lower',
    target: 3,
    peers: {
      'p50 ms': rounded(median(samples)),
      'p50 ms, bare insert': rounded(median(plain)),
      'p95 ms, bare insert': rounded(percentile(plain, 0.95)),
    },
  };
}

function forkLog(): ChildPort {
  const child = fork(join(import.meta.dirname, '..', 'integration', 'audit', 'process-entry.ts'), {
    serialization: 'advanced',
    stdio: 'inherit',
  });
  return {
    postMessage: (message) => child.send(message as object, () => undefined),
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      child.on(event, listener as (value: unknown) => void),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Entries a second through the verifier, against SHA-256 of the same texts. */
function verifying(): BenchResult {
  const events = eventTexts(BATCH).map((text) => JSON.parse(text) as object);
  const walk = createWalk({
    start: startOf(ORIGIN),
    onFinding(code) {
      throw new Error(code);
    },
  });
  let head: Head = startOf(ORIGIN);
  const [own, plain]: [number[], number[]] = [[], []];
  for (let first = 0; first < ENTRIES; first += BATCH) {
    const leaves = events.map((event, at) => {
      const leaf = leafOf({ seq: first + at, previous: head.chain, event });
      head = headAfter(head, leafHash(leaf));
      // One piece in memory, as it comes from a file: else whoever reads it first pays for putting it together.
      return Buffer.from(leaf).toString();
    });
    plain.push(
      time(() => {
        for (const leaf of leaves) hash('sha256', leaf, 'buffer');
      }),
    );
    own.push(
      time(() => {
        for (const [at, leaf] of leaves.entries()) walk.entry(first + at, leaf);
      }),
    );
  }
  const perSecond = (samples: readonly number[]) => rounded(BATCH / (median(samples) / 1_000), 0);
  return {
    name: 'audit.verify_vs_sha256',
    value: rounded(median(own.map((ms, at) => (plain[at] ?? 0) / ms))),
    unit: 'ratio',
    better: 'higher',
    target: null,
    peers: {
      entries: walk.size(),
      'entries/s': perSecond(own),
      'SHA-256/s of the same': perSecond(plain),
      'seconds for all': rounded(own.reduce((sum, ms) => sum + ms, 0) / 1_000, 1),
    },
  };
}

function time(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

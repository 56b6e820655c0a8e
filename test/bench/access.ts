import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccess } from '../../main/access/access.ts';
import { createDecisions, type Situation, unlabelled } from '../../main/access/decisions.ts';
import { defaultBundle } from '../../main/access/policy/defaults.ts';
import { createEngine, type Engine } from '../../main/access/policy/engine.ts';
import type { Cache } from '../../main/cache/client.ts';
import { openDatabase } from '../../main/cache/open.ts';
import type { ReadOperations } from '../../main/cache/operations.ts';
import { createReads } from '../../main/cache/reads/index.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import type { ListSight } from '../../main/cache/sight.ts';
import { createWrites } from '../../main/cache/writes/index.ts';
import { type BenchResult, median, percentile, rounded } from './statistics.ts';

const PATIENTS = 1_000;
const PAGE = 500;
const DECISIONS = 400;
const ROUNDS = 21;
const practitioner = 'Practitioner/dr';
const SERVER_TIME = '2026-03-01T10:00:00Z';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** What deciding costs, by itself and in the list, beside the same without policies. */
export async function benchAccess(say: (message: string) => void): Promise<BenchResult[]> {
  const engine = createEngine(defaultBundle);
  if (Array.isArray(engine)) throw new Error('the default policies do not hold');
  say(`access: ${DECISIONS} decisions, and a list of ${PATIENTS} patients`);
  return [...decisions(engine), await list(engine)];
}

/** A decision that was never asked before, and one that was; against looking a patient up on the panel. */
function decisions(engine: Engine): BenchResult[] {
  const panel = Array.from({ length: PATIENTS }, (_, index) => `p${index}`);
  const made = createDecisions(engine);
  const situation: Situation = {
    principal: { roles: ['physician'], scopes: null },
    relation: 'care-team',
    circumstances: { purpose: 'TREAT', stated: false, emergency: false, offline: false, managed: false, hour: 10 },
  };
  const [cold, warm, plain]: number[][] = [[], [], []];
  for (let at = 0; at < DECISIONS; at += 1) {
    const record = unlabelled(`Type${at}`, 'care-team');
    cold?.push(time(() => made.allows('read', record, situation)));
    warm?.push(time(() => made.allows('read', { ...record }, { ...situation })));
    plain?.push(time(() => panel.includes(`p${at}`)));
  }
  const without = median(plain ?? []);
  const beside = (samples: readonly number[], scale: number) => ({
    p95: rounded(percentile(samples, 0.95) * scale, 4),
    'without policy': rounded(without * scale, 4),
    'times without policy': rounded(median(samples) / without, 1),
  });
  return [
    {
      name: 'access.cold_ms',
      value: rounded(median(cold ?? []), 3),
      unit: 'ms',
      better: 'lower',
      target: 1,
      peers: beside(cold ?? [], 1),
    },
    {
      name: 'access.warm_us',
      value: rounded(median(warm ?? []) * 1_000, 2),
      unit: 'µs',
      better: 'lower',
      target: 20,
      peers: beside(warm ?? [], 1_000),
    },
  ];
}

/** All patients of a panel of whom one in ten is labelled, decided and read; against reading them all. */
async function list(engine: Engine): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'wardlight-bench-access-'));
  const opened = openDatabase({
    file: join(folder, 'cache.db'),
    key: new Uint8Array(32).fill(3),
    mode: 'create',
    migrations: cacheMigrations,
  });
  if (!opened.ok) throw new Error(opened.error.code);
  const db = opened.value;
  const read = createReads(db);
  const write = createWrites(db);
  const ids = Array.from({ length: PATIENTS }, (_, index) => `p${index}`);
  write.startRun({ tasks: [{ label: 'Patients', resourceType: 'Patient', url: 'Patient', patients: ids }] });
  const resources = ids.flatMap((id, index) => [patientOf(id, index), teamOf(id)]);
  write.applyPage({ seq: 1, resources, next: null, serverTime: SERVER_TIME });
  write.expandRun({ panel: ids, tasks: [] });
  const later = (operation: (args: never) => unknown) => async (args: unknown) => operation(args as never);
  const names = Object.entries(read).map(([name, operation]) => [name, later(operation as (args: never) => unknown)]);
  const cache = { read: Object.fromEntries(names) } as unknown as Cache;
  const options = {
    cache,
    practitioner,
    scopes: () => null,
    conditions: () => ({ offline: false, managed: false, hour: 10 }),
    grantOf: () => null,
    now: () => SERVER_TIME,
  };
  const everyone: ListSight = { newest: 1_000, careTeam: ALL, panel: ALL };
  const [policy, plain]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Nothing is remembered from the round before.
    const access = createAccess({ ...options, engine });
    const begun = performance.now();
    const sight = await access.decideList();
    if (sight) pages(read, sight);
    policy?.push(performance.now() - begun);
    plain?.push(time(() => pages(read, everyone)));
  }
  db.close();
  rmSync(folder, { recursive: true, force: true });
  const [own, without] = [median(policy ?? []), median(plain ?? [])];
  return {
    name: 'access.list_1000_ms',
    value: rounded(own),
    unit: 'ms',
    better: 'lower',
    target: 30,
    peers: { 'without policy': rounded(without), 'times without policy': rounded(own / without) },
  };
}

const ALL = { labels: Array.from({ length: 100 }, (_, label) => label), location: true, updated: true };

function pages(read: ReadOperations, sight: ListSight): void {
  for (let offset = 0; offset < PATIENTS; offset += PAGE) {
    const page = { query: '', sort: 'name', descending: false, offset, limit: PAGE } as const;
    read.patientList({ ...page, unfinished: [], sight, practitioner });
  }
}

const LEVELS = ['R', 'V', 'X'];

function patientOf(id: string, index: number): string {
  const code = index % 10 === 0 ? LEVELS[(index / 10) % LEVELS.length] : undefined;
  const meta = code === undefined ? {} : { meta: { security: [{ system: CONFIDENTIALITY, code }] } };
  return JSON.stringify({ resourceType: 'Patient', id, ...meta, name: [{ family: `Name${index}`, given: ['Given'] }] });
}

function teamOf(id: string): string {
  const subject = { reference: `Patient/${id}` };
  const participant = [{ member: { reference: practitioner } }];
  return JSON.stringify({ resourceType: 'CareTeam', id: `team-${id}`, status: 'active', subject, participant });
}

function time(work: () => unknown): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

import { join } from 'node:path';
import type { Database } from 'better-sqlite3-multiple-ciphers';
import type { Cache } from '../../main/cache/client.ts';
import { openDatabase } from '../../main/cache/open.ts';
import {
  type OutboxOperations,
  outboxNames,
  pageNames,
  type ReadOperations,
  readNames,
  writeNames,
} from '../../main/cache/operations.ts';
import { createReads } from '../../main/cache/reads/index.ts';
import { type Caller, createCaller, type Port, serve } from '../../main/cache/rpc.ts';
import { cacheMigrations } from '../../main/cache/schema/index.ts';
import { storeErrorOf } from '../../main/cache/store-error.ts';
import { createWriter, type Writer } from '../../main/cache/writer-operations.ts';
import { createFhirClient } from '../../main/fhir/client.ts';
import { defaultPolicy } from '../../main/managed/policy.ts';
import { runSync } from '../../main/sync/engine.ts';
import type { RunResult } from '../../main/sync/run-options.ts';
import { acceptServer } from '../../main/sync/server.ts';
import { runUpload } from '../../main/sync/upload/upload.ts';
import type { Result } from '../../preload/contract/channel.ts';
import type { StoreError } from '../../preload/contract/session.ts';
import type { LocalServer } from '../server/local.ts';
import { watchCommits } from '../support/commits.ts';
import type { Mutant } from './mutants.ts';
import type { Network } from './network.ts';
import type { Death, Fate, Plan } from './plan.ts';
import { random } from './random.ts';
import type { Time } from './time.ts';

/** One clinician's workstation: the real sync engine on real encrypted databases, which dies and starts again. */
export interface Workstation {
  readonly client: number;
  readonly read: ReadOperations;
  readonly outbox: OutboxOperations;
  /** Of the last run that ended by itself. */
  readonly lastResult: RunResult | null;
  /** By the workstation's own clock. */
  now(): number;
  jump(ms: number): void;
  /** Opens the databases, as a start of the program does. */
  start(): void;
  /** Begins a run, unless one is under way. */
  sync(fates: readonly (Fate & { at: number })[], death: Death | null): void;
  cancel(): void;
  /** The process ends as it stands. */
  die(): void;
  alive(): boolean;
  running(): boolean;
  /** How many runs were begun. */
  runs(): number;
  /** Does what a person does; the process may die in it. */
  attempt<Value>(deed: () => Value): Value | 'died';
  /** IT takes a restored server for what it is. */
  accept(): Promise<void>;
  /** From now on nothing disturbs. */
  heal(): void;
  end(): void;
}

export interface WorkstationOptions {
  readonly client: number;
  readonly folder: string;
  readonly server: LocalServer;
  readonly network: Network;
  readonly time: Time;
  readonly plan: Plan;
  /** Server time at which the simulation begins. */
  readonly epoch: number;
  readonly note: (line: string) => void;
  readonly mutant?: Mutant;
}

/** From start to death. */
interface Life {
  readonly operations: Record<string, (args: unknown) => unknown>;
  readonly handles: Database[];
  /** Asks what writes, as across the boundary of its thread. */
  readonly writer: Caller;
  alive: boolean;
  aborter: AbortController;
  running: boolean;
}

const never = new Promise<never>(() => undefined);
const key = (byte: number) => new Uint8Array(32).fill(byte);

/** Pages that come within this time wait for the writer together. */
const WRITER_MS = 1;

class ProcessDied extends Error {}

export function createWorkstation(options: WorkstationOptions): Workstation {
  const { client, folder, server, network, time, plan, epoch, mutant } = options;
  const ids = random(plan.seed, `ids of ${client}`);
  const luck = random(plan.seed, `luck of ${client}`);
  const token = server.tokenFor();
  let life: Life | null = null;
  let created = false;
  let offset = client * 1_000;
  let runs = 0;
  let lastResult: RunResult | null = null;
  let script: { fates: readonly (Fate & { at: number })[]; death: Death | null } = { fates: [], death: null };
  let requests = 0;
  const counted = { commit: 0, call: 0 };
  let disturbed = true;

  function kill(dying: Life): void {
    dying.alive = false;
    // As a killed process leaves them: what is under way is rolled back.
    for (const handle of dying.handles) handle.close();
  }

  /** Ends the process where the script says so. */
  function reach(at: Death['at'], side: Death['side'], living: Life): void {
    const { death } = script;
    if (death?.at !== at || death.side !== side || death.n !== counted[at] || !living.running || !disturbed) return;
    script = { ...script, death: null };
    kill(living);
    throw new ProcessDied();
  }

  function live(): Life {
    const operations: Life['operations'] = {};
    const asker = writerPort(() => living.alive);
    const living: Life = {
      operations,
      handles: [],
      writer: createCaller(asker.near),
      alive: true,
      aborter: new AbortController(),
      running: false,
    };
    const hooks = {
      before: () => reach('commit', 'before', living),
      after: () => {
        reach('commit', 'after', living);
        counted.commit += 1;
      },
    };
    const open = ((opening: Parameters<typeof openDatabase>[0]) => {
      const opened = openDatabase(opening as never);
      if (!opened.ok) return opened;
      living.handles.push(opened.value);
      return { ok: true, value: watchCommits(opened.value, hooks) };
    }) as typeof openDatabase;
    const file = join(folder, 'cache.db');
    const writer = createWriter({ open, newId: ids.uuid });
    Object.assign(living.operations, writer.operations);
    const answer = living.operations['open']!({
      file,
      key: key(7),
      create: !created,
      outbox: { file: join(folder, 'outbox.db'), key: key(8) },
    }) as Result<null, StoreError>;
    const cache = writer.cache();
    // Reads have a connection of their own, as in the program.
    const reader = openDatabase({ file, key: key(7), mode: 'read', migrations: cacheMigrations });
    if (!answer.ok || !cache || !reader.ok)
      throw new Error(`client ${client} can't open its files: ${JSON.stringify(answer)}`);
    living.handles.push(reader.value);
    created = true;
    Object.assign(living.operations, createReads(reader.value), mutant?.operations?.(living.operations, cache));
    asker.serve(operations, writer.together);
    return living;
  }

  function current(): Life {
    if (!life) throw new Error('not started');
    return life;
  }

  function attempt<Value>(deed: () => Value): Value | 'died' {
    const living = current();
    if (!living.alive) return 'died';
    try {
      const value = deed();
      return living.alive ? value : 'died';
    } catch (error) {
      if (!living.alive) return 'died';
      throw error;
    }
  }

  /** The port of the writer's thread: pages wait there for a moment, and what comes after them stays behind them. */
  function writerPort(isAlive: () => boolean) {
    const waiting: unknown[] = [];
    let receive: (message: unknown) => void = () => undefined;
    let answer: (message: unknown) => void = () => undefined;
    let planned: (() => void) | null = null;

    function drain(): void {
      planned?.();
      planned = null;
      for (let first = waiting.shift(); first && isAlive(); first = waiting.shift()) receive(first);
    }

    const near: Port = {
      postMessage(message) {
        waiting.push(structuredClone(message));
        if (pageNames.has((message as { op: string }).op)) planned ??= time.after(WRITER_MS, drain);
        else drain();
      },
      on: (_event, listener) => {
        answer = listener;
      },
    };
    const far: Port = {
      postMessage(message) {
        time.touch();
        if (isAlive()) answer(structuredClone(message));
      },
      on: (_event, listener) => {
        receive = listener;
      },
    };
    return {
      near,
      serve: (operations: Life['operations'], together: Writer['together']) =>
        serve(far, operations, storeErrorOf, { names: pageNames, next: () => waiting.shift(), together }),
    };
  }

  /** As across a process boundary: arguments and answers are copies, and a dead process never answers. */
  function remote(living: Life, name: string, isWrite: boolean): (args?: unknown) => Promise<unknown> {
    return async (args) => {
      if (!living.alive) return never;
      time.touch();
      try {
        reach('call', 'before', living);
        const value = isWrite
          ? await living.writer.call(name, args)
          : structuredClone(living.operations[name]!(structuredClone(args)));
        if (!living.alive) return never;
        reach('call', 'after', living);
        counted.call += 1;
        return value;
      } catch (error) {
        if (!living.alive) return never;
        throw error;
      }
    };
  }

  function cacheOf(living: Life): Cache {
    const group = (names: readonly string[], isWrite: boolean) =>
      Object.fromEntries(names.map((name) => [name, remote(living, name, isWrite)]));
    return {
      read: group(readNames, false),
      write: group(writeNames, true),
      outbox: group(outboxNames, true),
    } as unknown as Cache;
  }

  function wait(living: Life, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => living.alive && resolve();
      const cancel = time.after(ms, done);
      signal?.addEventListener('abort', () => {
        cancel();
        done();
      });
    });
  }

  function fate(): Fate | undefined {
    requests += 1;
    return disturbed ? script.fates.find(({ at }) => at === requests - 1) : undefined;
  }

  async function run(living: Life): Promise<void> {
    const number = runs;
    const cache = cacheOf(living);
    const line = { client, run: () => number, fate, alive: () => living.alive };
    const fetch = network.fetchFor(line);
    const timers = {
      now: () => epoch + time.now() + offset,
      wait: (ms: number, signal?: AbortSignal) => wait(living, ms, signal),
    };
    let asked = 0;
    const requestId = () => {
      asked += 1;
      return `${client}-${number}-${asked}`;
    };
    const connection = {
      base: server.url,
      fetch,
      accessToken: async () => ({ ok: true as const, value: token }),
      requestId,
      retry: { ...timers, random: luck.next },
    };
    const real = createFhirClient(connection);
    const fhir = mutant?.fhir?.(real) ?? real;
    const result = await runSync({
      cache,
      fhir,
      practitioner: `Practitioner/sim-${client}`,
      policy: { ...defaultPolicy, panel: { ...defaultPolicy.panel, group: plan.bulk ? `panel-${client}` : null } },
      timers,
      random: luck.next,
      signal: living.aborter.signal,
      upload: (facts, signal) => runUpload({ cache, fhir, capabilities: facts.statement, signal }),
      onProgress: () => undefined,
      onChanged: () => undefined,
      onAnswer: () => undefined,
    });
    if (!living.alive) return;
    lastResult = result;
    living.running = false;
    options.note(`client ${client}: run ${number} ended: ${result.ok ? 'complete' : result.error.code}`);
  }

  const direct = <Names extends readonly string[]>(names: Names) =>
    Object.fromEntries(
      names.map((name) => [name, (args: unknown) => current().operations[name]!(structuredClone(args))]),
    );

  return {
    client,
    read: direct(readNames) as unknown as ReadOperations,
    outbox: direct(outboxNames) as unknown as OutboxOperations,
    get lastResult() {
      return lastResult;
    },
    now: () => epoch + time.now() + offset,
    jump(ms) {
      offset += ms;
    },
    start() {
      if (life?.alive) return;
      life = live();
      lastResult = null;
    },
    sync(fates, death) {
      const living = current();
      if (living.running || !living.alive) return;
      script = { fates, death };
      requests = 0;
      counted.commit = 0;
      counted.call = 0;
      runs += 1;
      lastResult = null;
      living.running = true;
      living.aborter = new AbortController();
      run(living).catch((error: unknown) => {
        if (!living.alive) return;
        living.running = false;
        options.note(`client ${client}: run failed: ${String((error as Error).stack)}`);
        lastResult = { ok: false, error: { code: 'store-failed', retryAfter: null } };
      });
    },
    cancel: () => current().aborter.abort(),
    die() {
      const living = current();
      if (living.alive) kill(living);
    },
    alive: () => life?.alive ?? false,
    running: () => life?.running ?? false,
    runs: () => runs,
    attempt,
    accept: () => acceptServer(cacheOf(current())),
    heal() {
      disturbed = false;
    },
    end() {
      if (life?.alive) kill(life);
    },
  };
}

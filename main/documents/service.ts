import { stat } from 'node:fs/promises';
import { CodedError } from '../cache/store-error.ts';
import { diskErrorOf, no } from './errors.ts';
import type { KmsClients } from './format/recipients.ts';
import { spool } from './format/spool.ts';
import { createHeld } from './held.ts';
import { createSecretKeys } from './keys/secret-keys.ts';
import { openMessage } from './opened/open.ts';
import type { SealedFile } from './opened/sealed-file.ts';
import { createPendingFile, type OpenFile } from './pending-file.ts';
import type { FileState } from './plain.ts';
import { createScanTools, type ScanTools } from './scanner.ts';
import type { Answer, DocumentsProcess, FileSource, Intake } from './types.ts';

export interface ServiceOptions {
  readonly intake: Intake;
  readonly newId: () => string;
  /** SANE, unless something stands in for it. */
  readonly scanner?: ScanTools;
  /** AWS KMS, where something stands in for it. */
  readonly kmsClients?: KmsClients;
  readonly openFile?: OpenFile;
  /** Makes a pair, as private JWK; default: RSA-3072. */
  readonly newKeyPair?: () => Promise<JsonWebKey>;
}

/** What a running task lets others see and do. */
interface Task {
  readonly controller: AbortController;
  done: number;
  total: number;
}

export interface DocumentsService extends DocumentsProcess {
  /** Ends all tasks and closes what is open. */
  end(): Promise<void>;
}

/** Largest answer to one `read`. */
const READ_MAX = 4 * 1024 * 1024;

/** All that the documents process does, in any process. */
export function createDocumentsService({ intake, newId, ...more }: ServiceOptions): DocumentsService {
  const { kmsClients, openFile, newKeyPair, scanner = createScanTools() } = more;
  const tasks = new Map<string, Task>();
  const runs = new Set<Promise<unknown>>();
  const opened = new Map<string, SealedFile>();
  const held = createHeld();
  /** The path of a file, or what is held; null where nothing is. */
  const found = (source: FileSource) => (typeof source === 'string' ? source : held.find(source.held));
  const { opened: keysOf, ...secretKeys } = createSecretKeys(newKeyPair);

  async function during<Value>(name: string, work: (task: Task) => Promise<Value>): Promise<Value> {
    if (tasks.has(name)) throw new CodedError('task-running');
    const task = { controller: new AbortController(), done: 0, total: 0 };
    tasks.set(name, task);
    const run = work(task);
    runs.add(run);
    try {
      return await run;
    } finally {
      runs.delete(run);
      tasks.delete(name);
    }
  }

  /** For one run: how it is ended, and where it tells how far it is. */
  const runOptions = (task: Task) => ({
    signal: task.controller.signal,
    openFile,
    onProgress(done: number, total: number) {
      task.done = done;
      task.total = total;
    },
  });

  return {
    ...secretKeys,
    async inspect({ source, rules }) {
      const file = found(source);
      return file === null ? no('file-unreadable') : intake.inspect(file, rules);
    },
    hold: async (piece) => held.add(piece.held, piece.bytes),
    drop: async (one) => held.drop(one.held),
    scanners: () => during(newId(), ({ controller }) => scanner.list(controller.signal)),
    scan: ({ task: name, held: into, device }) =>
      during(name, async (task) => {
        let size = 0;
        const { signal, onProgress } = runOptions(task);
        const take = (piece: Buffer) => {
          size += piece.length;
          return held.add(into, piece);
        };
        const scanned = await scanner.scan(device, { signal, take, onProgress: (percent) => onProgress(percent, 100) });
        return scanned.ok ? { ok: true, value: { size } } : scanned;
      }),
    encrypt: (request) =>
      during(request.task, async (task) => {
        const source = found(request.source);
        const seen = source !== null && (await stateOf(source));
        if (source === null || !seen) return no('file-unreadable');
        const inspected = await intake.inspect(source, request.rules);
        if (!inspected.ok) return inspected;
        const strip = request.strip ? intake.strip(inspected.value.contentType) : null;
        const { maxBytes } = request.rules;
        const spooled = await spool({ ...request, source, ...runOptions(task), maxBytes, seen, strip, kmsClients });
        return spooled.ok ? { ok: true, value: { ...spooled.value, ...inspected.value } } : spooled;
      }),
    open: (request) =>
      during(request.task, async (task) => {
        const answer = await openMessage({ ...request, keys: keysOf(request.keys) }, { ...runOptions(task), intake });
        if (!answer.ok) return answer;
        const { file, inspected } = answer.value;
        const handle = newId();
        opened.set(handle, file);
        return { ok: true, value: { handle, size: file.size, ...inspected } };
      }),
    async read({ handle, offset, length }) {
      const file = opened.get(handle);
      if (!file) throw new CodedError('not-open');
      return file.read(offset, Math.min(length, READ_MAX));
    },
    async save({ handle, target }) {
      const file = opened.get(handle);
      return file ? saved(file, target, openFile) : no('not-open');
    },
    async close({ handle }) {
      const file = opened.get(handle);
      opened.delete(handle);
      await file?.close();
    },
    async cancel({ task }) {
      tasks.get(task)?.controller.abort();
    },
    async progress({ task }) {
      const running = tasks.get(task);
      return running ? { done: running.done, total: running.total } : null;
    },
    async end() {
      for (const { controller } of tasks.values()) controller.abort();
      await Promise.allSettled(runs);
      const files = [...opened.values()];
      opened.clear();
      held.clear();
      await Promise.all(files.map((file) => file.close()));
    },
  };
}

/** By which a file is known again; what is in memory is always the same. */
async function stateOf(source: string | Buffer): Promise<FileState | null> {
  if (typeof source !== 'string') return { ino: 0, size: source.length, mtimeMs: 0 };
  return stat(source).catch(() => null);
}

async function saved(
  file: SealedFile,
  target: string,
  openFile: OpenFile | undefined,
): Promise<Answer<null, 'disk-full' | 'store-failed'>> {
  try {
    const copy = await createPendingFile(target, undefined, openFile);
    try {
      for (let at = 0; at < file.size; at += READ_MAX) await copy.write(await file.read(at, READ_MAX));
      await copy.commit(true);
      return { ok: true, value: null };
    } catch (error) {
      await copy.discard();
      throw error;
    }
  } catch (error) {
    return no(diskErrorOf(error) ?? 'store-failed');
  }
}

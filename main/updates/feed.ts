import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open as openFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../preload/contract/channel.ts';
import type { Artifact } from './documents.ts';
import { refused } from './refused.ts';

/** Larger than any document; more is not read. */
const DOCUMENT_MAX = 262_144;
/** A feed that says nothing for so long is not there. */
const SILENCE_MS = 30_000;

export interface FeedOptions {
  /** Address of the folder, with a slash at its end. */
  readonly base: string;
  readonly fetch: typeof globalThis.fetch;
  readonly after: (ms: number, callback: () => void) => () => void;
}

export type FeedError = 'feed-unreachable' | 'feed-redirected' | 'feed-too-large';
export type FileError =
  | 'file-missing'
  | 'file-too-large'
  | 'file-cut-off'
  | 'file-changed'
  | 'disk-full'
  | 'store-failed';

export interface Feed {
  /** A document; null where the feed has none of that name. */
  document(name: string): Promise<Result<string | null, FeedError>>;
  /** Fetches a file into a folder of its own, whole and with the hash that was signed, or not at all. Answers its path. */
  file(artifact: Artifact, folder: string): Promise<Result<string, FeedError | FileError>>;
}

/** Reads a feed: plain files below one address. Nothing leads from there to another place, and no more is read than is due. */
export function createFeed({ base, fetch, after }: FeedOptions): Feed {
  /** An answer, and what keeps it from going on for ever. */
  async function ask(name: string): Promise<Result<{ response: Response; watch: Watch } | null, FeedError>> {
    const watch = watchFor(after);
    try {
      const response = await fetch(new URL(name, base).href, {
        redirect: 'manual',
        cache: 'no-store',
        signal: watch.signal,
      });
      if (isRedirect(response)) return stop(watch, refused('feed-redirected'));
      if (response.status === 404) return stop(watch, { ok: true, value: null });
      if (response.status !== 200) return stop(watch, refused('feed-unreachable'));
      return { ok: true, value: { response, watch } };
    } catch (error) {
      // Chromium's stack ends such a request instead of answering it.
      return stop(watch, refused(/redirect/i.test(String(error)) ? 'feed-redirected' : 'feed-unreachable'));
    }
  }

  return {
    async document(name) {
      const answer = await ask(name);
      if (!answer.ok || answer.value === null) return answer as Result<null, FeedError>;
      const { response, watch } = answer.value;
      const parts: Uint8Array[] = [];
      const ended = await readParts(response, watch, DOCUMENT_MAX, (part) => void parts.push(part));
      if (ended !== 'whole') return refused(ended === 'too-large' ? 'feed-too-large' : 'feed-unreachable');
      return { ok: true, value: Buffer.concat(parts).toString('utf8') };
    },

    async file(artifact, folder) {
      const answer = await ask(artifact.file);
      if (!answer.ok) return answer;
      if (answer.value === null) return refused('file-missing');
      const { response, watch } = answer.value;
      try {
        return await store(response, watch, artifact, folder);
      } catch (error) {
        return refused((error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'disk-full' : 'store-failed');
      } finally {
        watch.end();
      }
    },
  };
}

/** Gives up a request that stands still. */
interface Watch {
  readonly signal: AbortSignal;
  /** Something has come. */
  alive(): void;
  end(): void;
}

function watchFor(after: FeedOptions['after']): Watch {
  const given = new AbortController();
  let forget = after(SILENCE_MS, () => given.abort());
  return {
    signal: given.signal,
    alive() {
      forget();
      forget = after(SILENCE_MS, () => given.abort());
    },
    end() {
      forget();
      given.abort();
    },
  };
}

function stop<Value>(watch: Watch, value: Value): Value {
  watch.end();
  return value;
}

const isRedirect = ({ type, status, redirected }: Response) =>
  redirected || type === 'opaqueredirect' || (status >= 300 && status < 400);

/** Hands on what comes, up to so many bytes. */
async function readParts(
  response: Response,
  watch: Watch,
  most: number,
  take: (part: Uint8Array) => void | Promise<void>,
): Promise<'whole' | 'too-large' | 'cut-off'> {
  let size = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read().catch(() => null);
      if (next === null) return 'cut-off';
      if (!next || next.done) return 'whole';
      watch.alive();
      size += next.value.length;
      if (size > most) return 'too-large';
      await take(next.value);
    }
  } finally {
    watch.end();
  }
}

/** Written under another name until it is known to be what was signed; anything else that lies there is removed first. */
async function store(
  response: Response,
  watch: Watch,
  { file, size, sha512 }: Artifact,
  folder: string,
): Promise<Result<string, FileError>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
  const beside = join(folder, `${file}.part`);
  const handle = await openFile(beside, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  const hash = createHash('sha512');
  let written = 0;
  try {
    const ended = await readParts(response, watch, size, async (part) => {
      hash.update(part);
      written += part.length;
      await handle.writeFile(part);
    });
    if (ended === 'too-large') return refused('file-too-large');
    if (ended === 'cut-off' || written < size) return refused('file-cut-off');
    if (hash.digest('hex') !== sha512) return refused('file-changed');
    await handle.sync();
  } finally {
    await handle.close();
  }
  const path = join(folder, file);
  await rename(beside, path);
  return { ok: true, value: path };
}

/** Whether a file is still what was signed: asked again right before it is handed to an installer. */
export async function isAsSigned(path: string, { size, sha512 }: Artifact): Promise<boolean> {
  const handle = await openFile(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (!handle) return false;
  try {
    if ((await handle.stat()).size !== size) return false;
    const hash = createHash('sha512');
    for await (const part of handle.createReadStream({ autoClose: false })) hash.update(part as Buffer);
    return hash.digest('hex') === sha512;
  } finally {
    await handle.close();
  }
}

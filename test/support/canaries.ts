import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';

/** A secret or a piece of PHI, in each form in which it could have been written. */
export interface Canary {
  name: string;
  forms: Buffer[];
}

export function textCanary(name: string, text: string): Canary {
  return {
    name,
    forms: [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(JSON.stringify(text).slice(1, -1))],
  };
}

export function keyCanary(name: string, key: Buffer): Canary {
  const forms = [key, Buffer.from(key.toString('hex')), Buffer.from(key.toString('hex').toUpperCase())];
  return { name, forms: [...forms, Buffer.from(key.toString('base64')), Buffer.from(key.toString('base64url'))] };
}

function* filesBelow(folder: string): Generator<string> {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory()) yield* filesBelow(path);
    else if (entry?.isFile()) yield path;
  }
}

/** Names of the canaries that stand in some bytes. */
export function matches(content: Buffer, canaries: readonly Canary[]): string[] {
  return canaries.filter(({ forms }) => forms.some((form) => content.includes(form))).map(({ name }) => name);
}

/** `file: canary` for each file below the folders that holds one. */
export function scanFiles(folders: readonly string[], canaries: readonly Canary[]): string[] {
  return folders.flatMap((folder) =>
    [...filesBelow(folder)].flatMap((file) => matches(readFileSync(file), canaries).map((name) => `${file}: ${name}`)),
  );
}

/**
 * The same for what the processes keep open on disk though it is deleted, and for their arguments and environment.
 * Shared memory (/dev/shm, memfd) is memory, not a file that outlives them.
 */
export async function scanProcesses(pids: readonly number[], canaries: readonly Canary[]): Promise<string[]> {
  // While it puts itself into its sandbox, a process lets nobody look.
  const scans = pids.map((pid) => vi.waitFor(() => scanProcess(pid, canaries), { timeout: 10_000 }));
  return (await Promise.all(scans)).flat();
}

/** Nothing of a process that has ended. */
function scanProcess(pid: number, canaries: readonly Canary[]): string[] {
  try {
    const hits = ['cmdline', 'environ'].flatMap((file) =>
      matches(readFileSync(`/proc/${pid}/${file}`), canaries).map((name) => `${pid} ${file}: ${name}`),
    );
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${descriptor}`;
      const target = readlink(path);
      const deletedFile = target.endsWith(' (deleted)') && !/^\/(dev\/shm|memfd:)/.test(target);
      if (deletedFile) hits.push(...matches(readFileSync(path), canaries).map((name) => `${pid} ${target}: ${name}`));
    }
    return hits;
  } catch (error) {
    if (existsSync(`/proc/${pid}`)) throw error;
    return [];
  }
}

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Shannon entropy in bits a byte; 8 is what encrypted data comes close to. */
export function entropy(content: Buffer): number {
  const counts = new Array<number>(256).fill(0);
  for (const byte of content) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce((sum, count) => {
    const share = count / content.length;
    return count === 0 ? sum : sum - share * Math.log2(share);
  }, 0);
}

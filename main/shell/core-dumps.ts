import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** Of util-linux, on which the packages depend. */
const PRLIMIT = '/usr/bin/prlimit';

/** An unlock waits for it: it must not wait for ever. */
const PATIENCE_MS = 5_000;

/**
 * Keeps Linux from writing the memory of a process that crashes to a disk: of this process and of those below it, and by
 * inheritance of all that they will start. Answers whether that is so for each. Other systems have no such switch for a
 * program of an ordinary user.
 */
export async function forbidCoreDumps(platform: NodeJS.Platform = process.platform): Promise<boolean> {
  if (platform !== 'linux') return true;
  const limited = new Set<number>();
  let done = true;
  // Processes start while others are limited. One whose parent was limited first has the limit from it, so a list that
  // was made after all of its parents were limited, and names none but them, is whole.
  for (
    let found = [process.pid];
    found.length > 0;
    found = (await below(process.pid)).filter((pid) => !limited.has(pid))
  ) {
    done = (await Promise.all(found.map(forbid))).every(Boolean) && done;
    for (const pid of found) limited.add(pid);
  }
  return done;
}

/** True also of a process that has ended meanwhile. */
function forbid(pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(PRLIMIT, ['--pid', String(pid), '--core=0:0'], { timeout: PATIENCE_MS }, async (error) => {
      resolve(error === null || (await limits(pid)) === null);
    });
  });
}

const limits = (pid: number): Promise<string | null> => readFile(`/proc/${pid}/limits`, 'utf8').catch(() => null);

/** Processes below one, however deep. */
async function below(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(below))).flat()];
}

import { spawnSync } from 'node:child_process';

/** Prints one line per step with its time, so that a long set-up never looks stuck. */
export async function step(name, work) {
  const start = performance.now();
  process.stdout.write(`setup: ${name} … `);
  const said = await work((message) => process.stdout.write(`${message} … `));
  process.stdout.write(`${said} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
}

/** An expected failure: its message is all that a person needs; no stack is shown. */
export class SetupError extends Error {}

/** Runs a command to its end; its output is shown only when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  if (result.error || result.status !== 0) {
    const said = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-25).join('\n');
    throw new SetupError(`${command} ${args.join(' ')}\n${result.error?.message ?? said}`);
  }
  return result.stdout;
}

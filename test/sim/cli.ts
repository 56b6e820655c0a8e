import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { explain } from './seed.ts';
import { runSeeds } from './seeds.ts';

/*
 * npm run sim -- --seed N --steps M --clients K [--seeds N | --soak] [--json]
 * One seed, several from N on, or 1,000. Prints what happened in the first that fails, and a JSON value at the end.
 */

const SOAK = 1_000;
/** Plans that are tried to find the shortest that fails. */
const TRIES = 150;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '300' },
    clients: { type: 'string', default: '3' },
    seeds: { type: 'string' },
    jobs: { type: 'string' },
    soak: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 on, not "${text}"`);
  return value;
}

const [seed, steps, clients] = [
  whole('seed', values.seed),
  whole('steps', values.steps),
  whole('clients', values.clients),
];
const seeds = values.soak ? SOAK : whole('seeds', values.seeds ?? '1');
const jobs = whole('jobs', values.jobs ?? String(availableParallelism()));

const say = (line: string) => process.stderr.write(`${line}\n`);
const begun = performance.now();
let done = 0;
const results = await runSeeds({
  seed,
  seeds,
  steps,
  clients,
  jobs,
  onResult({ report, violations }) {
    done += 1;
    if (!report.ok) {
      say(`seed ${report.seed} fails:`);
      for (const { kind, what } of violations.slice(0, 10)) say(`  ${kind}: ${what}`);
    }
    if (done % 50 === 0) say(`${done} of ${seeds} seeds, ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  },
});

const reports = results.map(({ report }) => report);
const sum = (name: 'acknowledged' | 'lost' | 'duplicated' | 'unconditional' | 'diverged') =>
  reports.reduce((total, report) => total + report[name], 0);
const failing = reports.filter(({ ok }) => !ok).map((report) => report.seed);
const [first] = failing;
if (first !== undefined) {
  for (const line of await explain({ seed: first, steps, clients }, TRIES)) say(line);
  say(`To see it again: npm run sim -- --seed ${first} --steps ${steps} --clients ${clients}`);
}
const total = {
  seed,
  steps,
  ok: failing.length === 0,
  acknowledged: sum('acknowledged'),
  lost: sum('lost'),
  duplicated: sum('duplicated'),
  unconditional: sum('unconditional'),
  diverged: sum('diverged'),
  ...(seeds > 1 && { seeds, failing }),
};
if (!values.json) {
  const requests = results.reduce((all, result) => all + result.requests, 0);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(`${seeds} seeds of ${steps} steps with ${clients} clients, ${requests} requests, ${seconds} s`);
}
process.stdout.write(`${JSON.stringify(total)}\n`);
process.exit(failing.length === 0 ? 0 : 1);

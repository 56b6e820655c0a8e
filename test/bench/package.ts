import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findRuntime } from '../../build/runtime.mjs';
import { project } from '../../build/setup/places.mjs';
import { buildPackages } from '../support/built-package.ts';
import { type RunningProgram, startDebugged, startInstalled } from '../support/installed.ts';
import { type Machine, type Seat, sitDown, startMachine } from '../support/machine.ts';
import { type BenchResult, median, rounded } from './statistics.ts';

const PAIRS = 9;

/**
 * What IT rolls out: how large it is once it is installed, how soon its first screen stands, beside an empty window of the
 * same runtime started alike, and how long a package takes to build. On a copy of this computer, so it needs root.
 */
export async function benchPackage(say: (message: string) => void): Promise<BenchResult[]> {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') {
    throw new Error('packages are measured as root on Debian, where they can be installed on a copy of the computer');
  }
  const out = mkdtempSync('/var/tmp/wardlight-bench-');
  try {
    say('building');
    const begun = performance.now();
    buildPackages(out, 'deb');
    const built = performance.now() - begun;
    const machine = await startMachine();
    try {
      const { installed, pairs } = await measureInstalled(machine, out, say);
      return results(built, installed, pairs);
    } finally {
      await machine.end();
    }
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

interface Pair {
  readonly own: number;
  readonly empty: number;
}

async function measureInstalled(machine: Machine, packages: string, say: (message: string) => void) {
  say('installing');
  // What it depends on beyond what set-up has installed is no part of a start.
  const installing = machine.run('bash', ['-c', `dpkg -i --force-depends ${packages}/*.deb`]);
  if (installing.status !== 0) throw new Error(installing.said);
  const kilobytes = Number(machine.run('du', ['-sk', '/opt/Wardlight']).said.split('\t')[0]);
  machine.run('mkdir', ['-p', '/etc/wardlight']);
  writeFileSync(machine.path('/etc/wardlight/policy.json'), '{"remoteDebugging":true}');
  // On a copy nobody can make a user namespace, and the package has armed its helper: the empty window has one alike.
  machine.run('chmod', ['4755', join(dirname(findRuntime().executable), 'chrome-sandbox')]);
  const seat = await sitDown(machine, project);
  try {
    const pairs: Pair[] = [];
    for (let round = 0; round < PAIRS + 1; round += 1) {
      say(`start ${round} of ${PAIRS}`);
      const empty = await timed(() => startEmpty(machine, seat), 'ready');
      const own = await timed(() => startInstalled(machine, seat), 'signin-submit');
      // The first pair fills the operating system's file cache and isn't counted.
      if (round > 0) pairs.push({ own, empty });
    }
    return { installed: kilobytes / 1024, pairs };
  } finally {
    await seat.end();
  }
}

function startEmpty(machine: Machine, seat: Seat): Promise<RunningProgram> {
  const profile = join(seat.env['HOME'] ?? '', 'empty');
  return startDebugged(seat, {
    command: findRuntime().executable,
    args: [join(import.meta.dirname, 'empty'), `--user-data-dir=${profile}`],
    userData: machine.path(profile),
  });
}

async function timed(start: () => Promise<RunningProgram>, id: string): Promise<number> {
  const begun = performance.now();
  const running = await start();
  await running.page.getByTestId(id).waitFor();
  const ms = performance.now() - begun;
  await running.close();
  return ms;
}

function results(built: number, installed: number, pairs: readonly Pair[]): BenchResult[] {
  const peers = {
    'empty window ms': rounded(median(pairs.map(({ empty }) => empty)), 0),
    'wardlight ms': rounded(median(pairs.map(({ own }) => own)), 0),
  };
  const lower = { better: 'lower', target: null, peers: {} } as const;
  return [
    { ...lower, name: 'package.installed_mb', value: rounded(installed, 0), unit: 'MB' },
    {
      ...{ name: 'package.start_ratio', value: rounded(median(pairs.map(({ own, empty }) => own / empty))) },
      ...{ unit: 'ratio', better: 'lower', target: 1.3, peers },
    },
    { ...lower, name: 'package.build_s', value: rounded(built / 1_000, 0), unit: 's' },
  ];
}

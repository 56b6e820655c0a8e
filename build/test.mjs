// `npm test`: the static checks side by side, then the tests but for what takes long (it is to take eight minutes on two
// processors that are set up), with the time of each and the count at the end.
// `npm test -- --all`: every test there is. What continuous integration runs: without it nothing lands.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { giveToUser, runInDesktop } from '../test/support/desktop.ts';
import { modules, project, state } from './setup/places.mjs';
import { readReport } from './test-report.mjs';

const { all } = parseArgs({ options: { all: { type: 'boolean', default: false } } }).values;

/**
 * Integration tests for `--all`: they start processes by the dozen, to kill them or as IT's commands and its HSM, are very
 * large, make a great many random calls, or try one by one what the simulator's seeds do too.
 */
const EXHAUSTIVE = [
  'test/integration/crash/**',
  'test/integration/sim/mutants.test.ts',
  'test/integration/sync/{deletions,reset}.test.ts',
  'test/integration/access/property.test.ts',
  'test/integration/cache/{checkpoints,large}.test.ts',
  'test/integration/documents/keys/**',
  'test/integration/wipe/wipe.test.ts',
  'test/integration/**/{kill,encrypt-kill,cut}.test.ts',
  'test/integration/**/{policy-cli,cli-export}.test.ts',
];

/** The end-to-end and security tests of each run: the way through the whole program, its settings, and the canaries. */
const ESSENTIAL = [
  ...['tour', 'conflict', 'interrupted-sync', 'summary'].map((name) => `test/e2e/${name}.test.ts`),
  ...['settings', 'canaries'].map((name) => `test/security/${name}.test.ts`),
];

const reports = mkdtempSync(join(tmpdir(), 'wardlight-test-'));
chmodSync(reports, 0o755);

// Scripts that tests start anew many times needn't be compiled anew each time.
process.env.NODE_COMPILE_CACHE ??= join(state, 'compile-cache');

function node(script, ...args) {
  return spawn(process.execPath, [script, ...args], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
}

const tool = (...path) => join(modules, ...path);

/** Vitest's own report, beside what it prints. */
function vitestArgs(report, projects, ...further) {
  return [
    'run',
    '--configLoader',
    'native',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...further,
  ];
}

function reportOf(name) {
  const folder = join(reports, name);
  mkdirSync(folder);
  giveToUser(folder);
  return join(folder, 'report.json');
}

const unitReport = reportOf('unit');
const e2eReport = reportOf('e2e');
const unitArgs = vitestArgs(
  unitReport,
  ['apart', 'shared'],
  ...(all ? [] : EXHAUSTIVE.map((glob) => `--exclude=${glob}`)),
);
const e2eArgs = vitestArgs(e2eReport, ['e2e'], ...(all ? [] : ESSENTIAL));
const vitest = tool('vitest', 'vitest.mjs');

/** What runs side by side. The first ones take seconds, and fail before anything that takes minutes has begun. */
const stages = [
  [
    ['types', () => node(tool('typescript-native', 'bin', 'tsc'), '--noEmit')],
    ['lint', () => node(tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '.')],
    [
      'layer rules',
      () => node(tool('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), 'main', 'preload', 'renderer'),
    ],
    ['dead code', () => node(tool('knip', 'bin', 'knip.js'))],
    ['build', () => node(join(project, 'build', 'compile.mjs'))],
  ],
  [['unit and integration tests', () => node(vitest, ...unitArgs)]],
  // These have a person's clock, and windows that are waited for: beside each other, but beside nothing that computes.
  [['end-to-end and security tests', () => runInDesktop(process.execPath, [vitest, ...e2eArgs], { stdio: 'pipe' })]],
];

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** Runs one check, with its name before each of its lines; answers whether it passed. */
async function run([name, start]) {
  const begun = performance.now();
  const say = (line) => process.stdout.write(`${name} | ${line}\n`);
  const child = start();
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', say);
  const passed = await new Promise((resolve) => child.once('close', (code) => resolve(code === 0)));
  say(`${passed ? 'passed' : 'FAILED'} (${seconds(begun)})`);
  return passed;
}

const begun = performance.now();
const outcomes = [];
for (const checks of stages) outcomes.push(...(await Promise.all(checks.map(run))));
let failures = outcomes.filter((passed) => !passed).length;

let passedTests = 0;
let failedTests = 0;
const told = [];
for (const file of [unitReport, e2eReport]) {
  try {
    const report = readReport(readFileSync(file, 'utf8'), project);
    passedTests += report.passed;
    failedTests += report.failed;
    told.push(...report.told);
  } catch {
    failures += 1;
  }
}
rmSync(reports, { recursive: true, force: true });
if (told.length > 0) process.stdout.write(`\n${told.join('\n')}\n`);
process.stdout.write(`\n${outcomes.length} checks in ${seconds(begun)}, ${failures} of them failed\n`);
process.stdout.write(`${passedTests} passed, ${failedTests} failed\n`);
if (!all) process.stdout.write('The rest, which continuous integration runs: npm test -- --all\n');
process.exitCode = failures === 0 && failedTests === 0 && passedTests > 0 ? 0 : 1;

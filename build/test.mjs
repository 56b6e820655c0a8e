// `npm test`: every check, in the order in which they fail fastest, with the time of each and the count at the end.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveToUser, runInDesktop } from '../test/support/desktop.ts';
import { compile } from './compile.mjs';
import { modules, project } from './setup/places.mjs';

const reports = mkdtempSync(join(tmpdir(), 'wardlight-test-'));
chmodSync(reports, 0o755);

function ended(child) {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
}

function node(script, ...args) {
  return ended(spawn(process.execPath, [join(modules, script), ...args], { cwd: project, stdio: 'inherit' }));
}

/** Vitest's own report, beside what it prints. */
function vitestArgs(name, report) {
  return [
    'run',
    '--configLoader',
    'native',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
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
const vitest = join('vitest', 'vitest.mjs');

const checks = [
  ['types', () => node(join('typescript-native', 'bin', 'tsc'), '--noEmit')],
  ['lint', () => node(join('@biomejs', 'biome', 'bin', 'biome'), 'check', '.')],
  [
    'layer rules',
    () => node(join('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'), 'main', 'preload', 'renderer'),
  ],
  ['dead code', () => node(join('knip', 'bin', 'knip.js'))],
  ['build', async () => compile() || true],
  ['unit and integration tests', () => node(vitest, ...vitestArgs('unit', unitReport))],
  [
    'end-to-end and security tests',
    () => ended(runInDesktop(process.execPath, [join(modules, vitest), ...vitestArgs('e2e', e2eReport)])),
  ],
];

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;
const begun = performance.now();
let failures = 0;
for (const [name, check] of checks) {
  const start = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const passed = await check();
  process.stdout.write(`== ${name}: ${passed ? 'passed' : 'FAILED'} (${seconds(start)})\n`);
  if (!passed) failures += 1;
}

let passedTests = 0;
let failedTests = 0;
for (const report of [unitReport, e2eReport]) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    passedTests += numPassedTests;
    failedTests += numFailedTests;
  } catch {
    failures += 1;
  }
}
rmSync(reports, { recursive: true, force: true });
process.stdout.write(`\n${checks.length} checks in ${seconds(begun)}, ${failures} of them failed\n`);
process.stdout.write(`${passedTests} passed, ${failedTests} failed\n`);
process.exitCode = failures === 0 && failedTests === 0 && passedTests > 0 ? 0 : 1;

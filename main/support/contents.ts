import { cpus, release, totalmem } from 'node:os';
import { type Crash, type HealthReport, healthVersion } from '../../preload/contract/health.ts';
import type { BundlePart } from '../../preload/contract/support.ts';
import { callsIn, problemsIn, type ReadLog } from './log-lines.ts';
import type { ToldSetting } from './policy-values.ts';

const LINES_MAX = 1_000;

export interface BundleSources {
  readonly report: () => Promise<HealthReport>;
  readonly settings: () => readonly ToldSetting[];
  readonly crashes: () => readonly Crash[];
  readonly log: () => Promise<ReadLog>;
}

/** What a bundle says, part by part. Each is made of what may be told, and not of what is there less what may not. */
export async function bundleContents({
  report,
  settings,
  crashes,
  log,
}: BundleSources): Promise<Record<BundlePart, unknown>> {
  const { lines, leftOut } = await log();
  return {
    health: await report(),
    system: { ...systemFacts(), logLinesLeftOut: leftOut },
    policy: settings(),
    problems: problemsIn(lines),
    calls: callsIn(lines),
    crashes: crashes(),
    log: lines.slice(-LINES_MAX),
  };
}

/** The computer, as far as it matters to how fast things are and to which bugs its parts have. */
function systemFacts() {
  const version = healthVersion.safeParse(release());
  const { node, v8 } = process.versions;
  return {
    kernel: version.success ? version.data : null,
    processors: cpus().length,
    memoryBytes: totalmem(),
    node,
    v8,
  };
}

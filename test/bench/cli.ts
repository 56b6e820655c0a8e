import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { compile } from '../../build/compile.mjs';
import { findRuntime } from '../../build/runtime.mjs';
import { insideDesktop, runInDesktop } from '../support/desktop.ts';
import { benchAccess } from './access.ts';
import { benchAudit } from './audit.ts';
import { benchChart } from './chart.ts';
import { benchDocuments } from './documents.ts';
import { benchIngest } from './ingest.ts';
import { benchPackage } from './package.ts';
import { benchSearch } from './search.ts';
import { benchStart } from './start.ts';
import type { BenchResult } from './statistics.ts';
import { benchSync } from './sync.ts';
import { benchUnlock } from './unlock.ts';

const groups: Record<string, (say: (message: string) => void) => Promise<BenchResult[]>> = {
  start: benchStart,
  unlock: benchUnlock,
  sync: async (say) => [...(await benchIngest(say)), ...(await benchSync(say))],
  access: benchAccess,
  audit: benchAudit,
  documents: benchDocuments,
  chart: benchChart,
  search: (say) => benchSearch(say, values.size === undefined ? undefined : Number(values.size)),
};

/** Measured by itself only: it takes root, and minutes. */
const alone: typeof groups = { package: benchPackage };

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false }, size: { type: 'string' } },
});
const wanted = values.only?.split(',') ?? Object.keys(groups);
const known = wanted.length === 1 ? { ...groups, ...alone } : groups;
const unknown = wanted.filter((name) => !(name in known));
if (unknown.length > 0) {
  const names = Object.keys(groups).join(', ');
  console.error(
    `unknown group ${unknown.join(', ')}; there are ${names}, and by itself ${Object.keys(alone).join(', ')}`,
  );
  process.exit(2);
}
const isOutside = wanted.some((name) => name in alone);

function show({ name, value, unit, target, peers }: BenchResult): string {
  const goal = target === null ? '' : ` (target ${target})`;
  const beside = Object.entries(peers).map(([peer, figure]) => `${peer} ${figure}`);
  return `${name}: ${value} ${unit}${goal}; ${beside.join(', ')}`;
}

if (insideDesktop || isOutside) {
  const results: BenchResult[] = [];
  for (const name of wanted) results.push(...((await known[name]?.((message) => console.error(message))) ?? []));
  const runtime = findRuntime();
  const report = { runtime: `Electron ${runtime.version} (${runtime.kind})`, cores: availableParallelism(), results };
  console.log(values.json ? JSON.stringify(report, null, 2) : results.map(show).join('\n'));
  process.exit(0);
} else {
  compile();
  runInDesktop(process.execPath, [import.meta.filename, ...process.argv.slice(2)]).on('exit', (code) =>
    process.exit(code ?? 1),
  );
}

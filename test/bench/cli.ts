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

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean', default: false }, size: { type: 'string' } },
});
const wanted = values.only?.split(',') ?? Object.keys(groups);
const unknown = wanted.filter((name) => !(name in groups));
if (unknown.length > 0) {
  console.error(`unknown group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}`);
  process.exit(2);
}

function show({ name, value, unit, target, peers }: BenchResult): string {
  const goal = target === null ? '' : ` (target ${target})`;
  const beside = Object.entries(peers).map(([peer, figure]) => `${peer} ${figure}`);
  return `${name}: ${value} ${unit}${goal}; ${beside.join(', ')}`;
}

if (insideDesktop) {
  const results: BenchResult[] = [];
  for (const name of wanted) results.push(...((await groups[name]?.((message) => console.error(message))) ?? []));
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

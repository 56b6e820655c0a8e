import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { defaultPolicy } from '../../../main/managed/policy.ts';
import { createLog, logFiles } from '../../../main/shell/log.ts';
import { callsIn, problemsIn, readLog } from '../../../main/support/log-lines.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'wl-log-'));
const NOW = Date.parse('2026-11-26T03:01:00Z');

it('are all that the program has written, as it has written them', async () => {
  const data = folder();
  const log = createLog({ folder: data, now: () => NOW, rules: () => defaultPolicy.log });
  log.info('call', { feature: 'chart', name: 'read', code: 'ok', ms: 12 });
  log.warn('sync.failed', { code: 'server-unreachable' });
  log.warn('crash', { name: 'page', code: 'out-of-memory' });
  log.info('support.saved', { count: 3 });
  const { lines, leftOut } = await readLog(logFiles(data));
  expect(leftOut).toBe(0);
  expect(lines.map(({ event }) => event)).toEqual(['call', 'sync.failed', 'crash', 'support.saved']);
});

const good = {
  level: 30,
  time: '2026-11-26T03:01:00.000Z',
  event: 'call',
  feature: 'chart',
  name: 'read',
  code: 'ok',
  ms: 1,
};
it.each([
  ['a field that nobody has allowed', { ...good, patient: 'p1' }],
  ['a name for a code', { ...good, code: 'Amara Nwosu' }],
  ['an address for a code', { ...good, code: 'https://fhir.example' }],
  ['a call that the contract doesn’t have', { ...good, feature: 'nwosu' }],
  ['a name of a call that its feature doesn’t have', { ...good, name: 'amara' }],
  ['an event with a space', { ...good, event: 'Amara Nwosu' }],
  ['a message for a time', { ...good, time: 'last night' }],
  ['a text for a number', { ...good, ms: '12 for Amara' }],
  ['a list', [good]],
])('security: a line with %s is left out as a whole', async (_what, line) => {
  const data = folder();
  writeFileSync(join(data, 'main.log'), `${JSON.stringify(good)}\n${JSON.stringify(line)}\nno json\n`);
  expect(await readLog(logFiles(data))).toEqual({ lines: [good], leftOut: 2 });
});

it('are the newest ones of a log that is long, from the first that is whole', async () => {
  const data = folder();
  const lines = Array.from({ length: 20_000 }, (_, ms) => JSON.stringify({ ...good, ms }));
  writeFileSync(join(data, 'main.log'), `${lines.join('\n')}\n`);
  const read = await readLog(logFiles(data));
  expect(read.leftOut).toBe(0);
  expect(read.lines.at(-1)?.ms).toBe(19_999);
  expect(read.lines.length).toBeLessThan(20_000);
});

it('are none where there is no log', async () => {
  expect(await readLog(logFiles(join(folder(), 'none')))).toEqual({ lines: [], leftOut: 0 });
});

it('are summed up: what was warned of, and what was asked for', async () => {
  const warned = { level: 40, event: 'sync.failed', code: 'offline' };
  const lines = [
    { ...warned, time: '2026-11-26T01:00:00.000Z' },
    { ...good, ms: 30 },
    { ...warned, time: '2026-11-26T02:00:00.000Z' },
    { ...good, code: 'not-found', ms: 5 },
  ];
  expect(problemsIn(lines)).toEqual([
    {
      event: 'sync.failed',
      code: 'offline',
      count: 2,
      first: '2026-11-26T01:00:00.000Z',
      last: '2026-11-26T02:00:00.000Z',
    },
  ]);
  expect(callsIn(lines)).toEqual([{ call: 'chart.read', count: 2, slowestMs: 30, codes: { ok: 1, 'not-found': 1 } }]);
});

it('are those of the night, also after midnight', async () => {
  const data = folder();
  const line = (day: string) => JSON.stringify({ ...good, time: `${day}T23:59:00.000Z` });
  writeFileSync(join(data, 'main-2026-11-24.log'), `${line('2026-11-24')}\n`);
  writeFileSync(join(data, 'main-2026-11-25.log'), `${line('2026-11-25')}\n`);
  writeFileSync(join(data, 'main-2026-11-25.2.log'), `${line('2026-11-25')}\n`);
  writeFileSync(join(data, 'main.log'), `${line('2026-11-26')}\n`);
  const { lines } = await readLog(logFiles(data));
  expect(lines.map(({ time }) => time.slice(8, 10))).toEqual(['24', '25', '25', '26']);
});

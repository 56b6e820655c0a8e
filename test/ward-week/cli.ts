import { parseArgs } from 'node:util';
import { simulateWeek, type Week } from './week.ts';

/*
 * npm run ward-week -- [--seed N] [--seeds N] [--clinicians N] [--json]
 * Exits 0 only when each week's ten abuses are found, with at most one false alarm a clinician and month.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    clinicians: { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number from 1 on, not "${text}"`);
  return value;
}

const [seed, seeds] = [whole('seed', values.seed), whole('seeds', values.seeds)];
const clinicians = whole('clinicians', values.clinicians);
if (clinicians < 50) throw new Error('--clinicians takes 50 or more: two wards');

const WEEKS_BEFORE = 4;
const weeks: Week[] = [];
for (let index = 0; index < seeds; index += 1) {
  const week = simulateWeek({ seed: seed + index, clinicians, weeksBefore: WEEKS_BEFORE });
  weeks.push(week);
  tell(week);
}
if (values.json) process.stdout.write(`${JSON.stringify(seeds === 1 ? weeks[0] : weeks)}\n`);
process.exitCode = weeks.every(({ ok }) => ok) ? 0 : 1;

/** As a table, beside the JSON on the other stream. */
function tell(week: Week): void {
  const say = (line: string) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const { planted, falseAlarms } = week;
  say(`seed ${week.seed}: ${week.clinicians} clinicians, ${week.workstations} workstations, ${week.events} events`);
  for (const { abuse, rule, toldBy } of planted) {
    say(`  ${toldBy.length > 0 ? 'found ' : 'MISSED'}  ${abuse.padEnd(46)} ${toldBy.join(', ') || `(${rule})`}`);
  }
  const counts = Object.entries(falseAlarms).map(([rule, count]) => `${rule} ${count}`);
  say(`  false alarms: ${counts.join(', ') || 'none'}`);
  say(
    `  ${week.falseAlarmsPerClinicianMonth} a clinician and month; ${week.found} of ${planted.length} found; ${week.ok ? 'ok' : 'FAILED'}`,
  );
}

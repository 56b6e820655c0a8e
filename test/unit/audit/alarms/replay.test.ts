import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventsBetween } from '../../../../main/audit/alarms/replay.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString();

/** A log whose entries were recorded at these minutes. */
function logOf(minutes: readonly number[]) {
  const entries = minutes.map((minute, seq) => {
    const event = JSON.stringify({ resourceType: 'AuditEvent', id: `e${seq}`, recorded: at(minute) });
    return { seq, leaf: `{"event":${event},"previous":"${'A'.repeat(43)}=","seq":${seq},"version":1}` };
  });
  return {
    query: async () => entries.slice(-1),
    range: async (first: number, end: number) => entries.slice(first, end),
  };
}

it('the events of a time are read again from the log, oldest first, each once', async () => {
  const minutes = fc.array(fc.nat(2_000), { maxLength: 700 }).map((list) => list.sort((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(minutes, fc.nat(2_000), fc.nat(2_000), async (list, since, until) => {
      const read: string[] = [];
      for await (const page of eventsBetween(logOf(list), at(since), at(until))) {
        read.push(...page.map(({ id }) => id ?? ''));
      }
      const expected = list.flatMap((minute, seq) => (minute >= since && minute < until ? [`e${seq}`] : []));
      expect(read).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

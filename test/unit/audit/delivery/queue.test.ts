import { describe, expect, it, vi } from 'vitest';
import { createQueue, type DeliveryFinding, type TargetStatus } from '../../../../main/audit/delivery/queue.ts';
import { type Delivered, type Receipt, type Target, undelivered } from '../../../../main/audit/delivery/receipt.ts';
import { handTimers, openTestLog, type TestLog, TIME } from './support.ts';

const HOUR = 3_600_000;
const BUSY_MACHINE_MS = 20_000;

function receiptOf(path: string, besideAnother = false): Receipt {
  const sha256 = '0'.repeat(64);
  return { kind: 'directory', writeOnce: false, path, sha256, size: 1, inode: '1', besideAnother, time: TIME };
}

/** A queue over a real log; `answers` are what the target says in turn, ok after that. */
function start(
  log: TestLog,
  { answers = [], confirm = true }: { answers?: Delivered[]; confirm?: boolean | null } = {},
) {
  const timers = handTimers();
  const statuses: TargetStatus[] = [];
  const findings: DeliveryFinding[] = [];
  const brought: number[] = [];
  const target: Target = {
    name: 'test',
    async deliver({ first, name }) {
      brought.push(first);
      return answers.shift() ?? { ok: true, value: receiptOf(name) };
    },
    confirm: async () => ({ ok: true, value: confirm }),
  };
  const queue = createQueue({
    segments: async () => log.segments,
    target,
    timers,
    random: () => 0,
    onStatus: (status) => statuses.push(status),
    onFinding: (finding) => findings.push(finding),
  });
  /** Until it has brought so many, and has nothing to do or waits. */
  const settled = (count: number) =>
    vi.waitFor(async () => {
      const { problem, delivered } = queue.status();
      const [next] = await log.segments.undelivered({ target: 'test', limit: 1 });
      const isDone = problem === null && delivered !== null && next === undefined;
      if (brought.length !== count || !(isDone || timers.waiting.length > 0)) throw new Error('at work');
    }, BUSY_MACHINE_MS);
  return { queue, timers, statuses, findings, brought, target, settled };
}

async function logOf(segments: number): Promise<TestLog> {
  const log = openTestLog();
  for (let at = 0; at < segments; at += 1) {
    await log.append(2);
    await log.seal();
  }
  return log;
}

describe('the queue to a target', () => {
  it('brings segments in their order, and each once', async () => {
    const log = await logOf(3);
    const { queue, brought, settled } = start(log);
    queue.wake();
    queue.wake();
    await settled(3);
    expect(brought).toEqual([0, 2, 4]);
    expect(queue.status()).toEqual({ target: 'test', problem: null, needsIt: false, delivered: 6 });
    expect((await log.segments.receipts({ target: 'test', limit: 9 })).map(({ first }) => first)).toEqual([4, 2, 0]);
    queue.wake();
    await queue.stop();
    expect(brought).toEqual([0, 2, 4]);
  });

  it('brings none before the one before it is acknowledged, and waits longer each time', async () => {
    const log = await logOf(2);
    const answers = Array.from({ length: 14 }, () => undelivered('target-unreachable'));
    const { queue, timers, brought, settled } = start(log, { answers });
    queue.wake();
    const waits: number[] = [];
    for (let at = 0; at < 14; at += 1) {
      await settled(at + 1);
      waits.push(timers.waiting[0]?.ms ?? 0);
      timers.fire();
    }
    await settled(16);
    expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(waits.at(-1)).toBe(HOUR);
    expect(brought).toEqual([...Array.from({ length: 15 }, () => 0), 2]);
    expect(queue.status()).toMatchObject({ problem: null, delivered: 4 });
    await queue.stop();
  });

  it('waits as long as it is asked to, an hour at most', async () => {
    const log = await logOf(1);
    const answers = [undelivered('target-busy', 60_000), undelivered('target-busy', 9 * HOUR)];
    const { queue, timers, settled } = start(log, { answers });
    queue.wake();
    await settled(1);
    expect(timers.waiting[0]?.ms).toBe(60_000);
    timers.fire();
    await settled(2);
    expect(timers.waiting[0]?.ms).toBe(HOUR);
    await queue.stop();
    expect(timers.waiting).toEqual([]);
  });

  it('says what waits for IT, and goes on as soon as it is woken', async () => {
    const log = await logOf(1);
    const { queue, timers, brought, settled } = start(log, { answers: [undelivered('access-denied')] });
    queue.wake();
    await settled(1);
    expect(queue.status()).toMatchObject({ problem: 'access-denied', needsIt: true, delivered: 0 });
    expect(timers.waiting[0]?.ms).toBe(HOUR);
    queue.wake();
    await settled(2);
    expect(brought).toEqual([0, 0]);
    expect(queue.status()).toMatchObject({ problem: null, needsIt: false, delivered: 2 });
    expect(timers.waiting).toEqual([]);
    await queue.stop();
  });

  it('security: a receipt that the target doesn’t confirm is a finding, and its segment is brought again', async () => {
    const log = await logOf(2);
    for (const first of [0, 2]) {
      await log.segments.keepReceipt({ first, target: 'test', receipt: receiptOf('forged') });
    }
    const { queue, brought, findings, settled } = start(log, { confirm: false });
    queue.wake();
    await settled(2);
    expect(findings).toEqual([
      { code: 'receipt-false', target: 'test', first: 0, end: 2 },
      { code: 'receipt-false', target: 'test', first: 2, end: 4 },
    ]);
    expect(brought).toEqual([0, 2]);
    const kept = await log.segments.receipts({ target: 'test', limit: 9 });
    expect(kept.map(({ receipt }) => 'path' in receipt && receipt.path)).not.toContain('forged');
    await queue.stop();
  });

  it('security: a name that was taken is a finding', async () => {
    const log = await logOf(1);
    const answers = [{ ok: true as const, value: receiptOf('beside', true) }];
    const { queue, findings, settled } = start(log, { answers });
    queue.wake();
    await settled(1);
    expect(findings).toEqual([{ code: 'name-taken', target: 'test', first: 0, end: 2 }]);
    await queue.stop();
  });

  it('brings nothing more once it is stopped', async () => {
    const log = await logOf(1);
    const { queue, brought } = start(log);
    await queue.stop();
    queue.wake();
    await queue.stop();
    expect(brought).toEqual([]);
  });
});

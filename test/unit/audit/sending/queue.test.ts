import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type NotDelivered, undelivered } from '../../../../main/audit/delivery/receipt.ts';
import type { Answered, Channel } from '../../../../main/audit/sending/outcome.ts';
import { createSendingQueue } from '../../../../main/audit/sending/queue.ts';
import { createWebhookChannel } from '../../../../main/audit/sending/webhook.ts';
import { openLogFile } from '../../../support/audit.ts';
import { temporaryFolder } from '../../vault/support.ts';
import { handTimers, openTestLog, type TestLog, TIME } from '../delivery/support.ts';
import { alarmEvent, markEvent, newsAbout, storeOver } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BUSY_MACHINE_MS = 20_000;

type Answer = { ok: true; value: Answered } | NotDelivered;
const received: Answer = { ok: true, value: { kind: 'received', status: 204, location: null, time: TIME } };

async function ring(log: TestLog, ...ids: string[]): Promise<void> {
  for (const id of ids) await log.log.append(JSON.stringify(alarmEvent({}, { id })));
}

/** A queue over a real log. `answers`: of an alarm, what is said to it in turn; received after that. */
function start(log: TestLog, answers: Record<string, Answer[]> = {}, takes: Channel['takes'] = () => true) {
  const timers = handTimers();
  const clock = { now: Date.parse(TIME) };
  const sent: string[] = [];
  const channel: Channel = {
    name: 'webhook',
    takes,
    async send({ id }) {
      sent.push(id);
      const answer = answers[id]?.shift() ?? received;
      const time = new Date(clock.now).toISOString();
      return answer.ok ? { ok: true, value: { ...answer.value, time } } : answer;
    },
  };
  const queue = createSendingQueue({
    channel,
    store: async () => storeOver(log),
    timers,
    now: () => clock.now,
    random: () => 0,
    onStatus: () => undefined,
  });
  /** Wakes it, or lets its timer come, and waits until it has looked at all. */
  async function settled(count: number): Promise<void> {
    await vi.waitFor(
      async () => {
        const refusedBefore = new Date(clock.now - DAY).toISOString();
        const { due } = log.log.alarmsDue({ channel: 'webhook', time: TIME, refusedBefore });
        if (sent.length < count || (due.length > 0 && timers.waiting.length === 0)) throw new Error('at work');
      },
      { timeout: BUSY_MACHINE_MS, interval: 5 },
    );
  }
  return { queue, timers, clock, sent, settled };
}

describe('alarms on their way', () => {
  it('go at once, oldest first, and each once', async () => {
    const log = openTestLog();
    await ring(log, 'a', 'b');
    const { queue, sent, settled } = start(log);
    queue.wake();
    queue.wake();
    await settled(2);
    await ring(log, 'c');
    queue.wake();
    await settled(3);
    await queue.stop();
    expect(sent).toEqual(['a', 'b', 'c']);
    expect(queue.status()).toEqual({ channel: 'webhook', waiting: 0, problem: null, needsIt: false });
  });

  it('are tried again after longer and longer, up to five minutes, and at once when another one rings', async () => {
    const log = openTestLog();
    await ring(log, 'a');
    const failures = Array.from({ length: 9 }, () => undelivered('target-unreachable'));
    const { queue, timers, sent, settled } = start(log, { a: failures });
    const waits: number[] = [];
    queue.wake();
    for (let at = 1; at <= 8; at += 1) {
      await vi.waitFor(() => expect(timers.waiting).toHaveLength(1), BUSY_MACHINE_MS);
      expect(queue.status()).toMatchObject({ waiting: 1, problem: 'target-unreachable', needsIt: false });
      waits.push(timers.waiting[0]!.ms);
      if (at < 8) timers.fire();
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 5 * MINUTE, 5 * MINUTE]);
    await ring(log, 'b');
    queue.wake();
    await settled(10);
    expect(sent.slice(8)).toEqual(['b', 'a']);
    await queue.stop();
  });

  it('wait as long as the other side says, and an hour where IT has to do something', async () => {
    const log = openTestLog();
    await ring(log, 'a');
    const { queue, timers } = start(log, {
      a: [undelivered('target-busy', 17 * MINUTE), undelivered('access-denied')],
    });
    queue.wake();
    await vi.waitFor(() => expect(timers.waiting[0]?.ms).toBe(17 * MINUTE), BUSY_MACHINE_MS);
    timers.fire();
    await vi.waitFor(() => expect(timers.waiting[0]?.ms).toBe(HOUR), BUSY_MACHINE_MS);
    expect(queue.status()).toEqual({ channel: 'webhook', waiting: 1, problem: 'access-denied', needsIt: true });
    await queue.stop();
  });

  it('are tried again soon where the log could not be read: it may be open again in a moment', async () => {
    const log = openTestLog();
    await ring(log, 'a');
    const { queue, timers, sent, settled } = start(log, { a: [undelivered('segment-unreadable')] });
    queue.wake();
    await vi.waitFor(() => expect(timers.waiting[0]?.ms).toBe(5_000), BUSY_MACHINE_MS);
    timers.fire();
    await settled(2);
    await queue.stop();
    expect(sent).toEqual(['a', 'a']);
  });

  it('one that is refused for what it is waits a day, also over a new start, and keeps no other one back', async () => {
    const log = openTestLog();
    await ring(log, 'bad', 'good');
    const refused: Answer = { ok: true, value: { kind: 'refused', status: 422, time: TIME } };
    const first = start(log, { bad: [refused, refused] });
    first.queue.wake();
    await first.settled(2);
    await vi.waitFor(() => expect(first.timers.waiting[0]?.ms).toBe(DAY), BUSY_MACHINE_MS);
    expect(first.queue.status()).toMatchObject({ waiting: 1, problem: 'request-refused', needsIt: true });
    await first.queue.stop();
    const second = start(log);
    second.clock.now += DAY - 1;
    second.queue.wake();
    await vi.waitFor(() => expect(second.timers.waiting).toHaveLength(1), BUSY_MACHINE_MS);
    expect(second.sent).toEqual([]);
    second.clock.now += 2;
    second.timers.fire();
    await second.settled(1);
    expect(second.sent).toEqual(['bad']);
    await second.queue.stop();
  });

  it('one at which the other side fails is tried after those that were not tried yet', async () => {
    const log = openTestLog();
    await ring(log, 'poison', 'good');
    const { queue, timers, sent, settled } = start(log, { poison: Array(9).fill(undelivered('target-failed')) });
    queue.wake();
    await settled(1);
    timers.fire();
    await settled(3);
    expect(sent).toEqual(['poison', 'good', 'poison']);
    await queue.stop();
  });

  it('those of another server wait, and the others go', async () => {
    const log = openTestLog();
    await ring(log, 'a', 'elsewhere', 'b');
    const { queue, sent } = start(log, {}, ({ id }) => id !== 'elsewhere');
    queue.wake();
    await vi.waitFor(() => expect(queue.status().problem).toBe('not-signed-in'), BUSY_MACHINE_MS);
    await queue.stop();
    expect(sent).toEqual(['a', 'b']);
    expect(queue.status()).toMatchObject({ waiting: 1, needsIt: false });
  });

  it('of what had rung before there was the way, only what is recent and what nobody has judged goes', async () => {
    const log = openTestLog();
    const recorded = new Date(Date.parse(TIME) - 31 * DAY).toISOString();
    await log.log.append(JSON.stringify(alarmEvent({}, { id: 'old', recorded })));
    await ring(log, 'judged', 'recent');
    await log.log.append(JSON.stringify(markEvent('judged')));
    const { queue, sent, settled } = start(log);
    queue.wake();
    await settled(1);
    await queue.stop();
    expect(sent).toEqual(['recent']);
    expect(log.log.outcomes({ alarms: ['old'] })).toMatchObject([{ outcome: { kind: 'earlier' } }]);
  });

  it('security: a judgement keeps no alarm back that waits, and however long it waits it goes', async () => {
    const log = openTestLog();
    await ring(log, 'a');
    const { queue, timers, clock, sent, settled } = start(log, { a: [undelivered('target-unreachable')] });
    queue.wake();
    await settled(1);
    await log.log.append(JSON.stringify(markEvent('a')));
    clock.now += 60 * DAY;
    timers.fire();
    await settled(2);
    await queue.stop();
    expect(sent).toEqual(['a', 'a']);
  });

  it('security: what became of them is never changed or deleted', async () => {
    const folder = temporaryFolder();
    const log = openTestLog(folder);
    await ring(log, 'a');
    const { queue, settled } = start(log);
    queue.wake();
    await settled(1);
    await queue.stop();
    log.log.close();
    const db = openLogFile(join(folder, 'audit.db'), new Uint8Array(32).fill(1));
    onTestFinished(() => void db.close());
    for (const [table, column] of [
      ['alarm_channel', 'time'],
      ['alarm_outcome', 'outcome'],
    ]) {
      for (const statement of [`UPDATE ${table} SET ${column} = ''`, `DELETE FROM ${table}`]) {
        expect(() => db.exec(statement)).toThrow('append only');
      }
    }
  });
});

describe('what a webhook answers', () => {
  function answering(response: () => Response | Promise<Response>) {
    const log = openTestLog();
    const timers = handTimers();
    const asked: RequestInit[] = [];
    const fetch = (async (_url: string, init: RequestInit) => {
      asked.push(init);
      return response();
    }) as typeof globalThis.fetch;
    const url = 'https://alarms.example/hook';
    const store = async () => storeOver(log);
    const channel = createWebhookChannel({ url, store, fetch, timers, now: () => Date.parse(TIME) });
    const send = (signal = new AbortController().signal) => channel.send(newsAbout(), signal);
    return { send, asked, timers };
  }
  const saying = (status: number, headers: Record<string, string> = {}) =>
    answering(() => new Response(null, { status, headers })).send();

  it('means that it has it, that it refuses it, or why it has to be sent again', async () => {
    for (const status of [200, 202, 204])
      expect(await saying(status)).toMatchObject({ value: { kind: 'received', status } });
    for (const status of [400, 413, 422])
      expect(await saying(status)).toMatchObject({ value: { kind: 'refused', status } });
    for (const [status, code] of [
      [401, 'access-denied'],
      [403, 'access-denied'],
      [404, 'target-missing'],
      [410, 'target-missing'],
      [307, 'target-moved'],
      [429, 'target-busy'],
      [500, 'target-failed'],
      [503, 'target-failed'],
    ] as const) {
      expect(await saying(status), String(status)).toMatchObject({ error: { code } });
    }
    expect(await saying(429, { 'retry-after': '7' })).toMatchObject({ error: { retryAfterMs: 7_000 } });
    const date = new Date(Date.parse(TIME) + 9_000).toUTCString();
    expect(await saying(503, { 'retry-after': date })).toMatchObject({ error: { retryAfterMs: 9_000 } });
  });

  it('security: no redirection is followed, and nothing but the alarm goes along', async () => {
    const { send, asked } = answering(() =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('unexpected redirect') })),
    );
    expect(await send()).toMatchObject({ error: { code: 'target-moved' } });
    expect(asked[0]).toMatchObject({ redirect: 'error', credentials: 'omit' });
    const names = Object.keys(asked[0]?.headers as Record<string, string>).sort();
    expect(names).toEqual(['content-digest', 'content-type', 'idempotency-key', 'signature', 'signature-input']);
  });

  it('is waited for so long only, and whatever else it says is not read', async () => {
    let isCancelled = false;
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
      cancel: () => {
        isCancelled = true;
      },
    });
    expect(await answering(() => new Response(endless)).send()).toMatchObject({ value: { kind: 'received' } });
    expect(isCancelled).toBe(true);
    const slow = answering(
      () =>
        new Promise((_, reject) => slow.asked[0]?.signal?.addEventListener('abort', () => reject(new Error('late')))),
    );
    const hanging = slow.send();
    await vi.waitFor(() => expect(slow.timers.waiting[0]?.ms).toBe(30_000), BUSY_MACHINE_MS);
    slow.timers.fire();
    expect(await hanging).toMatchObject({ error: { code: 'target-unreachable' } });
  });

  it('security: a certificate that doesn’t hold waits for IT', async () => {
    const { send } = answering(() => Promise.reject(new Error('net::ERR_CERT_AUTHORITY_INVALID')));
    expect(await send()).toMatchObject({ error: { code: 'target-certificate' } });
  });
});

import { isCertificate, isRedirection } from '../delivery/network.ts';
import { type DeliveryFailure, undelivered } from '../delivery/receipt.ts';
import type { DeliveryTimers } from '../delivery/rounds.ts';
import { canonical } from '../log/canonical.ts';
import type { AuditStore } from '../store.ts';
import type { News } from './news.ts';
import type { Channel } from './outcome.ts';

export interface WebhookOptions {
  readonly url: string;
  /** The open log, which signs; null where it can't be opened now. */
  readonly store: () => Promise<Pick<AuditStore, 'sendings' | 'identity'> | null>;
  readonly fetch: typeof globalThis.fetch;
  readonly timers: DeliveryTimers;
  readonly now: () => number;
}

const TIMEOUT_MS = 30_000;
const VERSION = 1;

/** Alarms as requests to a service of the organisation, signed by the device's key. Nobody has to be signed in. */
export function createWebhookChannel({ url, store, fetch, timers, now }: WebhookOptions): Channel {
  /** Sends once, follows no redirection, and reads nothing of the answer but its status and when to come again. */
  async function post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const late = new AbortController();
    const cancel = timers.after(TIMEOUT_MS, () => late.abort());
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers,
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.any([signal, late.signal]),
      });
      await response.body?.cancel().catch(() => undefined);
      return response;
    } finally {
      cancel();
    }
  }

  return {
    name: 'webhook',
    takes: () => true,
    async send(alarm, signal) {
      const log = await store();
      if (!log) return undelivered('segment-unreadable');
      const body = webhookBody(alarm, log.identity.origin);
      const created = Math.floor(now() / 1_000);
      const headers = await log.sendings.signRequest({ url, body, alarm: alarm.id, created });
      let response: Response;
      try {
        response = await post(body, headers, signal);
      } catch (error) {
        return undelivered(signal.aborted ? 'cancelled' : networkFailure(error));
      }
      const { status } = response;
      const time = new Date(now()).toISOString();
      if (response.ok) return { ok: true, value: { kind: 'received', status, location: null, time } };
      const failure = failureOf(status);
      if (failure === null) return { ok: true, value: { kind: 'refused', status, time } };
      return undelivered(failure, waitSaid(response.headers.get('retry-after'), now()));
    },
  };
}

/** What is told of an alarm, as canonical JSON (RFC 8785): ids and numbers, no names. */
export function webhookBody(alarm: News, log: string): string {
  const { id, seq, at, rule, measured, threshold, about, patient, evidence, site, device } = alarm;
  return canonical({
    type: 'wardlight-alarm',
    version: VERSION,
    id,
    time: at,
    rule,
    measured,
    threshold,
    about,
    patient,
    server: site,
    workstation: device?.value ?? null,
    evidence: [...evidence],
    log,
    seq,
  });
}

function networkFailure(error: unknown): DeliveryFailure {
  if (isCertificate(error)) return 'target-certificate';
  return isRedirection(error) ? 'target-moved' : 'target-unreachable';
}

/** Null where it is the alarm that is refused, and not who sends it, where or when. */
function failureOf(status: number): DeliveryFailure | null {
  if ([401, 403, 407].includes(status)) return 'access-denied';
  if ([404, 405, 410].includes(status)) return 'target-missing';
  if ([408, 425, 429].includes(status)) return 'target-busy';
  if (status >= 400 && status < 500) return null;
  return status >= 300 && status < 400 ? 'target-moved' : 'target-failed';
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function waitSaid(text: string | null, now: number): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const until = Date.parse(text);
  return Number.isNaN(until) ? null : Math.max(0, until - now);
}

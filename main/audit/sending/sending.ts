import type { AlarmSending, SendingLine } from '../../../preload/contract/audit.ts';
import { CodedError } from '../../cache/store-error.ts';
import type { FhirClient } from '../../fhir/client.ts';
import type { AlarmPolicy } from '../../managed/alarms.ts';
import type { DeliveryTimers } from '../delivery/rounds.ts';
import type { AuditStore } from '../store.ts';
import { createCommunicationChannel } from './communication.ts';
import type { SentAlarm } from './operations.ts';
import type { Channel } from './outcome.ts';
import { createSendingQueue } from './queue.ts';
import { createWebhookChannel } from './webhook.ts';

/** What creating Communications takes, where policy names who is told by them. */
export const COMMUNICATION_SCOPE = 'user/Communication.c';

export interface SendingOptions {
  readonly policy: Pick<AlarmPolicy, 'recipients' | 'webhook'>;
  /** The open log; null where it can't be opened now. */
  readonly store: () => Promise<Pick<AuditStore, 'sendings' | 'range' | 'identity'> | null>;
  /** The client of whoever has unlocked; null while nobody has. */
  readonly fhir: () => FhirClient | null;
  readonly fetch: typeof globalThis.fetch;
  readonly timers: DeliveryTimers;
  readonly now: () => number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  readonly onStatus: (status: SendingLine) => void;
}

/** Alarms on their way to those whom policy names. */
export interface Sending {
  /** An alarm has rung, somebody has signed in, or the program has started. */
  wake(): void;
  status(): readonly SendingLine[];
  /** What became of some alarms, by their ids. */
  sendings(alarms: readonly string[]): Promise<ReadonlyMap<string, AlarmSending>>;
  /** Stops what is under way; it goes on at the next start. */
  close(): Promise<void>;
}

/** Sends nothing where policy names nobody. */
export function createSending(options: SendingOptions): Sending {
  const { store, timers, now, random, onStatus } = options;
  const channels = channelsOf(options);
  const queues = channels.map((channel) => createSendingQueue({ channel, store, timers, now, random, onStatus }));
  return {
    wake() {
      for (const queue of queues) queue.wake();
    },
    status: () => queues.map((queue) => queue.status()),
    async sendings(alarms) {
      if (channels.length === 0) return new Map();
      const log = await store();
      if (!log) throw new CodedError('audit-closed');
      const outcomes = await log.sendings.outcomes({ alarms });
      return new Map(alarms.map((id) => [id, sendingOf(id, channels, outcomes)]));
    },
    async close() {
      await Promise.all(queues.map((queue) => queue.stop()));
    },
  };
}

function channelsOf({ policy, store, fhir, fetch, timers, now }: SendingOptions): Channel[] {
  const { recipients, webhook } = policy;
  return [
    ...(recipients.length > 0 ? [createCommunicationChannel({ recipients, fhir, now })] : []),
    ...(webhook ? [createWebhookChannel({ url: webhook.url, store, fetch, timers, now })] : []),
  ];
}

/** Received is what each way has brought. What had rung before there was a way was not sent by it. */
function sendingOf(id: string, channels: readonly Channel[], outcomes: readonly SentAlarm[]): AlarmSending {
  const kinds = channels.map(
    ({ name }) => outcomes.find(({ alarm, channel }) => alarm === id && channel === name)?.outcome.kind,
  );
  if (kinds.every((kind) => kind === 'earlier')) return 'here';
  return kinds.every((kind) => kind === 'received' || kind === 'earlier') ? 'received' : 'waiting';
}

import * as z from 'zod';
import type { AlarmChannel } from '../../../preload/contract/audit.ts';
import type { NotDelivered } from '../delivery/receipt.ts';
import type { News } from './news.ts';

const instant = z.iso.datetime();

/** What became of an alarm on one of the ways by which alarms are sent. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  /** By its answer the other side has it. `location`: where a FHIR server says that it keeps it. */
  z.strictObject({ kind: z.literal('received'), status: z.int(), location: z.string().nullable(), time: instant }),
  /** The other side doesn't take it for what it is; tried again after a day. */
  z.strictObject({ kind: z.literal('refused'), status: z.int(), time: instant }),
  /** It had rung long before there was the way, or a person had judged it by then: never sent there. */
  z.strictObject({ kind: z.literal('earlier'), time: instant }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
export type Answered = Exclude<Outcome, { kind: 'earlier' }>;

/** Whether nothing more is to be done. */
export function isSettled({ kind }: Outcome): boolean {
  return kind !== 'refused';
}

/** A way by which alarms are sent. Sending one again does no harm. */
export interface Channel {
  readonly name: AlarmChannel;
  /** Whether it is for the one who could be reached now: another server is told nothing of it. */
  takes(alarm: News): boolean;
  send(alarm: News, signal: AbortSignal): Promise<{ readonly ok: true; readonly value: Answered } | NotDelivered>;
}

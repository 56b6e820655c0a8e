import type { z } from 'zod';
import { access } from './access.ts';
import { audit } from './audit.ts';
import type { Channel, CommonError, EventChannel, Result } from './channel.ts';
import { chart } from './chart.ts';
import { charting } from './charting.ts';
import { documents } from './documents.ts';
import { downtime } from './downtime.ts';
import { drafts } from './drafts.ts';
import { find } from './find.ts';
import { firstContract } from './first.ts';
import { forms } from './forms.ts';
import { notes } from './notes.ts';
import { patients } from './patients.ts';
import { results } from './results.ts';
import { sealed } from './sealed.ts';
import { support } from './support.ts';
import { sync } from './sync.ts';
import { timeline } from './timeline.ts';

/** Everything that the page may ask of main and be told by it. There is no other way through the bridge. */
export const contract = {
  ...firstContract,
  patients,
  chart,
  results,
  timeline,
  find,
  notes,
  charting,
  forms,
  sync,
  access,
  drafts,
  audit,
  documents,
  sealed,
  downtime,
  support,
} as const;
export type Contract = typeof contract;
export type FeatureName = keyof Contract;

export type Request<C> = C extends Channel<infer R, z.ZodType, string> ? z.input<R> : never;
export type Response<C> = C extends Channel<z.ZodType, infer R, string> ? z.output<R> : never;
export type ErrorCode<C> = (C extends Channel<z.ZodType, z.ZodType, infer Code> ? Code : never) | CommonError;
export type Answer<C> = Result<Response<C>, ErrorCode<C>>;

type Calls<F extends FeatureName> = {
  readonly [Name in keyof Contract[F]['calls']]: (
    request: Request<Contract[F]['calls'][Name]>,
  ) => Promise<Answer<Contract[F]['calls'][Name]>>;
};

type Payload<E> = E extends EventChannel<infer P> ? z.output<P> : never;

/** `on<Event>(listener)` subscribes and answers the function that unsubscribes. */
type Events<F extends FeatureName> = {
  readonly [Name in keyof Contract[F]['events'] & string as `on${Capitalize<Name>}`]: (
    listener: (payload: Payload<Contract[F]['events'][Name]>) => void,
  ) => () => void;
};

/** The object that the preload script exposes as `window.wardlight`. */
export type Bridge = { readonly [F in FeatureName]: Calls<F> & Events<F> };

/** The names alone, by feature, so that the preload bundle carries no schemas. */
export type ChannelNames = Readonly<
  Record<string, { readonly calls: readonly string[]; readonly events: readonly string[] }>
>;

export function channelNames(): ChannelNames {
  return Object.fromEntries(
    Object.entries(contract).map(([feature, { calls, events }]) => [
      feature,
      { calls: Object.keys(calls), events: Object.keys(events) },
    ]),
  );
}

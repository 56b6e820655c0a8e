import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import type { z } from 'zod';
import { type Channel, commonErrors, type EventChannel, wireName } from '../../preload/contract/channel.ts';
import { firstContract } from '../../preload/contract/first.ts';
import type { Answer, ChannelNames, Contract, FeatureName } from '../../preload/contract/index.ts';

/** One function for each call of the contract; the compiler refuses a missing or a surplus one. */
export type Handlers = {
  readonly [F in FeatureName]: {
    readonly [Name in keyof Contract[F]['calls']]: (
      request: z.output<Extract<Contract[F]['calls'][Name], Channel>['request']>,
    ) => Promise<Answer<Contract[F]['calls'][Name]>> | Answer<Contract[F]['calls'][Name]>;
  };
};

type EventPayload<E> = E extends EventChannel<infer Payload> ? z.output<Payload> : never;

/** Tells the page; a payload that doesn't fit its schema is a bug and never leaves main. */
export type Emit = <F extends FeatureName, Name extends keyof Contract[F]['events'] & string>(
  feature: F,
  name: Name,
  payload: EventPayload<Contract[F]['events'][Name]>,
) => void;

export interface BindOptions {
  ipcMain: Pick<IpcMain, 'handle'>;
  /** Of the whole contract. */
  names: ChannelNames;
  handlers: Handlers;
  /** Whether a message comes from the main frame of our window, on our scheme. */
  isTrusted: (event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>) => boolean;
  /** What the open profile's calls work on; null while none is open. */
  opened: () => unknown;
  /** Told of each call by name, outcome and time; never of its content. */
  onCall: (call: { feature: string; name: string; code: string; ms: number }) => void;
  now: () => number;
}

type AnyHandler = (request: unknown) => unknown;

const refused = { ok: false, error: { code: 'not-permitted' } } as const;

interface Feature {
  readonly calls: Readonly<Record<string, Channel>>;
  readonly events: Readonly<Record<string, EventChannel>>;
}

let features: Readonly<Record<string, Feature>> = firstContract;
let loading: Promise<void> | undefined;

/** Loads what the first screen does without: making some hundred schemas takes main longer than the rest of its start. */
export function loadContract(): Promise<void> {
  loading ??= import('../../preload/contract/index.ts').then(({ contract }) => {
    features = contract;
  });
  return loading;
}

async function channelOf(feature: string, name: string): Promise<Channel | undefined> {
  if (!(feature in features)) await loadContract();
  return features[feature]?.calls[name];
}

/**
 * Binds every call of the contract in one place: the sender is checked, then the request's schema, then the handler
 * runs, then the answer's schema is checked. Only codes of the contract come back; a bug reads as `internal`. The first
 * `session.state` alone can be answered before, by the gate, which checks its sender and reads nothing of it.
 */
export function bindContract({ ipcMain, names, handlers, isTrusted, opened, onCall, now }: BindOptions): void {
  for (const [feature, { calls }] of Object.entries(names)) {
    for (const name of calls) {
      const handler = (handlers as unknown as Record<string, Record<string, AnyHandler>>)[feature]?.[name];
      if (!handler) throw new Error(`no handler for ${feature}.${name}`);
      ipcMain.handle(wireName(feature, name), async (event, request: unknown) => {
        if (!isTrusted(event)) return refused;
        const start = now();
        const channel = await channelOf(feature, name);
        const profile = opened();
        const result = channel ? await answerOf(channel, handler, request) : failure('internal');
        // What it worked on goes with its profile, at a lock for one: then it fails in whatever way that is. What the first
        // screen asks works on none.
        const wasClosed = !(feature in firstContract) && profile !== null && opened() !== profile;
        const answer = wasClosed && !result.ok && result.error.code === 'internal' ? failure('locked') : result;
        onCall({ feature, name, code: answer.ok ? 'ok' : answer.error.code, ms: now() - start });
        return answer;
      });
    }
  }
}

type AnyAnswer = { ok: true; value: unknown } | { ok: false; error: { code: string; detail?: string } };

function failure(code: string): AnyAnswer {
  return { ok: false, error: { code } };
}

/** The code and detail alone: nothing else of a failure, such as what a server said, reaches the page. */
function knownFailure(channel: Channel, { code, detail }: { code: string; detail?: string }): AnyAnswer {
  const known = [...commonErrors, ...channel.errors].includes(code);
  if (!known) return failure('internal');
  return typeof detail === 'string' ? { ok: false, error: { code, detail } } : failure(code);
}

async function answerOf(channel: Channel, handler: AnyHandler, request: unknown): Promise<AnyAnswer> {
  const parsed = channel.request.safeParse(request);
  if (!parsed.success) return failure('bad-request');
  let answer: AnyAnswer;
  try {
    answer = (await handler(parsed.data)) as AnyAnswer;
    if (!answer.ok) return knownFailure(channel, answer.error);
  } catch {
    return failure('internal');
  }
  const checked = channel.response.safeParse(answer.value);
  return checked.success ? { ok: true, value: checked.data } : failure('bad-response');
}

/** Makes the function that tells the page of events. */
export function createEmit(page: () => Pick<WebContents, 'send'> | null): Emit {
  return (feature, name, payload) => {
    const send = () => page()?.send(wireName(feature, name), features[feature]?.events[name]?.payload.parse(payload));
    if (feature in features) send();
    else void loadContract().then(send);
  };
}

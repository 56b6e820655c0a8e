import { isDeepStrictEqual } from 'node:util';
import type { ManagedState } from '../../preload/contract/managed.ts';
import { settingsList } from './list.ts';
import { type Group, placeOf, settingIn } from './paths.ts';
import { defaultPolicy, type Policy } from './policy.ts';
import { type ReadPolicy, readPolicy, unreadable } from './read.ts';
import type { Found, Source } from './sources/source.ts';

/** How often what IT has set is looked at: on two systems it takes a program of theirs each time. */
const REFRESH_MS = 60_000;
/** How long what is new must stay as it is: what is being written is another text the next moment. */
const SETTLE_MS = 500;

export interface ManagedOptions {
  readonly source: Source;
  readonly every: (ms: number, callback: () => void) => void;
  readonly wait: (ms: number) => Promise<void>;
  /** IT has changed something, and it holds by now. */
  readonly onChange: (state: ManagedState) => void;
}

/** What the organisation has decided for this workstation. */
export interface Managed {
  /**
   * The policy, as it holds whenever a value is read from it. Who reads once keeps what held then: the parts of an open
   * profile are made anew at each unlock.
   */
  readonly policy: Policy;
  state(): ManagedState;
  /** Keys of the settings that IT has decided. */
  keys(): readonly string[];
  /** IT has set something, in the place that only IT can write, and it can be read. */
  isManaged(): boolean;
  /** Reads again what IT has set, by itself each minute. While that is under way, no second one begins. */
  refresh(): Promise<void>;
}

/** Reads machine policy, once before it answers and then each minute. */
export async function createManaged({ source, every, wait, onChange }: ManagedOptions): Promise<Managed> {
  let found = await source.find();
  /** What IT had set when it could be believed last; null where nothing was set then, or nothing was believed yet. */
  let believed = asRead(found);
  let holds = believed ?? withoutAny(found);
  let refreshing: Promise<void> | null = null;

  function take(next: Found): void {
    found = next;
    // What can't be believed says nothing, and least of all that IT has taken back what it said before.
    if (found.kind !== 'problem') believed = asRead(found);
    holds = believed ?? withoutAny(found);
  }

  function state(): ManagedState {
    const isEarlier = found.kind === 'problem' && believed !== null;
    const problems = isEarlier ? [...withoutAny(found).problems, ...holds.problems] : [...holds.problems];
    const isAny = holds.managed.length > 0 || problems.length > 0;
    return { source: isAny ? source.name : 'none', problems, isEarlier };
  }

  async function readAgain(): Promise<void> {
    const next = await source.find();
    if (isDeepStrictEqual(next, found)) return;
    await wait(SETTLE_MS);
    if (!isDeepStrictEqual(await source.find(), next)) return;
    take(next);
    onChange(state());
  }

  function refresh(): Promise<void> {
    refreshing ??= readAgain().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }
  every(REFRESH_MS, () => void refresh());

  return {
    policy: livePolicy(() => holds.policy),
    state,
    keys: () => holds.managed,
    isManaged: () => believed !== null && believed.managed.length > 0 && source.name !== 'development',
    refresh,
  };
}

const asRead = (found: Found): ReadPolicy | null => (found.kind === 'document' ? readPolicy(found.document) : null);

/** What holds where nothing that IT has set is believed. */
const withoutAny = (found: Found): ReadPolicy =>
  found.kind === 'problem' ? unreadable(found.code) : { policy: defaultPolicy, managed: [], problems: [] };

/** A policy each of whose settings is read at the moment at which it is asked for. */
function livePolicy(current: () => Policy): Policy {
  const view: Group = {};
  for (const { key } of settingsList) {
    const { group, name } = placeOf(view, key.split('.'));
    Object.defineProperty(group, name, { get: () => settingIn(current(), key), enumerable: true });
  }
  return view as unknown as Policy;
}

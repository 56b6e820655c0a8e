import { isDeepStrictEqual } from 'node:util';
import type { ManagedState } from '../../preload/contract/managed.ts';
import { settingsList } from './list.ts';
import { type Group, placeOf, settingIn } from './paths.ts';
import { defaultPolicy, type Policy } from './policy.ts';
import { type ReadPolicy, readPolicy, unreadable } from './read.ts';
import type { Found, Source } from './sources/source.ts';

export interface ManagedOptions {
  readonly source: Source;
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
  /** Reads again what IT has set. */
  refresh(): Promise<void>;
}

/** Reads machine policy, once before it answers and then whenever it is told to. */
export async function createManaged({ source, onChange }: ManagedOptions): Promise<Managed> {
  let found = await source.find();
  let read = ofFound(found);
  const state = (): ManagedState => ({
    source: found.kind === 'none' ? 'none' : source.name,
    problems: [...read.problems],
  });
  return {
    policy: livePolicy(() => read.policy),
    state,
    keys: () => read.managed,
    isManaged: () => found.kind === 'document' && source.name !== 'development',
    async refresh() {
      const next = await source.find();
      if (isDeepStrictEqual(next, found)) return;
      found = next;
      read = ofFound(found);
      onChange(state());
    },
  };
}

function ofFound(found: Found): ReadPolicy {
  if (found.kind === 'none') return { policy: defaultPolicy, managed: [], problems: [] };
  return found.kind === 'problem' ? unreadable(found.code) : readPolicy(found.document);
}

/** A policy each of whose settings is read at the moment at which it is asked for. */
function livePolicy(current: () => Policy): Policy {
  const view: Group = {};
  for (const { key } of settingsList) {
    const { group, name } = placeOf(view, key.split('.'));
    Object.defineProperty(group, name, { get: () => settingIn(current(), key), enumerable: true });
  }
  return view as unknown as Policy;
}

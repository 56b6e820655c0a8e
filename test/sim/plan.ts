import type { Dialect } from '../server/dialect.ts';
import { type Random, random } from './random.ts';
import { type RecordType, recordTypes } from './records.ts';

/**
 * What happens in a simulation, as data: the executor does the same for the same list, and a failing list can be made
 * shorter. Where a step needs one of several things that are there at that time, it has a number from 0 to less than 1.
 */
export interface Plan {
  readonly seed: number;
  readonly clients: number;
  readonly patients: number;
  readonly dialect: Partial<Dialect>;
  /** Whether the clients' policy names a Group, whose export is one way in. */
  readonly bulk: boolean;
  readonly steps: readonly Step[];
}

/** What the network does to one request of a run. */
export type Fate =
  | { readonly kind: 'drop-before' | 'drop-after' | 'cut' | 'cut-silently' }
  /** The server acts, and something in between answers with an error. */
  | { readonly kind: 'gateway-error' }
  | { readonly kind: 'status'; readonly status: 403 | 429 | 500 | 503; readonly retryAfter: number | null }
  | { readonly kind: 'delay'; readonly ms: number }
  /** The client sees a failure at once; the server gets the request later. */
  | { readonly kind: 'late'; readonly ms: number }
  /** The server gets it twice, the second time later; the client has the first answer. */
  | { readonly kind: 'twice'; readonly ms: number };

/** Where a client's process ends: before or after the nth commit, or call of the cache, of the run. */
export interface Death {
  readonly at: 'commit' | 'call';
  readonly n: number;
  readonly side: 'before' | 'after';
}

/** What the server fails at, or refuses, whoever asks for it, until it is mended. */
export interface Defect {
  readonly type: RecordType;
  readonly of: 'search' | 'comparison' | 'history' | 'read';
  readonly status: 403 | 500;
  /** Only where it is about this patient; null: whoever it is about. */
  readonly patient: string | null;
}

export type Step = { readonly events: number } & (
  | {
      readonly do: 'create';
      readonly client: number;
      readonly patient: number;
      readonly type: number;
      readonly valid: boolean;
    }
  | { readonly do: 'update'; readonly client: number; readonly which: number; readonly field: number }
  | { readonly do: 'delete'; readonly client: number; readonly which: number }
  | {
      readonly do: 'sync';
      readonly client: number;
      readonly fates: readonly (Fate & { readonly at: number })[];
      readonly death: Death | null;
    }
  | { readonly do: 'die'; readonly client: number }
  | { readonly do: 'cancel'; readonly client: number }
  | { readonly do: 'resolve'; readonly client: number; readonly which: number; readonly how: number }
  | { readonly do: 'withdraw'; readonly client: number; readonly which: number }
  | { readonly do: 'retry'; readonly client: number; readonly which: number }
  | { readonly do: 'accept'; readonly client: number }
  | { readonly do: 'server-create'; readonly patient: number; readonly type: number }
  | { readonly do: 'server-update'; readonly which: number; readonly field: number }
  | { readonly do: 'server-delete'; readonly which: number }
  | { readonly do: 'server-refile'; readonly which: number; readonly patient: number }
  | { readonly do: 'team'; readonly client: number; readonly patient: number; readonly member: boolean }
  | { readonly do: 'defect'; readonly defect: Defect | null }
  | { readonly do: 'snapshot' }
  | { readonly do: 'restore' }
  | { readonly do: 'client-clock'; readonly client: number; readonly ms: number }
  | { readonly do: 'server-clock'; readonly ms: number }
  | { readonly do: 'wait'; readonly ms: number }
);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function dialectOf(draw: Random): Partial<Dialect> {
  const history = draw.chance(0.85);
  return {
    transactions: draw.chance(0.6),
    history,
    typeHistory: history && draw.chance(0.6),
    patchIfMatch: draw.pick(['honoured', 'ignored']),
    versionIds: draw.pick(['number', 'uuid']),
    throttle: draw.pick(['retry-after', 'medplum']),
    offsetLimit: draw.chance(0.3) ? 10_000 : null,
    maxCount: draw.pick([3, 7, 1_000]),
    decimals: draw.chance(0.2) ? 'shortened' : 'kept',
    entryEtags: draw.chance(0.7),
    updateCreate: draw.chance(0.6),
    sameContent: draw.chance(0.3) ? 'same-version' : 'new-version',
  };
}

function fateOf(draw: Random): Fate {
  const ms = draw.pick([50, SECOND, 10 * SECOND, 5 * MINUTE, HOUR]);
  const kind = draw.pick([
    'drop-before',
    'drop-after',
    'drop-after',
    'cut',
    'cut-silently',
    'gateway-error',
    'status',
    'delay',
    'late',
    'late',
    'twice',
    'twice',
  ] as const);
  if (kind === 'status') {
    return { kind, status: draw.pick([429, 500, 503]), retryAfter: draw.pick([null, 1, 30]) };
  }
  return kind === 'delay' || kind === 'late' || kind === 'twice' ? { kind, ms } : { kind };
}

function syncStep(draw: Random, client: number, events: number): Step {
  // Half of the runs meet nothing, so that there is something to lose.
  const troubles = draw.chance(0.5) ? 0 : 1 + draw.below(4);
  const fates = Array.from({ length: troubles }, () => ({ at: draw.below(draw.pick([4, 12, 40])), ...fateOf(draw) }));
  const death: Death | null = draw.chance(0.15)
    ? { at: draw.pick(['commit', 'call']), n: draw.below(draw.pick([5, 20, 60])), side: draw.pick(['before', 'after']) }
    : null;
  return { do: 'sync', client, fates, death, events };
}

function waitOf(draw: Random): number {
  return draw.pick([SECOND, 20 * SECOND, MINUTE, 10 * MINUTE, 3 * HOUR, 26 * HOUR]);
}

type Weights = readonly (readonly [number, (draw: Random, client: number, events: number) => Step])[];

const kinds: Weights = [
  [27, syncStep],
  [
    12,
    (draw, client, events) => ({
      do: 'create',
      client,
      patient: draw.next(),
      type: draw.next(),
      valid: draw.chance(0.9),
      events,
    }),
  ],
  [18, (draw, client, events) => ({ do: 'update', client, which: draw.next(), field: draw.next(), events })],
  [3, (draw, client, events) => ({ do: 'delete', client, which: draw.next(), events })],
  [3, (_draw, client, events) => ({ do: 'die', client, events })],
  [1, (_draw, client, events) => ({ do: 'cancel', client, events })],
  [6, (draw, client, events) => ({ do: 'resolve', client, which: draw.next(), how: draw.next(), events })],
  [2, (draw, client, events) => ({ do: 'withdraw', client, which: draw.next(), events })],
  [1, (draw, client, events) => ({ do: 'retry', client, which: draw.next(), events })],
  [2, (_draw, client, events) => ({ do: 'accept', client, events })],
  [2, (draw, _client, events) => ({ do: 'server-create', patient: draw.next(), type: draw.next(), events })],
  [9, (draw, _client, events) => ({ do: 'server-update', which: draw.next(), field: draw.next(), events })],
  [2, (draw, _client, events) => ({ do: 'server-delete', which: draw.next(), events })],
  [2, (draw, client, events) => ({ do: 'team', client, patient: draw.next(), member: draw.chance(0.7), events })],
  [0.8, (_draw, _client, events) => ({ do: 'snapshot', events })],
  [0.5, (_draw, _client, events) => ({ do: 'restore', events })],
  [
    1,
    (draw, client, events) => ({
      do: 'client-clock',
      client,
      ms: draw.pick([-3 * DAY, -HOUR, -MINUTE, MINUTE, HOUR, 400 * DAY]),
      events,
    }),
  ],
  [0.5, (draw, _client, events) => ({ do: 'server-clock', ms: draw.pick([-HOUR, -MINUTE, MINUTE, HOUR]), events })],
  [8, (draw, _client, events) => ({ do: 'wait', ms: waitOf(draw), events })],
];

function stepOf(draw: Random, clients: number): Step {
  const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
  let left = draw.next() * total;
  const events = draw.chance(0.2) ? 0 : draw.below(draw.pick([8, 40, 160]));
  for (const [weight, make] of kinds) {
    left -= weight;
    if (left < 0) return make(draw, draw.below(clients), events);
  }
  return { do: 'snapshot', events };
}

/** In some plans a server that can't do something for a while, in place of some of the steps. */
function withDefects(seed: number, patients: number, steps: readonly Step[]): readonly Step[] {
  const draw = random(seed, 'defects');
  const whose = random(seed, 'whose');
  if (draw.chance(0.7)) return steps;
  return steps.map((step): Step => {
    if (!draw.chance(0.02)) return step;
    const of = draw.pick(['search', 'search', 'comparison', 'history', 'read'] as const);
    // A record that may not be read is not to be shown either, whatever its section said before.
    const status = of !== 'read' && draw.chance(0.4) ? 403 : 500;
    const isOfOne = status === 403 && of !== 'history' && whose.chance(0.5);
    const patient = isOfOne ? `p${whose.below(patients)}` : null;
    const defect: Defect = { type: draw.pick(recordTypes), of, status, patient };
    return { do: 'defect', defect: draw.chance(0.6) ? defect : null, events: step.events };
  });
}

/** In some plans records that turn out to be somebody else's, in place of some of the steps. */
function withRefiled(seed: number, steps: readonly Step[]): readonly Step[] {
  const draw = random(seed, 'refiled');
  if (draw.chance(0.7)) return steps;
  return steps.map((step): Step => {
    if (!draw.chance(0.03)) return step;
    return { do: 'server-refile', which: draw.next(), patient: draw.next(), events: step.events };
  });
}

/** The plan of a seed. A longer one begins with the same steps. */
export function planOf(seed: number, { steps, clients }: { steps: number; clients: number }): Plan {
  const shape = random(seed, 'shape');
  const draw = random(seed, 'steps');
  const patients = 3 + shape.below(3);
  const ordinary = Array.from({ length: steps }, () => stepOf(draw, clients));
  return {
    seed,
    clients,
    patients,
    dialect: {
      ...dialectOf(shape),
      deletedReads: random(seed, 'deleted').pick(['gone', 'not-found', 'bare']),
      historyTimes: random(seed, 'history times').chance(0.7),
    },
    bulk: shape.chance(0.25),
    steps: withRefiled(seed, withDefects(seed, patients, ordinary)),
  };
}

/** The item at a place of the plan, which runs from 0 to 1. */
export function at<Item>(items: readonly Item[], place: number): Item | undefined {
  return items[Math.floor(place * items.length)];
}

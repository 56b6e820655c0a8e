import type { PendingChange, Resolution } from '../../preload/contract/sync.ts';
import type { Place } from './ledger.ts';
import { at } from './plan.ts';
import { paths } from './records.ts';
import { changesOf } from './shown.ts';
import type { Workstation } from './workstation.ts';
import type { World } from './world.ts';

/** A person decides a conflict: `how` below a third mine, below two thirds theirs, else element by element. */
export function resolve(world: World, station: Workstation, which: number, how: number): void {
  const change = at(changesOf(station, ['conflict']), which);
  if (!change) return;
  const before = unsentOf(station);
  const shown = station.outbox.conflict({ id: change.id });
  if (!shown) return;
  const decide = (resolution: Resolution) =>
    station.attempt(() => station.outbox.resolve({ id: change.id, token: shown.token, resolution }));
  let taken = wantedOf(shown.fields, how);
  let answer = decide(taken);
  if (answer !== 'died' && !answer.ok && answer.error.code === 'not-mergeable') {
    taken = { kind: how < 5 / 6 ? 'mine' : 'theirs' };
    answer = decide(taken);
  }
  const said = answer === 'died' ? 'died' : answer.ok ? 'done' : answer.error.code;
  world.note(`client ${station.client}: resolves ${change.resourceType}/${change.resourceId}: ${taken.kind} (${said})`);
  // Where it died in the decision, either may be.
  if (answer === 'died') world.ledger.doubt(placeOf(station, change));
  else if (answer.ok) resolved(world, station, change, taken, before);
}

function wantedOf(elements: readonly { readonly path: string }[], how: number): Resolution {
  if (how < 1 / 3) return { kind: 'mine' };
  if (how < 2 / 3) return { kind: 'theirs' };
  const sides = ['mine', 'theirs'] as const;
  const choices = elements.map(({ path }, i) => [path, sides[Math.floor(how * 1_000 + i) % 2]!] as const);
  return { kind: 'merged', choices: Object.fromEntries(choices) };
}

/** What the decision means for the edits: `before` has the changes that were unsent until then. */
function resolved(
  world: World,
  station: Workstation,
  change: PendingChange,
  taken: Resolution,
  before: ReadonlySet<string>,
): void {
  const place = placeOf(station, change);
  const unsent = station.outbox.list({ limit: 1_000 }).items;
  const anew = unsent.find(({ id }) => !before.has(id));
  if (anew) world.note(`client ${station.client}: makes it anew as ${anew.resourceId}`);
  if (taken.kind !== 'theirs') world.ledger.insist(place, change.id, anew);
  world.ledger.decide(place, 'decided', new Set(unsent.map(({ id }) => id)), ({ changeId, type, what }) => {
    if (changeId !== change.id) return false;
    if (taken.kind !== 'merged') return taken.kind === 'theirs';
    return what !== 'create' && what !== 'delete' && taken.choices[paths[type][what]] === 'theirs';
  });
}

export function withdraw(world: World, station: Workstation, change: PendingChange | undefined): void {
  if (!change) return;
  const answer = station.attempt(() => station.outbox.withdraw({ id: change.id }));
  const said = answer === 'died' ? 'died' : answer.ok ? 'done' : answer.error.code;
  world.note(`client ${station.client}: withdraws ${change.resourceType}/${change.resourceId} (${said})`);
  const place = placeOf(station, change);
  if (answer === 'died') world.ledger.doubt(place);
  else if (answer.ok) {
    world.ledger.decide(place, 'withdrawn', unsentOf(station), ({ changeId }) => changeId === change.id);
  }
}

export function retry(world: World, station: Workstation, change: PendingChange | undefined): void {
  if (!change) return;
  station.attempt(() => station.outbox.retry({ id: change.id }));
  world.note(`client ${station.client}: has ${change.resourceType}/${change.resourceId} sent again`);
}

function placeOf({ client }: Workstation, { resourceType, resourceId }: PendingChange): Place {
  return { client, type: resourceType, id: resourceId };
}

function unsentOf(station: Workstation): ReadonlySet<string> {
  return new Set(station.outbox.list({ limit: 1_000 }).items.map(({ id }) => id));
}

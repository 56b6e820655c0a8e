import type { QueuedChange } from '../../cache/operations.ts';

/** Bounds of a bundle. `count` 1: records are sent one at a time. */
export interface Limits {
  readonly count: number;
  /** Characters of all texts. */
  readonly size: number;
}

export type Plan =
  | { readonly kind: 'send'; readonly batch: readonly QueuedChange[] }
  /** They refer to each other, and can't be sent together. */
  | { readonly kind: 'entangled'; readonly changes: readonly QueuedChange[] }
  | { readonly kind: 'nothing' };

export interface PlanOptions {
  readonly queue: readonly QueuedChange[];
  readonly limits: Limits;
  /** Changes that go alone: they failed in a bundle, or were sent before. */
  readonly alone: ReadonlySet<string>;
}

/**
 * What goes next: changes of one patient, oldest first, each after or with the creates that it refers to. A change whose
 * create can't be sent waits, and holds nothing else up.
 */
export function nextBatch({ queue, limits, alone }: PlanOptions): Plan {
  const byId = new Map(queue.map((change) => [change.id, change]));
  let entangled: readonly QueuedChange[] | null = null;
  for (const first of queue) {
    const group = groupOf(first, byId);
    if (!group) continue;
    const isAlone = group.some(({ id }) => alone.has(id));
    if (group.length > 1 && (isAlone || group.length > limits.count)) {
      if (!entangled || group.length < entangled.length) entangled = group;
    } else if (isAlone || limits.count === 1) return { kind: 'send', batch: group };
    else return { kind: 'send', batch: filled(group, { queue, limits, alone }, byId) };
  }
  return entangled ? { kind: 'entangled', changes: entangled } : { kind: 'nothing' };
}

/** The change after the creates that it needs; null where one of them isn't to be had, or is another patient's. */
function groupOf(change: QueuedChange, byId: ReadonlyMap<string, QueuedChange>): QueuedChange[] | null {
  const group = new Set<QueuedChange>();
  const visiting = new Set<QueuedChange>();

  function visit(one: QueuedChange): boolean {
    if (visiting.has(one)) return true;
    visiting.add(one);
    for (const id of one.needs) {
      const needed = byId.get(id);
      if (!needed || needed.patientId !== change.patientId || !visit(needed)) return false;
    }
    group.add(one);
    return true;
  }

  return visit(change) ? [...group] : null;
}

/** The group, and what else of the patient has room beside it. */
function filled(
  group: readonly QueuedChange[],
  { queue, limits, alone }: PlanOptions,
  byId: ReadonlyMap<string, QueuedChange>,
): QueuedChange[] {
  const batch = new Set(group);
  for (const change of queue) {
    if (change.patientId !== group[0]?.patientId || batch.has(change)) continue;
    const more = (groupOf(change, byId) ?? []).filter((one) => !batch.has(one));
    const isRoom = batch.size + more.length <= limits.count && sizeOf([...batch, ...more]) <= limits.size;
    if (more.some(({ id }) => alone.has(id)) || !isRoom) continue;
    for (const one of more) batch.add(one);
  }
  return [...batch];
}

function sizeOf(changes: readonly QueuedChange[]): number {
  return changes.reduce((sum, { size }) => sum + size, 0);
}

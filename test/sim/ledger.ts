import type { PendingChange } from '../../preload/contract/sync.ts';
import type { Field, Markers, RecordType } from './records.ts';

/**
 * What clinicians did, and what became of it. An edit's marker tells it from all others, so that the server's history
 * shows whether it came through, how often, and what it replaced.
 */
export interface Edit {
  readonly marker: string;
  readonly client: number;
  readonly type: RecordType;
  /** Id of the resource as the workstation knows it: another once the server has given one, or a person has it made anew. */
  id: string;
  readonly what: 'create' | Field | 'delete';
  /** What the clinician saw. */
  readonly saw: Markers;
  /** Version that the clinician saw, as `keyOf` tells it; null for what was never sent. */
  readonly base: string | null;
  /** Of the outbox; null where the workstation died before it answered. */
  changeId: string | null;
  /**
   * `pending`: unsent; `acknowledged`: the outbox has let go of it as sent; `decided`: a person took theirs;
   * `superseded`: the same clinician replaced it before it was sent; `dying`: the workstation died while it was made;
   * `uncertain`: it may be there or not, as no one was told that it is kept.
   */
  state: 'pending' | 'acknowledged' | 'decided' | 'withdrawn' | 'superseded' | 'dying' | 'uncertain';
}

export type Unsent = Pick<PendingChange, 'id' | 'resourceType' | 'resourceId'>;

/** A record as a workstation names it. */
export interface Place {
  readonly client: number;
  readonly type: string;
  readonly id: string;
}

export interface Ledger {
  readonly edits: Edit[];
  /** A new marker of a client. */
  marker(client: number): string;
  add(edit: Omit<Edit, 'state'>): void;
  /**
   * What has become of what a workstation died in, once it is started again: `changeOf` answers the change that it is, if
   * any. A deletion of what was never sent leaves none: then the changes that it took away are not among the unsent ones.
   */
  recover(client: number, changeOf: (edit: Edit) => string | undefined, unsent: ReadonlySet<string>): void;
  /** Calls the resources of unsent edits by the ids that they have by now. */
  rename(client: number, idOf: (edit: Edit) => string): void;
  /**
   * The outbox's changes as they are now: an edit whose change isn't among them was acknowledged, or has become a part of
   * an older change of the same record.
   */
  settle(client: number, unsent: readonly Unsent[]): void;
  /**
   * A person has decided a change of a record, or withdrawn it. `isOver` tells edits that are given up by that; so are
   * all of the record whose changes have gone with it.
   */
  decide(
    place: Place,
    state: 'decided' | 'withdrawn',
    unsent: ReadonlySet<string>,
    isOver: (edit: Edit) => boolean,
  ): void;
  /**
   * A person has decided that the own text of a record goes on top of what others did; `anew` is the change that creates
   * it again where they deleted it.
   */
  insist(place: Place, changeId: string, anew: Unsent | undefined): void;
  /** The workstation died while a person decided: it may have become either. */
  doubt(place: Place): void;
  hasInsisted(place: Place): boolean;
}

const nameOf = ({ client, type, id }: Place) => `${client} ${type}/${id}`;

export function createLedger(): Ledger {
  const edits: Edit[] = [];
  const insisted = new Set<string>();
  let count = 0;

  const pendingOf = (client: number) => edits.filter((edit) => edit.client === client && edit.state === 'pending');
  const pendingAt = ({ client, type, id }: Place) =>
    pendingOf(client).filter((edit) => edit.type === type && edit.id === id);

  function isOlder({ id, resourceType }: Unsent, edit: Edit): boolean {
    const first = edits.findIndex(({ changeId }) => changeId === id);
    return resourceType === edit.type && first >= 0 && first < edits.indexOf(edit);
  }

  function replaces(later: Omit<Edit, 'state'>, earlier: Edit): boolean {
    if (earlier.type !== later.type || earlier.id !== later.id) return false;
    return later.what === 'delete' || later.what === earlier.what || (earlier.what === 'create' && later.what === 'a');
  }

  function supersede(edit: Omit<Edit, 'state'>): void {
    for (const earlier of pendingOf(edit.client)) if (replaces(edit, earlier)) earlier.state = 'superseded';
  }

  function takeAway(deletion: Edit, unsent: ReadonlySet<string>): void {
    for (const earlier of pendingOf(deletion.client)) {
      if (replaces(deletion, earlier) && !unsent.has(earlier.changeId ?? '')) earlier.state = 'superseded';
    }
  }

  return {
    edits,
    marker(client) {
      count += 1;
      return `c${client}-${count}`;
    },
    add(edit) {
      if (edit.changeId !== null) supersede(edit);
      edits.push({ ...edit, state: edit.changeId === null ? 'dying' : 'pending' });
    },
    recover(client, changeOf, unsent) {
      for (const edit of edits) {
        if (edit.client !== client || edit.state !== 'dying') continue;
        const changeId = changeOf(edit);
        if (changeId !== undefined) supersede(edit);
        else if (edit.what === 'delete') takeAway(edit, unsent);
        Object.assign(edit, changeId === undefined ? { state: 'uncertain' } : { state: 'pending', changeId });
      }
    },
    rename(client, idOf) {
      for (const edit of pendingOf(client)) edit.id = idOf(edit);
    },
    settle(client, unsent) {
      const ids = new Set(unsent.map(({ id }) => id));
      for (const edit of pendingOf(client)) {
        if (ids.has(edit.changeId ?? '')) continue;
        const older = unsent.find((change) => change.resourceId === edit.id && isOlder(change, edit));
        if (older) edit.changeId = older.id;
        else edit.state = 'acknowledged';
      }
    },
    decide(place, state, unsent, isOver) {
      for (const edit of pendingAt(place)) {
        if (isOver(edit) || !unsent.has(edit.changeId ?? '')) edit.state = state;
      }
    },
    insist(place, changeId, anew) {
      insisted.add(nameOf(place));
      if (!anew) return;
      insisted.add(nameOf({ ...place, id: anew.resourceId }));
      for (const edit of pendingAt(place)) {
        if (edit.changeId === changeId) Object.assign(edit, { changeId: anew.id, id: anew.resourceId });
      }
    },
    doubt(place) {
      insisted.add(nameOf(place));
      for (const edit of pendingAt(place)) edit.state = 'uncertain';
    },
    hasInsisted: (place) => insisted.has(nameOf(place)),
  };
}

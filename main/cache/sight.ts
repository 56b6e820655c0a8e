import type { Withheld } from '../../preload/contract/chart.ts';
import type { ReadDb } from './open.ts';
import { sql } from './statements.ts';
import { CodedError } from './store-error.ts';

/** Records by their types where they have no security label, by the numbers of their labels where they have. */
export interface Labelled {
  readonly types: readonly string[];
  readonly labels: readonly number[];
}

/**
 * What of a patient's records an answer may draw on, as access decided (main/access). What is named neither as shown nor
 * as restricted is as if it weren't there, but for what `withheldOf` says.
 */
export interface Sight {
  /** The newest label that the decision knew: where there is a newer one, it is decided anew (`sight-outdated`). */
  readonly newest: number;
  readonly shown: Labelled;
  /** Not shown, and it is said that it is there, as the clinician can open it. */
  readonly restricted: { readonly purpose: Labelled; readonly emergency: Labelled };
  /** What of her row is shown, which follows from records of several types. */
  readonly row: Pick<RowSight, 'location' | 'updated'>;
}

/** What of the list is shown of patients who are related alike with the clinician. */
export interface RowSight {
  /** Numbers of the labels of the Patient resources that are shown, 0 among them. */
  readonly labels: readonly number[];
  readonly location: boolean;
  readonly updated: boolean;
}

/** Which of the clinician's patients the list shows. */
export interface ListSight {
  readonly newest: number;
  readonly careTeam: RowSight;
  readonly panel: RowSight;
}

/** What may be seen of patients who are related alike with the clinician. */
export interface RelatedSight {
  /** Numbers of the labels of the Patient resources that are shown, 0 among them. */
  readonly patients: readonly number[];
  readonly records: Sight;
}

/** What of the clinician's patients may be searched through, in the ordinary way. */
export interface PanelSight {
  readonly newest: number;
  readonly careTeam: RelatedSight;
  readonly panel: RelatedSight;
}

/** What a search may draw on: of whom what, as access decided of each. Whoever is not named is not there. */
export interface SearchSight {
  readonly newest: number;
  readonly patients: readonly { readonly ids: readonly string[]; readonly shown: Labelled }[];
  /** Of the records that belong to no patient. */
  readonly shared: Labelled;
}

/**
 * Refuses an answer by a decision that didn't know all labels: a record with a new one would be left out without a word.
 *
 * @throws CodedError `sight-outdated`.
 */
export function needCurrent(db: ReadDb, { newest }: Pick<Sight, 'newest'>): void {
  if (newestLabel(db) > newest) throw new CodedError('sight-outdated');
}

/** The newest label that any record has or had; 0 where there is none. */
export function newestLabel(db: ReadDb): number {
  return (sql(db, 'SELECT coalesce(max(lid), 0) AS newest FROM label').get() as { newest: number }).newest;
}

/** Labels of the records of a type that are shown, as a list for SQL: integers of our own making. */
export function shownLabels({ shown }: Sight, type: string): string {
  return [...(shown.types.includes(type) ? [0] : []), ...shown.labels].join(', ');
}

/** True where a record of a type, with a label, is shown. */
export function isShown({ shown }: Sight, type: string, label: number): boolean {
  return label === 0 ? shown.types.includes(type) : shown.labels.includes(label);
}

/** True where no record of any of the types would be shown without a label, nor could be opened. */
export function isBarred({ shown, restricted }: Sight, types: readonly string[]): boolean {
  const open = [shown, restricted.purpose, restricted.emergency];
  return types.every((type) => !open.some((labelled) => labelled.types.includes(type)));
}

/** Records of some types and buckets. */
export interface Part {
  readonly types: readonly string[];
  readonly range: readonly [from: number, to: number];
  /** An absence of such a record is acted upon: that something isn't shown is said even where nothing else may be. */
  readonly safety: boolean;
}

/**
 * What is withheld of a part of a patient's records. What can be opened is always told of. What the policy denies is told
 * of only where its absence could hurt somebody (decision 31).
 */
export function withheldOf(db: ReadDb, pid: number, sight: Sight, { types, range, safety }: Part): Withheld {
  const { purpose, emergency } = sight.restricted;
  let [byPurpose, byEmergency, denied] = [false, false, false];
  for (const type of types) {
    if (purpose.types.includes(type)) byPurpose = true;
    else if (emergency.types.includes(type)) byEmergency = true;
    else if (!sight.shown.types.includes(type)) denied = true;
    for (const label of labelsThere(db, pid, type, range)) {
      if (purpose.labels.includes(label)) byPurpose = true;
      else if (emergency.labels.includes(label)) byEmergency = true;
      else if (!sight.shown.labels.includes(label)) denied = true;
    }
  }
  return { restricted: byPurpose ? 'purpose' : byEmergency ? 'emergency' : null, denied: safety && denied };
}

function labelsThere(db: ReadDb, pid: number, type: string, range: readonly [number, number]): number[] {
  return sql(
    db,
    `SELECT DISTINCT label FROM entry INDEXED BY entry_labelled
     WHERE patient = ? AND type = (SELECT tid FROM term WHERE text = ?) AND label <> 0 AND bucket BETWEEN ? AND ?`,
  )
    .pluck()
    .all(pid, type, ...range) as number[];
}

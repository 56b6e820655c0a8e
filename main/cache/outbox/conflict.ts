import type { Conflict, ConflictField } from '../../../preload/contract/sync.ts';
import { type JsonObject, readResource } from './content.ts';
import type { Parts } from './follow.ts';
import { labelOf } from './labels.ts';
import { pendingChange } from './list.ts';
import { lastUpdatedOf } from './meet.ts';
import { type Difference, differences } from './merge.ts';
import { readableElement } from './readable.ts';
import type { Row } from './rows.ts';

const FIELDS_MAX = 200;

/** What a person has to see to decide a conflict: each element on which base, mine and theirs don't agree. */
export function conflictOf(parts: Parts, row: Row): Conflict {
  const [base, mine, theirs] = [row.baseBody, row.mine, row.theirsBody].map(read) as [
    JsonObject,
    JsonObject,
    JsonObject,
  ];
  return {
    change: pendingChange(parts, row),
    deletedOnServer: row.theirsBody === null,
    theirsUpdated: row.theirsBody === null ? null : lastUpdatedOf(row.theirsBody),
    fields: differences({ base, mine, theirs }).slice(0, FIELDS_MAX).map(fieldOf),
  };
}

/** A version that isn't there has no elements. */
function read(body: string | null): JsonObject {
  return body === null ? {} : readResource(body);
}

function fieldOf({ path, changedBy, base, mine, theirs }: Difference): ConflictField {
  return {
    path,
    label: labelOf(path),
    base: readableElement(base),
    mine: readableElement(mine),
    theirs: readableElement(theirs),
    changedBy,
  };
}

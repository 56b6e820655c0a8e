import { documentBucket } from '../ingest/buckets.ts';
import type { ReadDb } from '../open.ts';
import type { DocumentList } from '../operations.ts';
import { needCurrent, type Sight } from '../sight.ts';
import { documentView } from '../views/documents.ts';
import {
  countRecords,
  createLookup,
  knownPatient,
  oldestBeyond,
  sectionRecords,
  sightOf,
  unsentOf,
  yearOf,
} from './sections.ts';

const TYPE = 'DocumentReference';
const FILES = [documentBucket.file, documentBucket.file] as const;
const ITEMS_MAX = 1_000;

/** The documents of a patient that are files, as far as they may be seen; null where the patient isn't cached. */
export function documentList(db: ReadDb, patientId: string, sight: Sight): DocumentList | null {
  needCurrent(db, sight);
  const pid = knownPatient(db, patientId);
  if (pid === undefined) return null;
  const lookup = createLookup(db, pid, sight);
  const records = sectionRecords(db, pid, TYPE, FILES, ITEMS_MAX, sight);
  return {
    ...sightOf(db, pid, sight, { types: [TYPE], range: FILES, safety: false }),
    items: records.map(({ resource, body, local }) => documentView(resource, body, lookup, unsentOf(local))),
    total: countRecords(db, pid, TYPE, FILES, sight),
    omittedSince: yearOf([oldestBeyond(db, pid, TYPE, FILES, ITEMS_MAX, sight)]),
  };
}

import { callerKey, getMeta } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { ReadOperations } from '../operations.ts';
import { chartSummary } from './chart.ts';
import { readNote } from './notes.ts';
import { patientList } from './patients.ts';
import { readTrend, resultGroups } from './results.ts';
import { careTeamPatients, missingReferences, readPanel, readResource, readRun, readVersions } from './run.ts';

/** The read operations on one connection; each sees one state of the database from beginning to end. */
export function createReads(db: ReadDb): ReadOperations {
  function steady<Args extends unknown[], Value>(operation: (...args: Args) => Value): (...args: Args) => Value {
    const transaction = db.transaction(operation);
    return (...args) => transaction.deferred(...args);
  }

  return {
    run: steady(() => readRun(db)),
    panel: steady(() => readPanel(db)),
    careTeamPatients: steady(({ practitioner, at }) => careTeamPatients(db, practitioner, at)),
    missingReferences: steady(({ types }) => missingReferences(db, types)),
    patientList: steady((request) => patientList(db, request)),
    chartSummary: steady(({ patientId }) => chartSummary(db, patientId)),
    resultGroups: steady(({ patientId }) => resultGroups(db, patientId)),
    trend: steady(({ patientId, code }) => readTrend(db, patientId, code)),
    note: steady(({ patientId, noteId }) => readNote(db, patientId, noteId)),
    versions: steady(() => readVersions(db)),
    resource: steady(({ type, id }) => readResource(db, type, id)),
    getMeta: steady(({ key }) => getMeta(db, callerKey(key))),
  };
}

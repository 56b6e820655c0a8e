import { callerKey, getMeta } from '../meta.ts';
import type { ReadDb } from '../open.ts';
import type { ReadOperations } from '../operations.ts';
import { search } from '../search/query/search.ts';
import { chartSummary } from './chart.ts';
import { readNote } from './notes.ts';
import { patientList } from './patients.ts';
import { readTrend, resultGroups } from './results.ts';
import {
  missingReferences,
  panelPatients,
  practitionerRoles,
  readDifferences,
  readLeavers,
  readPanel,
  readResource,
  readRun,
  readTypes,
  readVersion,
  readVersions,
  readWitnesses,
  sharedResources,
  unconfirmedRoles,
  unconfirmedTeams,
} from './run.ts';
import { currentEncounter, knownSections } from './sections.ts';

/** The read operations on one connection; each sees one state of the database from beginning to end. */
export function createReads(db: ReadDb, now: () => number = Date.now): ReadOperations {
  function steady<Args extends unknown[], Value>(operation: (...args: Args) => Value): (...args: Args) => Value {
    const transaction = db.transaction(operation);
    return (...args) => transaction.deferred(...args);
  }

  return {
    run: steady(() => readRun(db)),
    panel: steady(() => readPanel(db)),
    panelPatients: steady(({ members, at }) => panelPatients(db, members, at)),
    practitionerRoles: steady(({ practitioner, at }) => practitionerRoles(db, practitioner, at)),
    unconfirmedTeams: steady(({ members }) => unconfirmedTeams(db, members)),
    unconfirmedRoles: steady(({ ids }) => unconfirmedRoles(db, ids)),
    sharedResources: steady(({ types }) => sharedResources(db, types)),
    witnesses: steady(({ limit }) => readWitnesses(db, limit)),
    differences: steady(() => readDifferences(db)),
    leavers: steady(() => readLeavers(db)),
    types: steady(() => readTypes(db)),
    version: steady(({ type, id }) => readVersion(db, type, id)),
    missingReferences: steady(({ types }) => missingReferences(db, types)),
    patientList: steady((request) => patientList(db, request)),
    chartSummary: steady(({ patientId }) => chartSummary(db, patientId)),
    resultGroups: steady(({ patientId }) => resultGroups(db, patientId)),
    trend: steady(({ patientId, code }) => readTrend(db, patientId, code)),
    note: steady(({ patientId, noteId }) => readNote(db, patientId, noteId)),
    knownSections: steady(({ patientId }) => knownSections(db, patientId)),
    currentEncounter: steady(({ patientId }) => currentEncounter(db, patientId)),
    versions: steady(() => readVersions(db)),
    resource: steady(({ type, id }) => readResource(db, type, id)),
    getMeta: steady(({ key }) => getMeta(db, callerKey(key))),
    search: steady((args) => search(db, args, now())),
  };
}

import { startOf } from '../dates.ts';
import { findInChart } from '../find/chart.ts';
import { findInPanel } from '../find/panel.ts';
import { callerKey, getMeta } from '../meta.ts';
import { openInMemory, type ReadDb, type WriteDb } from '../open.ts';
import type { ReadOperations, SeenAsOf } from '../operations.ts';
import { createPast } from '../past/build.ts';
import { plainTexts } from '../plain-text.ts';
import { cacheMigrations } from '../schema/index.ts';
import { search } from '../search/query/search.ts';
import { withUnits } from '../units.ts';
import { packTrend } from '../views/packed.ts';
import { chartSummary } from './chart.ts';
import { absenceStatements, allergyStanding, suggestCodings } from './codings.ts';
import { documentList } from './documents.ts';
import { downtimeRecords } from './downtime.ts';
import { readEarlyWarning } from './early-warning.ts';
import { findField, readField } from './fields.ts';
import { formList, readForm } from './forms.ts';
import { careTeamPractitioners, readCertificates, readDeviceKeys, readRevocations, sealDeviceKeys } from './keys.ts';
import { isReplaced } from './marks.ts';
import { pastMoments } from './moments.ts';
import { readNames } from './names.ts';
import { readNote } from './notes.ts';
import { patientList, patientLists } from './patients.ts';
import { readRecord } from './record.ts';
import { readTrends, resultGroups } from './results.ts';
import {
  missingReferences,
  outdated,
  panelPatients,
  practitionerRoles,
  readDifferences,
  readGaps,
  readLeavers,
  readPanel,
  readResource,
  readRun,
  readTasks,
  readTypes,
  readVersion,
  readVersions,
  readWitnesses,
  sharedResources,
  unconfirmedRoles,
  unconfirmedTeams,
} from './run.ts';
import { completeness, currentEncounter, knownSections, leftOut } from './sections.ts';
import { readLabels, readSubject, standing, standings } from './standing.ts';
import { timelineGroup, timelineOutline, timelinePage } from './timeline.ts';

const emptyInMemory = () => openInMemory(cacheMigrations);

/**
 * The read operations on one connection; each sees one state of the database from beginning to end. `empty` makes a
 * database without a file, in which a past moment is put together.
 */
export function createReads(
  db: ReadDb,
  now: () => number = Date.now,
  empty: () => WriteDb = emptyInMemory,
): ReadOperations {
  const past = createPast(db, empty);

  function steady<Args extends unknown[], Value>(operation: (...args: Args) => Value): (...args: Args) => Value {
    const transaction = db.transaction(operation);
    return (...args) => transaction.deferred(...args);
  }

  /** What a person is shown, with each of its texts as it can be. */
  function shown<Args extends unknown[], Value>(operation: (...args: Args) => Value): (...args: Args) => Value {
    const read = steady(operation);
    return (...args) => plainTexts(read(...args));
  }

  /** The database in which a chart is read: the cache, or the patient's past in memory. */
  function at({ patientId, sight, asOf }: SeenAsOf): ReadDb {
    if (asOf !== undefined) return past.at(patientId, startOf(asOf) ?? Number.NaN, sight);
    past.forget();
    return db;
  }

  const trends: ReadOperations['trends'] = (args) =>
    withUnits(
      shown((units) => readTrends(at(args), args.patientId, args.codes, args.sight, units)?.map(packTrend) ?? null),
    );

  return {
    run: steady(() => readRun(db)),
    tasks: steady((filter) => readTasks(db, filter)),
    gaps: steady(({ types }) => readGaps(db, types)),
    panel: steady(() => readPanel(db)),
    panelPatients: steady(({ members, at }) => panelPatients(db, members, at)),
    practitionerRoles: steady(({ practitioner, at }) => practitionerRoles(db, practitioner, at)),
    unconfirmedTeams: steady(({ members }) => unconfirmedTeams(db, members)),
    unconfirmedRoles: steady(({ ids }) => unconfirmedRoles(db, ids)),
    sharedResources: steady(({ types }) => sharedResources(db, types)),
    witnesses: steady(({ limit }) => readWitnesses(db, limit)),
    differences: steady(() => readDifferences(db)),
    outdated: steady(() => outdated(db, null).map(({ type, id }) => ({ type, id }))),
    leavers: steady(() => readLeavers(db)),
    leftOut: steady(() => leftOut(db)),
    types: steady(() => readTypes(db)),
    version: steady(({ type, id }) => readVersion(db, type, id)),
    missingReferences: steady(({ types }) => missingReferences(db, types)),
    patientLists: steady((request) => patientLists(db, request, request.practitioner)),
    patientList: shown((request) => patientList(db, request, request.practitioner)),
    chartSummary: shown((args) => chartSummary(at(args), args, { now: startOf(args.asOf) ?? now() })),
    isReplaced: steady(({ patientId }) => isReplaced(db, patientId)),
    downtimeRecords: shown(({ since, ...seen }) => downtimeRecords(db, seen, { since, now: now() })),
    resultGroups: shown((args) => resultGroups(at(args), args.patientId, args.sight)),
    trend: async (args) => (await trends({ ...args, codes: [args.code] }))?.[0] ?? null,
    trends,
    earlyWarning: (args) => withUnits(shown((units) => readEarlyWarning(db, { ...args, now: now() }, units))),
    timelineOutline: shown((args) => timelineOutline(at(args), args)),
    timelinePage: shown((args) => timelinePage(at(args), args)),
    timelineGroup: shown((args) => timelineGroup(at(args), args)),
    record: shown(({ asOf, ...args }) => readRecord(db, { ...args, at: asOf === undefined ? null : startOf(asOf) })),
    pastMoments: steady(({ patientId, sight }) => pastMoments(db, patientId, sight)),
    note: shown(({ patientId, noteId, sight }) => readNote(db, patientId, noteId, sight)),
    documentList: shown(({ patientId, sight }) => documentList(db, patientId, sight)),
    knownSections: steady(({ patientId, sight }) => knownSections(db, patientId, sight)),
    completeness: steady(({ patientId, types, sight }) => completeness(db, patientId, types, sight)),
    currentEncounter: steady(({ patientId, sight }) => currentEncounter(db, patientId, sight)),
    standing: steady((args) => standing(db, args)),
    standings: steady(({ patientIds, practitioner }) => standings(db, patientIds, practitioner)),
    labels: steady(({ after }) => readLabels(db, after)),
    subject: steady(({ type, id }) => readSubject(db, type, id)),
    names: shown(({ references }) => readNames(db, references)),
    versions: steady(() => readVersions(db)),
    resource: steady(({ type, id, wrapping }) => readResource(db, type, id, wrapping)),
    field: steady((args) => readField(db, args)),
    findField: steady((args) => findField(db, args)),
    getMeta: steady(({ key }) => getMeta(db, callerKey(key))),
    deviceKeys: steady(() => readDeviceKeys(db)),
    sealedDeviceKeys: steady((to) => sealDeviceKeys(db, to)),
    certificates: steady(({ practitioners }) => readCertificates(db, practitioners)),
    revocations: steady(() => readRevocations(db)),
    careTeamPractitioners: steady(({ patientId, at }) => careTeamPractitioners(db, patientId, at)),
    allergyStanding: steady(({ patientId }) => allergyStanding(db, patientId)),
    absenceStatements: steady(({ patientId }) => absenceStatements(db, patientId)),
    suggestCodings: shown((args) => suggestCodings(db, args, now())),
    formList: shown((args) => formList(db, args)),
    form: steady((args) => readForm(db, args)),
    findInChart: shown((args) => findInChart(db, args)),
    findInPanel: shown((args) => findInPanel(db, args)),
    search: steady((args) => search(db, args, now())),
  };
}
